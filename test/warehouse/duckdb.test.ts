import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDuckdbWarehouse } from '../../engine/warehouse/duckdb.ts';
import type { Warehouse } from '../../engine/warehouse/warehouse.ts';
import { rowsOf, stageAndPublish, staging, TABLE, TWO_DAYS } from './orders.ts';

// What every warehouse does is in conformance-*.test.ts and values.test.ts.

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'warehouse.duckdb');
}

const open = (path: string): Promise<Warehouse> =>
  openDuckdbWarehouse({ path, memoryLimit: '200MB', threads: 1, readOnly: false });

async function stagedTables(warehouse: Warehouse): Promise<unknown> {
  const sql = `SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%staging%'`;
  return (await warehouse.query(sql, {})).rows;
}

test('what is discarded leaves no table, temporary or not', async () => {
  const warehouse = await open(temporaryFile());
  onTestFinished(() => warehouse.close());
  for (const replacesAll of [true, false]) {
    await warehouse.stage(staging(warehouse, TWO_DAYS, { replacesAll }), {});
    expect(await stagedTables(warehouse)).not.toEqual([]);
    await warehouse.discard(TABLE, 'step');
    expect(await stagedTables(warehouse)).toEqual([]);
  }
});

test('the next process finds no table of what was only staged', async () => {
  const path = temporaryFile();
  const first = await open(path);
  await stageAndPublish(first, staging(first, TWO_DAYS));
  const later = staging(first, [['2024-01-05', 5, 5]], { replacesAll: true });
  await first.stage(later, {});
  await first.close();
  const second = await open(path);
  onTestFinished(() => second.close());
  expect(await rowsOf(second)).toEqual(TWO_DAYS);
  expect(await stagedTables(second)).toEqual([]);
});

/** What a plain DuckDB makes of the file. */
async function plainly(path: string, ...statements: readonly string[]): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(path);
  try {
    const connection = await instance.connect();
    let rows: unknown[][] = [];
    for (const sql of statements) rows = (await connection.runAndReadAll(sql)).getRowsJson();
    connection.disconnectSync();
    return rows;
  } finally {
    instance.closeSync();
  }
}

const FORMAT = `SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal`;
const ROW_GROUPS = `SELECT count(DISTINCT row_group_id)::INTEGER FROM pragma_storage_info('made.games')`;

test('rows are kept in groups small enough for several threads, and any DuckDB reads and writes them', async () => {
  const path = temporaryFile();
  const warehouse = await open(path);
  await warehouse.execute('CREATE SCHEMA made', {});
  await warehouse.execute('CREATE TABLE made.games AS SELECT range AS n FROM range(100000)', {});
  await warehouse.close();
  expect(await plainly(path, ROW_GROUPS)).toEqual([[5]]);
  await plainly(path, 'INSERT INTO made.games VALUES (100000)');
  const again = await open(path);
  onTestFinished(() => again.close());
  expect((await again.query('SELECT count(*), sum(n) FROM made.games', {})).rows).toEqual([
    [100_001, 5_000_050_000],
  ]);
});

test('a file of an older format keeps its rows, is written to, and takes the newer format', async () => {
  const path = temporaryFile();
  const older = [
    'CREATE SCHEMA made',
    'CREATE TABLE made.games AS SELECT range AS n FROM range(9)',
  ];
  expect(await plainly(path, ...older, FORMAT)).toEqual([['v1.0.0+']]);
  const warehouse = await open(path);
  await warehouse.execute('INSERT INTO made.games VALUES (9)', {});
  await warehouse.execute('DELETE FROM made.games WHERE n = 0', {});
  await warehouse.close();
  expect(await plainly(path, FORMAT)).toEqual([['v1.3.0+']]);
  expect(await plainly(path, 'SELECT count(*)::INTEGER, sum(n)::INTEGER FROM made.games')).toEqual([
    [9, 45],
  ]);
});

test.each(['memory', 'warehouse', 'temp_rows'])(
  'a dataset may be called %s, whatever the databases of the session are called',
  async (dataset) => {
    const warehouse = await open(temporaryFile());
    onTestFinished(() => warehouse.close());
    const table = { ...TABLE, dataset };
    await warehouse.ensureTable(table);
    const sql = `SELECT count(*) FROM "${dataset}"."${TABLE.name}"`;
    expect((await warehouse.query(sql, {})).rows).toEqual([[0]]);
  },
);

test('what does not fit into memory goes beside the file', async () => {
  const path = temporaryFile();
  const warehouse = await open(path);
  onTestFinished(() => warehouse.close());
  const { rows } = await warehouse.query(`SELECT current_setting('temp_directory')`, {});
  expect(rows).toEqual([[`${path}.tmp`]]);
});
