import { DuckDBInstance } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSound, type Kept } from '../support/kept.ts';
import { Rig } from '../support/rig.ts';
import { letGo, untilWaiting, WAITING_SHOP } from '../support/waiting-project.ts';

let prepared: Rig;
let whole: Kept;

beforeAll(async () => {
  prepared = await Rig.create(WAITING_SHOP);
  expect(await prepared.run('compile')).toMatchObject({ code: 0 });
  await using rig = await prepared.copy();
  await letGo(rig);
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  whole = await expectSound(rig);
});
afterAll(() => prepared[Symbol.asyncDispose]());

test('a second run is told who holds the target since when, and ends with 3', async () => {
  await using rig = await prepared.copy();
  const first = rig.start(['materialize', '--quiet']);
  await untilWaiting(rig);
  const second = await rig.run('materialize', '--quiet');
  expect(second).toMatchObject({ code: 3, stdout: '' });
  expect(second.stderr).toMatch(
    /error: target local is held by run \S+ \(materialize, process \d+ on \S+\) since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\nwait for it/,
  );
  expect(second.stderr).toContain(`process ${first.process.pid}`);
  await letGo(rig);
  expect(await first.ended).toMatchObject({ code: 0 });
  expect(await expectSound(rig)).toEqual(whole);
});

test('status, stale, why and runs answer while a run is writing', async () => {
  await using rig = await prepared.copy();
  const run = rig.start(['materialize', '--quiet']);
  await untilWaiting(rig);
  const status = await rig.run('status', '--json');
  expect(status.code).toBe(0);
  const { assets } = JSON.parse(status.stdout) as {
    assets: { name: string; current: number; running: number }[];
  };
  expect(assets.find(({ name }) => name === 'counted')).toMatchObject({ current: 2, running: 2 });
  expect((await rig.run('runs')).stdout).toMatch(/running/);
  expect(await rig.run('stale')).toMatchObject({ code: 0 });
  expect((await rig.run('why', 'counted', '2024-01-04')).stdout).toContain('being made now');
  const query = await rig.run('query', 'SELECT COUNT(*) AS n FROM orders');
  expect(query.code).toBe(3);
  expect(query.stderr).toMatch(/target local is being written by run \S+ \(materialize, process/);
  expect(query.stderr).toContain('ask again when it is over');
  expect(query.stderr).not.toMatch(/^\s+at /m);
  await letGo(rig);
  expect(await run.ended).toMatchObject({ code: 0 });
});

test('after kill -9 in the middle the next command says what it mended and does only the rest', async () => {
  await using rig = await prepared.copy();
  const run = rig.start(['materialize', '--quiet']);
  await untilWaiting(rig);
  run.process.kill('SIGKILL');
  expect((await run.ended).code).toBe('SIGKILL');
  expect(await rig.run('status')).toMatchObject({ code: 0 });
  await letGo(rig);
  const next = await rig.run('materialize', '--json');
  expect(next.code).toBe(0);
  const { assets } = JSON.parse(next.stdout) as {
    assets: { name: string; materialized: number; skipped: number }[];
  };
  expect(assets.find(({ name }) => name === 'counted')).toMatchObject({
    materialized: 4,
    skipped: 2,
  });
  expect(await expectSound(rig)).toEqual(whole);
  const { runs } = JSON.parse((await rig.run('runs', '--json')).stdout) as {
    runs: { status: string }[];
  };
  expect(runs.map(({ status }) => status)).toEqual(['succeeded', 'crashed']);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s rolls the step back, ends with 130, and the same command carries on',
  async (signal) => {
    await using rig = await prepared.copy();
    const run = rig.start(['materialize']);
    await untilWaiting(rig);
    run.process.kill(signal);
    const { code, stdout, stderr } = await run.ended;
    expect(code).toBe(130);
    expect(stderr).toContain('Ctrl-C again stops at once');
    expect(stdout).toContain('was interrupted');
    expect(stdout).toContain('Run the same command again to carry on');
    await expectSound(rig);
    const { runs } = JSON.parse((await rig.run('runs', '--json')).stdout) as {
      runs: { status: string }[];
    };
    expect(runs.map(({ status }) => status)).toEqual(['interrupted']);
    await letGo(rig);
    expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
    expect(await expectSound(rig)).toEqual(whole);
  },
);

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a second %s stops at once, and nothing is half written',
  async (signal) => {
    await using rig = await prepared.copy();
    await rig.edit('assets/reports/counted.ts', ' && !context.signal.aborted', '');
    const run = rig.start(['materialize', '--quiet']);
    await untilWaiting(rig);
    run.process.kill(signal);
    await run.printed('Ctrl-C again');
    run.process.kill(signal);
    expect((await run.ended).code).toBe(130);
    expect((await rig.run('status')).stdout).not.toContain('Running now');
    await letGo(rig);
    expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
    expect((await expectSound(rig)).rows).toEqual(whole.rows);
  },
);

/** A few in every run of the tests, more at night. */
const ROUNDS = process.env['CRASH_EVERY_INSTANT'] ? 20 : 2;

test('of commands that begin at the same instant on an empty home one works, the others end with 3 and name it', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await using rig = await prepared.copy();
    await rig.remove('home/state.sqlite');
    const all = Array.from({ length: 4 }, () => rig.start(['materialize', '--quiet']));
    await untilWaiting(rig);
    const winners = liveRuns(rig);
    expect(winners).toHaveLength(1);
    const losers = all.filter((run) => run.process.pid !== winners[0]?.pid);
    expect(losers).toHaveLength(3);
    for (const loser of losers) {
      const { code, stdout, stderr } = await loser.ended;
      expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain(`held by run ${winners[0]?.run}`);
    }
    await letGo(rig);
    const [winner] = all.filter((run) => run.process.pid === winners[0]?.pid);
    expect((await winner?.ended)?.code).toBe(0);
    expect(await expectSound(rig)).toEqual(whole);
  }
}, 600_000);

