import { expect, test } from 'vitest';
import { unsafeCodeVersion, unsafeRunId } from '../../engine/ids.ts';
import { ATTEMPT, CONTENT, type WarehouseMaterialization } from '../../state/store.ts';
import { BOX, CODE, empty, failed, good, hash, LOCAL, recordsOf, recordStep } from './support.ts';
import { RUN, SHOTS, storeWithRun, temporaryStore } from './support.ts';

function inWarehouse(
  day: number,
  content: number,
  other: Partial<WarehouseMaterialization> = {},
): WarehouseMaterialization {
  const facts = { rows: 100 + content, data: hash(content), input: hash(1) };
  const origin = { inputs: Uint8Array.of(7), codeVersion: CODE, runId: RUN, at: 1500 };
  return { asset: BOX, day, ...facts, ...origin, ...other };
}

test('what the warehouse holds and the record does not know is adopted', () => {
  const store = storeWithRun();
  store.adoptMaterializations(LOCAL, [inWarehouse(1, 5), inWarehouse(1, 6, { asset: SHOTS })]);
  const [event] = store.eventsOfPartition(LOCAL, BOX, 1);
  expect(event).toMatchObject({ type: 'materialized', rowsBefore: null, rows: 105, at: 1500 });
  expect(recordsOf(store)).toMatchObject([
    { day: 1, content: CONTENT.materialized, attempt: ATTEMPT.ok, rows: 105, data: hash(5) },
  ]);
  expect(recordsOf(store)[0]?.sequence).toBe(event?.sequence);
  expect(recordsOf(store, SHOTS)).toMatchObject([{ day: 1, rows: 106 }]);
});

test('what the record already says adds no event', () => {
  const store = storeWithRun();
  recordStep(store, [good(1, 5)]);
  const before = recordsOf(store);
  store.adoptMaterializations(LOCAL, [inWarehouse(1, 5)]);
  expect(recordsOf(store)).toEqual(before);
  expect(store.eventsOfPartition(LOCAL, BOX, 1)).toHaveLength(1);
});

test('a failure after good content is not forgotten when the warehouse agrees on the content', () => {
  const store = storeWithRun();
  recordStep(store, [good(1, 5)]);
  recordStep(store, [failed(1)]);
  store.adoptMaterializations(LOCAL, [inWarehouse(1, 5)]);
  expect(recordsOf(store)[0]?.attempt).toBe(ATTEMPT.failed);
});

test.each([
  ['other rows', inWarehouse(1, 6)],
  ['other inputs', inWarehouse(1, 5, { input: hash(2) })],
  ['another code version', inWarehouse(1, 5, { codeVersion: unsafeCodeVersion('newer') })],
])('%s in the warehouse win over the record', (_title, row) => {
  const store = storeWithRun();
  recordStep(store, [good(1, 5)]);
  store.adoptMaterializations(LOCAL, [row]);
  const { rows, data, input, codeVersion: code } = row;
  expect(recordsOf(store)).toMatchObject([{ rows, data, input, code }]);
  expect(store.eventsOfPartition(LOCAL, BOX, 1)).toHaveLength(2);
});

test('content in the warehouse wins over a failure and over an expected-empty record', () => {
  const store = storeWithRun();
  recordStep(store, [failed(1), empty(2)]);
  store.adoptMaterializations(LOCAL, [inWarehouse(1, 5), inWarehouse(2, 6)]);
  const states = recordsOf(store).map(({ content, attempt }) => [content, attempt]);
  expect(states).toEqual([
    [CONTENT.materialized, ATTEMPT.ok],
    [CONTENT.materialized, ATTEMPT.ok],
  ]);
  expect(store.details(LOCAL, BOX, [1]).get(1)?.inputs).toEqual(Buffer.from([7]));
});

test('a lost state file is rebuilt from the warehouse without inventing runs', () => {
  const store = temporaryStore();
  const runId = unsafeRunId('run-of-the-lost-file');
  store.adoptMaterializations(LOCAL, [inWarehouse(1, 5, { runId })]);
  expect(store.eventsOfPartition(LOCAL, BOX, 1)[0]?.runId).toBe(runId);
  expect(store.eventsOfRun(runId)).toHaveLength(1);
  expect(store.runs(LOCAL, 10)).toEqual([]);
  expect(store.run(runId)).toBeUndefined();
});

test('partitions that the warehouse does not list are left alone', () => {
  const store = storeWithRun();
  recordStep(store, [good(1, 1), good(2, 2)]);
  store.adoptMaterializations(LOCAL, [inWarehouse(1, 5)]);
  expect(recordsOf(store).map((record) => record.day)).toEqual([1, 2]);
  store.adoptMaterializations(LOCAL, []);
  expect(recordsOf(store)).toHaveLength(2);
});
