import { lineageDot } from './lineage-dot.ts';
import type { GraphFormat } from './lineage-formats.ts';
import { lineageGexf } from './lineage-gexf.ts';
import type { LineageGraph } from './lineage-graph.ts';
import { lineageJson } from './lineage-json.ts';
import { lineageMermaid } from './lineage-mermaid.ts';
import { lineageText } from './lineage-text.ts';

const RENDER_BY_FORMAT: Readonly<Record<GraphFormat, (graph: LineageGraph) => string>> = {
  text: lineageText,
  dot: lineageDot,
  mermaid: lineageMermaid,
  json: lineageJson,
  gexf: lineageGexf,
};

/** The graph as text that ends with a newline. */
export function renderLineage(graph: LineageGraph, format: GraphFormat): string {
  return RENDER_BY_FORMAT[format](graph);
}
