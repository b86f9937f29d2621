import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Rig } from '../support/rig.ts';
import { letGo, untilWaiting, WAITING_SHOP } from '../support/waiting-project.ts';

let dead: Rig;

/** What the commands that only show say right after the process of a run was killed in the middle of a step. */
beforeAll(async () => {
  dead = await Rig.create(WAITING_SHOP);
  const run = dead.start(['materialize', '--quiet']);
  await untilWaiting(dead);
  run.process.kill('SIGKILL');
  await run.ended;
});
afterAll(() => dead[Symbol.asyncDispose]());

async function jsonOf<T>(rig: Rig, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await rig.run(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

interface Status {
  readonly running: string | null;
  readonly crashed: string | null;
  readonly assets: readonly {
    readonly name: string;
    readonly running: number;
    readonly missing: number;
    readonly last_run: { readonly status: string } | null;
  }[];
}

describe('right after kill -9, although its lease is still there and its last heartbeat is new', () => {
  test('status calls nothing running, and says that the run did not end', async () => {
    const { running, crashed, assets } = await jsonOf<Status>(dead, 'status');
    expect(running).toBeNull();
    expect(assets.find(({ name }) => name === 'counted')).toMatchObject({
      running: 0,
      missing: 4,
      last_run: { status: 'crashed' },
    });
    const { stdout } = await dead.run('status');
    expect(stdout).toContain(`Run ${crashed} (materialize) did not end`);
    expect(stdout).not.toContain('Running now');
    expect(stdout).toContain('fastbreak materialize');
  });

  test('runs calls the run and its open step crashed', async () => {
    const { runs } = await jsonOf<{ runs: { run_id: string; status: string }[] }>(dead, 'runs');
    expect(runs.map(({ status }) => status)).toEqual(['crashed']);
    const { steps } = await jsonOf<{ steps: { asset: string; status: string }[] }>(
      dead,
      'runs',
      'show',
      'last',
    );
    expect(steps.at(-1)).toMatchObject({ asset: 'counted', status: 'crashed' });
    expect(steps.slice(0, -1).every(({ status }) => status === 'succeeded')).toBe(true);
  });

  test('why and stale call its partitions missing', async () => {
    const why = await jsonOf<{ status: string }>(dead, 'why', 'counted', '2024-01-04');
    expect(why.status).toBe('missing');
    const stale = await jsonOf<{ partitions: { asset: string; status: string }[] }>(dead, 'stale');
    expect(stale.partitions.filter(({ asset }) => asset === 'counted')).toHaveLength(4);
  });

  test('verify does not wait for it', async () => {
    const { code, stderr } = await dead.run('verify');
    expect(code, stderr).toBe(0);
  });
});

test('another process that was given the number of a dead holder does not keep the target', async () => {
  await using rig = await dead.copy();
  const db = new Database(rig.path('home/state.sqlite'));
  db.prepare('UPDATE leases SET pid = ?, acquired_at = ?, heartbeat_at = ? WHERE host = ?').run(
    process.pid,
    Date.now() - 365 * 24 * 3_600_000,
    Date.now() - 12_000,
    hostname(),
  );
  db.close();
  expect((await jsonOf<Status>(rig, 'status')).running).toBeNull();
  await letGo(rig);
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
});

test('a holder on another host counts as at work until it was silent for too long', async () => {
  await using rig = await dead.copy();
  const beat = (ago: number): void => {
    const db = new Database(rig.path('home/state.sqlite'));
    const at = Date.now() - ago;
    db.prepare(`UPDATE leases SET host = 'elsewhere', heartbeat_at = ?`).run(at);
    db.close();
  };
  beat(0);
  const working = await jsonOf<Status>(rig, 'status');
  expect(working.assets.find(({ name }) => name === 'counted')).toMatchObject({ running: 2 });
  await letGo(rig);
  const refused = await rig.run('materialize', '--quiet');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toMatch(/process \d+ on elsewhere/);
  beat(31_000);
  expect((await jsonOf<Status>(rig, 'status')).running).toBeNull();
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
});
