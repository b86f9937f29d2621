import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Effects, GlobalOptions } from '../../engine/commands/context.ts';
import { type QueryOptions, runQuery } from '../../engine/commands/query.ts';
import { fillWarehouse, GLOBALS, newShop, SMALL_SHOP, testEffects } from './shop.ts';

async function smallShop(): Promise<string> {
  const folder = await newShop();
  await fillWarehouse(folder, SMALL_SHOP);
  return folder;
}

async function query(
  folder: string,
  sql: string,
  options: Partial<QueryOptions & GlobalOptions> = {},
  changes: Partial<Effects> = {},
) {
  const effects = testEffects(folder, changes);
  const code = await runQuery({ ...GLOBALS, sql, csv: false, ...options }, effects);
  return { code, out: effects.out(), err: effects.err() };
}

async function rowsOf(folder: string, sql: string): Promise<unknown> {
  const { out } = await query(folder, sql, { json: true });
  return (JSON.parse(out) as { rows: unknown }).rows;
}

describe('fastbreak query', () => {
  test('prints a table with asset names as tables, and counts the rows beside it', async () => {
    const { code, out, err } = await query(
      await smallShop(),
      'SELECT order_id, product FROM orders ORDER BY order_id DESC LIMIT 2',
    );
    expect(code).toBe(0);
    expect(out).toBe(
      ['order_id  product', '────────  ───────────', '       4', '       3  lamp, "big"', ''].join(
        '\n',
      ),
    );
    expect(err).toMatch(/^2 rows in /);
  });

  test('has typed columns, dates as text and large integers as text in JSON', async () => {
    const sql = `SELECT order_date, quantity, unit_price, country, order_id > 2 AS late, [1, 2] AS list
      FROM orders WHERE order_id IN (2, 3) ORDER BY order_id`;
    const { out } = await query(await smallShop(), sql, { json: true });
    expect(JSON.parse(out)).toEqual({
      columns: [
        { name: 'order_date', type: 'DATE' },
        { name: 'quantity', type: 'INT64' },
        { name: 'unit_price', type: 'FLOAT64' },
        { name: 'country', type: 'STRING' },
        { name: 'late', type: 'BOOL' },
        { name: 'list', type: 'ARRAY<INT64>' },
      ],
      rows: [
        ['2024-03-01', 1, 34.5, null, false, [1, 2]],
        ['2024-03-02', '9007199254740993', 39.9, 'DE', true, [1, 2]],
      ],
    });
  });

  test('writes CSV', async () => {
    const sql = 'SELECT product, country FROM orders WHERE order_id > 1 ORDER BY order_id';
    const { out } = await query(await smallShop(), sql, { csv: true });
    expect(out).toBe('product,country\nteapot,\n"lamp, ""big""",DE\n"",NL\n');
  });

  test('refuses JSON and CSV at once', async () => {
    const failing = query(await smallShop(), 'SELECT 1', { csv: true, json: true });
    await expect(failing).rejects.toMatchObject({ exitCode: 2 });
  });

  test('stops at the limit and says that there is more', async () => {
    const folder = await smallShop();
    const { out, err } = await query(folder, 'SELECT order_id FROM orders ORDER BY 1', {
      limit: 2,
    });
    expect(out.trimEnd().split('\n').slice(2)).toEqual(['       1', '       2']);
    expect(err).toContain('the first 2 rows, there are more');
    const all = await query(folder, 'SELECT order_id FROM orders', { limit: 4 });
    expect(all.err).toMatch(/^4 rows in/);
  });

  test.each([
    ['SELECT SUM(o.quantity * 0 + 1) AS n FROM orders AS o', [[4]]],
    ['SELECT orders.order_id FROM orders WHERE orders.order_id = 1', [[1]]],
    [
      'WITH orders AS (SELECT * FROM orders WHERE order_id = 1) SELECT COUNT(*) AS n FROM orders',
      [[1]],
    ],
    [
      'SELECT o.order_id FROM shop_raw.orders AS o JOIN daily_revenue AS d USING (order_date) ORDER BY 1',
      [[1], [2]],
    ],
    ['SELECT (SELECT MAX(order_id) FROM orders) AS n', [[4]]],
    ['SELECT MAX(SAFE_DIVIDE(1, 0)) AS a, COUNTIF(TRUE) AS b FROM orders WHERE FALSE', [[null, 0]]],
    ['SELECT x FROM UNNEST([3, 1, 2]) AS x ORDER BY x', [[1], [2], [3]]],
    ['SELECT 1 AS a, 2 AS a', [[1, 2]]],
    ["SELECT '😀' AS a, order_id FROM orders WHERE order_id = 1;", [['😀', 1]]],
  ])('understands %s', async (sql, rows) => {
    expect(await rowsOf(await smallShop(), sql)).toEqual(rows);
  });

  test('warns where DuckDB would answer otherwise than BigQuery, and of nothing else', async () => {
    const folder = await smallShop();
    const sql = 'SELECT order_id FROM (SELECT order_id FROM orders) UNION ALL SELECT 1 AS order_id';
    expect((await query(folder, sql)).err).toContain('warning: ');
    expect((await query(folder, 'SELECT *, COUNTIF(TRUE) OVER () FROM orders')).err).toMatch(
      /^4 rows/,
    );
    expect((await query(folder, sql, { quiet: true })).err).toBe('');
  });

  test('calls the functions of the project', async () => {
    const folder = await smallShop();
    const file = join(folder, 'pipeline.yaml');
    const functions = `functions:
  twice: { description: Two times, arguments: { x: INT64 }, sql: x + x }
  four_times: { description: Four times, arguments: { x: INT64 }, sql: twice(twice(x)) }
`;
    writeFileSync(file, readFileSync(file, 'utf8').replace('assets:\n', `${functions}\nassets:\n`));
    expect(await rowsOf(folder, 'SELECT Four_Times(order_id) AS n FROM orders ORDER BY 1')).toEqual(
      [[4], [8], [12], [16]],
    );
  });

  test('reads a union as one table whatever the order of its members’ columns', async () => {
    const folder = await smallShop();
    const member = (name: string) => `  ${name}:
    group: reports
    description: Part of the orders.
    source: { path: ${name}.csv }
    key: [order_id]
    tags: [part]
    columns: [order_id: { type: INT64, description: Order }, order_date]
`;
    const file = join(folder, 'pipeline.yaml');
    const yaml = readFileSync(file, 'utf8').replace(
      'assets:\n',
      'unions:\n  parts: { tag: part }\n\nassets:\n',
    );
    writeFileSync(file, `${yaml}\n${member('north')}${member('south')}`);
    await fillWarehouse(folder, [
      "CREATE TABLE shop_reports.north AS SELECT 7::BIGINT AS order_id, DATE '2024-03-01' AS order_date",
      "CREATE TABLE shop_reports.south AS SELECT DATE '2024-03-02' AS order_date, 8::BIGINT AS order_id",
    ]);
    expect(await rowsOf(folder, 'SELECT * FROM parts ORDER BY order_id')).toEqual([
      [7, '2024-03-01'],
      [8, '2024-03-02'],
    ]);
  });

  test('reads a union of all columns, with NULL for what a member does not have', async () => {
    const folder = await smallShop();
    const member = (name: string, column: string) => `  ${name}:
    group: reports
    description: Part of the orders.
    source: { path: ${name}.csv }
    key: [order_id]
    tags: [${name}]
    columns: [order_id: { type: INT64, description: Order }, order_date, ${column}]
`;
    const file = join(folder, 'pipeline.yaml');
    const yaml = readFileSync(file, 'utf8').replace(
      'assets:\n',
      'unions:\n  parts: { tags: [south, north], columns: all }\n\nassets:\n',
    );
    const north = member('north', 'marks: { type: ARRAY<STRING>, description: Marks }');
    const south = member('south', 'weight: { type: FLOAT64, round: 1, description: Weight }');
    writeFileSync(file, `${yaml}\n${north}${south}`);
    await fillWarehouse(folder, [
      "CREATE TABLE shop_reports.north AS SELECT 7::BIGINT AS order_id, DATE '2024-03-01' AS order_date, ['a'] AS marks",
      "CREATE TABLE shop_reports.south AS SELECT 1.5 AS weight, DATE '2024-03-02' AS order_date, 8::BIGINT AS order_id",
    ]);
    const sql = 'SELECT order_id, ARRAY_LENGTH(marks) AS n, weight FROM parts ORDER BY order_id';
    expect(await rowsOf(folder, sql)).toEqual([
      [7, 1, null],
      [8, null, 1.5],
    ]);
  });
});

