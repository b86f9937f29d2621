import { expect, test } from 'vitest';
import type { BigQueryServer } from '../cloud/bigquery/server.ts';
import { gamesCsv } from '../support/league.ts';
import { ageLease, contentOf, expectFreeLease, expectNothingStaged } from './broken-runs.ts';
import { CallCount } from './calls.ts';
import { cloudFor, Machine, machineWith, serverRows } from './cloud.ts';
import { FEW_GAMES, smallPipeline } from './small-pipeline.ts';

interface Two {
  readonly server: BigQueryServer;
  readonly a: Machine;
  readonly b: Machine;
}

/** Two machines with one target; a has materialized all of it, if it is asked for. */
async function two({ isMade = true } = {}): Promise<Two> {
  const server = await cloudFor();
  const a = machineWith(smallPipeline());
  const b = new Machine(a.project, 'two');
  if (isMade) expect(await a.run('materialize')).toMatchObject({ code: 0 });
  return { server, a, b };
}

const MORE_GAMES = [...FEW_GAMES, { id: 9, date: '2023-10-28', points: 120 }];

test('state pull gives another machine the same record, and its run has nothing to do', async () => {
  const { server, a, b } = await two();
  const before = await contentOf(server);
  const count = new CallCount(server);
  const pulled = await b.json('state pull');
  expect(pulled).toEqual({ target: 'prod', partitions: 18, adopted: 18, removed: 0 });
  expect(Object.keys(count.byPurpose()).toSorted()).toEqual(['calendars', 'definitions', 'ledger']);
  expect(await partitionsOf(b)).toEqual(await partitionsOf(a));
  expect(await b.json('state pull')).toMatchObject({ adopted: 0, removed: 0 });
  const run = new CallCount(server);
  expect(await b.run('materialize')).toMatchObject({ code: 0 });
  expect(run.byPurpose()).toEqual({ lease: 1, release: 1 });
  expect(await contentOf(server)).toEqual(before);
});

test('without a pull the next run takes over what others did, and makes nothing twice', async () => {
  const { server, a, b } = await two();
  const first = new CallCount(server);
  const outcome = await b.run('materialize');
  expect(outcome).toMatchObject({ code: 0 });
  expect(outcome.err).toContain('18 partitions');
  expect(first.jobsFor('stage')).toEqual([]);
  // Another game: b makes its date, a finds it made.
  b.project.write('data/games.csv', gamesCsv(MORE_GAMES));
  expect(await b.run('materialize')).toMatchObject({ code: 0 });
  const content = await contentOf(server);
  expect(content.rows['reports.daily']).toHaveLength(5);
  const second = new CallCount(server);
  expect(await a.run('materialize')).toMatchObject({ code: 0 });
  expect(second.jobsFor('stage')).toEqual([]);
  expect(second.jobsFor('ledger')).toHaveLength(1);
  expect(await partitionsOf(a)).toEqual(await partitionsOf(b));
  expect(await contentOf(server)).toEqual(content);
});

test('what another machine forgot is gone from the record by a pull', async () => {
  const { a, b } = await two();
  await b.json('state pull');
  expect(await b.run('forget shares --partitions 2023-10-27 --yes')).toMatchObject({ code: 0 });
  expect(await a.json('state pull')).toMatchObject({ partitions: 17, adopted: 0, removed: 1 });
  expect(await partitionsOf(a)).toEqual(await partitionsOf(b));
});

test('of two that start at once one runs, the other names it', async () => {
  const { server, a, b } = await two({ isMade: false });
  const hold = server.faults.holdJobs({ match: { statement: /_staging__daily/ } });
  const running = [a.run('materialize'), b.run('materialize')];
  // On a slow machine one could be through before the other begins: it waits until the other was refused.
  await Promise.race(running);
  hold.release();
  const outcomes = await Promise.all(running);
  const codes = outcomes.map(({ code }) => code);
  expect(
    codes.toSorted((x, y) => x - y),
    outcomes.map(({ err }) => err).join('\n'),
  ).toEqual([0, 3]);
  const loser = outcomes.find(({ code }) => code === 3);
  expect(loser?.err).toMatch(/held by run \S+ \(materialize, process \d+ on \S+\) since .* UTC/);
  expect((await contentOf(server)).claimed).toHaveLength(18);
  await expectFreeLease(server);
});

