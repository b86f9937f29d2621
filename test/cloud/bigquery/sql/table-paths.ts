import type { SqlToken } from '../../../../engine/sql/parse.ts';

/** A dotted name in a statement: `project.dataset.table`, however it is quoted. */
export interface NamePath {
  readonly parts: readonly string[];
  readonly start: number;
  readonly end: number;
  /** Index of the first token and of the one after the last. */
  readonly from: number;
  readonly to: number;
}

/** The dotted name that begins at a token, if one does. Backticked parts are cut at their dots. */
export function pathAt(tokens: readonly SqlToken[], index: number): NamePath | undefined {
  const parts: string[] = [];
  let at = index;
  for (;;) {
    const token = tokens[at];
    if (token === undefined || !isName(token, parts.length > 0)) break;
    parts.push(...(token.kind === 'QUOTED_IDENTIFIER' ? token.text.split('.') : [token.text]));
    at++;
    if (tokens[at]?.kind !== 'DOT') break;
    at++;
  }
  const first = tokens[index];
  const last = tokens[at - 1];
  if (parts.length === 0 || first === undefined || last === undefined) return undefined;
  return { parts, start: first.start, end: last.end, from: index, to: at };
}

/** Keywords are names after a dot. */
function isName(token: SqlToken, isAfterDot: boolean): boolean {
  if (token.kind === 'QUOTED_IDENTIFIER' || token.kind === 'VAR') return true;
  return isAfterDot && /^[A-Za-z_]\w*$/.test(token.text) && !/STRING|NUMBER/.test(token.kind);
}

/** Every dotted name of a statement, in order. */
export function namePaths(tokens: readonly SqlToken[]): readonly NamePath[] {
  const paths: NamePath[] = [];
  for (let index = 0; index < tokens.length;) {
    const path = pathAt(tokens, index);
    if (path !== undefined) paths.push(path);
    index = path?.to ?? index + 1;
  }
  return paths;
}
