import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { openStateStore } from '../../state/sqlite.ts';
import { leagueFiles } from '../support/league.ts';
import { copyOf, keptProject, type TestProject } from '../support/project.ts';
import {
  atInstants,
  type Ended,
  expectRecovery,
  findInstant,
  inProcess,
  instantsOf,
  killable,
  MATERIALIZE,
} from './crash.ts';

let fresh: TestProject;
let instants: readonly string[];
let undisturbed: Record<string, Record<string, string>>;

beforeAll(async () => {
  fresh = keptProject(leagueFiles());
  await fresh.dryRun();
  const whole = keptProject(leagueFiles());
  try {
    await whole.dryRun();
    instants = await instantsOf(whole);
    undisturbed = await whole.allVersions();
  } finally {
    rmSync(whole.root, { recursive: true });
  }
});
afterAll(() => rmSync(fresh.root, { recursive: true }));

/** A run that was stopped, as by a lid that was closed, right before an instant. */
class Sleeper {
  readonly project = copyOf(fresh);
  runId = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<Omit<Ended, 'signal'>>;

  constructor(instant: number) {
    const at = { CRASH_BEFORE: String(instant), CRASH_SIGNAL: 'SIGSTOP' };
    const { args, env } = killable(this.project, MATERIALIZE, at);
    const options = { cwd: this.project.root, env };
    const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    this.#child = child;
    const ended = once(child, 'close') as Promise<[number]>;
    this.#ended = Promise.all([ended, text(child.stdout), text(child.stderr)]).then(
      ([[code], stdout, stderr]) => ({ code, stdout, stderr }),
    );
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async stopped(): Promise<void> {
    const state = (): string =>
      spawnSync('ps', ['-o', 'stat=', '-p', String(this.pid)], { encoding: 'utf8' }).stdout;
    await expect.poll(state, { timeout: 20_000 }).toMatch(/^T/);
  }

  /** Waits until it sleeps; its last heartbeat is then as old as after an hour of sleep. */
  async asleep(): Promise<void> {
    await this.stopped();
    const db = new Database(`${this.project.home}/state.sqlite`, { timeout: 0 });
    try {
      db.exec('UPDATE leases SET heartbeat_at = heartbeat_at - 3600000');
      this.runId = db.prepare<[], string>('SELECT run FROM leases').pluck().get() ?? '';
    } finally {
      db.close();
    }
  }

  async awake(): Promise<Omit<Ended, 'signal'>> {
    this.#child.kill('SIGCONT');
    return this.#ended;
  }
}

const DAILY = '"reports"."_staging__daily';

describe('a run whose machine sleeps longer than its lease lasts', () => {
  test.each([
    ['before it has recorded anything', ['INTO leases', 'COMMIT', 'BEGIN']],
    ['before it opens the warehouse', ['INTO runs', 'duckdb open']],
  ])('%s: another run does the work, and it writes nothing when it wakes', async (_, path) => {
    const sleeper = new Sleeper(findInstant(instants, path));
    await sleeper.asleep();
    expect(await inProcess(sleeper.project, MATERIALIZE)).toMatchObject({ code: 0 });
    expect(await sleeper.project.allVersions()).toEqual(undisturbed);
    const { code, stdout, stderr } = await sleeper.awake();
    expect({ code, stdout }, stderr).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('lost target local to another run, which has ended');
    expect((await sleeper.project.reader()).run(sleeper.runId)?.status).toBe('failed');
    await expectRecovery(sleeper.project, undisturbed);
  });

  test('before it looks for crashed runs: it leaves alone the run that took over and is still at work', async () => {
    const sleeper = new Sleeper(findInstant(instants, ['INTO runs', 'COMMIT', 'BEGIN']));
    await sleeper.asleep();
    const { project } = sleeper;
    const store = openStateStore(`${project.home}/state.sqlite`);
    onTestFinished(() => store.close());
    const [runId, now] = [unsafeRunId('20240301T115900-abcd'), Date.now()];
    const lease = { target: 'local', runId, host: hostname(), command: 'backfill' };
    const taken = store.acquireLease({ ...lease, pid: process.pid, now, staleMs: 30_000 });
    expect(taken).toMatchObject({ acquired: true, from: { runId: sleeper.runId } });
    store.startRun({ id: runId, target: 'local', command: 'backfill', startedAt: now });
    const { code, stderr } = await sleeper.awake();
    expect(code, stderr).toBe(3);
    expect(stderr).toContain(`lost target local to run ${runId} (backfill, process ${process.pid}`);
    expect(store.run(runId)?.status).toBe('running');
  });

  test.each([
    ['while it stages', [DAILY]],
    ['right before it publishes', [DAILY, 'UPDATE leases', 'COMMIT', 'duckdb BEGIN']],
    ['between asking for its lease and the commit of its rows', [DAILY, 'duckdb COMMIT']],
    ['between the commit and its record', [DAILY, 'duckdb COMMIT', 'sqlite BEGIN']],
  ])(
    '%s: the warehouse stays locked, another run says by whom, and it ends with 3 when it wakes',
    async (_, path) => {
      const sleeper = new Sleeper(findInstant(instants, path));
      await sleeper.asleep();
      const { code, stdout, stderr } = await inProcess(sleeper.project, MATERIALIZE);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain(
        `target local was last held by run ${sleeper.runId} (materialize, process ${sleeper.pid} on `,
      );
      expect(stderr).toContain('which has been silent since');
      expect(stderr).toContain(`if it hangs, end it (kill -9 ${sleeper.pid})`);
      const first = await sleeper.awake();
      expect(first.code, first.stderr).toBe(3);
      expect(first.stderr).toContain('lost target local to');
      await expectRecovery(sleeper.project, undisturbed);
    },
  );

  test('in the middle of a record: another run waits, then says that the record is locked', async () => {
    const sleeper = new Sleeper(findInstant(instants, [DAILY, 'UPDATE steps']));
    await sleeper.stopped();
    expect(await inProcess(sleeper.project, 'status')).toMatchObject({ code: 0 });
    const { code, stderr } = await inProcess(sleeper.project, MATERIALIZE);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /another process kept it locked.*\nWait for the other command to finish/,
    );
    expect((await sleeper.awake()).code).toBe(0);
    await expectRecovery(sleeper.project, undisturbed);
  });
});

test('a run that sleeps at any instant ends well or with 3, and nothing is lost or done twice', async () => {
  // Where it sleeps in the middle of a record, the other run waits for ten seconds: that was tried above.
  const apart = instants.flatMap((text, index) =>
    /^duckdb|^sqlite BEGIN/.test(text) && index > 6 ? [index + 1] : [],
  );
  const texts = apart.map((instant) => instants[instant - 1] ?? '');
  await atInstants(texts, { some: 2, seed: 5, most: 40 }, async (drawn) => {
    const sleeper = new Sleeper(apart[drawn - 1] ?? 0);
    await sleeper.asleep();
    const second = await inProcess(sleeper.project, MATERIALIZE);
    expect([0, 3], second.stderr).toContain(second.code);
    const versions = second.code === 0 ? await sleeper.project.allVersions() : undefined;
    const first = await sleeper.awake();
    // All that was left to do for it may have been to give its lease back.
    expect([0, 3], first.stderr).toContain(first.code);
    if (versions) expect(await sleeper.project.allVersions()).toEqual(versions);
    await expectRecovery(sleeper.project, undisturbed);
  });
}, 900_000);