describe('fastbreak query refuses', () => {
  test.each([
    'INSERT INTO orders SELECT 1',
    'UPDATE orders SET quantity = 1 WHERE TRUE',
    'DELETE FROM orders WHERE TRUE',
    'MERGE orders USING daily_revenue ON TRUE WHEN MATCHED THEN DELETE',
    'DROP TABLE orders',
    'CREATE TABLE x AS SELECT 1 AS a',
    'TRUNCATE TABLE orders',
    "COPY orders TO 'x.csv'",
    'PRAGMA database_list',
    "ATTACH 'x.duckdb'",
    'SET threads = 1',
    'INSTALL httpfs',
    'CALL pragma_version()',
    'EXPLAIN SELECT 1',
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP TABLE orders',
    'WITH a AS (DELETE FROM orders) SELECT 1',
    'SELECT * FROM orders, (DELETE FROM orders)',
    'SELECT * INTO x FROM orders',
    "SELECT * FROM read_csv('data/orders.csv')",
    "SELECT * FROM read_text('/etc/passwd') AS t",
    "SELECT * FROM orders WHERE product IN (SELECT file FROM glob('*'))",
    "SELECT * FROM orders, LATERAL read_csv('x')",
    "SELECT * FROM 'data/orders.csv'",
    'SELECT * FROM `data/orders.csv`',
    'SELECT * FROM information_schema.tables',
    'SELECT * FROM duckdb_settings()',
    "SELECT current_setting('temp_directory')",
    'SELECT @name',
    'SELECT ?',
    'SELEC 1',
    '',
  ])('%s', async (sql) => {
    const folder = await smallShop();
    await expect(query(folder, sql)).rejects.toMatchObject({ name: 'PipelineError', exitCode: 2 });
    expect(await rowsOf(folder, 'SELECT COUNT(*) AS n FROM orders')).toEqual([[4]]);
  });

  test('shows the place of a mistake', async () => {
    const failing = query(await smallShop(), 'SELECT *\nFROM ordrs AS o');
    await expect(failing).rejects.toMatchObject({
      code: 'UNKNOWN_ASSET',
      message:
        'unknown asset "ordrs", did you mean "orders"?\n  2 | FROM ordrs AS o\n           ^^^^^',
    });
  });

  test('says what an unknown column could be', async () => {
    const failing = query(await smallShop(), 'SELECT quantiti FROM orders');
    await expect(failing).rejects.toMatchObject({ exitCode: 2 });
    await expect(failing).rejects.toThrow(/quantiti.*quantity/s);
  });
});

