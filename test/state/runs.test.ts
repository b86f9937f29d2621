import { describe, expect, test } from 'vitest';
import { unsafeCodeVersion, unsafeRunId } from '../../engine/ids.ts';
import { BOX, CODE, good, LOCAL, NO_SUMMARY, recordStep, RUN, SHOTS } from './support.ts';
import { storeWithRun, temporaryStore } from './support.ts';

const SECOND = unsafeRunId('run-2');
const DAYS = { firstDay: 1, lastDay: 4, partitions: 4 };

describe('runs', () => {
  test('a run is running until it ends', () => {
    const store = storeWithRun();
    expect(store.run(RUN)).toEqual({
      id: RUN,
      target: LOCAL,
      command: 'materialize',
      status: 'running',
      startedAt: 1000,
      endedAt: null,
      message: null,
    });
    store.endRun(RUN, 'failed', 5000, '2 partitions failed');
    expect(store.run(RUN)).toMatchObject({ status: 'failed', endedAt: 5000 });
    expect(store.run(RUN)?.message).toBe('2 partitions failed');
  });

  test('runs come newest first, no more than asked for, of one target', () => {
    const store = storeWithRun();
    store.startRun({ id: SECOND, target: LOCAL, command: 'backfill', startedAt: 2000 });
    const elsewhere = unsafeRunId('run-3');
    store.startRun({ id: elsewhere, target: 'prod', command: 'backfill', startedAt: 3000 });
    expect(store.runs(LOCAL, 10).map((run) => run.id)).toEqual([SECOND, RUN]);
    expect(store.runs(LOCAL, 1).map((run) => run.id)).toEqual([SECOND]);
    expect(store.run('no-such-run')).toBeUndefined();
  });

  test('a run cannot be started twice', () => {
    const store = storeWithRun();
    const again = { id: RUN, target: LOCAL, command: 'materialize', startedAt: 1 };
    expect(() => store.startRun(again)).toThrow();
  });

  test('what a crash left running is marked as crashed, the present run is not', () => {
    const store = storeWithRun();
    store.startStep({ runId: RUN, asset: BOX, ...DAYS, startedAt: 1100 });
    store.startRun({ id: SECOND, target: LOCAL, command: 'materialize', startedAt: 2000 });
    store.startStep({ runId: SECOND, asset: BOX, ...DAYS, startedAt: 2100 });
    expect(store.closeCrashedRuns(LOCAL, SECOND, 9000)).toEqual([RUN]);
    expect(store.run(RUN)).toMatchObject({ status: 'crashed', endedAt: 9000 });
    expect(store.steps(RUN)).toMatchObject([{ status: 'crashed', endedAt: 9000 }]);
    expect(store.run(SECOND)?.status).toBe('running');
    expect(store.steps(SECOND)[0]?.status).toBe('running');
    expect(store.closeCrashedRuns(LOCAL, SECOND, 9999)).toEqual([]);
  });

  test('the runs of other targets are left alone', () => {
    const store = storeWithRun();
    expect(store.closeCrashedRuns('prod', SECOND, 9000)).toEqual([]);
    expect(store.run(RUN)?.status).toBe('running');
  });
});

describe('steps', () => {
  test('a step ends with its status, rows and summary', () => {
    const store = storeWithRun();
    const summary = { ...NO_SUMMARY, materialized: 2, statements: 3 };
    recordStep(store, [good(1, 1), good(2, 2)], { summary, endedAt: 7000 });
    expect(store.steps(RUN)).toMatchObject([
      {
        runId: RUN,
        asset: BOX,
        firstDay: 1,
        lastDay: 2,
        partitions: 2,
        status: 'succeeded',
        startedAt: 1000,
        endedAt: 7000,
        rows: 203,
        summary,
      },
    ]);
  });

  test('a running step has no end and no summary', () => {
    const store = storeWithRun();
    const id = store.startStep({ runId: RUN, asset: BOX, ...DAYS, startedAt: 1100 });
    expect(store.steps(RUN)).toMatchObject([
      { id, status: 'running', endedAt: null, rows: 0, summary: null },
    ]);
  });

  test('a step of a run that was never started is a bug', () => {
    const store = temporaryStore();
    const step = { runId: RUN, asset: BOX, ...DAYS, startedAt: 1 };
    expect(() => store.startStep(step)).toThrow('run run-1 was never started');
  });

  test('every try is kept in order', () => {
    const store = storeWithRun();
    const stepId = store.startStep({ runId: RUN, asset: BOX, ...DAYS, startedAt: 1100 });
    const first = { stepId, number: 1, startedAt: 1, endedAt: 2, category: 'QUOTA', message: 'x' };
    const second = { ...first, number: 2, category: null, message: null };
    store.recordAttempt(first);
    store.recordAttempt(second);
    expect(store.attempts(RUN)).toEqual([first, second]);
    expect(store.attempts(SECOND)).toEqual([]);
  });

  test('check results are kept with the step', () => {
    const store = storeWithRun();
    const check = { asset: BOX, day: 1, check: 'points_not_negative', failures: 3 };
    const first = { ...check, severity: 'error' as const, blocking: true, sample: '[{"p":-1}]' };
    const second = { ...check, severity: 'warn' as const, blocking: false, sample: null };
    recordStep(store, [good(1, 1)], { checks: [first, second] });
    const stepId = store.steps(RUN)[0]?.id;
    expect(store.checks(RUN)).toEqual([
      { ...first, stepId },
      { ...second, stepId },
    ]);
  });
});

