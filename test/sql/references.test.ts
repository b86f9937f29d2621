import { expect, test } from 'vitest';
import { analyzeSql } from '../../engine/sql/analyze.ts';

async function relationsOf(text: string): Promise<readonly string[]> {
  const { relations } = await analyzeSql({ kind: 'select', text });
  return [...new Set(relations.map((relation) => relation.name))];
}

test.each([
  ['joins and commas', 'SELECT t.a FROM t JOIN u USING (a), v', ['t', 'u', 'v']],
  [
    'subqueries anywhere',
    'SELECT (SELECT MAX(a) FROM u) AS m FROM t WHERE a IN (SELECT a FROM v) QUALIFY EXISTS (SELECT 1 FROM w)',
    ['u', 't', 'v', 'w'],
  ],
  [
    'CTEs are not relations',
    'WITH c AS (SELECT a FROM t), d AS (SELECT a FROM c) SELECT a FROM d JOIN C USING (a)',
    ['t'],
  ],
  [
    'a CTE hides a relation only behind its definition',
    'WITH t AS (SELECT a FROM t) SELECT a FROM t',
    ['t'],
  ],
  [
    'an inner CTE hides a relation only inside',
    'WITH c AS (WITH u AS (SELECT a FROM t) SELECT a FROM u) SELECT c.a FROM c JOIN u USING (a)',
    ['t', 'u'],
  ],
  [
    'a recursive CTE reads itself',
    'WITH RECURSIVE r AS (SELECT a FROM t UNION ALL SELECT a + 1 FROM r WHERE a < 9) SELECT a FROM r',
    ['t'],
  ],
  [
    'set operations',
    'SELECT a FROM t UNION ALL (SELECT a FROM u EXCEPT DISTINCT SELECT a FROM v)',
    ['t', 'u', 'v'],
  ],
  [
    'ARRAY subqueries and joins in parentheses',
    'SELECT ARRAY(SELECT a FROM u) AS x FROM (t JOIN v USING (a))',
    ['u', 't', 'v'],
  ],
  [
    'unnested arrays are not relations',
    'SELECT e FROM t, UNNEST(t.list) AS e CROSS JOIN UNNEST(GENERATE_ARRAY(1, 3)) AS n',
    ['t'],
  ],
  ['aliases are not relations', 'SELECT b.a FROM t AS b JOIN u b2 ON b2.a = b.a', ['t', 'u']],
])('%s', async (_title, text, expected) => {
  expect(await relationsOf(text)).toEqual(expected);
});

test('a statement that selects period or period_start of partitions reads the period', async () => {
  const reads = async (text: string) => (await analyzeSql({ kind: 'select', text })).readsPeriod;
  expect(await reads('SELECT q.partition_date AS d FROM partitions AS q')).toBe(false);
  expect(await reads('SELECT q.period_start AS d FROM partitions AS q')).toBe(true);
  expect(await reads('SELECT period AS d FROM partitions')).toBe(true);
  expect(await reads('WITH p AS (SELECT * FROM partitions) SELECT p.period AS d FROM p')).toBe(
    true,
  );
  expect(await reads('SELECT s.period AS d FROM partitions AS q JOIN shots AS s ON TRUE')).toBe(
    false,
  );
  expect(await reads('SELECT s.period AS d FROM shots AS s')).toBe(false);
  const count = 'SELECT q.partition_date AS d, COUNT(*) AS n FROM partitions AS q GROUP BY 1';
  expect(await reads(count)).toBe(false);
  expect(await reads('SELECT s.* FROM partitions AS q JOIN shots AS s ON TRUE')).toBe(false);
  expect(await reads('SELECT q.* FROM partitions AS q')).toBe(true);
});
