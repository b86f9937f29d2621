import { expect, test } from 'vitest';
import { unsafeCodeVersion, unsafeRunId } from '../../engine/ids.ts';
import { UNPARTITIONED } from '../../engine/partitions/date.ts';
import { ATTEMPT, CONTENT } from '../../state/store.ts';
import {
  blocked,
  BOX,
  CODE,
  empty,
  failed,
  good,
  hash,
  LOCAL,
  NO_SUMMARY,
  recordsOf,
  recordStep,
  RUN,
  SHOTS,
  storeWithRun,
  temporaryStore,
} from './support.ts';

test('an unknown target has nothing recorded', () => {
  const snapshot = temporaryStore().snapshot('nowhere');
  expect(snapshot.records.size).toBe(0);
  expect(snapshot.codeVersions).toEqual([]);
});

test('a materialized partition is recorded with everything that was said of it', () => {
  const store = storeWithRun();
  const [sequence] = recordStep(store, [good(19_000, 5)]);
  expect(recordsOf(store)).toEqual([
    {
      day: 19_000,
      content: CONTENT.materialized,
      attempt: ATTEMPT.ok,
      rows: 105,
      data: hash(5),
      input: hash(1),
      code: CODE,
      sequence,
    },
  ]);
});

test('records are ascending by day in whatever order the outcomes came', () => {
  const store = storeWithRun();
  recordStep(store, [good(30, 1), good(-10, 2), good(7, 3)]);
  recordStep(store, [good(8, 4)]);
  expect(recordsOf(store).map((record) => record.day)).toEqual([-10, 7, 8, 30]);
});

test('the one partition of an unpartitioned asset keeps its day', () => {
  const store = storeWithRun();
  recordStep(store, [good(UNPARTITIONED, 1)]);
  expect(recordsOf(store)[0]?.day).toBe(UNPARTITIONED);
});

test('row counts beyond 32 bits are exact', () => {
  const store = storeWithRun();
  const rows = Number.MAX_SAFE_INTEGER;
  recordStep(store, [{ ...good(1, 1), rows } as ReturnType<typeof good>]);
  expect(recordsOf(store)[0]?.rows).toBe(rows);
});

test('a failed attempt leaves the good content as it was', () => {
  const store = storeWithRun();
  recordStep(store, [good(1, 5)]);
  const [before] = recordsOf(store);
  recordStep(store, [failed(1)], { codeVersion: unsafeCodeVersion('other') });
  expect(recordsOf(store)).toEqual([{ ...before, attempt: ATTEMPT.failed }]);
});

test('a blocked attempt leaves the good content as it was', () => {
  const store = storeWithRun();
  recordStep(store, [empty(1)]);
  const [before] = recordsOf(store);
  recordStep(store, [blocked(1)]);
  expect(recordsOf(store)).toEqual([{ ...before, attempt: ATTEMPT.blocked }]);
});

test('a partition that only ever failed has no content, no code version and no sequence', () => {
  const store = storeWithRun();
  recordStep(store, [failed(1)]);
  const [record] = recordsOf(store);
  expect(record).toMatchObject({ content: CONTENT.none, attempt: ATTEMPT.failed, rows: 0 });
  expect(record).toMatchObject({ code: undefined, sequence: 0, data: { hi: 0, lo: 0 } });
  expect(store.snapshot(LOCAL).records.get(BOX)?.code[0]).toBe(-1);
});

test('an expected-empty partition has no rows, a zero data hash and its inputs', () => {
  const store = storeWithRun();
  recordStep(store, [good(1, 5)]);
  recordStep(store, [empty(1)]);
  expect(recordsOf(store)[0]).toMatchObject({
    content: CONTENT.expectedEmpty,
    attempt: ATTEMPT.ok,
    rows: 0,
    data: { hi: 0, lo: 0 },
    input: hash(9),
    code: CODE,
  });
});

test('a success after a failure clears the failure', () => {
  const store = storeWithRun();
  recordStep(store, [failed(1)]);
  recordStep(store, [good(1, 5)]);
  expect(recordsOf(store)[0]?.attempt).toBe(ATTEMPT.ok);
  expect(store.details(LOCAL, BOX, [1]).get(1)).toMatchObject({ category: null, message: null });
});

test('unchanged content gets the new inputs and the new sequence number', () => {
  const store = storeWithRun();
  recordStep(store, [good(1, 5)]);
  const [sequence] = recordStep(store, [good(1, 5, { type: 'unchanged', input: 2 })]);
  expect(recordsOf(store)[0]).toMatchObject({ data: hash(5), input: hash(2), sequence });
});

test('sequence numbers grow over all assets, one for each outcome in order', () => {
  const store = storeWithRun();
  const first = recordStep(store, [good(1, 1), failed(2), blocked(3)]);
  const second = recordStep(store, [empty(1)], { asset: SHOTS });
  const sequences = [...first, ...second];
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  expect(new Set(sequences).size).toBe(4);
});

test('targets do not see each other', () => {
  const store = storeWithRun();
  const runId = unsafeRunId('run-prod');
  store.startRun({ id: runId, target: 'prod', command: 'materialize', startedAt: 1 });
  recordStep(store, [good(1, 1)]);
  recordStep(store, [good(2, 2)], { runId });
  expect(recordsOf(store).map((record) => record.day)).toEqual([1]);
  expect(recordsOf(store, BOX, 'prod').map((record) => record.day)).toEqual([2]);
});

test('an outcome for a step that was never started is a bug, and records nothing', () => {
  const store = storeWithRun();
  expect(() =>
    store.endStep({
      stepId: 99,
      asset: BOX,
      codeVersion: CODE,
      status: 'succeeded',
      endedAt: 1,
      summary: NO_SUMMARY,
      outcomes: [good(1, 1)],
      checks: [],
    }),
  ).toThrow('step 99 was never started');
  expect(recordsOf(store)).toEqual([]);
});

test('removed partitions are forgotten, the others stay', () => {
  const store = storeWithRun();
  recordStep(store, [good(1, 1), good(2, 2), failed(3)]);
  store.removePartitions({
    target: LOCAL,
    asset: BOX,
    days: [1, 3, 77],
    runId: RUN,
    at: 3000,
    reason: 'left the calendar',
  });
  expect(recordsOf(store).map((record) => record.day)).toEqual([2]);
  expect(store.eventsOfPartition(LOCAL, BOX, 1)[0]).toMatchObject({
    type: 'removed',
    rowsBefore: 101,
    rows: null,
    at: 3000,
    message: 'left the calendar',
  });
  expect(store.eventsOfPartition(LOCAL, BOX, 3)[0]?.rowsBefore).toBeNull();
  expect(store.eventsOfPartition(LOCAL, BOX, 77)).toEqual([]);
});
