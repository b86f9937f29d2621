import { DirectedGraph } from 'graphology';
import { describe, expect, test } from 'vitest';
import type { LineageGraph } from '../../engine/report/lineage-graph.ts';
import { isGraphFormat, LINEAGE_FORMATS } from '../../engine/report/lineage-formats.ts';
import { renderLineage } from '../../engine/report/lineage.ts';
import { readDot, readXml } from './lineage-readers.ts';

const NASTY = 'says "a < b" & \\c,\n#1 <b>bold</b> {x} | y `z`';

function node(key: string, group: string, description = '') {
  const attributes = { group, kind: 'sql', partitions: 'days', description };
  return { key, label: key, container: group, attributes };
}

function edge(source: string, target: string, window: string, optional = false) {
  return { source, target, window, optional };
}

const ASSETS: LineageGraph = {
  name: 'shop "one"',
  level: 'assets',
  nodes: [
    node('orders', 'raw', NASTY),
    node('end', 'reports'),
    node('revenue', 'reports'),
    node('trend', 'reports'),
  ],
  edges: [
    edge('orders', 'end', 'same'),
    edge('orders', 'revenue', 'before 7 days', true),
    edge('end', 'trend', 'latest'),
    edge('revenue', 'trend', 'all'),
  ],
};

function column(asset: string, name: string) {
  const attributes = { asset, type: 'INT64', description: NASTY };
  return { key: `${asset}.${name}`, label: name, container: asset, attributes };
}

const COLUMNS: LineageGraph = {
  name: 'shop',
  level: 'columns',
  nodes: [column('orders', 'price'), column('orders', 'count'), column('revenue', 'total')],
  edges: [edge('orders.price', 'revenue.total', ''), edge('orders.count', 'revenue.total', '')],
};

const EMPTY: LineageGraph = { name: 'nothing', level: 'assets', nodes: [], edges: [] };

describe('dot', () => {
  test('is valid and has every asset in its group and every edge with its window', () => {
    const dot = readDot(renderLineage(ASSETS, 'dot'));
    expect(dot.name).toBe('shop "one"');
    expect(dot.clusters).toEqual({
      cluster_raw: ['orders'],
      cluster_reports: ['end', 'revenue', 'trend'],
    });
    expect(dot.edges.map(({ from, to, attributes }) => [from, to, attributes['label']])).toEqual([
      ['orders', 'end', 'same'],
      ['orders', 'revenue', 'before 7 days'],
      ['end', 'trend', 'latest'],
      ['revenue', 'trend', 'all'],
    ]);
  });

  test('keeps quotes, backslashes and line ends of a description inside its text', () => {
    const dot = readDot(renderLineage(ASSETS, 'dot'));
    expect(dot.nodes['orders']?.['tooltip']).toBe(NASTY);
  });

  test('draws an optional upstream dashed and no other', () => {
    const styles = readDot(renderLineage(ASSETS, 'dot')).edges.map(
      (each) => each.attributes['style'],
    );
    expect(styles).toEqual([undefined, 'dashed', undefined, undefined]);
  });

  test('gives every column a port of its asset', () => {
    const dot = readDot(renderLineage(COLUMNS, 'dot'));
    expect(Object.keys(dot.nodes)).toEqual(['orders', 'revenue']);
    expect(dot.nodes['orders']?.['label']).toContain('port="price"');
    expect(dot.edges.map(({ from, to }) => [from, to])).toEqual([
      ['orders:price', 'revenue:total'],
      ['orders:count', 'revenue:total'],
    ]);
  });
});

