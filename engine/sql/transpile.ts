import type { SqlParser, SqlToken, Transpiled } from './parse.ts';
import { type FunctionCall, findCalls } from './token-view.ts';

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** GoogleSQL in DuckDB's dialect, with the transpiler's known mistakes mended beforehand. */
export function transpileToDuckdb(parser: SqlParser, googleSql: string): Transpiled {
  return parser.transpile(repair(googleSql, parser.tokenize(googleSql)));
}

/**
 * The same statement written so that the transpiler gets it right: decimal literals as DOUBLE,
 * parentheses around DIV and MOD and their arguments, COUNTIF that is 0 on nothing.
 */
export function repair(googleSql: string, tokens: readonly SqlToken[]): string {
  const edits = [
    ...decimalEdits(tokens),
    ...findCalls(tokens).flatMap((call) => callEdits(call, tokens)),
  ];
  return applyEdits(googleSql, edits);
}

function decimalEdits(tokens: readonly SqlToken[]): readonly Edit[] {
  return tokens.filter(isBareDecimal).map(({ end }) => ({ start: end, end, text: 'e0' }));
}

/** `0.44`, which DuckDB takes for a DECIMAL. */
export function isBareDecimal(token: SqlToken): boolean {
  return token.kind === 'NUMBER' && /^(\d+\.\d*|\.\d+)$/.test(token.text);
}

function callEdits(call: FunctionCall, tokens: readonly SqlToken[]): readonly Edit[] {
  const open = tokens[call.open];
  const close = tokens[call.close];
  const name = tokens[call.nameIndex];
  if (open === undefined || close === undefined || name === undefined) return [];
  const before = (offset: number, text: string) => ({ start: offset, end: offset, text });
  if (call.name === 'COUNTIF' && call.args.length === 1) {
    return [
      { start: name.start, end: open.end, text: 'COUNT(IF(' },
      before(close.start, ', 1, NULL)'),
    ];
  }
  if (call.name !== 'DIV' && call.name !== 'MOD') return [];
  const inside = call.args.flatMap(({ start, end }) => [
    before(tokens[start]?.start ?? 0, '('),
    before(tokens[end - 1]?.end ?? 0, ')'),
  ]);
  return [before(name.start, '('), ...inside, before(close.end, ')')];
}

/** Later edits at one place come after earlier ones. */
function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = edits
    .map((edit, index) => ({ ...edit, index }))
    .sort((a, b) => a.start - b.start || a.index - b.index);
  let result = '';
  let position = 0;
  for (const edit of sorted) {
    result += text.slice(position, edit.start) + edit.text;
    position = edit.end;
  }
  return result + text.slice(position);
}
