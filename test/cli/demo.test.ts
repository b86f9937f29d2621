import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliResult, Rig } from '../support/rig.ts';

const DATES = 30;
let made: Rig;
let created: CliResult;
let first: CliResult;

beforeAll(async () => {
  made = await Rig.create();
  created = await made.run('init', 'demo');
  first = await inDemo(made, 'materialize', '--json');
});
afterAll(() => made[Symbol.asyncDispose]());

/** Runs a command in the folder that `init` made, with the state where it is by default. */
function inDemo(rig: Rig, ...args: readonly string[]): Promise<CliResult> {
  const home = rig.path('demo', '.fastbreak');
  return rig.runWith({ cwd: rig.path('demo'), env: { FASTBREAK_HOME: home } }, ...args);
}

interface AssetCounts {
  readonly name: string;
  readonly materialized: number;
  readonly unchanged: number;
  readonly expected_empty: number;
  readonly failed: number;
}

/** Per asset, how many partitions a run computed: `materialized+unchanged`. */
function computed({ stdout }: CliResult): Record<string, string> {
  const { assets } = JSON.parse(stdout) as { readonly assets: readonly AssetCounts[] };
  return Object.fromEntries(
    assets.map(({ name, materialized, unchanged }) => [name, `${materialized}+${unchanged}`]),
  );
}

interface StalePartition {
  readonly asset: string;
  readonly partition: string;
  readonly status: string;
}

async function staleOf(rig: Rig): Promise<readonly StalePartition[]> {
  const { stdout } = await inDemo(rig, 'stale', '--json');
  const { partitions } = JSON.parse(stdout) as { readonly partitions: readonly StalePartition[] };
  return partitions;
}

test('init makes a pipeline that runs at once, and says how', () => {
  expect(created.code).toBe(0);
  expect(created.stdout).toContain('npx fastbreak materialize');
  expect(first.code).toBe(0);
  expect(existsSync(made.path('demo', 'pipeline.yaml'))).toBe(true);
});

test('after the first run everything is current and nothing is stale', async () => {
  const { stdout } = await inDemo(made, 'status', '--json');
  const { assets } = JSON.parse(stdout) as {
    readonly assets: readonly { name: string; expected: number; missing: number; stale: number }[];
  };
  expect(assets.map(({ name }) => name)).toEqual(['orders', 'daily_revenue', 'revenue_trend']);
  for (const { expected, missing, stale } of assets) {
    expect(expected).toBeGreaterThanOrEqual(DATES - 10);
    expect({ missing, stale }).toEqual({ missing: 0, stale: 0 });
  }
  expect(await staleOf(made)).toEqual([]);
});

test('why tells of the day on which every order was cancelled', async () => {
  const { code, stdout } = await inDemo(made, 'why', 'daily_revenue', '2024-03-13');
  expect(code).toBe(0);
  expect(stdout).toContain('every order of the day was cancelled');
});

test('query and export give the same rows', async () => {
  const sql = 'SELECT order_date, category, revenue FROM daily_revenue ORDER BY 1, 2';
  const query = await inDemo(made, 'query', sql, '--csv');
  expect(query.code).toBe(0);
  const out = made.path('revenue.csv');
  expect(await inDemo(made, 'export', 'daily_revenue', '--out', out)).toMatchObject({ code: 0 });
  const exported = (await made.read('revenue.csv')).trim().split('\n');
  expect(exported).toHaveLength(query.stdout.trim().split('\n').length);
  expect(exported[0]).toContain('order_date');
});

test('an edited comment runs nothing, an edited rule runs the asset and what its rows change', async () => {
  await using rig = await made.copy();
  const sql = 'demo/assets/reports/daily_revenue.sql';
  await rig.edit(sql, '-- GoogleSQL.', '-- Standard SQL.');
  expect(computed(await inDemo(rig, 'materialize', '--json'))).toEqual({
    orders: '0+0',
    daily_revenue: '0+0',
    revenue_trend: '0+0',
  });
  await rig.edit(sql, "o.status = 'completed'", "o.status = 'completed' AND o.quantity > 0");
  const stale = await staleOf(rig);
  expect(new Set(stale.map(({ asset }) => asset))).toEqual(new Set(['daily_revenue']));
  const { daily_revenue: daily, ...others } = computed(await inDemo(rig, 'materialize', '--json'));
  // Every order has a quantity: the rows came out the same, so nothing downstream ran.
  expect(daily).toMatch(/^0\+\d+$/);
  expect(others).toEqual({ orders: '0+0', revenue_trend: '0+0' });
});

test('an edited row of the CSV runs its date, and the dates whose week holds it', async () => {
  await using rig = await made.copy();
  await rig.edit(
    'demo/data/orders.csv',
    '1002,2024-03-01,desk lamp,office,1,39.90',
    '1002,2024-03-01,desk lamp,office,2,39.90',
  );
  const run = await inDemo(rig, 'materialize', '--json');
  expect(run.code).toBe(0);
  const counts = computed(run);
  expect(counts['orders']).toMatch(/^1\+/);
  expect(counts['daily_revenue']).toBe('1+0');
  const { rows } = JSON.parse(
    (
      await inDemo(
        rig,
        'query',
        "SELECT COUNT(DISTINCT trend_date) AS n FROM revenue_trend WHERE trend_date BETWEEN '2024-03-02' AND '2024-03-08'",
        '--json',
      )
    ).stdout,
  ) as { readonly rows: readonly (readonly number[])[] };
  expect(counts['revenue_trend']).toBe(`${rows[0]?.[0]}+0`);
  const again = await inDemo(rig, 'materialize');
  expect(again.stdout).toContain('Nothing to do');
});

test('init does not write over a pipeline', async () => {
  const before = await made.read('demo/pipeline.yaml');
  const { code, stderr } = await made.run('init', 'demo');
  expect(code).toBe(2);
  expect(stderr).toContain('there is a pipeline in');
  expect(stderr).toContain('nothing was changed');
  expect(await made.read('demo/pipeline.yaml')).toBe(before);
});
