import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import type { Effects, GlobalOptions } from '../../engine/commands/context.ts';
import { type ExportOptions, runExport } from '../../engine/commands/export.ts';
import { fillWarehouse, GLOBALS, newShop, SMALL_SHOP, testEffects } from './shop.ts';

async function smallShop(): Promise<string> {
  const folder = await newShop();
  await fillWarehouse(folder, SMALL_SHOP);
  return folder;
}

async function exportRows(
  folder: string,
  options: Partial<ExportOptions & GlobalOptions> = {},
  changes: Partial<Effects> = {},
) {
  const effects = testEffects(folder, changes);
  const own = { asset: 'orders', format: 'csv', out: 'orders.csv' } as const;
  const code = await runExport({ ...GLOBALS, ...own, ...options }, effects);
  return { code, out: effects.out(), err: effects.err() };
}

const HEAD = 'order_id,order_date,product,category,quantity,unit_price,country,status';
const FIRST = '1,2024-03-01,kettle,kitchen,2,49.0,FR,cancelled';
const SECOND = '2,2024-03-01,teapot,kitchen,1,34.5,,completed';
const THIRD = '3,2024-03-02,"lamp, ""big""",office,9007199254740993,39.9,DE,completed';
const FOURTH = '4,2024-03-04,"",office,1,4.95,NL,completed';

describe('fastbreak export', () => {
  test('writes all rows by partition and key, and says how much that is', async () => {
    const folder = await smallShop();
    const { code, out } = await exportRows(folder);
    expect(code).toBe(0);
    const text = readFileSync(join(folder, 'orders.csv'), 'utf8');
    expect(text.trimEnd().split('\n')).toEqual([HEAD, FIRST, SECOND, THIRD, FOURTH]);
    expect(out).toBe(
      `orders: 4 rows, 3 partitions (2024-03-01..2024-03-04), ${text.length} bytes in ${join(folder, 'orders.csv')}\n`,
    );
    expect(leftovers(folder)).toEqual([]);
  });

  test.each([
    ['2024-03-02', [THIRD]],
    ['2024-03-02..', [THIRD, FOURTH]],
    ['2024-03-01,2024-03-04', [FIRST, SECOND, FOURTH]],
  ])('writes only the partitions %s', async (partitions, rows) => {
    const folder = await smallShop();
    await exportRows(folder, { partitions });
    const text = readFileSync(join(folder, 'orders.csv'), 'utf8');
    expect(text.trimEnd().split('\n')).toEqual([HEAD, ...rows]);
  });

  test('writes JSON with one row per line', async () => {
    const folder = await smallShop();
    await exportRows(folder, { format: 'json', out: 'orders.json', partitions: '2024-03-02' });
    const text = readFileSync(join(folder, 'orders.json'), 'utf8');
    expect(text).toContain('"quantity":9007199254740993');
    expect(JSON.parse(text)).toMatchObject({ order_date: '2024-03-02', product: 'lamp, "big"' });
  });

  test('writes Parquet that holds the same rows and types', async () => {
    const folder = await smallShop();
    await exportRows(folder, { format: 'parquet', out: 'orders.parquet' });
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const reader = await connection.runAndReadAll(
      `SELECT order_id, order_date, quantity FROM read_parquet('${join(folder, 'orders.parquet')}')`,
    );
    expect(reader.columnTypes().map(String)).toEqual(['BIGINT', 'DATE', 'BIGINT']);
    expect(reader.getRowsJson()).toEqual([
      ['1', '2024-03-01', '2'],
      ['2', '2024-03-01', '1'],
      ['3', '2024-03-02', '9007199254740993'],
      ['4', '2024-03-04', '1'],
    ]);
  });

  test.each(['csv', 'json', 'parquet'] as const)(
    'writes the same bytes of %s again, however the rows lie in the table',
    async (format) => {
      const folder = await smallShop();
      await exportRows(folder, { format, out: 'a' });
      await fillWarehouse(folder, [
        'CREATE TABLE shop_raw.other AS SELECT * FROM shop_raw.orders ORDER BY product',
        'DELETE FROM shop_raw.orders',
        'INSERT INTO shop_raw.orders SELECT * FROM shop_raw.other ORDER BY product',
      ]);
      await exportRows(folder, { format, out: 'b' });
      expect(readFileSync(join(folder, 'b')).equals(readFileSync(join(folder, 'a')))).toBe(true);
    },
  );

  test('reports as JSON', async () => {
    const folder = await smallShop();
    const { out } = await exportRows(folder, { json: true, partitions: '..2024-03-02' });
    expect(JSON.parse(out)).toEqual({
      target: 'local',
      asset: 'orders',
      out: join(folder, 'orders.csv'),
      format: 'csv',
      partitions: { from: '2024-03-01', to: '2024-03-02', count: 2 },
      rows: 3,
      bytes: readFileSync(join(folder, 'orders.csv')).length,
    });
  });

  test('replaces an existing file', async () => {
    const folder = await smallShop();
    writeFileSync(join(folder, 'orders.csv'), 'old');
    await exportRows(folder, { partitions: '2024-03-02' });
    expect(readFileSync(join(folder, 'orders.csv'), 'utf8')).toBe(`${HEAD}\n${THIRD}\n`);
  });
});

