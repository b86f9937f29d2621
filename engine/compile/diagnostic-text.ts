import { join } from 'node:path';
import type { Diagnostic, FileRange } from '../diagnostics.ts';
import { readIfPresent } from './input-files.ts';

/** By file and line; what has no place comes first. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const keyed = diagnostics.map((diagnostic) => ({ diagnostic, key: sortKey(diagnostic) }));
  return keyed
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ diagnostic }) => diagnostic);
}

/** A text that sorts as the place does. */
function sortKey({ range, code }: Diagnostic): string {
  if (range === undefined) return ` ${code}`;
  const [line, column] = [range.line, range.column].map((part) => String(part).padStart(7, '0'));
  return [range.file, line, column, code].join(' ');
}

/** What people can read at once. */
const MOST = 50;
/** A longer line is no help to anybody. */
const WIDEST = 400;

/** All diagnostics as the user reads them: place, code, message, the line with a caret, what to do. */
export function diagnosticsText(diagnostics: readonly Diagnostic[], root: string): string {
  const textByFile = new Map<string, readonly string[]>();
  const linesOf = (file: string): readonly string[] => {
    const known = textByFile.get(file);
    if (known !== undefined) return known;
    const lines = (readIfPresent(join(root, file)) ?? '').split(/\r?\n/);
    textByFile.set(file, lines);
    return lines;
  };
  const shown = sortDiagnostics(diagnostics).slice(0, MOST);
  const blocks = shown.map((diagnostic) => block(diagnostic, linesOf));
  const count = diagnostics.length;
  const rest = count > MOST ? `, the first ${MOST} are shown` : '';
  return [...blocks, `${count} ${count === 1 ? 'error' : 'errors'}${rest}`].join('\n\n');
}

function block(diagnostic: Diagnostic, linesOf: (file: string) => readonly string[]): string {
  const { range, code, message, hint } = diagnostic;
  const place = range === undefined ? '' : `${range.file}:${range.line}:${range.column} `;
  return [
    `${place}${code} ${message}`,
    ...(range === undefined ? [] : codeFrame(range, linesOf(range.file))),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ].join('\n');
}

function codeFrame(range: FileRange, lines: readonly string[]): readonly string[] {
  const line = lines[range.line - 1];
  if (line === undefined) return [];
  const gutter = `  ${range.line} | `;
  const indent = line.slice(0, range.column - 1).replaceAll(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, range.length ?? 1));
  if (line.length > WIDEST) return [];
  return [`${gutter}${line}`, `${' '.repeat(gutter.length - 2)}| ${indent}${carets}`];
}
