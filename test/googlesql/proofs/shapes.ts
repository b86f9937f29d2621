import { type Proof, proofs, UNKNOWN_TO_REFERENCE } from './proof.ts';

export const SHAPE_PROOFS: readonly Proof[] = [
  ...proofs('SQL_UNALIASED_SUBQUERY', 'rows', [
    [
      'SELECT a + 1 AS v FROM (SELECT 1 AS a) UNION ALL SELECT z FROM u',
      'SELECT q.a + 1 AS v FROM (SELECT 1 AS a) AS q UNION ALL SELECT z FROM u',
    ],
  ]),
  ...proofs('SQL_SHADOWING_ALIAS', 'rows', [
    [
      'SELECT IF(a > 8, 1, 0) AS a, COUNT(*) AS v FROM t GROUP BY a',
      'SELECT IF(a > 8, 1, 0) AS c, COUNT(*) AS v FROM t GROUP BY c',
    ],
    [
      'SELECT -a AS a FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY a, id) = 1',
      'SELECT -a AS c FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY a, id) = 1',
    ],
  ]),
  ...proofs('SQL_ALIAS_LIKE_RELATION', 'google refuses', [
    ['SELECT SUM(p.a) AS p FROM t AS p ORDER BY p.a', 'SELECT SUM(p.a) AS v FROM t AS p'],
  ]),
  ...proofs('SQL_RESERVED_WORD', 'google refuses', [
    [
      'WITH within AS (SELECT id FROM u) SELECT w.id FROM within AS w',
      'WITH near AS (SELECT id FROM u) SELECT w.id FROM near AS w',
    ],
    ['SELECT z AS `rows` FROM u AS hash', 'SELECT h.z AS `rows` FROM u AS h'],
    ['SELECT z AS `set`, id AS groups FROM u', 'SELECT z AS `set`, id AS `groups` FROM u'],
    [
      'SELECT SUM(a) OVER lookup AS v FROM t WINDOW lookup AS (ORDER BY id)',
      'SELECT SUM(a) OVER near AS v FROM t WINDOW near AS (ORDER BY id)',
    ],
    [
      'WITH c AS (SELECT id AS `new` FROM u) SELECT new AS v FROM c',
      'WITH c AS (SELECT id AS `new` FROM u) SELECT c.new AS v FROM c',
    ],
  ]),
  ...proofs('SQL_QUALIFY_WINDOW', 'duckdb refuses', [
    [
      'SELECT id, RANK() OVER w AS v FROM t QUALIFY v = 1 WINDOW w AS (ORDER BY a)',
      'SELECT id, RANK() OVER (ORDER BY a) AS v FROM t QUALIFY v = 1',
    ],
  ]),
  ...proofs('SQL_WITH_OFFSET', 'duckdb refuses', [
    [
      'SELECT id, v FROM t, UNNEST(arr) AS v WITH OFFSET AS o WHERE o = 0',
      'WITH c AS (SELECT id, arr, ARRAY_LENGTH(arr) AS size FROM t) SELECT c.id, c.arr[SAFE_OFFSET(o)] AS v FROM c CROSS JOIN UNNEST(GENERATE_ARRAY(0, c.size - 1)) AS o WHERE o = 0',
    ],
  ]),
  ...proofs('SQL_JOIN_UNNEST', 'duckdb refuses', [
    [
      'SELECT id, v FROM t LEFT JOIN UNNEST(arr) AS v',
      'SELECT id, v FROM t LEFT JOIN UNNEST(arr) AS v ON TRUE',
    ],
  ]),
  ...proofs('SQL_PIVOT', 'duckdb refuses', [
    [
      "SELECT s_w FROM (SELECT k, a FROM t) AS q PIVOT (SUM(a) AS s FOR k IN ('w', 'l')) AS p",
      "SELECT SUM(IF(k = 'w', a, NULL)) AS s_w FROM t",
    ],
  ]),
  ...proofs('SQL_UNPIVOT', 'rows', [
    [
      'SELECT * FROM (SELECT id, a, n FROM t) AS q UNPIVOT (v FOR c IN (a, n)) AS p',
      "SELECT id, c, CASE c WHEN 'a' THEN a ELSE n END AS v FROM t CROSS JOIN UNNEST(['a', 'n']) AS c",
    ],
  ]),
  ...proofs(
    'SQL_UNION_BY_NAME',
    'google refuses',
    [
      [
        'SELECT id, a FROM t UNION ALL BY NAME SELECT z AS a, id FROM u',
        'SELECT id, a FROM t UNION ALL SELECT id, z AS a FROM u',
      ],
    ],
    UNKNOWN_TO_REFERENCE,
  ),
  ...proofs('SQL_SELECT_AS', 'duckdb refuses', [
    ['SELECT AS VALUE a FROM t', 'SELECT a AS v FROM t'],
  ]),
  ...proofs('SQL_PARAMETER', 'google refuses', [
    ['SELECT id FROM t WHERE a = @n', 'SELECT id FROM t WHERE a > n'],
    ['SELECT id FROM t WHERE a = ?'],
  ]),
  ...proofs('SQL_NOT_TRANSLATED', 'rows', [
    [
      'SELECT id, FIRST_VALUE(GREATEST(a, b)) OVER (PARTITION BY k ORDER BY id) AS v FROM t',
      'WITH c AS (SELECT id, k, GREATEST(a, b) AS g FROM t) SELECT c.id, FIRST_VALUE(c.g) OVER (PARTITION BY c.k ORDER BY c.id) AS v FROM c',
    ],
  ]),
  ...proofs('SQL_NOT_TRANSLATED', 'duckdb refuses', [
    [
      'SELECT id, SUM(a) OVER w AS v FROM t WINDOW w AS (PARTITION BY UNIX_DATE(d))',
      'WITH c AS (SELECT id, a, UNIX_DATE(d) AS day FROM t) SELECT c.id, SUM(c.a) OVER w AS v FROM c WINDOW w AS (PARTITION BY c.day)',
    ],
  ]),
];

