import { lineageDot } from './lineage-dot.ts';
import { lineageGexf } from './lineage-gexf.ts';
import type { LineageGraph } from './lineage-graph.ts';
import { lineageJson } from './lineage-json.ts';
import { lineageMermaid } from './lineage-mermaid.ts';
import { lineageText } from './lineage-text.ts';

export const LINEAGE_FORMATS = ['text', 'dot', 'mermaid', 'json', 'gexf'] as const;
export type LineageFormat = (typeof LINEAGE_FORMATS)[number];

export function isLineageFormat(text: string): text is LineageFormat {
  return LINEAGE_FORMATS.some((format) => format === text);
}

const RENDER_BY_FORMAT: Readonly<Record<LineageFormat, (graph: LineageGraph) => string>> = {
  text: lineageText,
  dot: lineageDot,
  mermaid: lineageMermaid,
  json: lineageJson,
  gexf: lineageGexf,
};

/** The graph as text that ends with a newline. */
export function renderLineage(graph: LineageGraph, format: LineageFormat): string {
  return RENDER_BY_FORMAT[format](graph);
}
