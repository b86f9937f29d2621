import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { openStateStore } from '../../state/sqlite.ts';
import { leagueProject } from '../support/league.ts';
import { countsOf, type TestProject } from '../support/project.ts';
import { beforeEvery } from './warehouse-spy.ts';

const NOW = Date.parse('2024-03-01T12:00:00Z');

async function otherProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000); console.log(1)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout ?? child, 'data');
  return child;
}

/** Puts a lease into the record as another run would have. */
function hold(project: TestProject, holder: { pid: number; host?: string; now?: number }): void {
  const store = openStateStore(`${project.home}/state.sqlite`);
  const id = unsafeRunId('20240301T115900-abcd');
  const { pid, host = hostname(), now = NOW } = holder;
  store.acquireLease({
    target: 'local',
    runId: id,
    pid,
    host,
    command: 'backfill',
    now,
    staleMs: 1,
  });
  store.startRun({ id, target: 'local', command: 'backfill', startedAt: now });
  store.close();
}

test('while another live process holds the target, a run ends with 3 and says who, since when', async () => {
  const project = leagueProject();
  await project.materialize({ selection: ['games'] });
  const holder = await otherProcess();
  hold(project, { pid: holder.pid ?? 0 });
  const error = await project.error();
  expect(error).toMatchObject({ code: 'TARGET_HELD', exitCode: 3 });
  expect(error.message).toContain('20240301T115900-abcd');
  expect(error.message).toContain(`process ${holder.pid} on ${hostname()}`);
  expect(error.message).toContain('since 2024-03-01 12:00:00 UTC');
  expect(await project.status('daily')).toMatchObject({ '2023-10-25': 'missing' });
  const runs = (await project.reader()).runs('local', 5);
  expect(runs.map((run) => run.status).toSorted()).toEqual(['running', 'succeeded']);
});

test('the lease of a process that is dead is taken over at once, and its run counts as crashed', async () => {
  const project = leagueProject();
  await project.materialize({ selection: ['games'] });
  const holder = await otherProcess();
  hold(project, { pid: holder.pid ?? 0 });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect((await project.materialize()).code).toBe(0);
  const crashed = (await project.reader()).run('20240301T115900-abcd');
  expect(crashed?.status).toBe('crashed');
});

test('the lease of another host is taken over after its heartbeat was silent for long enough', async () => {
  const project = leagueProject();
  await project.materialize({ selection: ['games'] });
  hold(project, { pid: 1, host: 'elsewhere', now: NOW });
  const early = await project.error({ now: () => NOW + 20_000 });
  expect(early.code).toBe('TARGET_HELD');
  const later = await project.materialize({ now: () => NOW + 60_000 });
  expect(later.code).toBe(0);
});

test('a run that lost its lease publishes nothing more', async () => {
  const project = leagueProject();
  await project.materialize({ selection: ['games'] });
  const store = openStateStore(`${project.home}/state.sqlite`);
  onTestFinished(() => store.close());
  await beforeEvery('publish', () => undefined);
  await beforeEvery('stage', () => {
    store.acquireLease({
      target: 'local',
      runId: unsafeRunId('20240301T130000-ffff'),
      pid: process.pid,
      host: hostname(),
      command: 'materialize',
      now: Date.now() + 10_000_000,
      staleMs: 1,
    });
  });
  const outcome = await project.materialize().catch((error: unknown) => error);
  expect(outcome).toMatchObject({ code: expect.anything() as unknown });
  expect(await project.status('daily')).toMatchObject({ '2023-10-25': 'missing' });
  expect(store.leaseHolder('local')?.runId).toBe('20240301T130000-ffff');
});

test('the lease is given back when a run ends, also when it fails', async () => {
  const project = leagueProject();
  await project.materialize();
  expect((await project.reader()).leaseHolder('local')).toBeUndefined();
  project.write('data/games.csv', 'game_id,game_date,season,points\n1,soon,2023,1\n');
  const outcome = await project.materialize();
  expect(outcome.code).toBe(1);
  expect(countsOf(outcome, 'games')).toEqual({ failed: 8 });
  expect((await project.reader()).leaseHolder('local')).toBeUndefined();
});
