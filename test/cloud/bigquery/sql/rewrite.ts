import type { SqlToken } from '../../../../engine/sql/parse.ts';
import {
  type FunctionCall,
  findCalls,
  matchParentheses,
  topLevel,
  wordAt,
} from '../../../../engine/sql/token-view.ts';
import { RENAMED } from './macros.ts';
import type { NamePath } from './table-paths.ts';

/** Text to put in place of a part of a statement. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What stands for the type TIMESTAMP on its way through the transpiler, which takes it for DATETIME in a CAST. */
export const TIMESTAMP_MARK = 'BQ_TIMESTAMP_TYPE';

/** Applies edits that do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let position = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(position, edit.start) + edit.text;
    position = edit.end;
  }
  return result + text.slice(position);
}

/** Where GoogleSQL has to be written differently for the transpiler to make the same of it in DuckDB. */
export function rewriteEdits(text: string, tokens: readonly SqlToken[]): readonly Edit[] {
  return [
    ...insertInto(tokens),
    ...timestampTypes(tokens),
    ...findCalls(tokens).flatMap((call) => renamed(call, tokens)),
    ...unnestWithOffset(text, tokens),
    ...unnestInDml(text, tokens),
  ];
}

/** `INSERT t …` is `INSERT INTO t …`. */
function insertInto(tokens: readonly SqlToken[]): readonly Edit[] {
  const [first] = tokens;
  if (first === undefined || wordAt(tokens, 0) !== 'INSERT' || wordAt(tokens, 1) === 'INTO')
    return [];
  return [{ start: first.start, end: first.end, text: 'INSERT INTO' }];
}

function timestampTypes(tokens: readonly SqlToken[]): readonly Edit[] {
  return tokens.flatMap((token, index) =>
    wordAt(tokens, index) === 'TIMESTAMP' && isTypeAt(tokens, index)
      ? [{ start: token.start, end: token.end, text: TIMESTAMP_MARK }]
      : [],
  );
}

/** After AS and before a parenthesis (a CAST), inside `<…>`, or after a name (a field or an argument). */
function isTypeAt(tokens: readonly SqlToken[], index: number): boolean {
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  if (before === undefined || after === undefined) return false;
  const ends = ['R_PAREN', 'GT', 'GT_GT', 'COMMA'].includes(after.kind);
  if (wordAt(tokens, index - 1) === 'AS') return after.kind === 'R_PAREN';
  return ends && ['LT', 'VAR', 'QUOTED_IDENTIFIER'].includes(before.kind);
}

function renamed(call: FunctionCall, tokens: readonly SqlToken[]): readonly Edit[] {
  const name = tokens[call.nameIndex];
  const other = call.name === 'STRING' && call.args.length === 1 ? 'BQ_STRING' : RENAMED[call.name];
  return name === undefined || other === undefined
    ? []
    : [{ start: name.start, end: name.end, text: other }];
}

/** `UNNEST(a) AS x WITH OFFSET AS o` as a subquery with both columns; the transpiler loses the offset. */
function unnestWithOffset(text: string, tokens: readonly SqlToken[]): readonly Edit[] {
  const partner = matchParentheses(tokens);
  return tokens.flatMap((token, index) => {
    const close = partner.get(index + 1);
    if (wordAt(tokens, index) !== 'UNNEST' || close === undefined) return [];
    const tail = offsetTail(tokens, close + 1);
    const argument = text.slice(tokens[index + 1]?.end, tokens[close]?.start);
    if (tail === undefined) return [];
    const columns = `UNNEST(${argument}) AS ${tail.item}, GENERATE_SUBSCRIPTS(${argument}, 1) - 1 AS ${tail.offset}`;
    const end = tokens[tail.last]?.end ?? token.end;
    return [{ start: token.start, end, text: `(SELECT ${columns}) AS _unnest_${index}` }];
  });
}

/** `UPDATE … FROM UNNEST(a) AS v`, `MERGE … USING UNNEST(a) AS v`: the transpiler knows it in a SELECT only. */
function unnestInDml(text: string, tokens: readonly SqlToken[]): readonly Edit[] {
  if (!['UPDATE', 'MERGE'].includes(wordAt(tokens, 0))) return [];
  const range = { start: 0, end: tokens.length };
  const partner = matchParentheses(tokens);
  return topLevel(tokens, range, (word) => word === 'UNNEST').flatMap((index) => {
    const close = partner.get(index + 1) ?? index;
    const alias = wordAt(tokens, close + 1) === 'AS' ? close + 2 : close + 1;
    const start = tokens[index]?.start ?? 0;
    const end = tokens[alias]?.end ?? start;
    if (!['FROM', 'USING'].includes(wordAt(tokens, index - 1))) return [];
    const name = tokens[alias]?.text ?? '';
    const inner = `(SELECT * FROM ${text.slice(start, end)}) AS ${name}`;
    return [{ start, end, text: inner }];
  });
}

function offsetTail(
  tokens: readonly SqlToken[],
  start: number,
): { readonly item: string; readonly offset: string; readonly last: number } | undefined {
  let at = start;
  if (wordAt(tokens, at) === 'AS') at++;
  const hasName = wordAt(tokens, at) !== 'WITH';
  const item = hasName ? (tokens[at]?.text ?? '') : '_item';
  if (hasName) at++;
  if (wordAt(tokens, at) !== 'WITH' || wordAt(tokens, at + 1) !== 'OFFSET') return undefined;
  if (wordAt(tokens, at + 2) !== 'AS') return { item, offset: '`offset`', last: at + 1 };
  return { item, offset: tokens[at + 3]?.text ?? '', last: at + 3 };
}

/** Names as DuckDB's schemas have them: without the project, part by part. */
export function pathEdit(path: NamePath, parts: readonly string[]): Edit {
  return {
    start: path.start,
    end: path.end,
    text: parts.map((part) => `\`${part}\``).join('.'),
  };
}
