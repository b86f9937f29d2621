import { type LintFinding, type LintInput, spanOf } from './lint-finding.ts';
import type { SqlToken } from './parse.ts';
import { isBareDecimal } from './transpile.ts';
import { wordAt } from './token-view.ts';

interface TokenRule {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** The number of tokens that the construct takes from there; 0 when it does not start there. */
  readonly match: (tokens: readonly SqlToken[], index: number) => number;
}

const UNKNOWN_TYPES = new Set([
  'INT',
  'INTEGER',
  'BIGINT',
  'SMALLINT',
  'TINYINT',
  'FLOAT',
  'DOUBLE',
  'REAL',
  'VARCHAR',
  'TEXT',
  'CHAR',
  'BOOLEAN',
]);
const VOLATILE = new Set([
  'CURRENT_DATE',
  'CURRENT_TIMESTAMP',
  'CURRENT_DATETIME',
  'CURRENT_TIME',
  'SESSION_USER',
  'RAND',
  'GENERATE_UUID',
]);
const DECIMAL_TYPES = new Set(['NUMERIC', 'BIGNUMERIC', 'DECIMAL', 'BIGDECIMAL']);

const words =
  (...expected: readonly string[]) =>
  (tokens: readonly SqlToken[], index: number): number =>
    expected.every((word, offset) => wordAt(tokens, index + offset) === word) ? expected.length : 0;

export const TOKEN_RULES: readonly TokenRule[] = [
  {
    code: 'SQL_DECIMAL_LITERAL',
    message: 'this literal is FLOAT64 on BigQuery but DECIMAL on DuckDB',
    hint: 'give it an exponent, e.g. 0.44e0',
    match: (tokens, index) => {
      const token = tokens[index];
      return token !== undefined && isBareDecimal(token) ? 1 : 0;
    },
  },
  {
    code: 'SQL_PARAMETER',
    message: 'query parameters mean something else on DuckDB, and assets have none',
    hint: 'read the dates to compute from the relation partitions (partition_date, period, period_start)',
    match: (tokens, index) => (wordAt(tokens, index).startsWith('@') ? 1 : 0),
  },
  {
    code: 'SQL_PARAMETER',
    message: 'assets have no query parameters',
    hint: 'read the dates to compute from the relation partitions (partition_date, period, period_start)',
    match: words('?'),
  },
  {
    code: 'SQL_NOT_DETERMINISTIC',
    message: 'materializing again would give other rows',
    hint: 'read the date from partitions.partition_date; derive the rest from upstream rows',
    match: (tokens, index) =>
      VOLATILE.has(wordAt(tokens, index)) && isValue(tokens, index) ? 1 : 0,
  },
  {
    code: 'SQL_NOT_DETERMINISTIC',
    message: 'a sample has other rows each time',
    hint: "pick rows by their content, e.g. WHERE SUBSTR(TO_HEX(MD5(id)), 1, 1) = '0'",
    match: words('TABLESAMPLE'),
  },
  {
    code: 'SQL_SYSTEM_TIME',
    message: 'FOR SYSTEM_TIME reads what the engine has not bounded, and does not run on DuckDB',
    hint: 'read the upstream by its bare name',
    match: words('FOR', 'SYSTEM_TIME'),
  },
  {
    code: 'SQL_SELECT_AS',
    message: 'SELECT AS STRUCT and AS VALUE do not run on DuckDB',
    hint: 'write STRUCT(a, b) AS name, or plain columns',
    match: (tokens, index) =>
      words('SELECT', 'AS', 'STRUCT')(tokens, index) ||
      words('SELECT', 'AS', 'VALUE')(tokens, index),
  },
  {
    code: 'SQL_NUMERIC',
    message: 'NUMERIC has three decimals on DuckDB, nine on BigQuery',
    hint: 'use FLOAT64 throughout',
    match: (tokens, index) => {
      if (!DECIMAL_TYPES.has(wordAt(tokens, index))) return 0;
      const isType = wordAt(tokens, index - 1) === 'AS' && isInsideCast(tokens, index);
      const isLiteral = /STRING/.test(tokens[index + 1]?.kind ?? '');
      return isType || isLiteral ? 1 : 0;
    },
  },
  {
    code: 'SQL_TYPE_NAME',
    message: 'this is no type of GoogleSQL',
    hint: 'write INT64, FLOAT64, STRING or BOOL',
    match: (tokens, index) => {
      if (!UNKNOWN_TYPES.has(wordAt(tokens, index))) return 0;
      return wordAt(tokens, index - 1) === 'AS' && isInsideCast(tokens, index) ? 1 : 0;
    },
  },
  {
    code: 'SQL_SAFE_PREFIX',
    message: 'the prefix SAFE. does not run on DuckDB',
    hint: 'write CASE or SAFE_DIVIDE',
    match: words('SAFE', '.'),
  },
  {
    code: 'SQL_WITH_OFFSET',
    message: 'WITH OFFSET does not run on DuckDB',
    hint: 'write CROSS JOIN UNNEST(GENERATE_ARRAY(0, n - 1)) AS o and a[SAFE_OFFSET(o)], with n counted in a CTE',
    match: words('WITH', 'OFFSET'),
  },
  {
    code: 'SQL_PIVOT',
    message: 'the names of its columns differ between the warehouses',
    hint: "write SUM(IF(k = 'w', x, NULL)) AS s_w per value",
    match: words('PIVOT', '('),
  },
  {
    code: 'SQL_UNPIVOT',
    message: 'the transpiler swaps its columns',
    hint: "write CROSS JOIN UNNEST(['q1', 'q2']) AS q and CASE",
    match: words('UNPIVOT'),
  },
  {
    code: 'SQL_GROUP_BY',
    message: 'this kind of grouping is not the same everywhere',
    hint: 'list the keys; write totals as UNION ALL',
    match: (tokens, index) => {
      if (words('GROUP', 'BY')(tokens, index) === 0) return 0;
      const kind = wordAt(tokens, index + 2);
      return ['ALL', 'GROUPING', 'ROLLUP', 'CUBE'].includes(kind) ? 3 : 0;
    },
  },
  {
    code: 'SQL_UNION_BY_NAME',
    message: 'BY NAME does not run on DuckDB as written',
    hint: 'list the columns of each SELECT in the same order',
    match: (tokens, index) => words('BY', 'NAME')(tokens, index),
  },
  {
    code: 'SQL_LIKE_ESCAPE',
    message: 'the backslash in a LIKE pattern means different things',
    hint: 'use STRPOS, STARTS_WITH or ENDS_WITH',
    match: (tokens, index) =>
      wordAt(tokens, index) === 'LIKE' && (tokens[index + 1]?.text ?? '').includes('\\') ? 2 : 0,
  },
  {
    code: 'SQL_JOIN_UNNEST',
    message: 'LEFT JOIN UNNEST without ON does not run on DuckDB',
    hint: 'write LEFT JOIN UNNEST(a) AS x ON TRUE',
    match: (tokens, index) => (isBareLeftJoinUnnest(tokens, index) ? 3 : 0),
  },
];

