import { describe, expect, test } from 'vitest';
import { analyzeSql } from '../../engine/sql/analyze.ts';
import { rangeInText } from '../../engine/compile/sql-diagnostics.ts';

async function lint(text: string): Promise<readonly string[]> {
  const { findings } = await analyzeSql({ kind: 'select', text });
  return findings.map(({ code, start }) => {
    const { line, column } = rangeInText('a.sql', text, start, 1);
    return `${code} ${line}:${column}`;
  });
}

describe('a construct that differs between the warehouses is refused where it stands', () => {
  test.each([
    // shape
    ['SELECT a FROM (SELECT 1 AS a) UNION ALL SELECT b FROM t', 'SQL_UNALIASED_SUBQUERY 1:10'],
    ['SELECT t.a FROM t\nJOIN (SELECT 1 AS a) USING (a)', 'SQL_UNALIASED_SUBQUERY 2:1'],
    ['SELECT t.a FROM t, (SELECT b FROM u)', 'SQL_UNALIASED_SUBQUERY 1:28'],
    ['SELECT t.a FROM t JOIN (u JOIN v ON TRUE) ON TRUE', 'SQL_PARENTHESISED_JOIN 1:19'],
    ['SELECT ARRAY(SELECT x FROM t) AS a', 'SQL_ARRAY_OF_SELECT 1:8'],
    ['SELECT * FROM t', 'SQL_SELECT_STAR 1:8'],
    ['SELECT t.* FROM t', 'SQL_SELECT_STAR 1:8'],
    ['SELECT t.* EXCEPT (b) FROM t', 'SQL_SELECT_STAR 1:8'],
    ['SELECT a,\n  b + 1\nFROM t', 'SQL_UNNAMED_COLUMN 2:3'],
    ['SELECT a, b AS a FROM t', 'SQL_DUPLICATE_OUTPUT 1:16'],
    ['CREATE TABLE x AS SELECT 1 AS a', 'SQL_NOT_A_SELECT 1:1'],
    ['DELETE FROM t WHERE TRUE', 'SQL_NOT_A_SELECT 1:1'],
    ['SELECT 1 AS a;\nSELECT 2 AS b', 'SQL_STATEMENTS 2:1'],
    ['SELECT a FROM t WHERE\n  (b = 1', 'SQL_SYNTAX 2:8'],
    [
      'WITH c AS (WITH c AS (SELECT 1 AS a) SELECT a FROM c) SELECT a FROM c',
      'SQL_DUPLICATE_CTE 1:6',
    ],
    // names
    ['WITH within AS (SELECT 1 AS a) SELECT w.a FROM\nwithin AS w', 'SQL_RESERVED_WORD 1:6'],
    ['SELECT a AS groups FROM t', 'SQL_RESERVED_WORD 1:13'],
    ['SELECT a FROM t AS hash', 'SQL_RESERVED_WORD 1:20'],
    ['SELECT a FROM lookup', 'SQL_RESERVED_WORD 1:15'],
    ['SELECT b,\nproto AS p FROM t', 'SQL_RESERVED_WORD 2:1'],
    ['SELECT SUM(a) OVER (w) AS s FROM t WINDOW hash AS (ORDER BY a)', 'SQL_RESERVED_WORD 1:43'],
    [
      'SELECT IF(pts > 8, 1, 0) AS pts, COUNT(*) AS n FROM t GROUP BY pts',
      'SQL_SHADOWING_ALIAS 1:29',
    ],
    [
      'SELECT -pts AS pts FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY pts) = 1',
      'SQL_SHADOWING_ALIAS 1:16',
    ],
    ['SELECT SUM(p.x) AS p FROM t AS p', 'SQL_ALIAS_LIKE_RELATION 1:20'],
    [
      'SELECT RANK() OVER w AS r FROM t QUALIFY r = 1 WINDOW w AS (ORDER BY a)',
      'SQL_QUALIFY_WINDOW 1:55',
    ],
    // numbers
    ['SELECT DIV(a + 1, 2) AS d FROM t', 'SQL_DIV_MOD_ARGUMENT 1:8'],
    ['SELECT 5 * MOD(x, 4) AS m FROM t', 'SQL_DIV_MOD_OPERAND 1:12'],
    ['SELECT 100 / DIV((i + 20), 3) AS m FROM t', 'SQL_DIV_MOD_OPERAND 1:14'],
    ['SELECT ROUND(x, 2) AS r FROM t', 'SQL_ROUND_DIGITS 1:8'],
    ['SELECT x * 0.44 AS r FROM t', 'SQL_DECIMAL_LITERAL 1:12'],
    ['SELECT x * .5 AS r FROM t', 'SQL_DECIMAL_LITERAL 1:12'],
    ['SELECT CAST(x / 2 AS INT64) AS r FROM t', 'SQL_FLOAT_TO_INTEGER 1:8'],
    ['SELECT CAST(SAFE_DIVIDE(x, y) AS INT64) AS r FROM t', 'SQL_FLOAT_TO_INTEGER 1:8'],
    ['SELECT CAST(AVG(x) AS STRING) AS r FROM t', 'SQL_FLOAT_TO_STRING 1:8'],
    ['SELECT SAFE_CAST(x AS INT64) AS r FROM t', 'SQL_SAFE_CAST_INTEGER 1:8'],
    ['SELECT SAFE_CAST(x AS DATE) AS r FROM t', 'SQL_SAFE_CAST_DATE 1:8'],
    ['SELECT CAST(x AS NUMERIC) AS r FROM t', 'SQL_NUMERIC 1:18'],
    ["SELECT NUMERIC '1.5' AS r FROM t", 'SQL_NUMERIC 1:8'],
    ['SELECT CAST(x AS BIGINT) AS r FROM t', 'SQL_TYPE_NAME 1:18'],
    ['SELECT SAFE.LN(x) AS r FROM t', 'SQL_SAFE_PREFIX 1:8'],
    ['SELECT IEEE_DIVIDE(x, y) AS r FROM t', 'SQL_UNSUPPORTED_FUNCTION 1:8'],
    // aggregates
    ['SELECT COUNTIF(x > 1) AS n FROM t', 'SQL_COUNTIF 1:8'],
    ['SELECT CORR(x, y) AS c FROM t', 'SQL_CORR 1:8'],
    ['SELECT PERCENTILE_CONT(x, 0.5e0 RESPECT NULLS) OVER () AS c FROM t', 'SQL_RESPECT_NULLS 1:8'],
    ['SELECT APPROX_QUANTILES(x, 2) AS c FROM t', 'SQL_APPROXIMATE 1:8'],
    ["SELECT STRING_AGG(x, ',' LIMIT 2) AS c FROM t", 'SQL_AGGREGATE_LIMIT 1:8'],
    ['SELECT ARRAY_AGG(x IGNORE NULLS) AS c FROM t', 'SQL_ARRAY_AGG_NULLS 1:8'],
    [
      'SELECT ARRAY_LENGTH(ARRAY_AGG(x IGNORE NULLS ORDER BY d)) AS c FROM t',
      'SQL_ARRAY_AGG_NULLS 1:21',
    ],
    ['SELECT SUM(x HAVING MAX d) AS c FROM t', 'SQL_AGGREGATE_HAVING 1:8'],
    ['SELECT ARRAY_CONCAT(a, b) AS c FROM t', 'SQL_ARRAY_CONCAT 1:8'],
    ['SELECT a FROM t GROUP BY ALL', 'SQL_GROUP_BY 1:17'],
    ['SELECT a FROM t GROUP BY ROLLUP(a)', 'SQL_GROUP_BY 1:17'],
    ["SELECT STRING_AGG(x, ',') AS c FROM t", 'SQL_UNORDERED_AGGREGATE 1:8'],
    ['SELECT ARRAY_AGG(DISTINCT x) AS c FROM t', 'SQL_UNORDERED_AGGREGATE 1:8'],
    // rows that would differ each time
    ['SELECT a FROM t WHERE d < CURRENT_DATE()', 'SQL_NOT_DETERMINISTIC 1:27'],
    ["SELECT a FROM t WHERE d < CURRENT_DATE('UTC')", 'SQL_NOT_DETERMINISTIC 1:27'],
    ['SELECT RAND() AS r FROM t', 'SQL_NOT_DETERMINISTIC 1:8'],
    ['SELECT a FROM t TABLESAMPLE SYSTEM (10 PERCENT)', 'SQL_NOT_DETERMINISTIC 1:17'],
    ['SELECT a FROM t FOR SYSTEM_TIME AS OF x', 'SQL_SYSTEM_TIME 1:17'],
    ['SELECT AS STRUCT a FROM t', 'SQL_SELECT_AS 1:1'],
    ['SELECT a FROM t WHERE d = ?', 'SQL_PARAMETER 1:27'],
    // dates
    ['SELECT CAST(DATE_TRUNC(d, WEEK) AS DATE) AS w FROM t', 'SQL_DATE_TRUNC_WEEK 1:13'],
    ['SELECT DATE_TRUNC(d, MONTH) AS w FROM t', 'SQL_DATE_BECOMES_TIMESTAMP 1:8'],
    ['SELECT a, DATE_ADD(d, INTERVAL 1 DAY) AS w FROM t', 'SQL_DATE_BECOMES_TIMESTAMP 1:11'],
    ['SELECT CAST(DATE_ADD(d, INTERVAL n DAY) AS DATE) AS w FROM t', 'SQL_INTERVAL_COLUMN 1:13'],
    ['SELECT EXTRACT(DAYOFWEEK FROM d) AS w FROM t', 'SQL_EXTRACT_WEEK 1:8'],
    ['SELECT EXTRACT(WEEK FROM d) AS w FROM t', 'SQL_EXTRACT_WEEK 1:8'],
    ['SELECT LAST_DAY(d, YEAR) AS w FROM t', 'SQL_LAST_DAY 1:8'],
    ["SELECT FORMAT_DATE('%F', d) AS w FROM t", 'SQL_DATE_FORMAT 1:8'],
    ["SELECT DATE(ts, 'UTC') AS w FROM t", 'SQL_DATE_IN_ZONE 1:8'],
    // text
    ['SELECT CONCAT(a, b) AS c FROM t', 'SQL_CONCAT 1:8'],
    ["SELECT a FROM t WHERE REGEXP_CONTAINS(a, r'x')", 'SQL_REGEXP_CONTAINS 1:23'],
    ["SELECT REGEXP_EXTRACT(a, r'[A-Z]+') AS c FROM t", 'SQL_REGEXP_EXTRACT 1:8'],
    ["SELECT REGEXP_EXTRACT_ALL(a, r'(x)y') AS c FROM t", 'SQL_REGEXP_GROUP 1:8'],
    ["SELECT REGEXP_REPLACE(a, r'x', '') AS c FROM t", 'SQL_REGEXP_REPLACE 1:8'],
    ['SELECT NORMALIZE(a, NFD) AS c FROM t', 'SQL_UNSUPPORTED_FUNCTION 1:8'],
    ["SELECT FORMAT('%05d', a) AS c FROM t", 'SQL_FORMAT 1:8'],
    ['SELECT SUBSTR(a, 0, 2) AS c FROM t', 'SQL_SUBSTR_ZERO 1:8'],
    ["SELECT a FROM t WHERE a LIKE 'x\\\\_y'", 'SQL_LIKE_ESCAPE 1:25'],
    ["SELECT JSON_VALUE(a, '$.b') AS c FROM t", 'SQL_JSON_VALUE 1:8'],
    ['SELECT MD5(a) AS c FROM t', 'SQL_HASH 1:8'],
    ['SELECT a FROM t UNPIVOT (v FOR k IN (b, c)) AS u', 'SQL_UNPIVOT 1:17'],
    ['SELECT x FROM t, UNNEST(a) AS x WITH OFFSET AS o', 'SQL_WITH_OFFSET 1:33'],
    ['SELECT x FROM t LEFT JOIN UNNEST(a) AS x', 'SQL_JOIN_UNNEST 1:17'],
    // calls that the transpiler overlooks
    ['SELECT FIRST_VALUE(GREATEST(a, b)) OVER (ORDER BY d) AS x FROM t', 'SQL_NOT_TRANSLATED 1:20'],
    [
      'SELECT SUM(y) OVER w AS x FROM t WINDOW w AS (PARTITION BY UNIX_DATE(a))',
      'SQL_NOT_TRANSLATED 1:60',
    ],
    ['SELECT ARRAY_AGG(y ORDER BY DATE_DIFF(a, b, DAY)) AS x FROM t', 'SQL_NOT_TRANSLATED 1:29'],
    ['SELECT STRPOS(GREATEST(a, b), c) AS x FROM t', 'SQL_NOT_TRANSLATED 1:15'],
    ['SELECT a FROM t WHERE d = @run_date', 'SQL_PARAMETER 1:27'],
  ])('%s', async (text, expected) => {
    expect(await lint(text)).toEqual([expected]);
  });
});

