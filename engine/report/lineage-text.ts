import {
  type LineageEdge,
  type LineageGraph,
  type LineageNode,
  nodesByContainer,
} from './lineage-graph.ts';

/** A tree that follows the rows downstream; between columns a list of what each column is made from. */
export function lineageText(graph: LineageGraph): string {
  const lines = graph.level === 'assets' ? treeLines(graph) : columnLines(graph);
  return lines.map((line) => `${line}\n`).join('');
}

interface Tree {
  readonly nodeByKey: ReadonlyMap<string, LineageNode>;
  readonly edgesBySource: ReadonlyMap<string, readonly LineageEdge[]>;
  /** What was printed with everything below it: printed again, it is only named. */
  readonly expanded: Set<string>;
  readonly lines: string[];
}

function treeLines(graph: LineageGraph): string[] {
  const hasUpstream = new Set(graph.edges.map((edge) => edge.target));
  const tree: Tree = {
    nodeByKey: new Map(graph.nodes.map((node) => [node.key, node])),
    edgesBySource: Map.groupBy(graph.edges, (edge) => edge.source),
    expanded: new Set(),
    lines: [],
  };
  for (const node of graph.nodes) {
    if (hasUpstream.has(node.key)) continue;
    addBranch(tree, node.key, { head: '', indent: '', window: '' });
  }
  return tree.lines;
}

function addBranch(
  tree: Tree,
  key: string,
  place: { readonly head: string; readonly indent: string; readonly window: string },
): void {
  const edges = tree.edgesBySource.get(key) ?? [];
  const isRepeated = tree.expanded.has(key);
  const more = isRepeated && edges.length > 0 ? ' (see above)' : '';
  const details = isRepeated ? '' : describe(tree.nodeByKey.get(key));
  tree.lines.push(`${place.head}${key}${place.window}${details}${more}`);
  if (isRepeated) return;
  tree.expanded.add(key);
  for (const [index, edge] of edges.entries()) {
    const isLast = index === edges.length - 1;
    addBranch(tree, edge.target, {
      head: `${place.indent}${isLast ? '└── ' : '├── '}`,
      indent: `${place.indent}${isLast ? '    ' : '│   '}`,
      window: `  [${edge.window}${edge.optional ? ', optional' : ''}]`,
    });
  }
}

function describe(node: LineageNode | undefined): string {
  if (node === undefined) return '';
  const { group = '', kind = '', partitions = '' } = node.attributes;
  return `  ${[group, kind, partitions].filter((part) => part !== '').join(' · ')}`;
}

function columnLines(graph: LineageGraph): string[] {
  const sourcesByTarget = Map.groupBy(graph.edges, (edge) => edge.target);
  return [...nodesByContainer(graph)].flatMap(([asset, nodes], index) => {
    const width = Math.max(...nodes.map((node) => node.label.length));
    const lines = nodes.map((node) => {
      const sources = (sourcesByTarget.get(node.key) ?? []).map((edge) => edge.source);
      const from = sources.length === 0 ? '' : `  ← ${sources.join(', ')}`;
      return `  ${node.label.padEnd(width)}${from}`.trimEnd();
    });
    return [...(index === 0 ? [] : ['']), asset, ...lines];
  });
}