/** Words and literals that must not appear, whatever they stand in. */
export function lintTokens({ tokens }: LintInput): readonly LintFinding[] {
  return TOKEN_RULES.flatMap(({ code, message, hint, match }) =>
    tokens.flatMap((_, index) => {
      const length = match(tokens, index);
      if (length === 0) return [];
      return [{ code, message, hint, ...spanOf(tokens, index, index + length - 1) }];
    }),
  );
}

/** False for a name behind a dot or AS. */
function isValue(tokens: readonly SqlToken[], index: number): boolean {
  return !['.', 'AS'].includes(wordAt(tokens, index - 1));
}

/** True after `CAST(… AS`: an alias can be called anything. */
function isInsideCast(tokens: readonly SqlToken[], index: number): boolean {
  let depth = 0;
  for (let before = index - 1; before > 0; before--) {
    const kind = tokens[before]?.kind;
    if (kind === 'R_PAREN') depth++;
    if (kind === 'L_PAREN' && depth-- === 0) return wordAt(tokens, before - 1).endsWith('CAST');
  }
  return false;
}

function isBareLeftJoinUnnest(tokens: readonly SqlToken[], index: number): boolean {
  if (words('LEFT', 'JOIN', 'UNNEST')(tokens, index) === 0) return false;
  let depth = 0;
  for (let after = index + 3; after < tokens.length; after++) {
    const kind = tokens[after]?.kind;
    if (kind === 'L_PAREN') depth++;
    if (kind === 'R_PAREN' && --depth < 0) return true;
    if (depth > 0) continue;
    const word = wordAt(tokens, after);
    if (word === 'ON') return false;
    if (['JOIN', 'WHERE', 'GROUP', 'ORDER', ',', 'CROSS', 'LEFT', 'QUALIFY'].includes(word))
      return true;
  }
  return true;
}
