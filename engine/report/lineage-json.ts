import { DirectedGraph } from 'graphology';
import type { LineageGraph } from './lineage-graph.ts';

/** graphology's serialized graph, which `Graph.from` takes. */
export function lineageJson(graph: LineageGraph): string {
  const exported = new DirectedGraph();
  exported.replaceAttributes({ name: graph.name, level: graph.level });
  for (const { key, label, attributes } of graph.nodes) {
    exported.addNode(key, { label, ...attributes });
  }
  for (const { source, target, window, optional } of graph.edges) {
    const attributes = graph.level === 'assets' ? { window, optional } : {};
    exported.addEdgeWithKey(`${source}->${target}`, source, target, attributes);
  }
  return `${JSON.stringify(exported.export(), null, 2)}\n`;
}
