import { expect, test } from 'vitest';
import { connect } from '../../state/connection.ts';
import { afterwards, blocked, BOX, empty, failed, good, LOCAL, recordsOf } from './support.ts';
import { CODE, hash, recordStep, RUN, SHOTS, storeWithRun, temporaryPath } from './support.ts';

/** A store whose run has ended, and which assets have a packed value. */
function packedStore() {
  const path = temporaryPath();
  const store = storeWithRun(path);
  recordStep(store, [good(-4, 1), good(7, 2), failed(8), empty(9)]);
  recordStep(store, [good(7, 3)], { asset: SHOTS });
  const before = recordsOf(store);
  store.endRun(RUN, 'succeeded', 2000, null);
  const db = connect(path);
  afterwards(() => db.close());
  const packed = (): unknown[] =>
    db
      .prepare(
        'SELECT a.name FROM packed_partitions p JOIN assets a ON a.id = p.asset ORDER BY a.id',
      )
      .pluck()
      .all();
  return { store, before, packed, db };
}

test('the end of a run packs what is recorded of every asset', () => {
  const { store, before, packed } = packedStore();
  expect(packed()).toEqual([BOX, SHOTS]);
  expect(recordsOf(store)).toEqual(before);
});

test('an asset that is packed is read without its rows', () => {
  const { store, before, db } = packedStore();
  db.exec(`DROP TRIGGER partitions_deleted; DELETE FROM partitions`);
  expect(recordsOf(store)).toEqual(before);
});

test.each([
  ['a materialization', [good(20, 4)]],
  ['the same content again', [good(7, 2, { type: 'unchanged' })]],
  ['a failure', [failed(7)]],
  ['a blocked partition', [blocked(-4)]],
  ['an empty partition', [empty(9)]],
])('%s drops what was packed of its asset, and of no other', (_title, outcomes) => {
  const { store, packed } = packedStore();
  recordStep(store, outcomes);
  expect(packed()).toEqual([SHOTS]);
  const day = outcomes[0]?.day;
  const fresh = recordsOf(store);
  expect(fresh.filter((record) => record.day === day)).toHaveLength(1);
  store.endRun(RUN, 'succeeded', 3000, null);
  expect(packed()).toEqual([BOX, SHOTS]);
  expect(recordsOf(store)).toEqual(fresh);
});

test('partitions that are removed or adopted are not read from what was packed', () => {
  const { store, packed } = packedStore();
  const asset = { target: LOCAL, asset: BOX, runId: RUN, at: 3000, reason: 'left' };
  store.removePartitions({ ...asset, days: [-4, 8] });
  expect(packed()).toEqual([SHOTS]);
  expect(recordsOf(store).map((record) => record.day)).toEqual([7, 9]);
  const inputs = new Uint8Array(8);
  const row = { rows: 1, data: hash(3), input: hash(4), inputs, codeVersion: CODE };
  store.adoptMaterializations(LOCAL, [{ ...row, asset: SHOTS, day: 7, runId: RUN, at: 3000 }]);
  expect(packed()).toEqual([]);
  expect(recordsOf(store, SHOTS)).toMatchObject([{ day: 7, rows: 1, data: hash(3) }]);
});

test('a row changed by hand is read as it is', () => {
  const { store, db } = packedStore();
  db.exec('UPDATE partitions SET rows = 17 WHERE day = 7');
  expect(recordsOf(store).find((record) => record.day === 7)?.rows).toBe(17);
});
