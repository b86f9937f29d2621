import { expect, test } from 'vitest';
import type { BigQueryServer } from '../cloud/bigquery/server.ts';
import { CallCount } from './calls.ts';
import { cloudFor, type Machine, machineWith } from './cloud.ts';
import { smallPipeline, type SmallOptions } from './small-pipeline.ts';

interface DryRun {
  readonly steps: readonly { readonly asset: string; readonly estimate_bytes: number | null }[];
  readonly estimate_bytes: number;
  readonly estimate_price: number;
  readonly steps_of_unknown_bytes: number;
}

interface Ran {
  readonly run_id: string;
  readonly assets: readonly { readonly name: string; readonly bytes_billed: number }[];
}

async function start(
  options: SmallOptions = {},
): Promise<{ readonly server: BigQueryServer; readonly machine: Machine }> {
  const server = await cloudFor();
  return { server, machine: machineWith(smallPipeline(options)) };
}

/** Jobs that ran: a dry run leaves none. */
const ranJobs = (count: CallCount): readonly string[] => count.jobs.map(({ jobId = '' }) => jobId);

test('a dry run before the first run says of how many steps the size is not known yet', async () => {
  const { server, machine } = await start();
  const plan = await machine.json<DryRun>('materialize --dry-run');
  expect(plan.steps.map(({ asset, estimate_bytes: bytes }) => [asset, bytes])).toEqual([
    ['games', null],
    ['daily', null],
    ['best_before', null],
    ['season_so_far', null],
    ['shares', null],
  ]);
  expect(plan).toMatchObject({ estimate_bytes: 0, estimate_price: 0, steps_of_unknown_bytes: 3 });
  const text = await machine.run('materialize --dry-run');
  expect(text).toMatchObject({ code: 0 });
  expect(text.out).toContain(
    'would read about 0 bytes (0.00 at price_per_tib), and what 3 steps read whose upstream tables are not there yet',
  );
  // Neither jobs nor tables.
  expect(
    server.calls.filter(({ path, status }) => !path.endsWith('/jobs') && status === 200),
  ).toEqual([]);
  expect(new CallCount(server).jobs).toEqual([]);
});

test('a dry run later knows what each SQL step would read, and what that costs', async () => {
  const { server, machine } = await start({ prod: 'price_per_tib: 1000000' });
  await machine.json('materialize');
  const count = new CallCount(server);
  const plan = await machine.json<DryRun>('materialize daily shares --force --dry-run');
  const bytes = new Map(plan.steps.map((step) => [step.asset, step.estimate_bytes]));
  expect(bytes.get('daily')).toBeGreaterThan(0);
  expect(bytes.get('shares')).toBeNull();
  expect(plan.estimate_bytes).toBe(bytes.get('daily'));
  expect(plan.steps_of_unknown_bytes).toBe(0);
  expect(plan.estimate_price).toBeCloseTo((plan.estimate_bytes / 2 ** 40) * 1_000_000, 5);
  const text = await machine.run('materialize daily --force --dry-run');
  expect(text.out).toMatch(/would read about \d+ bytes \(\d+\.\d\d at price_per_tib\)\n/);
  expect(ranJobs(count)).toEqual([]);
  const local = await machine.runOn('local', ['materialize', '--dry-run', '--json']);
  expect(local.out).not.toContain('estimate_bytes');
});

test.each([
  ['the target', { prod: 'max_bytes_billed: 1' }, ''],
  ['the asset', {}, 'description: One row per date.\n    max_bytes_billed: 1'],
])('max_bytes_billed of %s refuses a step before it runs', async (_, options, edit) => {
  const { server, machine } = await start();
  await machine.json('materialize');
  if ('prod' in options)
    machine.project.edit('pipeline.yaml', 'location: US', `location: US, ${options.prod}`);
  else machine.project.edit('pipeline.yaml', 'description: One row per date.', edit);
  const count = new CallCount(server);
  const outcome = await machine.run('materialize daily --force --json');
  expect(outcome).toMatchObject({ code: 1 });
  const { failures } = JSON.parse(outcome.out) as {
    readonly failures: readonly { readonly category: string; readonly message: string }[];
  };
  expect(failures).toHaveLength(4);
  expect(failures[0]?.category).toBe('TOO_EXPENSIVE');
  expect(failures[0]?.message).toMatch(
    /would read .* max_bytes_billed allows .* raise it for daily or the target, or ask for fewer partitions/,
  );
  expect(count.jobsFor('stage')).toEqual([]);
  expect(count.jobsFor('publish')).toEqual([]);
});

test('what was billed is recorded by step, and reported', async () => {
  const { machine } = await start();
  const ran = await machine.json<Ran>('materialize');
  const total = ran.assets.reduce((sum, asset) => sum + asset.bytes_billed, 0);
  for (const { name, bytes_billed: billed } of ran.assets) expect(billed, name).toBeGreaterThan(0);
  const shown = await machine.json<{
    readonly steps: readonly { readonly bytes_billed: number }[];
  }>(`runs show ${ran.run_id}`);
  expect(shown.steps).toHaveLength(5);
  expect(shown.steps.reduce((sum, step) => sum + step.bytes_billed, 0)).toBe(total);
  const again = await machine.run('materialize daily --force');
  expect(again.out).toMatch(/billed for \d+ MB\.\n$/);
  const local = await machine.runOn('local', ['materialize']);
  expect(local.out).not.toContain('billed');
});