function liveRuns(rig: Rig): readonly { run: string; pid: number }[] {
  const db = new Database(rig.path('home/state.sqlite'), { readonly: true });
  try {
    return db.prepare<[], { run: string; pid: number }>('SELECT run, pid FROM leases').all();
  } finally {
    db.close();
  }
}

test('commands that begin at the same instant and wait for nobody leave one whole result', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await using rig = await prepared.copy();
    await rig.remove('home/state.sqlite');
    await letGo(rig);
    const lines = [
      'materialize',
      'materialize --force',
      'backfill counted --from 2024-01-01 --to 2024-01-05',
    ];
    const all = lines.map((line) => rig.start([...line.split(' '), '--quiet']));
    const ended = await Promise.all(all.map((run) => run.ended));
    for (const { code, stderr } of ended) {
      // A backfill that comes first finds no dates yet.
      expect([0, 2, 3], stderr).toContain(code);
      if (code === 3) expect(stderr).toMatch(/held by run|Conflicting lock|kept it locked/);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
    expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
    expect((await expectSound(rig)).rows).toEqual(whole.rows);
  }
}, 600_000);

test('a warehouse file that is removed after kill -9 with its log left behind is made anew', async () => {
  await using rig = await prepared.copy();
  const run = rig.start(['materialize', '--quiet']);
  await untilWaiting(rig);
  run.process.kill('SIGKILL');
  await run.ended;
  await rig.remove('home/warehouse.duckdb');
  await letGo(rig);
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  expect((await expectSound(rig)).rows).toEqual(whole.rows);
});

test('a warehouse file that another program has open is named, with exit code 3', async () => {
  await using rig = await prepared.copy();
  await letGo(rig);
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  const instance = await DuckDBInstance.create(rig.path('home/warehouse.duckdb'));
  try {
    const { code, stdout, stderr } = await rig.run('materialize', '--force', '--quiet');
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(`the warehouse ${rig.path('home/warehouse.duckdb')} cannot be opened`);
    expect(stderr).toContain(`PID ${process.pid}`);
    expect(stderr).toContain('wait for the other process, or end it');
  } finally {
    instance.closeSync();
  }
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  expect((await expectSound(rig)).rows).toEqual(whole.rows);
});
