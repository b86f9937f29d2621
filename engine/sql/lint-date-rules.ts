import { type CallRule, firstWord, isArgumentOf, literalArgument } from './call-rule.ts';
import type { SqlToken } from './parse.ts';
import { type FunctionCall, wordAt } from './token-view.ts';

const DATE_FORMATS = new Set('YmdyjuwGVAaBb'.split(''));
const WEEK_PARTS = ['WEEK', 'ISOWEEK', 'ISOYEAR'];

/** Dates: parts of the week, and arithmetic that turns into timestamps. */
export const DATE_RULES: readonly CallRule[] = [
  {
    names: ['DATE_TRUNC'],
    code: 'SQL_DATE_TRUNC_WEEK',
    message: 'weeks start on Monday on DuckDB and on Sunday on BigQuery, or do not run at all',
    hint: "in a CTE CAST(FORMAT_DATE('%u', d) AS INT64) AS wd, then DATE_SUB(d, INTERVAL (wd - 1) DAY)",
    applies: (call, tokens) => WEEK_PARTS.includes(firstWord(call, tokens, 1)),
  },
  {
    names: ['DATE_ADD', 'DATE_SUB', 'DATE_TRUNC'],
    code: 'SQL_DATE_BECOMES_TIMESTAMP',
    message: 'as an output column or group key it is a TIMESTAMP on DuckDB',
    hint: 'wrap it: CAST(DATE_ADD(d, INTERVAL 1 MONTH) AS DATE)',
    applies: (call, tokens) => isOutputOrKey(call, tokens),
  },
  {
    names: ['DATE_ADD', 'DATE_SUB'],
    code: 'SQL_INTERVAL_COLUMN',
    message: 'an interval of a column does not run on DuckDB',
    hint: 'put the number in parentheses: DATE_ADD(d, INTERVAL (n) DAY)',
    applies: hasBareInterval,
  },
  {
    names: ['EXTRACT'],
    code: 'SQL_EXTRACT_WEEK',
    message: 'this part counts differently on DuckDB, or does not run there',
    hint: "CAST(FORMAT_DATE('%u', d) AS INT64) for the weekday (1 = Monday), FORMAT_DATE('%V', d) and '%G' for ISO week and year",
    applies: (call, tokens) => ['DAYOFWEEK', ...WEEK_PARTS].includes(wordAt(tokens, call.open + 1)),
  },
  {
    names: ['EXTRACT'],
    code: 'SQL_EXTRACT_DATE',
    message: 'EXTRACT(DATE FROM ...) is garbled by the transpiler',
    hint: "write CAST(DATETIME(ts, 'America/New_York') AS DATE)",
    applies: (call, tokens) => ['DATE', 'TIME'].includes(wordAt(tokens, call.open + 1)),
  },
  {
    names: ['LAST_DAY'],
    code: 'SQL_LAST_DAY',
    message: 'DuckDB returns the last day of the month whatever part is asked for',
    hint: 'for the year write DATE(EXTRACT(YEAR FROM d), 12, 31)',
    applies: (call, tokens) => call.args.length > 1 && firstWord(call, tokens, 1) !== 'MONTH',
  },
  {
    names: ['DATE_FROM_UNIX_DATE'],
    code: 'SQL_UNSUPPORTED_FUNCTION',
    message: 'the function does not exist on DuckDB',
    hint: "write CAST(DATE_ADD(DATE '1970-01-01', INTERVAL (n) DAY) AS DATE)",
  },
  {
    names: ['FORMAT_DATE'],
    code: 'SQL_DATE_FORMAT',
    message: 'a format element is not the same on DuckDB',
    hint: "use only %Y %m %d %y %j %u %w %G %V %A %a %B %b, e.g. '%Y-%m-%d'",
    applies: (call, tokens) =>
      [...(literalArgument(call, tokens, 0) ?? '').matchAll(/%(.)/g)].some(
        (match) => !DATE_FORMATS.has(match[1] ?? ''),
      ),
  },
  {
    names: ['DATE'],
    code: 'SQL_DATE_IN_ZONE',
    message: 'DATE(timestamp, zone) does not run on DuckDB',
    hint: "write CAST(DATETIME(ts, 'America/New_York') AS DATE)",
    applies: (call) => call.args.length === 2,
  },
];

/** `DATE_ADD(…) AS name` and `GROUP BY DATE_TRUNC(…)`: nothing around it turns it back into a date. */
function isOutputOrKey(call: FunctionCall, tokens: readonly SqlToken[]): boolean {
  if (isArgumentOf(call, 'CAST')) return false;
  const before = wordAt(tokens, call.nameIndex - 1);
  const after = wordAt(tokens, call.close + 1);
  const isWholeItem = before === 'SELECT' || before === ',' || before === 'DISTINCT';
  if (after === 'AS') return isWholeItem;
  return before === 'BY' && wordAt(tokens, call.nameIndex - 2) === 'GROUP';
}

function hasBareInterval(call: FunctionCall, tokens: readonly SqlToken[]): boolean {
  const range = call.args[1];
  if (range === undefined || wordAt(tokens, range.start) !== 'INTERVAL') return false;
  const amount = tokens[range.start + 1];
  return amount !== undefined && /^[A-Za-z_`]/.test(amount.text) && amount.kind !== 'L_PAREN';
}
