import {
  type LineageEdge,
  type LineageGraph,
  type LineageNode,
  nodesByContainer,
} from './lineage-graph.ts';

/** A Mermaid flowchart. Ids are numbers behind a letter: names such as `end` are words of its language. */
export function lineageMermaid(graph: LineageGraph): string {
  const idByKey = new Map(graph.nodes.map((node, index) => [node.key, `n${index}`]));
  const boxes = [...nodesByContainer(graph)].flatMap(([container, nodes], index) => [
    `  subgraph g${index}[${quote(container)}]`,
    ...nodes.map((node) => `    ${idByKey.get(node.key)}${shape(node)}`),
    '  end',
  ]);
  const edges = graph.edges.map(
    (edge) => `  ${idByKey.get(edge.source)} ${arrow(edge)} ${idByKey.get(edge.target)}`,
  );
  return `${['flowchart LR', ...boxes, ...edges].join('\n')}\n`;
}

function shape(node: LineageNode): string {
  const label = quote(node.label);
  return node.attributes['kind'] === 'source' ? `[(${label})]` : `[${label}]`;
}

function arrow(edge: LineageEdge): string {
  const line = edge.optional ? '-.->' : '-->';
  return edge.window === '' ? line : `${line}|${quote(edge.window)}|`;
}

// Mermaid takes HTML entity names and code points, with `#` in place of `&`.
function quote(text: string): string {
  const escaped = text
    .replaceAll('#', '#35;')
    .replaceAll('"', '#quot;')
    .replaceAll('&', '#amp;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll('`', '#96;')
    .replace(/\s+/g, ' ');
  return `"${escaped}"`;
}