describe('fastbreak query explains', () => {
  test('which asset was never materialized, and the command that mends it', async () => {
    const sql = 'SELECT * FROM revenue_trend JOIN orders ON TRUE';
    await expect(query(await smallShop(), sql)).rejects.toMatchObject({
      message: 'revenue_trend was never materialized in target local',
      hint: 'fastbreak materialize +revenue_trend',
      exitCode: 1,
    });
  });

  test('that nothing was materialized at all', async () => {
    await expect(query(await newShop(), 'SELECT * FROM orders')).rejects.toMatchObject({
      message: expect.stringContaining('materialized') as unknown,
      hint: expect.stringContaining('fastbreak materialize') as unknown,
    });
  });

  test('that another process is writing, with exit code 3', async () => {
    const folder = await smallShop();
    await holdWarehouse(join(folder, '.fastbreak/warehouse.duckdb'));
    await expect(query(folder, 'SELECT 1 AS a')).rejects.toMatchObject({
      code: 'WAREHOUSE_LOCKED',
      exitCode: 3,
    });
  });

  test('a value that cannot be computed', async () => {
    const failing = query(await smallShop(), 'SELECT CAST(product AS INT64) AS n FROM orders');
    await expect(failing).rejects.toMatchObject({ code: 'DATA_ERROR', exitCode: 1 });
  });
});

/** Another process with the file open for writing, until the test is over. */
async function holdWarehouse(path: string): Promise<void> {
  const script = `
    import { DuckDBInstance } from '@duckdb/node-api';
    await DuckDBInstance.create(process.argv[1]);
    console.log('held');
    setInterval(() => {}, 1000);
  `;
  const child: ChildProcess = spawn(
    process.execPath,
    ['--input-type=module', '--eval', script, path],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', () => reject(new Error('the other process ended')));
  });
}
