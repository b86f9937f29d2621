/** What `lineage --format` takes. */
export const LINEAGE_FORMATS = [
  'text',
  'dot',
  'mermaid',
  'json',
  'gexf',
  'openlineage',
  'html',
] as const;

export type LineageFormat = (typeof LINEAGE_FORMATS)[number];

/** Formats that show the bare graph; the others say what its assets are too. */
export type GraphFormat = Exclude<LineageFormat, 'openlineage' | 'html'>;

export function isLineageFormat(text: string): text is LineageFormat {
  return LINEAGE_FORMATS.some((format) => format === text);
}

export function isGraphFormat(format: LineageFormat): format is GraphFormat {
  return format !== 'openlineage' && format !== 'html';
}