describe('what status shows of earlier runs', () => {
  test('the last run of an asset is the newest that touched it', () => {
    const store = storeWithRun();
    recordStep(store, [good(1, 1)]);
    recordStep(store, [good(1, 1)], { asset: SHOTS, endedAt: 1500 });
    store.endRun(RUN, 'succeeded', 3000, null);
    store.startRun({ id: SECOND, target: LOCAL, command: 'materialize', startedAt: 4000 });
    recordStep(store, [good(1, 2)], { runId: SECOND, endedAt: 5000 });
    const last = store.lastRuns(LOCAL);
    expect(last.get(SHOTS)).toEqual({ runId: RUN, at: 3000, status: 'succeeded' });
    expect(last.get(BOX)).toEqual({ runId: SECOND, at: 5000, status: 'running' });
    expect(store.lastRuns('prod').size).toBe(0);
  });

  test('seconds per partition rest on the newest succeeded steps', () => {
    const store = storeWithRun();
    const slow = { startedAt: 0, endedAt: 1_000_000, partitions: 1 };
    recordStep(store, [], slow);
    for (let i = 0; i < 5; i++) recordStep(store, [], { ...slow, endedAt: 2000, partitions: 4 });
    recordStep(store, [], { ...slow, status: 'failed' });
    expect(store.secondsPerPartition(LOCAL)).toEqual(new Map([[BOX, 0.5]]));
  });

  test('partitions that a step skipped do not make it look faster', () => {
    const store = storeWithRun();
    const summary = { ...NO_SUMMARY, materialized: 2, skipped: 98 };
    recordStep(store, [], { startedAt: 0, endedAt: 4000, partitions: 100, summary });
    expect(store.secondsPerPartition(LOCAL).get(BOX)).toBe(2);
  });

  test('an asset without a succeeded step has no estimate', () => {
    const store = storeWithRun();
    recordStep(store, [good(1, 1)], { status: 'failed' });
    expect(store.secondsPerPartition(LOCAL).has(BOX)).toBe(false);
  });
});

describe('what is known of code, calendars and sources', () => {
  test('a definition is found by asset and code version', () => {
    const store = temporaryStore();
    const definition = {
      asset: BOX,
      codeVersion: CODE,
      parts: '{"sql":"x"}',
      upstream: ['b', 'a'],
    };
    store.saveDefinition(definition);
    store.saveDefinition(definition);
    expect(store.definition(BOX, CODE)).toEqual(definition);
    expect(store.definition(SHOTS, CODE)).toBeUndefined();
    expect(store.definition(BOX, unsafeCodeVersion('other'))).toBeUndefined();
  });

  test('a calendar comes back as it was saved last', () => {
    const store = temporaryStore();
    const calendar = {
      name: 'games',
      fingerprint: 'f1',
      days: Int32Array.of(-3, 19_000, 19_001),
      periodIndex: Int32Array.of(-1, 0, 0),
      periods: [{ name: '2024', start: 18_990, first: 19_000 }],
    };
    store.saveCalendar(LOCAL, { ...calendar, fingerprint: 'f0', days: Int32Array.of(1) });
    store.saveCalendar(LOCAL, calendar);
    store.saveCalendar('prod', { ...calendar, name: 'other' });
    expect(store.snapshot(LOCAL).calendars).toEqual(new Map([['games', calendar]]));
  });

  test('part of a longer array is saved as that part', () => {
    const store = temporaryStore();
    const days = Int32Array.of(1, 2, 3, 4).subarray(1, 3);
    const periodIndex = Int32Array.of(-1, -1);
    const calendar = { name: 'games', fingerprint: 'f', days, periodIndex, periods: [] };
    store.saveCalendar(LOCAL, calendar);
    expect([...(store.snapshot(LOCAL).calendars.get('games')?.days ?? [])]).toEqual([2, 3]);
  });

  test('an observation replaces the one before', () => {
    const store = temporaryStore();
    store.saveObservation(LOCAL, { asset: BOX, quick: 'q1', content: 'c1' });
    store.saveObservation(LOCAL, { asset: BOX, quick: 'q2', content: 'c1' });
    const expected = new Map([[BOX, { asset: BOX, quick: 'q2', content: 'c1' }]]);
    expect(store.snapshot(LOCAL).observations).toEqual(expected);
  });

  test('the warehouse fingerprint can be forgotten', () => {
    const store = temporaryStore();
    expect(store.warehouseFingerprint(LOCAL)).toBeUndefined();
    store.saveWarehouseFingerprint(LOCAL, 'w1');
    expect(store.warehouseFingerprint(LOCAL)).toBe('w1');
    expect(store.warehouseFingerprint('prod')).toBeUndefined();
    store.saveWarehouseFingerprint(LOCAL, null);
    expect(store.warehouseFingerprint(LOCAL)).toBeUndefined();
  });
});
