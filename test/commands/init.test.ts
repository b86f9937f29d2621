import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { GlobalOptions } from '../../engine/commands/context.ts';
import { type InitOptions, runInit } from '../../engine/commands/init.ts';
import { runMaterialize } from '../../engine/commands/materialize.ts';
import { runQuery } from '../../engine/commands/query.ts';
import { GLOBALS, newShop, temporaryFolder, testEffects } from './shop.ts';

const FILES = [
  'pipeline.yaml',
  '.gitignore',
  'README.md',
  'assets/reports/daily_revenue.sql',
  'assets/reports/revenue_trend.sql',
  'data/orders.csv',
];

async function init(cwd: string, options: Partial<InitOptions & GlobalOptions> = {}) {
  const effects = testEffects(cwd);
  const code = await runInit({ ...GLOBALS, dir: '.', ...options }, effects);
  return { code, out: effects.out() };
}

interface Materialized {
  readonly status: string;
  readonly assets: readonly {
    readonly name: string;
    readonly materialized: number;
    readonly unchanged: number;
    readonly expected_empty: number;
    readonly failed: number;
  }[];
}

async function materialize(folder: string): Promise<Materialized> {
  const effects = testEffects(folder);
  const options = { selection: [], exclude: [], dryRun: false, force: false, failFast: false };
  const run = { ...GLOBALS, ...options, command: 'materialize', json: true } as const;
  await runMaterialize(run, effects);
  return JSON.parse(effects.out()) as Materialized;
}

function countsOf({ assets }: Materialized, name: string): readonly number[] {
  const asset = assets.find((each) => each.name === name);
  return asset ? [asset.materialized, asset.unchanged, asset.expected_empty, asset.failed] : [];
}

async function rowsOf(folder: string, sql: string): Promise<unknown> {
  const effects = testEffects(folder);
  await runQuery({ ...GLOBALS, sql, csv: false, json: true }, effects);
  return (JSON.parse(effects.out()) as { rows: unknown }).rows;
}

describe('fastbreak init', () => {
  test('makes a folder with a pipeline and says what comes next', async () => {
    const cwd = temporaryFolder();
    const { code, out } = await init(cwd, { dir: 'new/my shop' });
    expect(code).toBe(0);
    for (const file of FILES) {
      expect(readFileSync(join(cwd, 'new/my shop', file), 'utf8')).not.toBe('');
      expect(out).toContain(`  ${file}\n`);
    }
    expect(out).toContain("cd 'new/my shop'\n  npx fastbreak materialize\n");
  });

  test('reports as JSON', async () => {
    const cwd = temporaryFolder();
    const { out } = await init(cwd, { json: true });
    expect(JSON.parse(out)).toMatchObject({ dir: cwd, created: FILES, kept: [] });
  });

  test('keeps the README and .gitignore of a folder in use', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'README.md'), 'mine');
    const { code } = await init(cwd);
    expect(code).toBe(0);
    expect(readFileSync(join(cwd, 'README.md'), 'utf8')).toBe('mine');
  });

  test.each([
    ['has a pipeline', 'pipeline.yaml'],
    ['has a file in the way', 'data/orders.csv'],
  ])('touches nothing in a folder that %s', async (_name, file) => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'data'));
    writeFileSync(join(cwd, file), 'mine');
    const before = readdirSync(cwd, { recursive: true });
    await expect(init(cwd)).rejects.toMatchObject({ code: 'FOLDER_IN_USE', exitCode: 2 });
    expect(readdirSync(cwd, { recursive: true })).toEqual(before);
    expect(readFileSync(join(cwd, file), 'utf8')).toBe('mine');
  });

  test('refuses a file as its folder', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'shop'), 'mine');
    await expect(init(cwd, { dir: 'shop' })).rejects.toMatchObject({ exitCode: 2 });
    await expect(init(cwd, { dir: 'shop/inside' })).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('the pipeline that init makes', () => {
  test('materializes everything, with two days expected to be empty', async () => {
    const folder = await newShop();
    const result = await materialize(folder);
    expect(result.status).toBe('succeeded');
    expect(countsOf(result, 'orders')).toEqual([26, 0, 0, 0]);
    expect(countsOf(result, 'daily_revenue')).toEqual([25, 0, 1, 0]);
    expect(countsOf(result, 'revenue_trend')).toEqual([25, 0, 1, 0]);
  });

  test('has the revenue that its orders add up to', async () => {
    const folder = await newShop();
    await materialize(folder);
    const expected = `SELECT order_date, category, COUNT(*) AS n, SUM(quantity) AS q
      FROM orders WHERE status = 'completed' GROUP BY 1, 2 ORDER BY 1, 2`;
    const made = 'SELECT order_date, category, orders, pieces FROM daily_revenue ORDER BY 1, 2';
    expect(await rowsOf(folder, made)).toEqual(await rowsOf(folder, expected));
    expect(await rowsOf(folder, FIRST_TREND)).toEqual(await rowsOf(folder, FIRST_DAY));
  });

  test('makes only what a corrected order changes', async () => {
    const folder = await newShop();
    await materialize(folder);
    const file = join(folder, 'data/orders.csv');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/^(\d+,2024-03-20,.*,)\d+(,[\d.]+,\w+,completed)$/m, '$19$2'));
    const result = await materialize(folder);
    expect(countsOf(result, 'orders')).toEqual([1, 25, 0, 0]);
    expect(countsOf(result, 'daily_revenue').slice(0, 2)).toEqual([1, 0]);
    // The days from 2024-03-21 to 2024-03-27, of which one is a Sunday.
    expect(countsOf(result, 'revenue_trend').slice(0, 2)).toEqual([6, 0]);
  });

  test('fails the day without revenue when no rule expects that', async () => {
    const folder = await newShop();
    const file = join(folder, 'pipeline.yaml');
    const yaml = readFileSync(file, 'utf8');
    writeFileSync(file, yaml.replace(/ {4}expected_empty:\n.*\n.*every order.*\n/, ''));
    const result = await materialize(folder);
    expect(result.status).toBe('failed');
    expect(countsOf(result, 'daily_revenue')).toEqual([25, 0, 0, 1]);
  });

  test('declares every column with a type and a description', async () => {
    const yaml: unknown = parse(readFileSync(join(await newShop(), 'pipeline.yaml'), 'utf8'));
    const { columns, assets } = yaml as {
      columns: Record<string, object>;
      assets: Record<string, { columns: (string | Record<string, object>)[] }>;
    };
    for (const [name, asset] of Object.entries(assets)) {
      for (const column of asset.columns) {
        const definition = typeof column === 'string' ? columns[column] : Object.values(column)[0];
        expect(definition, `${name}: ${JSON.stringify(column)}`).toMatchObject({
          type: expect.any(String) as unknown,
          description: expect.any(String) as unknown,
        });
      }
    }
  });

  test('knows nothing of basketball', async () => {
    const folder = await newShop();
    const text = FILES.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
    expect(text).not.toMatch(/basketball|\bnba\b|player|season|game/i);
  });
});

const FIRST_TREND = `SELECT category, days, revenue_7d_avg, revenue_7d_max FROM revenue_trend
  WHERE trend_date = DATE '2024-03-02' ORDER BY 1`;
const FIRST_DAY = `SELECT category, 1 AS days, revenue AS a, revenue AS b FROM daily_revenue
  WHERE order_date = DATE '2024-03-01' ORDER BY 1`;
