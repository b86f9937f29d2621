import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCompile } from '../../engine/commands/compile.ts';
import { runInit } from '../../engine/commands/init.ts';
import { runMaterialize } from '../../engine/commands/materialize.ts';
import { runStale } from '../../engine/commands/stale.ts';
import { runStatus } from '../../engine/commands/status.ts';
import { runWhy } from '../../engine/commands/why.ts';
import { GLOBALS, newShop, temporaryFolder, testEffects } from './shop.ts';

const ALL = { selection: [], exclude: [] };

async function output(
  folder: string,
  run: (effects: ReturnType<typeof testEffects>) => Promise<number>,
): Promise<string> {
  const effects = testEffects(folder);
  expect(await run(effects)).toBe(0);
  return effects.out();
}

// Most tests only look at it; those that change it take a copy.
let ready: string;
beforeAll(async () => {
  ready = mkdtempSync(join(tmpdir(), 'fastbreak-status-'));
  await runInit({ ...GLOBALS, dir: '.' }, testEffects(ready));
  await materialize(ready, []);
});
afterAll(() => rmSync(ready, { recursive: true, force: true }));

function materialize(folder: string, selection: readonly string[]): Promise<string> {
  const run = { dryRun: false, force: false, failFast: false, command: 'materialize' } as const;
  return output(folder, (effects) =>
    runMaterialize({ ...GLOBALS, ...run, exclude: [], selection }, effects),
  );
}

function copyOfReady(): string {
  const folder = temporaryFolder();
  cpSync(ready, folder, { recursive: true });
  return folder;
}

/** One order of 2024-03-04 becomes another one; the source is read again, nothing else. */
async function changeOrders(folder: string): Promise<void> {
  const path = join(folder, 'data/orders.csv');
  const lines = readFileSync(path, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes('2024-03-04'));
  lines.splice(at, 0, (lines[at] ?? '').replace(/^\d+/, '999999'));
  writeFileSync(path, lines.join('\n'));
  await materialize(folder, ['orders']);
}

interface StatusDocument {
  readonly target: string;
  readonly assets: readonly Record<string, unknown>[];
}

test('status of a pipeline that never ran says where to begin', async () => {
  const text = await output(await newShop(), (effects) =>
    runStatus({ ...GLOBALS, ...ALL, grid: false }, effects),
  );
  expect(text).toContain('Calendar order_dates was not read yet: it comes from orders.');
  expect(text).toContain('Next: fastbreak materialize');
});

test('status --json has the shape that scripts rely on', async () => {
  const text = await output(ready, (effects) =>
    runStatus({ ...GLOBALS, ...ALL, json: true, grid: false }, effects),
  );
  const document = JSON.parse(text) as StatusDocument;
  expect(document.target).toBe('local');
  expect(document.assets[0]).toMatchObject({
    name: 'orders',
    group: 'raw',
    kind: 'source',
    stale: 0,
    missing: 0,
    failed: 0,
    blocked: 0,
    expected_empty: 0,
    running: 0,
    newest: '2024-03-30',
  });
  for (const asset of document.assets) {
    const { expected, current, expected_empty: empty } = asset as Record<string, number>;
    expect(expected).toBe((current ?? 0) + (empty ?? 0));
  }
});

test('status of one asset with --grid is its calendar', async () => {
  const options = { ...GLOBALS, exclude: [], selection: ['daily_revenue'], grid: true };
  const text = await output(ready, (effects) => runStatus(options, effects));
  expect(text).toContain('2024-03  .');
  expect(text).toContain('All well in local');
});

test('status --quiet is the verdict alone', async () => {
  const options = { ...GLOBALS, ...ALL, quiet: true, grid: false };
  const text = await output(ready, (effects) => runStatus(options, effects));
  expect(text).toMatch(/^All well in local: \d+ partitions current\.\n$/);
});

test('stale says so when nothing is stale', async () => {
  const text = await output(ready, (effects) => runStale({ ...GLOBALS, ...ALL }, effects));
  expect(text).toBe('Nothing is stale in local.\n');
});

