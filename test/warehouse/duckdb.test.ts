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
