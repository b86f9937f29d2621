import type { LineageEdge, LineageGraph, LineageNode } from './lineage-graph.ts';

/** GEXF 1.3, the exchange format of Gephi. */
export function lineageGexf(graph: LineageGraph): string {
  const names = attributeNames(graph.nodes);
  const edgeDeclarations =
    graph.level === 'assets'
      ? [
          '    <attributes class="edge">',
          '      <attribute id="window" title="window" type="string"/>',
          '      <attribute id="optional" title="optional" type="boolean"/>',
          '    </attributes>',
        ]
      : [];
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gexf xmlns="http://gexf.net/1.3" version="1.3">',
    `  <meta><creator>Fastbreak</creator><description>${markup(graph.name)}</description></meta>`,
    '  <graph defaultedgetype="directed" mode="static">',
    '    <attributes class="node">',
    ...names.map(
      (name) => `      <attribute id="${markup(name)}" title="${markup(name)}" type="string"/>`,
    ),
    '    </attributes>',
    ...edgeDeclarations,
    '    <nodes>',
    ...graph.nodes.map(nodeLine),
    '    </nodes>',
    '    <edges>',
    ...graph.edges.map((edge, index) => edgeLine(edge, index, graph.level === 'assets')),
    '    </edges>',
    '  </graph>',
    '</gexf>',
  ].join('\n')}\n`;
}

function attributeNames(nodes: readonly LineageNode[]): string[] {
  return [...new Set(nodes.flatMap((node) => Object.keys(node.attributes)))];
}

function nodeLine(node: LineageNode): string {
  const values = Object.entries(node.attributes).map(([name, value]) =>
    attributeValue(name, value),
  );
  const start = `      <node id="${markup(node.key)}" label="${markup(node.label)}">`;
  return `${start}<attvalues>${values.join('')}</attvalues></node>`;
}

function edgeLine(edge: LineageEdge, index: number, hasWindow: boolean): string {
  const ends = `source="${markup(edge.source)}" target="${markup(edge.target)}"`;
  if (!hasWindow) return `      <edge id="${index}" ${ends}/>`;
  const values = [
    attributeValue('window', edge.window),
    attributeValue('optional', String(edge.optional)),
  ].join('');
  const start = `      <edge id="${index}" ${ends} label="${markup(edge.window)}">`;
  return `${start}<attvalues>${values}</attvalues></edge>`;
}

function attributeValue(name: string, value: string): string {
  return `<attvalue for="${markup(name)}" value="${markup(value)}"/>`;
}

// Characters that XML 1.0 cannot hold at all are left out; line ends would be read back as blanks.
function markup(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/\r?\n/g, '&#10;')
    .replaceAll('\t', '&#9;');
}
