import { type CallRule, isArgumentOf, isInside, literalArgument } from './call-rule.ts';
import type { SqlToken } from './parse.ts';
import type { FunctionCall } from './token-view.ts';
import { wordAt } from './token-view.ts';

/** Text, regular expressions, JSON and hashes. */
export const TEXT_RULES: readonly CallRule[] = [
  {
    names: ['CONCAT'],
    code: 'SQL_CONCAT',
    message: 'CONCAT ignores NULL on DuckDB; on BigQuery the result is NULL',
    hint: 'write a || b',
  },
  {
    names: ['REGEXP_CONTAINS'],
    code: 'SQL_REGEXP_CONTAINS',
    message: 'on DuckDB the pattern must match the whole text',
    hint: "write ARRAY_LENGTH(REGEXP_EXTRACT_ALL(s, r'x')) > 0, or a pattern that spans the text: r'^.*x.*$'",
    applies: (call, tokens) => !spansText(literalArgument(call, tokens, 1)),
  },
  {
    names: ['REGEXP_EXTRACT'],
    code: 'SQL_REGEXP_EXTRACT',
    message: "on DuckDB no match gives '' and a pattern without a group gives ''",
    hint: "write REGEXP_EXTRACT_ALL(s, r'x')[SAFE_OFFSET(0)], or NULLIF(REGEXP_EXTRACT(s, r'(x)'), '') with one group",
    applies: (call, tokens) =>
      call.args.length !== 2 ||
      groupsIn(literalArgument(call, tokens, 1)) !== 1 ||
      !isArgumentOf(call, 'NULLIF'),
  },
  {
    names: ['REGEXP_EXTRACT_ALL'],
    code: 'SQL_REGEXP_GROUP',
    message: 'DuckDB returns whole matches, BigQuery those of the group',
    hint: 'write a pattern without a group, or with (?:...)',
    applies: (call, tokens) => groupsIn(literalArgument(call, tokens, 1)) > 0,
  },
  {
    names: ['REGEXP_REPLACE'],
    code: 'SQL_REGEXP_REPLACE',
    message: 'DuckDB replaces the first match only',
    hint: "keep what is wanted: ARRAY_TO_STRING(REGEXP_EXTRACT_ALL(s, r'[a-z0-9]+'), '')",
  },
  {
    names: ['NORMALIZE', 'NORMALIZE_AND_CASEFOLD'],
    code: 'SQL_UNSUPPORTED_FUNCTION',
    message: 'the function does not run on DuckDB',
    hint: "write TRANSLATE(LOWER(s), 'éšć', 'esc') with all letters of the data",
  },
  {
    names: ['FORMAT'],
    code: 'SQL_FORMAT',
    message: 'DuckDB returns the format itself',
    hint: "write LPAD(CAST(x AS STRING), 5, '0'), or a || b",
  },
  {
    names: [
      'INITCAP',
      'BYTE_LENGTH',
      'FARM_FINGERPRINT',
      'CONTAINS_SUBSTR',
      'EDIT_DISTANCE',
      'SOUNDEX',
    ],
    code: 'SQL_UNSUPPORTED_FUNCTION',
    message: 'the function does not exist on DuckDB',
    hint: 'write it with UPPER, SUBSTR, LENGTH and ||; for a hash SUBSTR(TO_HEX(MD5(x)), 1, 16)',
  },
  {
    names: ['SUBSTR', 'SUBSTRING'],
    code: 'SQL_SUBSTR_ZERO',
    message: 'position 0 counts as 1 on BigQuery, but as a position before the text on DuckDB',
    hint: 'count positions from 1',
    applies: (call, tokens) => literalArgument(call, tokens, 1) === '0',
  },
  {
    names: ['JSON_VALUE', 'JSON_QUERY'],
    code: 'SQL_JSON_VALUE',
    message: 'on DuckDB the text keeps its quotes',
    hint: "write JSON_EXTRACT_SCALAR(j, '$.a')",
  },
  {
    names: ['TO_JSON'],
    code: 'SQL_TO_JSON',
    message: 'inside TO_JSON_STRING it is encoded twice on DuckDB',
    hint: 'write TO_JSON_STRING(x) of integers, text, dates or booleans',
    applies: (call) => isInside(call, 'TO_JSON_STRING'),
  },
  {
    names: ['MD5', 'SHA1', 'SHA256', 'SHA512'],
    code: 'SQL_HASH',
    message: 'it is text on DuckDB and BYTES on BigQuery',
    hint: 'write TO_HEX(MD5(x))',
    applies: (call) => !isArgumentOf(call, 'TO_HEX'),
  },
  {
    names: ['UPPER'],
    code: 'SQL_UPPER',
    message: "UPPER('ß') differs",
    hint: 'compare in lower case',
    applies: (call, tokens) => /ß/.test(literalArgument(call, tokens, 0) ?? ''),
  },
  {
    names: ['ARRAY'],
    code: 'SQL_ARRAY_OF_SELECT',
    message: 'relations inside ARRAY(SELECT ...) are lost to lineage',
    hint: 'aggregate in a CTE with ARRAY_AGG and join it; ARRAY(SELECT ... FROM UNNEST(x)) is fine',
    applies: readsRelation,
  },
];

/** The number of capturing groups in a pattern; 0 when the pattern is not a literal. */
function groupsIn(pattern: string | undefined): number {
  const withoutClasses = (pattern ?? '').replaceAll(/\\./g, '').replaceAll(/\[[^\]]*\]/g, '');
  return [...withoutClasses.matchAll(/\((?!\?(?!P<|<))/g)].length;
}

/** True for `^…$` without a choice at the top, which matches the whole text either way. */
function spansText(pattern: string | undefined): boolean {
  if (pattern === undefined || !pattern.startsWith('^') || !pattern.endsWith('$')) return false;
  let inner = pattern.replaceAll(/\\./g, '').replaceAll(/\[[^\]]*\]/g, '');
  while (/\([^()]*\)/.test(inner)) inner = inner.replaceAll(/\([^()]*\)/g, '');
  return !inner.includes('|');
}

/** `ARRAY(SELECT … FROM name …)`; a FROM of anything but UNNEST counts. */
function readsRelation(call: FunctionCall, tokens: readonly SqlToken[]): boolean {
  if (wordAt(tokens, call.open + 1) !== 'SELECT') return false;
  for (let index = call.open + 1; index < call.close; index++) {
    const isRead = ['FROM', 'JOIN'].includes(wordAt(tokens, index));
    if (isRead && !['UNNEST', '('].includes(wordAt(tokens, index + 1))) return true;
  }
  return false;
}
