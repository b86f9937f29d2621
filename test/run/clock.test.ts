import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { openStateStore } from '../../state/sqlite.ts';
import type { StateStore } from '../../state/store.ts';
import { expectAgreement } from '../support/agreement.ts';
import { leagueProject } from '../support/league.ts';
import type { TestProject } from '../support/project.ts';
import { errorOf } from '../support/run-command.ts';
import { seededRandom } from '../support/seeded.ts';
import { afterEvery, beforeEvery } from './warehouse-spy.ts';

const NOW = Date.parse('2024-03-01T12:00:00Z');
const HOUR = 3_600_000;
const THIEF = unsafeRunId('20240301T130000-ffff');

let project: TestProject;
let store: StateStore;
beforeEach(async () => {
  project = leagueProject();
  await project.materialize({ selection: ['games'] });
  store = openStateStore(join(project.home, 'state.sqlite'));
  onTestFinished(() => store.close());
});

/** Another run takes the lease, as it may when this one was silent for long enough. */
function steal(): void {
  const answer = store.acquireLease({
    target: 'local',
    runId: THIEF,
    pid: process.pid,
    host: hostname(),
    command: 'backfill',
    now: NOW + 10 * HOUR,
    staleMs: 1,
  });
  expect(answer).toMatchObject({ acquired: true });
}

describe('a run that slept and lost its lease meanwhile', () => {
  test('publishes nothing further, ends with 3 and says who has the target', async () => {
    await beforeEvery('stage', (call) => {
      if (call === 2) steal();
    });
    const error = await project.error();
    expect(error).toMatchObject({ code: 'LEASE_LOST', exitCode: 3 });
    expect(error.message).toContain(`lost target local to run ${THIEF} (backfill, process`);
    // The first asset was published before, the second one was not any more.
    expect(Object.values(await project.status('daily'))).not.toContain('missing');
    expect(Object.values(await project.status('best_before'))).not.toContain('current');
    expect(store.leaseHolder('local')?.runId).toBe(THIEF);
  });

  test('leaves what it had published complete, and a target that the next run puts in order', async () => {
    await afterEvery('publish', (call) => {
      if (call === 1) steal();
    });
    expect((await project.error()).code).toBe('LEASE_LOST');
    expect(store.warehouseFingerprint('local')).toBeUndefined();
    store.releaseLease('local', THIEF);
    expect((await project.materialize()).code).toBe(0);
    await expectAgreement(project);
  });

  test('removes nothing either', async () => {
    await project.materialize();
    project.edit('data/games.csv', '5,2023-10-25', '5,2023-10-30');
    await project.materialize();
    const before = await project.query('SELECT COUNT(*) FROM reports.daily');
    const now = (): number => {
      if (store.leaseHolder('local')?.command === 'materialize') steal();
      return NOW;
    };
    expect(await project.error({ prune: true, now })).toMatchObject({ code: 'LEASE_LOST' });
    expect(await project.query('SELECT COUNT(*) FROM reports.daily')).toEqual(before);
  });

  test('forgets nothing and marks nothing', async () => {
    await project.materialize();
    const before = await project.allVersions();
    project.edit('assets/reports/daily.sql', 'MAX(g.points)', 'MAX(g.points) + 1');
    for (const command of ['forget', 'mark-current']) {
      const now = (): number => {
        if (store.leaseHolder('local')?.command === command) steal();
        return NOW;
      };
      const line = `${command} daily --partitions 2023-10-25 --yes`;
      expect(await errorOf(project, line, { now })).toMatchObject({ code: 'LEASE_LOST' });
      store.releaseLease('local', THIEF);
    }
    expect(await project.allVersions()).toEqual(before);
    expect(await project.status('daily')).toMatchObject({ '2023-10-25': 'stale' });
  });
});

test('a clock that is set back during a run harms nothing, and no time is negative', async () => {
  let readings = 0;
  const now = (): number => (readings++ < 20 ? NOW + readings : NOW - HOUR + readings);
  const { code, document } = await project.materialize({ now });
  expect(code).toBe(0);
  const seconds = document as unknown as {
    readonly seconds: number;
    readonly assets: readonly { readonly seconds: number }[];
  };
  expect(Math.min(seconds.seconds, ...seconds.assets.map((each) => each.seconds))).toBe(0);
  await expectAgreement(project);
  expect((await project.materialize()).document.status).toBe('nothing-to-do');
});

test('a clock that jumps ahead during a run harms nothing', async () => {
  let readings = 0;
  const now = (): number => NOW + readings++ * HOUR;
  expect((await project.materialize({ now })).code).toBe(0);
  await expectAgreement(project);
});

test('a clock that jumps back and forth by hours with every reading harms nothing', async () => {
  const random = seededRandom(31);
  // Never far enough to another day, which would be another today.
  const now = (): number => NOW + Math.round((random() - 0.5) * 10 * HOUR);
  const { code, document } = await project.materialize({ now });
  expect(code).toBe(0);
  const { seconds } = document as unknown as { readonly seconds: number };
  expect(seconds).toBeGreaterThanOrEqual(0);
  await expectAgreement(project);
  project.edit('data/games.csv', ',111', ',110');
  expect((await project.materialize({ now })).code).toBe(0);
  await expectAgreement(project);
  const undisturbed = leagueProject();
  undisturbed.edit('data/games.csv', ',111', ',110');
  await undisturbed.materialize();
  expect(await project.allVersions()).toEqual(await undisturbed.allVersions());
  expect((await project.materialize({ now })).document.status).toBe('nothing-to-do');
});

test('a dead holder whose clock was ahead does not keep the target for ever', async () => {
  const holder = { target: 'local', runId: THIEF, pid: 1, host: 'elsewhere', command: 'backfill' };
  store.acquireLease({ ...holder, now: NOW + 10 * HOUR, staleMs: 1 });
  expect((await project.error({ now: () => NOW })).code).toBe('TARGET_HELD');
  expect((await project.error({ now: () => NOW + 10_000 })).code).toBe('TARGET_HELD');
  expect((await project.materialize({ now: () => NOW + 60_000 })).code).toBe(0);
});
