import { type Proof, proofs, UNKNOWN_TO_REFERENCE } from './proof.ts';

export const AGGREGATE_PROOFS: readonly Proof[] = [
  ...proofs('SQL_COUNTIF', 'rows', [
    [
      'SELECT COUNTIF(a > 1) AS v FROM t WHERE id > 99',
      'SELECT COUNT(IF(a > 1, 1, NULL)) AS v FROM t WHERE id > 99',
    ],
  ]),
  ...proofs('SQL_CORR', 'rows', [
    [
      'SELECT k, CORR(a, b) AS v FROM t GROUP BY k',
      'SELECT k, IF(COUNT(a * b) > 1, CORR(a, b), NULL) AS v FROM t GROUP BY k',
    ],
  ]),
  ...proofs('SQL_RESPECT_NULLS', 'rows', [
    [
      'SELECT id, PERCENTILE_CONT(y, 0.25e0 RESPECT NULLS) OVER () AS v FROM t',
      'SELECT id, PERCENTILE_CONT(y, 0.25e0) OVER () AS v FROM t',
    ],
  ]),
  ...proofs('SQL_APPROXIMATE', 'duckdb refuses', [
    [
      'SELECT id, PERCENTILE_DISC(a, 0.5e0) OVER () AS v FROM t',
      'WITH c AS (SELECT k, PERCENTILE_CONT(a, 0.5e0) OVER (PARTITION BY k) AS m FROM t) SELECT c.k, MAX(c.m) AS v FROM c GROUP BY 1',
    ],
  ]),
  ...proofs(
    'SQL_APPROXIMATE',
    'not evaluated',
    [
      ['SELECT APPROX_QUANTILES(a, 2) AS v FROM t'],
      ['SELECT APPROX_COUNT_DISTINCT(a) AS v FROM t', 'SELECT COUNT(DISTINCT a) AS v FROM t'],
      ['SELECT APPROX_TOP_COUNT(a, 2) AS v FROM t'],
      ['SELECT APPROX_TOP_SUM(a, b, 2) AS v FROM t'],
    ],
    'the values are approximations, of another method on each engine',
  ),
  ...proofs('SQL_AGGREGATE_LIMIT', 'duckdb refuses', [
    [
      'SELECT k, ARRAY_AGG(a ORDER BY d DESC LIMIT 1)[OFFSET(0)] AS v FROM t GROUP BY k',
      'SELECT k, ARRAY_AGG(a ORDER BY d DESC)[OFFSET(0)] AS v, ANY_VALUE(a HAVING MAX d) AS w FROM t GROUP BY k',
    ],
  ]),
  ...proofs('SQL_AGGREGATE_LIMIT', 'rows', [
    [
      "SELECT STRING_AGG(s, ',' ORDER BY id LIMIT 2) AS v FROM t",
      "WITH c AS (SELECT id, s FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY id) <= 2) SELECT STRING_AGG(c.s, ',' ORDER BY c.id) AS v FROM c",
    ],
  ]),
  ...proofs(
    'SQL_UNORDERED_AGGREGATE',
    'agree',
    [
      [
        "SELECT k, STRING_AGG(s, ',') AS v FROM t GROUP BY k",
        "SELECT k, STRING_AGG(s, ',' ORDER BY s) AS v FROM t GROUP BY k",
      ],
      ['SELECT ARRAY_AGG(a) AS v FROM t', 'SELECT ARRAY_AGG(a ORDER BY id) AS v FROM t'],
    ],
    'the order is free on both; on a table this small it happens to be that of the rows',
  ),
  ...proofs('SQL_ARRAY_AGG_NULLS', 'rows', [
    [
      'SELECT ARRAY_LENGTH(ARRAY_AGG(b IGNORE NULLS ORDER BY id)) AS v FROM t',
      'SELECT COUNT(b) AS v FROM t',
    ],
  ]),
  ...proofs(
    'SQL_ARRAY_AGG_NULLS',
    'agree',
    [
      [
        'SELECT ARRAY_AGG(b IGNORE NULLS) AS v FROM t',
        'SELECT ARRAY_AGG(b IGNORE NULLS ORDER BY id) AS v FROM t',
      ],
    ],
    'without ORDER BY the order of the elements is free',
  ),
  ...proofs('SQL_AGGREGATE_HAVING', 'duckdb refuses', [
    ['SELECT SUM(a HAVING MAX d) AS v FROM t', 'SELECT ANY_VALUE(a HAVING MAX d) AS v FROM t'],
    ['SELECT AVG(a HAVING MAX d) AS v FROM t'],
    ['SELECT MIN(a HAVING MAX d) AS v FROM t'],
    ['SELECT MAX(a HAVING MIN d) AS v FROM t'],
    ['SELECT ARRAY_AGG(a HAVING MAX d) AS v FROM t'],
  ]),
  ...proofs(
    'SQL_UNSUPPORTED_FUNCTION',
    'google refuses',
    [
      ['SELECT MAX_BY(a, d) AS v FROM t', 'SELECT ANY_VALUE(a HAVING MAX d) AS v FROM t'],
      ['SELECT MIN_BY(a, d) AS v FROM t', 'SELECT ANY_VALUE(a HAVING MIN d) AS v FROM t'],
    ],
    UNKNOWN_TO_REFERENCE,
  ),
  ...proofs('SQL_ARRAY_CONCAT', 'rows', [
    [
      'SELECT id, ARRAY_CONCAT(arr, more) AS v FROM t',
      'SELECT id, IF(arr IS NULL OR more IS NULL, NULL, ARRAY_CONCAT(arr, more)) AS v FROM t',
    ],
  ]),
  ...proofs(
    'SQL_GROUP_BY',
    'google refuses',
    [
      ['SELECT k, COUNT(*) AS v FROM t GROUP BY ALL', 'SELECT k, COUNT(*) AS v FROM t GROUP BY k'],
      ['SELECT k, COUNT(*) AS v FROM t GROUP BY GROUPING SETS (k, ())'],
      ['SELECT k, COUNT(*) AS v FROM t GROUP BY CUBE (k)'],
    ],
    UNKNOWN_TO_REFERENCE,
  ),
  ...proofs(
    'SQL_GROUP_BY',
    'not evaluated',
    [
      [
        'SELECT k, COUNT(*) AS v FROM t GROUP BY ROLLUP (k)',
        'SELECT k, COUNT(*) AS v FROM t GROUP BY k UNION ALL SELECT NULL AS k, COUNT(*) AS v FROM t',
      ],
    ],
    'what cannot be evaluated cannot be held against DuckDB',
  ),
];
