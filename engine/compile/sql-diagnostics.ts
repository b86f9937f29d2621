import type { PipelineDocument, YamlPath } from '../config/load.ts';
import type { Diagnostic, FileRange } from '../diagnostics.ts';
import type { Span } from '../sql/tree.ts';

/** Where an SQL text stands: a file of its own, or a value of pipeline.yaml. */
export type SqlLocation =
  | { readonly type: 'file'; readonly file: string; readonly text: string }
  | { readonly type: 'yaml'; readonly document: PipelineDocument; readonly path: YamlPath };

/** A fault at a place in an SQL text, as a diagnostic. */
export function sqlDiagnostic(
  location: SqlLocation,
  fault: Span & { readonly code: string; readonly message: string; readonly hint?: string },
): Diagnostic {
  const { code, message, hint } = fault;
  const rest = { code, message, ...(hint === undefined ? {} : { hint }) };
  const length = Math.max(1, fault.end - fault.start);
  if (location.type === 'yaml') {
    return { ...rest, ...location.document.textPlace(location.path, fault.start, length) };
  }
  return { ...rest, range: rangeInText(location.file, location.text, fault.start, length) };
}

/** Line and column of an offset; the length stops at the end of the line. */
export function rangeInText(file: string, text: string, start: number, length: number): FileRange {
  const before = text.slice(0, start);
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = text.indexOf('\n', start);
  const rest = (lineEnd === -1 ? text.length : lineEnd) - start;
  return {
    file,
    line: before.split('\n').length,
    column: start - lineStart + 1,
    length: Math.max(1, Math.min(length, rest)),
  };
}