/** Rules that are not about what the engines make of a text. */
export const OTHER_REASONS: readonly Proof[] = [
  ...proofs(
    'SQL_SELECT_STAR',
    'agree',
    [['SELECT * FROM u', 'SELECT id, k, z FROM u']],
    'the output is held against the declared columns',
  ),
  ...proofs(
    'SQL_UNNAMED_COLUMN',
    'agree',
    [['SELECT id + 1 FROM u', 'SELECT id + 1 AS v FROM u']],
    'a column of a table has a name; each engine gives it another one',
  ),
  ...proofs(
    'SQL_DUPLICATE_OUTPUT',
    'agree',
    [['SELECT id, z AS id FROM u', 'SELECT id, z AS v FROM u']],
    'a table cannot have two columns of one name',
  ),
  ...proofs(
    'SQL_PARENTHESISED_JOIN',
    'agree',
    [
      [
        'SELECT t.id FROM t JOIN (u JOIN t AS o ON o.id = u.id) ON u.id = t.id',
        'SELECT t.id FROM t JOIN u ON u.id = t.id JOIN t AS o ON o.id = u.id',
      ],
    ],
    'relations in it would be lost to lineage',
  ),
  ...proofs(
    'SQL_ARRAY_OF_SELECT',
    'agree',
    [
      [
        'SELECT id, ARRAY(SELECT u.z FROM u WHERE u.id = t.id ORDER BY u.z) AS v FROM t',
        'SELECT id, ARRAY(SELECT x FROM UNNEST(arr) AS x ORDER BY x) AS v FROM t',
      ],
    ],
    'relations in it would be lost to lineage',
  ),
  ...proofs(
    'SQL_DUPLICATE_CTE',
    'agree',
    [
      [
        'WITH c AS (WITH c AS (SELECT id FROM u) SELECT c.id FROM c) SELECT c.id FROM c',
        'WITH c AS (WITH i AS (SELECT id FROM u) SELECT i.id FROM i) SELECT c.id FROM c',
      ],
    ],
    'the references of a statement are found by the names of its CTEs',
  ),
  ...proofs(
    'SQL_NOT_A_SELECT',
    'google refuses',
    [['DELETE FROM t WHERE id > 99']],
    "what is written is the engine's to decide",
  ),
  ...proofs(
    'SQL_NOT_DETERMINISTIC',
    'agree',
    [["SELECT id FROM t WHERE d < CURRENT_DATE('UTC')"], ['SELECT id FROM t WHERE RAND() < 2']],
    'the same partition made again would have other rows',
  ),
  ...proofs(
    'SQL_NOT_DETERMINISTIC',
    'agree',
    [['SELECT id FROM t TABLESAMPLE SYSTEM (100 PERCENT)']],
    'the same partition made again would have other rows',
  ),
  ...proofs(
    'SQL_SYSTEM_TIME',
    'not evaluated',
    [
      [
        "SELECT id FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2024-01-01 00:00:00'",
        'SELECT id FROM t',
      ],
    ],
    'it reads what the engine has not bounded, and DuckDB cannot parse it',
  ),
  ...proofs(
    'SQL_SELECT_AS',
    'agree',
    [['SELECT AS STRUCT id, a FROM t', 'SELECT STRUCT(id, a) AS v FROM t']],
    'its rows are values without columns, which no table can be made of',
  ),
];
