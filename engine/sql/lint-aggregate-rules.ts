import { type CallRule, hasWord, isInside } from './call-rule.ts';
import type { SqlToken } from './parse.ts';
import { type FunctionCall, wordAt } from './token-view.ts';

/** Aggregates that differ over nothing, over NULLs, or by a clause that gets lost. */
export const AGGREGATE_RULES: readonly CallRule[] = [
  {
    names: ['COUNTIF'],
    code: 'SQL_COUNTIF',
    message: 'over an empty group or frame it is NULL on DuckDB, not 0',
    hint: 'write COUNT(IF(condition, 1, NULL))',
  },
  {
    names: ['CORR'],
    code: 'SQL_CORR',
    message: 'of fewer than two pairs it is NaN on DuckDB, NULL on BigQuery',
    hint: 'write IF(COUNT(a * b) > 1, CORR(a, b), NULL)',
    applies: (call) => !isInside(call, 'IF'),
  },
  {
    names: ['PERCENTILE_CONT'],
    code: 'SQL_RESPECT_NULLS',
    message: 'DuckDB ignores NULLs all the same',
    hint: 'leave out RESPECT NULLS',
    applies: (call, tokens) => hasWord(call, tokens, 'RESPECT'),
  },
  {
    names: [
      'PERCENTILE_DISC',
      'APPROX_QUANTILES',
      'APPROX_COUNT_DISTINCT',
      'APPROX_TOP_COUNT',
      'APPROX_TOP_SUM',
    ],
    code: 'SQL_APPROXIMATE',
    message: 'the function does not run on DuckDB, or gives other values there',
    hint: 'write PERCENTILE_CONT(x, p) OVER (PARTITION BY k), then MAX per group; or COUNT(DISTINCT x)',
  },
  {
    names: ['ARRAY_AGG'],
    code: 'SQL_AGGREGATE_LIMIT',
    message: 'LIMIT inside ARRAY_AGG does not run on DuckDB',
    hint: 'write ARRAY_AGG(x ORDER BY d DESC)[OFFSET(0)], ANY_VALUE(x HAVING MAX d), or QUALIFY before',
    applies: (call, tokens) => hasWord(call, tokens, 'LIMIT'),
  },
  {
    names: ['STRING_AGG'],
    code: 'SQL_AGGREGATE_LIMIT',
    message: 'the LIMIT is lost on DuckDB',
    hint: 'keep the first rows with QUALIFY ROW_NUMBER() OVER (...) <= n before',
    applies: (call, tokens) => hasWord(call, tokens, 'LIMIT'),
  },
  {
    names: ['ARRAY_AGG', 'STRING_AGG'],
    code: 'SQL_UNORDERED_AGGREGATE',
    message: 'without ORDER BY the elements come in any order, another one each time',
    hint: "add ORDER BY with columns that decide the order: STRING_AGG(x, ',' ORDER BY x)",
    applies: (call, tokens) =>
      !hasWord(call, tokens, 'ORDER', 'IGNORE', 'LIMIT', 'HAVING') && !isWindowed(call, tokens),
  },
  {
    names: ['ARRAY_AGG'],
    code: 'SQL_ARRAY_AGG_NULLS',
    message: 'without ORDER BY, or inside another function, NULLs are kept on DuckDB',
    hint: 'filter with WHERE x IS NOT NULL, or add ORDER BY; for a number of values COUNT(x)',
    applies: (call, tokens) =>
      hasWord(call, tokens, 'IGNORE') &&
      (!hasWord(call, tokens, 'ORDER') || isInside(call, 'ARRAY_LENGTH')),
  },
  {
    names: ['SUM', 'AVG', 'MIN', 'MAX', 'COUNT', 'ARRAY_AGG', 'STRING_AGG'],
    code: 'SQL_AGGREGATE_HAVING',
    message: 'HAVING MAX or MIN inside this aggregate does not run on DuckDB',
    hint: 'write ANY_VALUE(x HAVING MAX d)',
    applies: (call, tokens) => hasWord(call, tokens, 'HAVING'),
  },
  {
    names: ['MAX_BY', 'MIN_BY'],
    code: 'SQL_UNSUPPORTED_FUNCTION',
    message: 'the function is not accepted by the reference analyzer',
    hint: 'write ANY_VALUE(x HAVING MAX d)',
  },
  {
    names: ['ARRAY_CONCAT'],
    code: 'SQL_ARRAY_CONCAT',
    message: 'a NULL array is ignored on DuckDB; on BigQuery the result is NULL',
    hint: 'write IF(a IS NULL OR b IS NULL, NULL, ARRAY_CONCAT(a, b))',
    applies: (call) => !isInside(call, 'IF'),
  },
];

/** The window of OVER orders the elements. */
function isWindowed(call: FunctionCall, tokens: readonly SqlToken[]): boolean {
  return wordAt(tokens, call.close + 1) === 'OVER';
}
