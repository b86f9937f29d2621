import { type LintFinding, type LintInput, spanOf } from './lint-finding.ts';
import type { SqlToken } from './parse.ts';
import { findCalls, type FunctionCall, wordAt } from './token-view.ts';

/** Functions of GoogleSQL that the transpiler always rewrites, except where it overlooks them. */
const ALWAYS_REWRITTEN = new Set([
  'SAFE_DIVIDE',
  'UNIX_DATE',
  'LOGICAL_AND',
  'LOGICAL_OR',
  'FORMAT_DATE',
  'PARSE_DATE',
  'SAFE_CAST',
  'COUNTIF',
  'GENERATE_ARRAY',
  'GENERATE_DATE_ARRAY',
  'TIMESTAMP_DIFF',
  'SAFE_OFFSET',
]);

/** Calls that were left as they were, because the transpiler does not look everywhere. */
export function lintUntranslated(
  { tokens, calls }: Pick<LintInput, 'tokens' | 'calls'>,
  duckdbTokens: readonly SqlToken[],
): readonly LintFinding[] {
  const overlooked = findCalls(duckdbTokens).filter((call) => isOverlooked(call, duckdbTokens));
  const names = new Set(overlooked.map((call) => call.name));
  return [...names].map((name) => {
    const sameName = calls.filter((call) => call.name === name);
    const nested = sameName.find((call) => call.parent !== undefined) ?? sameName[0];
    return {
      code: 'SQL_NOT_TRANSLATED',
      message: `${name} is not translated for DuckDB where it stands (windows, ORDER BY inside aggregates, FIRST_VALUE, ARRAY_LENGTH, STRUCT ...)`,
      hint: 'compute it in a CTE, and use the plain column here',
      ...spanOf(tokens, nested?.nameIndex ?? 0),
    };
  });
}

function isOverlooked(call: FunctionCall, tokens: readonly SqlToken[]): boolean {
  const { name } = call;
  if (ALWAYS_REWRITTEN.has(name)) return true;
  // Rewritten to `CASE WHEN a IS NULL … ELSE GREATEST(a, b) END`: NULL wins in GoogleSQL.
  if (name === 'GREATEST' || name === 'LEAST') return wordAt(tokens, call.nameIndex - 1) !== 'ELSE';
  // The natural logarithm in GoogleSQL, base 10 on DuckDB.
  if (name === 'LOG') return call.args.length === 1;
  if (name === 'DATE_DIFF') return !/STRING/.test(tokens[call.open + 1]?.kind ?? '');
  return false;
}
