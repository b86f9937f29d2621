import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSound, type Kept } from '../support/kept.ts';
import { Rig, type RunningCli } from '../support/rig.ts';
import { letGo, untilWaiting, WAITING_SHOP } from '../support/waiting-project.ts';

const STATE = 'home/state.sqlite';
const WAREHOUSE = 'home/warehouse.duckdb';

let prepared: Rig;
let whole: Kept;
/** The warehouse of the same shop with other orders. */
let other: Rig;

beforeAll(async () => {
  prepared = await Rig.create(WAITING_SHOP);
  expect(await prepared.run('compile')).toMatchObject({ code: 0 });
  await using rig = await prepared.copy();
  await letGo(rig);
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  whole = await expectSound(rig);
  other = await prepared.copy();
  await other.edit('data/orders.csv', '5,2024-01-04,cup,4.95', '5,2024-01-04,cup,1.95');
  await letGo(other);
  expect(await other.run('materialize', '--quiet')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await prepared[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

function loseState(rig: Rig): void {
  for (const ending of ['', '-wal', '-shm']) rmSync(rig.path(STATE + ending), { force: true });
}

async function waitingRun(rig: Rig): Promise<RunningCli> {
  const run = rig.start(['materialize', '--quiet']);
  await untilWaiting(rig);
  return run;
}

/** The next run, and one more that has nothing to do, come to what an undisturbed run does. */
async function expectMended(rig: Rig): Promise<void> {
  const next = await rig.run('materialize', '--quiet');
  expect(next, next.stderr).toMatchObject({ code: 0 });
  expect((await expectSound(rig)).rows).toEqual(whole.rows);
  expect((await rig.run('materialize', '--quiet')).stdout).toContain('Nothing to do');
}

describe('while a run is at work, its warehouse file', () => {
  const harms: readonly [title: string, harm: (path: string) => void][] = [
    ['is deleted', (path) => rmSync(path)],
    [
      'is deleted with its log',
      (path) => [path, `${path}.wal`].forEach((file) => rmSync(file, { force: true })),
    ],
    [
      'gives way to that of another pipeline',
      (path) => {
        rmSync(path);
        copyFileSync(other.path(WAREHOUSE), path);
      },
    ],
  ];
  test.each(harms)(
    '%s: the run does not end as a success, the next one makes all anew',
    async (_, harm) => {
      await using rig = await prepared.copy();
      const run = await waitingRun(rig);
      harm(rig.path(WAREHOUSE));
      await letGo(rig);
      const { code, stderr } = await run.ended;
      expect(code, stderr).toBe(1);
      expect(stderr).toMatch(
        /the warehouse file .* was (deleted|replaced) while the run wrote to it/,
      );
      await expectMended(rig);
    },
  );

  test('gives way to garbage: it is refused with the way to make it anew', async () => {
    await using rig = await prepared.copy();
    const run = await waitingRun(rig);
    rmSync(rig.path(WAREHOUSE));
    writeFileSync(rig.path(WAREHOUSE), 'not a database '.repeat(500));
    await letGo(rig);
    expect((await run.ended).code).toBe(1);
    const refused = await rig.run('materialize', '--quiet');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('move it away');
    rmSync(rig.path(WAREHOUSE));
    await expectMended(rig);
  });
});

describe('while a run is at work, its state file', () => {
  test('is deleted: no second run gets in, and the next one takes over what was made', async () => {
    await using rig = await prepared.copy();
    const run = await waitingRun(rig);
    loseState(rig);
    const second = await rig.run('materialize', '--quiet');
    expect(second.code).toBe(3);
    expect(second.stderr).toContain(`PID ${run.process.pid}`);
    await letGo(rig);
    expect((await run.ended).code).toBe(0);
    await expectMended(rig);
  });

  test('is deleted, and state rebuild makes it anew when the run is over', async () => {
    await using rig = await prepared.copy();
    const run = await waitingRun(rig);
    loseState(rig);
    expect((await rig.run('state', 'rebuild')).code).toBe(3);
    await letGo(rig);
    expect((await run.ended).code).toBe(0);
    expect(await rig.run('state', 'rebuild')).toMatchObject({ code: 0 });
    await expectMended(rig);
  });

  test('is overwritten: state rebuild makes it anew', async () => {
    await using rig = await prepared.copy();
    const run = await waitingRun(rig);
    loseState(rig);
    writeFileSync(rig.path(STATE), 'not a database '.repeat(500));
    await letGo(rig);
    await run.ended;
    const refused = await rig.run('materialize', '--quiet');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('fastbreak state rebuild');
    expect(await rig.run('state', 'rebuild')).toMatchObject({ code: 0 });
    await expectMended(rig);
  });
});

describe('a record that is older than the warehouse', () => {
  test('is brought up to date from it, and nothing is made again', async () => {
    await using rig = await prepared.copy();
    await letGo(rig);
    expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
    copyFileSync(rig.path(STATE), rig.path('yesterday.sqlite'));
    await rig.edit('data/orders.csv', '5,2024-01-04,cup,4.95', '5,2024-01-04,cup,9.95');
    expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
    const newer = await expectSound(rig);
    expect(newer.rows).not.toEqual(whole.rows);
    loseState(rig);
    copyFileSync(rig.path('yesterday.sqlite'), rig.path(STATE));
    const next = await rig.run('materialize', '--json');
    expect(next.code).toBe(0);
    const { assets } = JSON.parse(next.stdout) as { assets: { materialized: number }[] };
    expect(assets.filter(({ materialized }) => materialized > 0)).toEqual([]);
    expect(await expectSound(rig)).toEqual(newer);
    expect((await rig.run('materialize', '--quiet')).stdout).toContain('Nothing to do');
  });

  test('of a run that was killed later, too', async () => {
    await using rig = await prepared.copy();
    expect(await rig.run('materialize', 'days', '--quiet')).toMatchObject({ code: 0 });
    copyFileSync(rig.path(STATE), rig.path('yesterday.sqlite'));
    const run = await waitingRun(rig);
    run.process.kill('SIGKILL');
    await run.ended;
    loseState(rig);
    copyFileSync(rig.path('yesterday.sqlite'), rig.path(STATE));
    await letGo(rig);
    await expectMended(rig);
  });
});
