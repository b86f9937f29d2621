import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { GlobalOptions } from '../../engine/commands/context.ts';
import { runLogs } from '../../engine/commands/logs.ts';
import { runRuns, type RunsOptions } from '../../engine/commands/runs.ts';
import { unsafeAssetName, unsafeCodeVersion, unsafeRunId } from '../../engine/ids.ts';
import { parseDay } from '../../engine/partitions/date.ts';
import { openStateStore } from '../../state/sqlite.ts';
import type { StateStore } from '../../state/store.ts';
import { GLOBALS, newShop, NOW, testEffects } from './shop.ts';

const ASSET = unsafeAssetName('daily_revenue');
const CODE = unsafeCodeVersion('00000000000000aa');
const START = NOW - 60_000;
const GOOD = unsafeRunId('20240402-080000-aaaa');
const BAD = unsafeRunId('20240402-085900-bbbb');
const day = (text: string): number => parseDay(text) ?? Number.NaN;
const NOTHING = {
  materialized: 0,
  unchanged: 0,
  expectedEmpty: 0,
  failed: 0,
  blocked: 0,
  skipped: 0,
  statements: 0,
};

async function shopWith(record: (store: StateStore) => void): Promise<string> {
  const folder = await newShop();
  mkdirSync(join(folder, '.fastbreak'), { recursive: true });
  const store = openStateStore(join(folder, '.fastbreak/state.sqlite'));
  record(store);
  store.close();
  return folder;
}

/** One run that went well, and a later one with a retry, a failed check and a failed partition. */
function twoRuns(store: StateStore): void {
  const command = 'materialize';
  store.startRun({ id: GOOD, target: 'local', command, startedAt: START - 3_600_000 });
  store.endRun(GOOD, 'succeeded', START - 3_599_000, null);
  store.startRun({ id: BAD, target: 'local', command: 'materialize --force', startedAt: START });
  const stepId = store.startStep({
    runId: BAD,
    asset: ASSET,
    firstDay: day('2024-03-01'),
    lastDay: day('2024-03-05'),
    partitions: 4,
    startedAt: START + 100,
  });
  const message = 'the disk is busy';
  const attempt = { stepId, number: 1, startedAt: START + 100, endedAt: START + 200 };
  store.recordAttempt({ ...attempt, category: 'IO_ERROR', message });
  const inputs = new Uint8Array(8);
  const versions = { data: { hi: 1, lo: 2 }, input: { hi: 3, lo: 4 }, inputs };
  store.endStep({
    stepId,
    asset: ASSET,
    codeVersion: CODE,
    status: 'failed',
    endedAt: START + 1500,
    summary: { ...NOTHING, materialized: 2, failed: 2, statements: 1 },
    outcomes: [
      { type: 'materialized', day: day('2024-03-01'), rows: 10, ...versions },
      { type: 'materialized', day: day('2024-03-02'), rows: 2, ...versions },
      { type: 'failed', day: day('2024-03-04'), category: 'EMPTY_RESULT', message: 'no rows' },
      { type: 'failed', day: day('2024-03-05'), category: 'EMPTY_RESULT', message: 'no rows' },
    ],
    checks: [
      {
        stepId,
        asset: ASSET,
        day: day('2024-03-01'),
        check: 'an_order_has_a_piece',
        severity: 'warn',
        blocking: false,
        failures: 3,
        sample: null,
      },
    ],
  });
  store.endRun(BAD, 'failed', START + 2000, '2 partitions failed');
}

async function runs(folder: string, options: Partial<RunsOptions & GlobalOptions> = {}) {
  const effects = testEffects(folder);
  const code = await runRuns({ ...GLOBALS, limit: 20, ...options }, effects);
  return { code, out: effects.out() };
}

async function logs(folder: string, id: string, options: Partial<GlobalOptions> = {}) {
  const effects = testEffects(folder);
  await runLogs({ ...GLOBALS, id, ...options }, effects);
  return effects.out();
}

describe('fastbreak runs', () => {
  test('says how to start when nothing was recorded', async () => {
    const { code, out } = await runs(await newShop());
    expect(code).toBe(0);
    expect(out).toBe('no runs yet in target local; start with: fastbreak materialize\n');
  });

  test('lists runs newest first, in the time zone of the pipeline', async () => {
    const { out } = await runs(await shopWith(twoRuns));
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['run', 'started', 'status', 'took', 'command'],
      [BAD, '2024-04-02 10:59', 'failed', '2.0 s', 'materialize --force'],
      [GOOD, '2024-04-02 09:59', 'succeeded', '1.0 s', 'materialize'],
      [''],
    ]);
  });

  test('lists no more than asked for', async () => {
    const { out } = await runs(await shopWith(twoRuns), { limit: 1, json: true });
    const { target, runs: list } = JSON.parse(out) as { target: string; runs: object[] };
    expect(target).toBe('local');
    expect(list).toEqual([
      {
        run_id: BAD,
        target: 'local',
        command: 'materialize --force',
        status: 'failed',
        started_at: new Date(START).toISOString(),
        ended_at: new Date(START + 2000).toISOString(),
        seconds: 2,
        message: '2 partitions failed',
      },
    ]);
  });

  test('calls a run crashed that nobody works on any more', async () => {
    const folder = await shopWith((store) => {
      store.startRun({ id: BAD, target: 'local', command: 'materialize', startedAt: START });
    });
    expect((await runs(folder)).out).toContain('crashed');
  });

  test('calls a run running while it holds the target', async () => {
    const folder = await shopWith((store) => {
      store.startRun({ id: BAD, target: 'local', command: 'materialize', startedAt: START });
      const holder = { pid: 1, host: 'here', command: 'materialize' };
      store.acquireLease({ target: 'local', runId: BAD, ...holder, now: START, staleMs: 60_000 });
      store.heartbeat('local', BAD, START + 58_000);
    });
    expect((await runs(folder)).out).toMatch(/running +1 min 00 s/);
  });

  test('calls a run crashed that holds the target and was silent for too long', async () => {
    const folder = await shopWith((store) => {
      store.startRun({ id: BAD, target: 'local', command: 'materialize', startedAt: START });
      const holder = { pid: 1, host: 'here', command: 'materialize' };
      store.acquireLease({ target: 'local', runId: BAD, ...holder, now: START, staleMs: 60_000 });
    });
    expect((await runs(folder)).out).toMatch(/crashed +materialize/);
  });
});