describe('fastbreak export leaves an existing file as it was', () => {
  test.each([
    ['for an unknown asset', { asset: 'order' }, 'UNKNOWN_ASSET', 2],
    ['for an asset never materialized', { asset: 'revenue_trend' }, 'NOT_MATERIALIZED', 1],
    ['for partitions without rows', { partitions: '2024-03-03' }, 'EMPTY_RANGE', 1],
    ['for a date that does not exist', { partitions: '2024-02-30' }, 'INVALID_DATE', 2],
  ])('%s', async (_name, options, code, exitCode) => {
    const folder = await smallShop();
    writeFileSync(join(folder, 'orders.csv'), 'old');
    await expect(exportRows(folder, options)).rejects.toMatchObject({ code, exitCode });
    expect(readFileSync(join(folder, 'orders.csv'), 'utf8')).toBe('old');
    expect(leftovers(folder)).toEqual([]);
  });

  test('when the rows cannot be written to the end', async () => {
    const folder = await smallShop();
    await fillWarehouse(folder, ['ALTER TABLE shop_raw.orders DROP COLUMN country']);
    writeFileSync(join(folder, 'orders.csv'), 'old');
    await expect(exportRows(folder)).rejects.toMatchObject({ name: 'PipelineError', exitCode: 1 });
    expect(readFileSync(join(folder, 'orders.csv'), 'utf8')).toBe('old');
    expect(leftovers(folder)).toEqual([]);
  });

  test('when it is interrupted', async () => {
    const folder = await smallShop();
    writeFileSync(join(folder, 'orders.csv'), 'old');
    const signal = AbortSignal.abort();
    await expect(exportRows(folder, {}, { signal })).rejects.toMatchObject({ exitCode: 130 });
    expect(readFileSync(join(folder, 'orders.csv'), 'utf8')).toBe('old');
  });
});

describe('fastbreak export says what is wrong with the path', () => {
  test('when its folder is not there', async () => {
    const failing = exportRows(await smallShop(), { out: 'no/orders.csv' });
    await expect(failing).rejects.toMatchObject({
      code: 'OUTPUT_UNWRITABLE',
      message: expect.stringContaining('there is no folder') as unknown,
      hint: expect.stringContaining('mkdir -p') as unknown,
      exitCode: 2,
    });
  });

  test('when it is a folder', async () => {
    const folder = await smallShop();
    await expect(exportRows(folder, { out: 'data' })).rejects.toThrow('it is a folder');
  });

  test.skipIf(process.getuid?.() === 0)('when its folder is not writable', async () => {
    const folder = await smallShop();
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0o500);
    await expect(exportRows(folder, { out: 'closed/orders.csv' })).rejects.toThrow('not writable');
  });

  test('when nothing was materialized yet', async () => {
    await expect(exportRows(await newShop())).rejects.toMatchObject({
      code: 'NOT_MATERIALIZED',
      hint: 'fastbreak materialize',
    });
  });
});

function leftovers(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.includes('.tmp'));
}
