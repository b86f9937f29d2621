import {
  type LineageEdge,
  type LineageGraph,
  type LineageNode,
  nodesByContainer,
} from './lineage-graph.ts';

/** Graphviz: one cluster per group; between columns one box per asset with a port per column. */
export function lineageDot(graph: LineageGraph): string {
  const body = graph.level === 'assets' ? assetLines(graph) : columnLines(graph);
  return `${[
    `digraph ${quote(graph.name)} {`,
    '  rankdir=LR;',
    '  node [shape=box, style=rounded, fontname="Helvetica"];',
    '  edge [fontname="Helvetica", fontsize=10];',
    ...body,
    '}',
  ].join('\n')}\n`;
}

function assetLines(graph: LineageGraph): string[] {
  const clusters = [...nodesByContainer(graph)].flatMap(([group, nodes]) => [
    `  subgraph ${quote(`cluster_${group}`)} {`,
    `    label=${quote(group)};`,
    ...nodes.map((node) => `    ${quote(node.key)} [${nodeAttributes(node)}];`),
    '  }',
  ]);
  const edges = graph.edges.map(
    (edge) => `  ${quote(edge.source)} -> ${quote(edge.target)} [${edgeAttributes(edge)}];`,
  );
  return [...clusters, ...edges];
}

function nodeAttributes(node: LineageNode): string {
  const { kind = '', description = '' } = node.attributes;
  const shape = kind === 'source' ? ['shape=cylinder'] : [];
  return [
    `label=${quote(node.label)}`,
    `tooltip=${quote(description === '' ? node.label : description)}`,
    ...shape,
  ].join(', ');
}

function edgeAttributes(edge: LineageEdge): string {
  return [`label=${quote(edge.window)}`, ...(edge.optional ? ['style=dashed'] : [])].join(', ');
}

function columnLines(graph: LineageGraph): string[] {
  const portByKey = new Map<string, string>();
  const boxes = [...nodesByContainer(graph)].map(([asset, nodes]) => {
    for (const node of nodes) portByKey.set(node.key, `${quote(asset)}:${quote(node.label)}`);
    return `  ${quote(asset)} [shape=plain, label=<${columnTable(asset, nodes)}>];`;
  });
  const edges = graph.edges.map(
    (edge) => `  ${portByKey.get(edge.source)} -> ${portByKey.get(edge.target)};`,
  );
  return [...boxes, ...edges];
}

function columnTable(asset: string, nodes: readonly LineageNode[]): string {
  const rows = nodes.map(
    ({ label }) => `<tr><td align="left" port="${markup(label)}">${markup(label)}</td></tr>`,
  );
  const title = `<tr><td bgcolor="lightgrey"><b>${markup(asset)}</b></td></tr>`;
  return `<table border="0" cellborder="1" cellspacing="0">${title}${rows.join('')}</table>`;
}

function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replace(/\r?\n/g, '\\n');
  return `"${escaped}"`;
}

function markup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
