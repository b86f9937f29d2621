import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BigQueryServer } from '../cloud/bigquery/server.ts';
import { Flagship } from '../nba/flagship.ts';
import { referenceData } from '../support/data.ts';
import { CallCount } from './calls.ts';
import { equalOn } from './both-targets.ts';
import { cloudFor, Machine } from './cloud.ts';
import { type Compared, expectSameRows } from './same-rows.ts';

/** The flagship pipeline on one machine, with a loopback target. */
interface Both {
  readonly flagship: Flagship;
  readonly machine: Machine;
  readonly server: BigQueryServer;
}

async function both(flagship: Flagship): Promise<Both> {
  onTestFinished(() => flagship[Symbol.dispose]());
  const server = await cloudFor();
  flagship.env['GCP_PROJECT'] = server.project;
  return { flagship, server, machine: new Machine(flagship) };
}

interface Counts {
  readonly name: string;
}

/** The run on the target from nothing: the calls that it took are printed and bounded. */
async function cloudRun({ machine, server }: Both, title: string): Promise<CallCount> {
  const count = new CallCount(server);
  const run = await machine.json<{ readonly assets: readonly Counts[] }>('materialize');
  const steps = count.byPurpose()['stage'] ?? 0;
  const [calls, jobs] = [count.all.length, count.jobs.length];
  console.log(
    `${title}: ${run.assets.length} assets, ${steps} steps, ${jobs} jobs, ${calls} calls (${(calls / steps).toFixed(1)} a step)`,
  );
  return count;
}

async function expectFewJobs(count: CallCount, { flagship }: Both): Promise<void> {
  const by = count.byPurpose();
  const { pipeline } = await flagship.open();
  const modules = pipeline.assets.filter(({ kind }) => kind === 'module');
  const steps = by['stage'] ?? 0;
  expect(by['publish'] ?? 0).toBeLessThanOrEqual(steps);
  // Loads, and the calendar, the ledger and the lease of a run; checks and rules with SQL of their own.
  const once = ['lease', 'release', 'ledger', 'definitions', 'calendars', 'calendar', 'query'];
  const own = ['expected', 'check', 'sample', 'count', 'failures', 'load', 'read'];
  expect(by['failures'] ?? 0).toBeLessThanOrEqual(steps);
  const other = Object.entries(by).filter(
    ([name]) => ![...once, ...own, 'stage', 'publish'].includes(name),
  );
  expect(other).toEqual([]);
  for (const name of once) expect(by[name] ?? 0, name).toBeLessThanOrEqual(1);
  // Files, and what modules made; those that train read features once more for each of their models.
  expect(by['load'] ?? 0).toBeLessThanOrEqual(9 + modules.length);
  const upstreams = modules.reduce((sum, { upstream }) => sum + upstream.length, 0);
  expect(by['read'] ?? 0).toBeGreaterThan(0);
  expect(by['read'] ?? 0).toBeLessThanOrEqual(2 * upstreams);
  // Sending, waiting, costs; a look at a dataset, a table and the making of it.
  expect(count.all.length).toBeLessThanOrEqual(count.jobs.length * 4 + steps * 3 + 20);
}

function printCompared(title: string, { tables, rows }: Compared): void {
  console.log(
    `${title}: ${rows.toLocaleString('en')} rows of ${tables} tables are equal in both warehouses`,
  );
}

const sample = referenceData();

describe.runIf(sample !== undefined)('the sample of the reference games', () => {
  test('gives equal rows through both targets', async () => {
    const flagship = Flagship.create();
    cpSync(join(sample ?? '', 'sample'), flagship.data, { recursive: true });
    const pair = await both(flagship);
    expect((await pair.machine.runOn('local', ['materialize'])).code).toBe(0);
    await expectFewJobs(await cloudRun(pair, 'sample'), pair);
    const file = join(pair.machine.home, 'warehouse.duckdb');
    printCompared('sample', await expectSameRows(pair.server, file));
  }, 180_000);
});

describe('a simulated season through both targets', () => {
  test('gives equal rows, and a changed value changes the same partitions', async () => {
    const season = { seasons: 1, teams: 6, gamesPerTeam: 20 };
    const pair = await both(await Flagship.simulated(season));
    const { machine, server, flagship } = pair;
    // A season so short is to have rows enough for models.
    const pipeline = flagship.read('pipeline.yaml');
    flagship.write('pipeline.yaml', pipeline.replaceAll('min_rows: 1500', 'min_rows: 400'));
    const file = join(machine.home, 'warehouse.duckdb');
    expect((await machine.runOn('local', ['materialize'])).code).toBe(0);
    await expectFewJobs(await cloudRun(pair, 'simulated season'), pair);
    printCompared('simulated season', await expectSameRows(server, file));
    const trained = 'SELECT COUNT(model) AS models FROM points_model';
    expect(await equalOn(machine, ['query', trained])).not.toMatchObject({ rows: [[0]] });

    const quiet = new CallCount(server);
    await equalOn(machine, 'materialize');
    expect(quiet.byPurpose()).toEqual({ lease: 1, release: 1 });
    console.log(`nothing to do: ${quiet.jobs.length} jobs, ${quiet.all.length} calls`);
    expect(quiet.all.length).toBeLessThanOrEqual(15);

    const sql =
      'SELECT system_id, COUNT(*) AS n, ROUND(AVG(predicted_points), 6) AS p FROM player_prop_predictions GROUP BY system_id ORDER BY system_id';
    expect(await equalOn(machine, ['query', sql])).not.toMatchObject({ rows: [] });
    await equalOn(machine, 'verify --sample 4 --seed 5');

    // One more turnover of one player: his date, and what looks back at it.
    await flagship.rewrite({
      player_box: `SELECT * EXCLUDE (row_number) REPLACE (tov + IF(row_number = 900, 1, 0) AS tov) FROM (SELECT *, ROW_NUMBER() OVER () AS row_number FROM f) ORDER BY row_number`,
    });
    expect(await equalOn(machine, 'stale')).not.toMatchObject({ partitions: [] });
    await equalOn(machine, 'materialize');
    printCompared('after a changed turnover', await expectSameRows(server, file));
    await equalOn(machine, 'status');
  }, 300_000);
});