test('state pull works while a run goes on elsewhere', async () => {
  const { server, a, b } = await two({ isMade: false });
  const hold = server.faults.holdJobs({ match: { statement: /_staging__daily/ } });
  const running = a.run('materialize');
  await expect.poll(() => hold.jobIds.length, { timeout: 30_000 }).toBe(1);
  expect(await b.json('state pull')).toMatchObject({ partitions: 4, adopted: 4 });
  const refused = await b.run('materialize');
  expect(refused).toMatchObject({ code: 3 });
  hold.release();
  expect(await running).toMatchObject({ code: 0 });
  expect(await b.json('state pull')).toMatchObject({ partitions: 18, adopted: 14 });
});

test('a machine that slept cannot publish after it was overtaken', async () => {
  const { server, a, b } = await two({ isMade: false });
  const hold = server.faults.holdJobs({
    match: { statement: /INSERT INTO `reports`.`daily`/, nth: 1 },
  });
  const sleeping = a.run('materialize');
  await expect.poll(() => hold.jobIds.length, { timeout: 30_000 }).toBe(1);
  await ageLease(server);
  // Another game, so that what a would publish is not what b does.
  b.project.write('data/games.csv', gamesCsv(MORE_GAMES));
  expect(await b.run('materialize')).toMatchObject({ code: 0 });
  const content = await contentOf(server);
  expect(content.rows['reports.daily']).toHaveLength(5);
  hold.release();
  const lost = await sleeping;
  expect(lost, lost.err).toMatchObject({ code: 3 });
  expect(lost.err).toContain('a run elsewhere took target prod over');
  expect(await contentOf(server)).toEqual(content);
  await expectFreeLease(server);
  expect(await a.run('materialize')).toMatchObject({ code: 0 });
  expect(await contentOf(server)).toEqual(content);
  expect(await partitionsOf(a)).toEqual(await partitionsOf(b));
  await expectNothingStaged(server);
});

test('a machine that slept notices before it sends anything, when a heartbeat tells', async () => {
  const { server, a, b } = await two({ isMade: false });
  const hold = server.faults.holdJobs({ match: { statement: /_staging__daily/, nth: 1 } });
  const sleeping = a.run('materialize');
  await expect.poll(() => hold.jobIds.length, { timeout: 30_000 }).toBe(1);
  await ageLease(server);
  expect(await b.run('materialize')).toMatchObject({ code: 0 });
  hold.release();
  expect(await sleeping).toMatchObject({ code: 3 });
  const owners = await serverRows(
    server,
    'SELECT COUNT(DISTINCT run_id) FROM fastbreak_league._fastbreak_materializations',
  );
  // The games were a's: it had published them before.
  expect(owners).toEqual([['2']]);
});

test('state pull of a file of this machine is refused', async () => {
  const { a } = await two({ isMade: false });
  const outcome = await a.runOn('local', ['state', 'pull']);
  expect(outcome).toMatchObject({ code: 2 });
  expect(outcome.err).toContain('target local is a file of this machine: there is nothing to pull');
});

test('state pull where nothing was ever made says so', async () => {
  const { a } = await two({ isMade: false });
  const outcome = await a.run('state pull');
  expect(outcome).toMatchObject({ code: 1 });
  expect(outcome.err).toContain('nothing was ever materialized in target prod');
  expect(outcome.err).toContain('fastbreak materialize');
});

/** How many partitions of each asset are in which state, whichever run it was. */
async function partitionsOf(machine: Machine): Promise<unknown> {
  const { out } = await machine.run('status --json');
  return JSON.parse(out, (key, value: unknown) => (key === 'last_run' ? undefined : value));
}
