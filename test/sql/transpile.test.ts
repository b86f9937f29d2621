import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadSqlParser, type SqlParser } from '../../engine/sql/parse.ts';
import { transpileToDuckdb } from '../../engine/sql/transpile.ts';

let parser: SqlParser;
let connection: DuckDBConnection;

beforeAll(async () => {
  parser = await loadSqlParser();
  connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run('CREATE TABLE t (i BIGINT, x DOUBLE, s VARCHAR, d DATE)');
  await connection.run(
    "INSERT INTO t VALUES (7, 2.5, 'a', '2024-01-31'), (20, 0.5, NULL, '2024-02-29'), (NULL, NULL, 'b', NULL)",
  );
});

async function rowsOf(googleSql: string): Promise<readonly unknown[]> {
  const transpiled = transpileToDuckdb(parser, googleSql);
  if (!transpiled.ok) throw new Error(transpiled.message);
  const reader = await connection.runAndReadAll(transpiled.sql);
  return reader.getRowsJson();
}

describe('GoogleSQL returns on DuckDB the rows that it returns on BigQuery', () => {
  test.each([
    ['decimal literals are floats', 'SELECT 0.1 + 0.2 = 0.3 AS b', [[false]]],
    ['a decimal literal without digits in front', 'SELECT .5 * 3 AS b', [[1.5]]],
    [
      'DIV of a compound argument',
      'SELECT DIV(i + 1, 2) AS d FROM t ORDER BY i',
      [[null], ['4'], ['10']],
    ],
    [
      'MOD as an operand',
      'SELECT 5 * MOD(i, 4) AS m FROM t WHERE i > 0 ORDER BY i',
      [['15'], ['0']],
    ],
    [
      'DIV and MOD in each other',
      'SELECT 100 / DIV(MOD(i, 100) + 20, 3) AS m FROM t WHERE i = 7',
      [[100 / 9]],
    ],
    ['COUNTIF over nothing is 0', 'SELECT COUNTIF(i > 100) AS n FROM t WHERE FALSE', [['0']]],
    ['COUNTIF ignores NULL', 'SELECT COUNTIF(i > 10) AS n FROM t', [['1']]],
    [
      'COUNTIF over a frame',
      'SELECT COUNTIF(i > 10) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS n FROM t ORDER BY i',
      [['0'], ['0'], ['0']],
    ],
    ['NULLs come first', 'SELECT i FROM t ORDER BY i', [[null], ['7'], ['20']]],
    ['SAFE_DIVIDE by zero', 'SELECT SAFE_DIVIDE(i, 0) AS q FROM t WHERE i = 7', [[null]]],
    [
      'text in literals stays as it is',
      "SELECT '0.5 DIV(a + 1, 2) COUNTIF(x)' AS s",
      [['0.5 DIV(a + 1, 2) COUNTIF(x)']],
    ],
  ])('%s', async (_title, googleSql, expected) => {
    expect(await rowsOf(googleSql)).toEqual(expected);
  });
});

test('a statement that cannot be transpiled says why', () => {
  expect(transpileToDuckdb(parser, 'SELECT a b c')).toMatchObject({ ok: false });
});
