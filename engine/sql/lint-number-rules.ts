import { type CallRule, firstWord, isInside } from './call-rule.ts';
import type { SqlToken } from './parse.ts';
import { isBareDecimal } from './transpile.ts';
import { type FunctionCall, topLevel, wordAt } from './token-view.ts';

const OPERATORS = new Set(['+', '-', '*', '/', '||', '&', '|', '^', '<<', '>>']);
const FLOAT_FUNCTIONS = new Set([
  'SAFE_DIVIDE',
  'AVG',
  'SQRT',
  'POW',
  'POWER',
  'EXP',
  'LN',
  'LOG',
  'LOG10',
  'STDDEV',
  'STDDEV_SAMP',
  'STDDEV_POP',
  'VARIANCE',
  'VAR_SAMP',
  'VAR_POP',
  'PERCENTILE_CONT',
  'CORR',
  'RAND',
]);

/** Division, rounding and casts. */
export const NUMBER_RULES: readonly CallRule[] = [
  {
    names: ['DIV', 'MOD'],
    code: 'SQL_DIV_MOD_ARGUMENT',
    message: 'the transpiler drops the parentheses: DIV(a + 1, 2) becomes a + 1 // 2',
    hint: 'put compound arguments in parentheses: DIV((a + 1), 2)',
    applies: (call, tokens) => call.args.some((range) => isCompound(tokens, range)),
  },
  {
    names: ['DIV', 'MOD'],
    code: 'SQL_DIV_MOD_OPERAND',
    message: 'the transpiler turns it into an operator: 5 * MOD(x, 4) becomes 5 * x % 4',
    hint: 'put the call in parentheses: 5 * (MOD(x, 4))',
    applies: (call, tokens) =>
      OPERATORS.has(wordAt(tokens, call.nameIndex - 1)) ||
      OPERATORS.has(wordAt(tokens, call.close + 1)),
  },
  {
    names: ['ROUND'],
    code: 'SQL_ROUND_DIGITS',
    message: 'ROUND(x, n) of a FLOAT64 rounds ties differently: 2.675 gives 2.67 or 2.68',
    hint: "call the project's shared rounding function; ROUND(x) to an integer is fine",
    applies: (call) => call.args.length > 1,
  },
  {
    names: ['CAST'],
    code: 'SQL_FLOAT_TO_INTEGER',
    message:
      'a bare cast from FLOAT64 to INT64 rounds halves to even on DuckDB, away from zero on BigQuery',
    hint: 'write CAST(ROUND(x) AS INT64) or CAST(FLOOR(x) AS INT64)',
    applies: (call, tokens) => castType(call, tokens) === 'INT64' && isFloat(call, tokens),
  },
  {
    names: ['CAST', 'SAFE_CAST'],
    code: 'SQL_FLOAT_TO_STRING',
    message: 'whole floats print differently: 1.0 on DuckDB, 1 on BigQuery',
    hint: 'cast an INT64, or do not print floats in SQL',
    applies: (call, tokens) => castType(call, tokens) === 'STRING' && isFloat(call, tokens),
  },
  {
    names: ['SAFE_CAST'],
    code: 'SQL_SAFE_CAST_INTEGER',
    message: "SAFE_CAST('12.7' AS INT64) is 13 on DuckDB, NULL on BigQuery",
    hint: "write IF(ARRAY_LENGTH(REGEXP_EXTRACT_ALL(v, r'^-?[0-9]+$')) = 1, CAST(v AS INT64), NULL)",
    applies: (call, tokens) => castType(call, tokens) === 'INT64',
  },
  {
    names: ['SAFE_CAST'],
    code: 'SQL_SAFE_CAST_DATE',
    message: 'DuckDB accepts blanks around the date, BigQuery returns NULL',
    hint: 'write SAFE_CAST(TRIM(x) AS DATE)',
    applies: (call, tokens) =>
      castType(call, tokens) === 'DATE' && firstWord(call, tokens, 0) !== 'TRIM',
  },
  {
    names: ['CAST', 'SAFE_CAST'],
    code: 'SQL_CAST_FORMAT',
    message: 'CAST ... FORMAT does not run on DuckDB',
    hint: 'write FORMAT_DATE or PARSE_DATE',
    applies: (call, tokens) => wordAt(tokens, call.close - 2) === 'FORMAT',
  },
  {
    names: [
      'SAFE_ADD',
      'SAFE_SUBTRACT',
      'SAFE_MULTIPLY',
      'SAFE_NEGATE',
      'IEEE_DIVIDE',
      'RANGE_BUCKET',
    ],
    code: 'SQL_UNSUPPORTED_FUNCTION',
    message: 'the function does not exist on DuckDB',
    hint: 'write CASE, SAFE_DIVIDE, or a function of the project',
  },
  {
    names: ['IS_NAN', 'IS_INF'],
    code: 'SQL_NAN',
    message: 'NaN sorts and compares differently on DuckDB, and must not reach a stored column',
    hint: 'never produce it: divide with SAFE_DIVIDE',
  },
];

/** The word after AS in a cast. */
export function castType(call: FunctionCall, tokens: readonly SqlToken[]): string {
  const inside = { start: call.open + 1, end: call.close };
  const as = topLevel(tokens, inside, (word) => word === 'AS').at(-1);
  return as === undefined ? '' : wordAt(tokens, as + 1);
}

function isCompound(
  tokens: readonly SqlToken[],
  range: { readonly start: number; readonly end: number },
): boolean {
  // A sign in front of a single operand binds tighter than // and %.
  const start = wordAt(tokens, range.start) === '-' ? range.start + 1 : range.start;
  return topLevel(tokens, { start, end: range.end }, (word) => OPERATORS.has(word)).length > 0;
}

/** True when the expression to cast is a float beyond doubt; types of columns are not known here. */
function isFloat(call: FunctionCall, tokens: readonly SqlToken[]): boolean {
  const inside = { start: call.open + 1, end: call.close };
  if (topLevel(tokens, inside, (word) => word === '/').length > 0) return true;
  const first = tokens[call.open + 1];
  if (FLOAT_FUNCTIONS.has(wordAt(tokens, call.open + 1))) return !isInside(call, 'ROUND');
  for (let index = inside.start; index < inside.end; index++) {
    const token = tokens[index];
    if (token?.kind === 'L_PAREN') return false;
    if (token?.kind === 'NUMBER' && /[.eE]/.test(token.text)) return true;
  }
  return first !== undefined && isBareDecimal(first);
}