describe('mermaid', () => {
  const lines = renderLineage(ASSETS, 'mermaid').split('\n');

  test('never uses a name as an id, since names may be words of the language', () => {
    expect(lines).toContain('    n1["end"]');
    expect(lines).toContain('  n1 -->|"latest"| n3');
  });

  test('draws an optional upstream dotted', () => {
    expect(lines).toContain('  n0 -.->|"before 7 days"| n2');
  });

  test('closes every group that it opens', () => {
    const opened = lines.filter((line) => line.startsWith('  subgraph ')).length;
    expect(lines.filter((line) => line === '  end')).toHaveLength(opened);
  });

  test('escapes what would end a text', () => {
    const label = { ...node('a', 'g'), label: NASTY };
    const text = renderLineage({ ...EMPTY, nodes: [label] }, 'mermaid');
    expect(text).toContain(
      'n0["says #quot;a #lt; b#quot; #amp; \\c, #35;1 #lt;b#gt;bold#lt;/b#gt; {x} | y #96;z#96;"]',
    );
  });
});

/** As a script would read it. */
function importJson(graph: LineageGraph): DirectedGraph {
  const exported = JSON.parse(renderLineage(graph, 'json')) as Parameters<
    typeof DirectedGraph.from
  >[0];
  return DirectedGraph.from(exported);
}

describe('json', () => {
  test('is a graph that graphology takes back, with all that it says', () => {
    const graph = importJson(ASSETS);
    expect(graph.order).toBe(4);
    expect(graph.getAttribute('name')).toBe('shop "one"');
    expect(graph.getNodeAttributes('orders')).toMatchObject({
      group: 'raw',
      kind: 'sql',
      partitions: 'days',
      description: NASTY,
    });
    expect(graph.getEdgeAttributes('orders', 'revenue')).toEqual({
      window: 'before 7 days',
      optional: true,
    });
  });

  test('has columns as nodes when asked for columns', () => {
    const graph = importJson(COLUMNS);
    expect(graph.inNeighbors('revenue.total')).toEqual(['orders.price', 'orders.count']);
    expect(graph.getNodeAttribute('orders.price', 'type')).toBe('INT64');
  });
});

describe('gexf', () => {
  test.each([
    ['assets', ASSETS],
    ['columns', COLUMNS],
    ['nothing', EMPTY],
  ])('of %s is well-formed XML with every node and edge', (_name, graph) => {
    const elements = readXml(renderLineage(graph, 'gexf'));
    expect(elements.filter(({ name }) => name === 'node')).toHaveLength(graph.nodes.length);
    expect(elements.filter(({ name }) => name === 'edge')).toHaveLength(graph.edges.length);
  });

  test('declares every attribute that a node has a value for', () => {
    const elements = readXml(renderLineage(ASSETS, 'gexf'));
    const declared = elements.filter(({ name }) => name === 'attribute');
    const used = elements.filter(({ name }) => name === 'attvalue');
    const ids = new Set(declared.map(({ attributes }) => attributes['id']));
    expect(used.every(({ attributes }) => ids.has(attributes['for']))).toBe(true);
  });

  test('keeps a description as it is, and leaves out what XML cannot hold', () => {
    const graph = { ...EMPTY, nodes: [node('a', 'g', `${NASTY}\u0000\u000b\ud800 ok 😀\t.`)] };
    const values = readXml(renderLineage(graph, 'gexf')).filter(({ name }) => name === 'attvalue');
    const description = values.find(({ attributes }) => attributes['for'] === 'description');
    expect(description?.attributes['value']).toBe(`${NASTY} ok 😀\t.`);
  });
});

describe('text', () => {
  test('follows the rows downstream and tells what was shown before only once', () => {
    expect(renderLineage(ASSETS, 'text')).toBe(
      [
        'orders  raw · sql · days',
        '├── end  [same]  reports · sql · days',
        '│   └── trend  [latest]  reports · sql · days',
        '└── revenue  [before 7 days, optional]  reports · sql · days',
        '    └── trend  [all]',
        '',
      ].join('\n'),
    );
  });

  test('lists what each column is made from', () => {
    expect(renderLineage(COLUMNS, 'text')).toBe(
      'orders\n  price\n  count\n\nrevenue\n  total  ← orders.price, orders.count\n',
    );
  });
});

test.each(LINEAGE_FORMATS.filter(isGraphFormat))(
  '%s has something to say about a graph without assets',
  (format) => {
    expect(() => renderLineage(EMPTY, format)).not.toThrow();
  },
);