describe('the form to write instead is accepted', () => {
  test.each([
    'SELECT q.a FROM (SELECT 1 AS a) AS q UNION ALL SELECT b FROM t',
    'SELECT q.a FROM (SELECT 1 AS a) q',
    'SELECT DIV((a + 1), 2) AS d, 5 * (MOD(x, 4)) AS m, MOD(x, 2) = 0 AS even FROM t',
    'SELECT COUNT(IF(x > 1, 1, NULL)) AS n FROM t',
    'SELECT a || b AS c FROM t',
    'SELECT CAST(ROUND(x) AS INT64) AS r, CAST(FLOOR(x / 2) AS INT64) AS f FROM t',
    'SELECT CAST(name AS STRING) AS s, CAST(flag AS INT64) AS i FROM t',
    'SELECT 0.44e0 * x AS r, SAFE_CAST(y AS FLOAT64) AS y2 FROM t',
    'SELECT ROUND(x) AS r FROM t',
    'SELECT IF(COUNT(a * b) > 1, CORR(a, b), NULL) AS c FROM t',
    'SELECT CAST(DATE_ADD(d, INTERVAL (n) DAY) AS DATE) AS e, d + 7 AS f FROM t',
    "SELECT DATE_DIFF(d, DATE '2024-01-01', DAY) AS n FROM t WHERE d > DATE_SUB(e, INTERVAL 7 DAY)",
    "SELECT ARRAY_TO_STRING(REGEXP_EXTRACT_ALL(s, r'[a-z0-9]+'), '') AS n FROM t",
    "SELECT NULLIF(REGEXP_EXTRACT(s, r'(x+)'), '') AS n FROM t",
    "SELECT s FROM t WHERE REGEXP_CONTAINS(s, r'^.*(a|b).*$')",
    'SELECT TO_HEX(MD5(x)) AS h FROM t',
    'SELECT IF(pts > 8, 1, 0) AS pts, COUNT(*) AS n FROM t GROUP BY 1',
    'SELECT COALESCE(pts, 0) AS pts FROM t',
    'SELECT EXTRACT(YEAR FROM d) AS y FROM t WHERE a IN (SELECT b FROM u)',
    'SELECT ARRAY(SELECT x FROM UNNEST(a) AS x ORDER BY x) AS b FROM t',
    'SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)',
    'WITH c AS (SELECT * FROM t) SELECT c.a FROM c',
    'SELECT AVG(x) OVER (PARTITION BY k ORDER BY d ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS m FROM t',
    "SELECT MAX(x) AS m, 'COUNTIF(0.5)' AS text_only FROM t -- COUNTIF(0.5) and CONCAT(a, b)",
    'SELECT t.min, t.date FROM t',
    'WITH `within` AS (SELECT 1 AS a) SELECT `within`.a AS `groups`, q.rows FROM `within` CROSS JOIN rows.set AS q',
    'SELECT CASE WHEN NOT TRUE IN (NULL, FALSE) THEN CAST(a AS STRING) ELSE IF(b, c, d) END AS x FROM t',
    'SELECT ARRAY_AGG(x ORDER BY d) AS l, ARRAY_AGG(y) OVER (PARTITION BY k ORDER BY d) AS m FROM t GROUP BY 1',
    'SELECT GREATEST(a, b) AS g, LOG(a) AS l, DATE_DIFF(d, e, DAY) AS n, SUM(LEAST(a, b)) AS s FROM t GROUP BY 1, 2, 3',
    'SELECT SAFE_DIVIDE(SUM(SAFE_DIVIDE(a, b)), COUNT(*)) AS r, LOGICAL_OR(a > b) AS o FROM t',
  ])('%s', async (text) => {
    expect(await lint(text)).toEqual([]);
  });
});

test('every finding of a statement is reported, in order of the text', async () => {
  expect(await lint('SELECT CONCAT(a, b), 0.5 AS x\nFROM (SELECT COUNTIF(c) AS n FROM t)')).toEqual(
    [
      'SQL_UNNAMED_COLUMN 1:8',
      'SQL_CONCAT 1:8',
      'SQL_DECIMAL_LITERAL 1:22',
      'SQL_UNALIASED_SUBQUERY 2:1',
      'SQL_COUNTIF 2:14',
    ],
  );
});

test('places stay right behind characters outside the basic plane', async () => {
  expect(await lint("SELECT '🏀🏀' AS ball, COUNTIF(x) AS n FROM t")).toEqual(['SQL_COUNTIF 1:24']);
});