describe('fastbreak runs show', () => {
  test('shows steps, failed attempts, failed checks and failures', async () => {
    const { out } = await runs(await shopWith(twoRuns), { show: BAD });
    expect(out).toContain(`run      ${BAD}  failed`);
    expect(out).toContain('message  2 partitions failed');
    expect(out).toMatch(
      /daily_revenue +2024-03-01\.\.2024-03-05 +4 +failed +2 +· +· +2 +· +12 +1\.4 s/,
    );
    expect(out).toMatch(/daily_revenue +1 +IO_ERROR +0\.1 s +the disk is busy/);
    expect(out).toMatch(/daily_revenue +an_order_has_a_piece +warn +1 +3/);
    expect(out).toContain('daily_revenue  failed EMPTY_RESULT 2024-03-04..2024-03-05 (2): no rows');
  });

  test('has the same as JSON', async () => {
    const { out } = await runs(await shopWith(twoRuns), { show: BAD, json: true });
    expect(JSON.parse(out)).toMatchObject({
      run_id: BAD,
      status: 'failed',
      steps: [
        { asset: 'daily_revenue', from: '2024-03-01', to: '2024-03-05', rows: 12, failed: 2 },
      ],
      attempts: [{ attempt: 1, category: 'IO_ERROR' }],
      checks: [{ partition: '2024-03-01', check: 'an_order_has_a_piece', rows: 3 }],
      failures: [
        { partition: '2024-03-04', category: 'EMPTY_RESULT' },
        { partition: '2024-03-05', category: 'EMPTY_RESULT' },
      ],
    });
  });

  test.each([
    ['the beginning of its id', '20240402-085'],
    ['the word last', 'last'],
  ])('finds a run by %s', async (_name, show) => {
    const { out } = await runs(await shopWith(twoRuns), { show });
    expect(out).toContain(`run      ${BAD}`);
  });

  test('names the nearest run for an unknown id', async () => {
    const failing = runs(await shopWith(twoRuns), { show: '20240402-085900-bbbx' });
    await expect(failing).rejects.toMatchObject({
      message: `there is no run "20240402-085900-bbbx", did you mean "${BAD}"?`,
      exitCode: 2,
    });
  });

  test('does not guess between two runs', async () => {
    const failing = runs(await shopWith(twoRuns), { show: '20240402' });
    await expect(failing).rejects.toMatchObject({ code: 'AMBIGUOUS_RUN', exitCode: 2 });
  });

  test('fails for any id when nothing was recorded', async () => {
    await expect(runs(await newShop(), { show: 'x' })).rejects.toMatchObject({
      code: 'UNKNOWN_RUN',
      exitCode: 2,
    });
  });
});

describe('fastbreak logs', () => {
  test('tells a run in the order of time', async () => {
    const out = await logs(await shopWith(twoRuns), 'last');
    expect(out.trimEnd().split('\n')).toEqual([
      `2024-04-02 10:59:00.000  run ${BAD} started in target local: materialize --force`,
      '2024-04-02 10:59:00.100  daily_revenue  started 2024-03-01..2024-03-05, 4 partitions',
      '2024-04-02 10:59:00.200  daily_revenue  attempt 1 failed IO_ERROR: the disk is busy',
      '2024-04-02 10:59:01.500  daily_revenue  check an_order_has_a_piece (warn): 3 rows in 1 partition',
      '2024-04-02 10:59:01.500  daily_revenue  failed: 2 materialized, 2 failed, 12 rows, 1.4 s',
      '2024-04-02 10:59:01.500  daily_revenue  failed EMPTY_RESULT 2024-03-04..2024-03-05 (2): no rows',
      '2024-04-02 10:59:02.000  run failed after 2.0 s: 2 partitions failed',
    ]);
  });

  test('has every partition as JSON', async () => {
    const { run_id, events } = JSON.parse(
      await logs(await shopWith(twoRuns), BAD, { json: true }),
    ) as {
      run_id: string;
      events: { type: string; partition?: string }[];
    };
    expect(run_id).toBe(BAD);
    expect(
      events.map(({ type, partition }) => [type, partition].filter(Boolean).join(' ')),
    ).toEqual([
      'run_started',
      'step_started',
      'attempt_failed',
      'check_failed',
      'step_ended',
      'partition_materialized 2024-03-01',
      'partition_materialized 2024-03-02',
      'partition_failed 2024-03-04',
      'partition_failed 2024-03-05',
      'run_ended',
    ]);
  });
});
