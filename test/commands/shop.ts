import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';
import type { Effects, GlobalOptions } from '../../engine/commands/context.ts';
import { runInit } from '../../engine/commands/init.ts';

export const GLOBALS: GlobalOptions = {
  file: undefined,
  target: undefined,
  json: false,
  quiet: false,
  logLevel: 'silent',
  color: false,
};

export const NOW = Date.UTC(2024, 3, 2, 9);

/** Effects of a test: what was written is kept. */
export interface TestEffects extends Effects {
  readonly out: () => string;
  readonly err: () => string;
}

export function testEffects(cwd: string, changes: Partial<Effects> = {}): TestEffects {
  const out: string[] = [];
  const err: string[] = [];
  return {
    env: {},
    cwd,
    now: () => NOW,
    signal: new AbortController().signal,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    isTerminal: false,
    width: 100,
    ...changes,
    out: () => out.join(''),
    err: () => err.join(''),
  };
}

/** An empty folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The folder of a pipeline that `init` made, with nothing materialized. */
export async function newShop(): Promise<string> {
  const folder = temporaryFolder();
  await runInit({ ...GLOBALS, dir: '.' }, testEffects(folder));
  return folder;
}

/** Runs statements in the pipeline's warehouse file, as an earlier run would have. */
export async function fillWarehouse(folder: string, statements: readonly string[]): Promise<void> {
  mkdirSync(join(folder, '.fastbreak'), { recursive: true });
  const instance = await DuckDBInstance.create(join(folder, '.fastbreak/warehouse.duckdb'));
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.disconnectSync();
  instance.closeSync();
}

/** Tables of `orders` and `daily_revenue` with a few rows; `revenue_trend` was never materialized. */
export const SMALL_SHOP = [
  `CREATE SCHEMA shop_raw`,
  `CREATE SCHEMA shop_reports`,
  `CREATE TABLE shop_raw.orders (order_id BIGINT, order_date DATE, product VARCHAR, category VARCHAR,
     quantity BIGINT, unit_price DOUBLE, country VARCHAR, status VARCHAR)`,
  `INSERT INTO shop_raw.orders VALUES
     (3, '2024-03-02', 'lamp, "big"', 'office', 9007199254740993, 39.9, 'DE', 'completed'),
     (2, '2024-03-01', 'teapot', 'kitchen', 1, 34.5, NULL, 'completed'),
     (1, '2024-03-01', 'kettle', 'kitchen', 2, 49, 'FR', 'cancelled'),
     (4, '2024-03-04', '', 'office', 1, 4.95, 'NL', 'completed')`,
  `CREATE TABLE shop_reports.daily_revenue (order_date DATE, category VARCHAR, orders BIGINT,
     pieces BIGINT, revenue DOUBLE)`,
  `INSERT INTO shop_reports.daily_revenue VALUES ('2024-03-01', 'kitchen', 1, 1, 34.5)`,
];