test('after a change of one date the next asset is stale for it, and what reads that may change', async () => {
  const folder = copyOfReady();
  await changeOrders(folder);
  const text = await output(folder, (effects) => runStale({ ...GLOBALS, ...ALL }, effects));
  expect(text).toMatch(
    /^daily_revenue {2}1 stale\n {2}stale {4}2024-03-04\n {11}orders changed: 2024-03-04 \(/,
  );
  expect(text).toMatch(
    /\d+ current partitions may change when upstream is made\.\nTo mend it: fastbreak materialize\n$/,
  );
});

test('stale --json lists partitions with their causes', async () => {
  const folder = copyOfReady();
  await changeOrders(folder);
  const text = await output(folder, (effects) =>
    runStale({ ...GLOBALS, ...ALL, json: true }, effects),
  );
  expect(JSON.parse(text)).toMatchObject({
    target: 'local',
    partitions: [
      {
        asset: 'daily_revenue',
        partition: '2024-03-04',
        status: 'stale',
        causes: [{ kind: 'upstream_changed', upstream: 'orders', partitions: ['2024-03-04'] }],
      },
    ],
  });
});

test('why takes relative dates, and names the nearest asset for a typo', async () => {
  // The clock of the tests stands at 2024-04-02.
  const text = await output(ready, (effects) =>
    runWhy({ ...GLOBALS, asset: 'daily_revenue', date: '-3d' }, effects),
  );
  expect(text).toMatch(/^daily_revenue 2024-03-30 is current: /);
  const typo = runWhy({ ...GLOBALS, asset: 'daily_revenu', date: 'today' }, testEffects(ready));
  await expect(typo).rejects.toThrow('unknown asset "daily_revenu", did you mean "daily_revenue"?');
});

test('why wants a date for an asset with partitions', async () => {
  const answer = runWhy({ ...GLOBALS, asset: 'orders' }, testEffects(ready));
  await expect(answer).rejects.toMatchObject({
    message: 'expected a date: orders has partitions',
    hint: 'fastbreak why orders 2024-03-30',
  });
});

test('why answers for a Sunday that the calendar has no partition', async () => {
  const text = await output(ready, (effects) =>
    runWhy({ ...GLOBALS, asset: 'orders', date: '2024-03-17' }, effects),
  );
  expect(text).toContain('it is not a date of calendar order_dates (a day off)');
  expect(text).toContain('Its neighbours are 2024-03-16 and 2024-03-18.');
});

test('compile counts assets, kinds and edges without a warehouse', async () => {
  const text = await output(await newShop(), (effects) =>
    runCompile({ ...GLOBALS, ...ALL }, effects),
  );
  expect(text).toContain('web_shop is valid: 3 assets (1 source and 2 sql), 2 edges.');
});

test('compile --show sql prints the statement of each selected asset', async () => {
  const options = { ...GLOBALS, exclude: [], selection: ['daily_revenue'], show: 'sql' } as const;
  const text = await output(await newShop(), (effects) => runCompile(options, effects));
  expect(text).toMatch(/^-- daily_revenue for local \(duckdb\)/);
  expect(text.toUpperCase()).toContain('SELECT');
});

test('compile gives every error at once, as JSON too', async () => {
  const folder = await newShop();
  const path = join(folder, 'pipeline.yaml');
  const yaml = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    yaml.replace('group: raw\n', 'group: row\n').replace('group: reports\n', 'group: report\n'),
  );
  const broken = runCompile({ ...GLOBALS, ...ALL }, testEffects(folder));
  await expect(broken).rejects.toThrow(/row[^]*report/);
  const effects = testEffects(folder);
  expect(await runCompile({ ...GLOBALS, ...ALL, json: true }, effects)).toBe(2);
  const document = JSON.parse(effects.out()) as { valid: boolean; errors: unknown[] };
  expect(document.valid).toBe(false);
  expect(document.errors.length).toBeGreaterThanOrEqual(2);
});

test('a changed source file shows before anything is run, and a file that is gone is only a warning', async () => {
  const folder = copyOfReady();
  const file = join(folder, 'data/orders.csv');
  writeFileSync(file, readFileSync(file, 'utf8').replace('teapot', 'tea pot'));
  const changed = testEffects(folder);
  await runStale({ ...GLOBALS, ...ALL }, changed);
  expect(changed.out()).toMatch(/^orders +26 stale\n.*\n +the source files changed\n/);
  rmSync(file);
  const gone = testEffects(folder);
  expect(await runStatus({ ...GLOBALS, ...ALL, grid: false }, gone)).toBe(0);
  expect(gone.err()).toMatch(/^warning: the files of orders are not there now; /);
  expect(gone.out()).toMatch(/All well in local: 76 partitions current/);
});
