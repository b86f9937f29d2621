import { type Proof, proofs, UNKNOWN_TO_REFERENCE } from './proof.ts';

/** The shared rounding of the flagship, to two decimals. */
const ROUNDED = 'SIGN(x) * FLOOR(ABS(x) * POW(10, 2) + 0.5e0 + 1e-7) / POW(10, 2)';

export const NUMBER_PROOFS: readonly Proof[] = [
  ...proofs('SQL_DIV_MOD_ARGUMENT', 'rows', [
    ['SELECT id, DIV(a + 1, 2) AS v FROM t', 'SELECT id, DIV((a + 1), 2) AS v FROM t'],
  ]),
  ...proofs(
    'SQL_DIV_MOD_ARGUMENT',
    'agree',
    [['SELECT id, MOD(a + 1, 4) AS v FROM t', 'SELECT id, MOD((a + 1), 4) AS v FROM t']],
    'MOD is translated with its parentheses, DIV without; one rule for both is easier to remember',
  ),
  ...proofs('SQL_DIV_MOD_OPERAND', 'rows', [
    ['SELECT id, 5 * MOD(a, 4) AS v FROM t', 'SELECT id, 5 * (MOD(a, 4)) AS v FROM t'],
    [
      'SELECT id, 100 / DIV((a + 20), 3) AS v FROM t',
      'SELECT id, 100 / (DIV((a + 20), 3)) AS v FROM t',
    ],
  ]),
  ...proofs('SQL_ROUND_DIGITS', 'rows', [
    ['SELECT id, ROUND(x, 2) AS v FROM t', `SELECT id, ${ROUNDED} AS v, ROUND(x) AS w FROM t`],
  ]),
  ...proofs('SQL_DECIMAL_LITERAL', 'rows', [
    ['SELECT 0.1 + 0.2 = 0.3 AS v', 'SELECT 0.1e0 + 0.2e0 = 0.3e0 AS v'],
  ]),
  ...proofs('SQL_FLOAT_TO_INTEGER', 'rows', [
    [
      'SELECT id, CAST(x / 1 AS INT64) AS v FROM t',
      'SELECT id, CAST(ROUND(x / 1) AS INT64) AS v, CAST(FLOOR(x) AS INT64) AS w FROM t',
    ],
    ['SELECT id, CAST(SAFE_DIVIDE(x, 1) AS INT64) AS v FROM t'],
  ]),
  ...proofs('SQL_FLOAT_TO_STRING', 'rows', [
    [
      'SELECT id, CAST(SAFE_DIVIDE(y, 1) AS STRING) AS v FROM t',
      'SELECT id, CAST(CAST(ROUND(y) AS INT64) AS STRING) AS v FROM t',
    ],
    ['SELECT id, SAFE_CAST(y / 1 AS STRING) AS v FROM t'],
  ]),
  ...proofs('SQL_SAFE_CAST_INTEGER', 'rows', [
    [
      'SELECT id, SAFE_CAST(r AS INT64) AS v FROM t',
      "SELECT id, IF(ARRAY_LENGTH(REGEXP_EXTRACT_ALL(r, r'^-?[0-9]+$')) = 1, CAST(r AS INT64), NULL) AS v FROM t",
    ],
  ]),
  ...proofs('SQL_SAFE_CAST_DATE', 'rows', [
    [
      'SELECT id, SAFE_CAST(r AS DATE) AS v FROM t',
      'SELECT id, SAFE_CAST(TRIM(r) AS DATE) AS v FROM t',
    ],
  ]),
  ...proofs('SQL_CAST_FORMAT', 'duckdb refuses', [
    [
      "SELECT id, CAST(d AS STRING FORMAT 'YYYY') AS v FROM t",
      "SELECT id, FORMAT_DATE('%Y', d) AS v, PARSE_DATE('%Y%m%d', '20240131') AS w FROM t",
    ],
    ["SELECT id, SAFE_CAST(d AS STRING FORMAT 'YYYY') AS v FROM t"],
  ]),
  ...proofs('SQL_UNSUPPORTED_FUNCTION', 'duckdb refuses', [
    ['SELECT id, SAFE_ADD(a, b) AS v FROM t', 'SELECT id, a + b AS v FROM t'],
    ['SELECT id, SAFE_SUBTRACT(a, b) AS v FROM t'],
    ['SELECT id, SAFE_MULTIPLY(a, b) AS v FROM t'],
    ['SELECT id, SAFE_NEGATE(a) AS v FROM t'],
    ['SELECT id, IEEE_DIVIDE(x, y) AS v FROM t', 'SELECT id, SAFE_DIVIDE(x, y) AS v FROM t'],
    [
      'SELECT id, RANGE_BUCKET(a, [5, 10]) AS v FROM t',
      'SELECT id, CASE WHEN a < 5 THEN 0 WHEN a < 10 THEN 1 ELSE 2 END AS v FROM t',
    ],
  ]),
  ...proofs('SQL_NAN', 'duckdb refuses', [
    ['SELECT id, IS_NAN(x) AS v FROM t'],
    ['SELECT id, IS_INF(x) AS v FROM t'],
  ]),
  ...proofs('SQL_NUMERIC', 'rows', [
    ['SELECT id, CAST(1 / a AS NUMERIC) AS v FROM t', 'SELECT id, 1 / a AS v FROM t'],
    ["SELECT NUMERIC '1.23456' / 3 AS v"],
  ]),
  ...proofs(
    'SQL_TYPE_NAME',
    'google refuses',
    [
      ['SELECT CAST(id AS BIGINT) AS v FROM t', 'SELECT CAST(id AS INT64) AS v FROM t'],
      ['SELECT CAST(x AS DOUBLE) AS v FROM t', 'SELECT CAST(x AS FLOAT64) AS v FROM t'],
    ],
    UNKNOWN_TO_REFERENCE,
  ),
  ...proofs('SQL_SAFE_PREFIX', 'duckdb refuses', [
    ['SELECT id, SAFE.LN(y) AS v FROM t', 'SELECT id, CASE WHEN y > 0 THEN LN(y) END AS v FROM t'],
  ]),
];
