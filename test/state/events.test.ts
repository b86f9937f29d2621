import { describe, expect, test } from 'vitest';
import type { StateStore } from '../../state/store.ts';
import { unsafeRunId } from '../../engine/ids.ts';
import {
  blocked,
  BOX,
  CODE,
  empty,
  failed,
  good,
  hash,
  LOCAL,
  recordStep,
  RUN,
  SHOTS,
  storeWithRun,
} from './support.ts';

const ALL_DAYS = { lo: -100, hi: 100_000, after: 0 };

function changedDays(store: StateStore, after: number, range = ALL_DAYS): readonly number[] {
  return store.changesSince(LOCAL, BOX, { ...range, after }).map((event) => event.day);
}

describe('history', () => {
  test('the events of a partition come newest first, with the rows before and after', () => {
    const store = storeWithRun();
    recordStep(store, [good(1, 5)]);
    recordStep(store, [failed(1)]);
    recordStep(store, [good(1, 7)]);
    recordStep(store, [empty(1, 'no games')]);
    const events = store.eventsOfPartition(LOCAL, BOX, 1);
    const story = events.map(({ type, rowsBefore, rows }) => [type, rowsBefore, rows]);
    expect(story).toEqual([
      ['expected_empty', 107, 0],
      ['materialized', 105, 107],
      ['failed', 105, null],
      ['materialized', null, 105],
    ]);
  });

  test('an event tells what was recorded', () => {
    const store = storeWithRun();
    const [sequence] = recordStep(store, [good(1, 5)], { endedAt: 4321 });
    expect(store.eventsOfPartition(LOCAL, BOX, 1)).toEqual([
      {
        sequence,
        asset: BOX,
        day: 1,
        type: 'materialized',
        runId: RUN,
        at: 4321,
        rowsBefore: null,
        rows: 105,
        data: hash(5),
        codeVersion: CODE,
        message: null,
        category: null,
      },
    ]);
  });

  test('a failure keeps its category, a blocking and an empty partition their reason', () => {
    const store = storeWithRun();
    recordStep(store, [failed(1, 'TIMEOUT'), blocked(2), empty(3, 'no games')]);
    const events = store.eventsOfRun(RUN);
    expect(events.map(({ type, category, message }) => [type, category, message])).toEqual([
      ['expected_empty', null, 'no games'],
      ['blocked', null, 'shots 1'],
      ['failed', 'TIMEOUT', 'TIMEOUT on 1'],
    ]);
    expect(events[2]?.data).toBeNull();
  });

  test('the events of a run are its own', () => {
    const store = storeWithRun();
    const other = unsafeRunId('run-2');
    store.startRun({ id: other, target: LOCAL, command: 'backfill', startedAt: 5 });
    recordStep(store, [good(1, 1)]);
    recordStep(store, [good(2, 1)], { runId: other });
    expect(store.eventsOfRun(other).map((event) => event.day)).toEqual([2]);
  });
});

describe('what counts as a change', () => {
  test('the first content is a change', () => {
    const store = storeWithRun();
    recordStep(store, [good(1, 1), empty(2)]);
    expect(changedDays(store, 0)).toEqual([1, 2]);
  });

  test.each([
    ['the same content again', good(1, 5), good(1, 5), []],
    ['unchanged content', good(1, 5), good(1, 5, { type: 'unchanged', input: 7 }), []],
    ['other content', good(1, 5), good(1, 6), [1]],
    ['content that became expected-empty', good(1, 5), empty(1), [1]],
    ['expected-empty content that was filled', empty(1), good(1, 5), [1]],
    ['expected-empty content for another reason', empty(1, 'a'), empty(1, 'b'), []],
    ['a failure', good(1, 5), failed(1), []],
    ['a blocking', good(1, 5), blocked(1), []],
    ['content after a failure without any', failed(1), good(1, 5), [1]],
  ])('%s is listed only if the content differs', (_title, before, after, expected) => {
    const store = storeWithRun();
    const [sequence = 0] = recordStep(store, [before]);
    recordStep(store, [after]);
    expect(changedDays(store, sequence)).toEqual(expected);
  });

  test('the same hash with another number of rows is a change', () => {
    const store = storeWithRun();
    const [sequence = 0] = recordStep(store, [good(1, 5)]);
    recordStep(store, [{ ...good(1, 5), rows: 1 } as ReturnType<typeof good>]);
    expect(changedDays(store, sequence)).toEqual([1]);
  });

  test('a removed partition is a change if it had content', () => {
    const store = storeWithRun();
    const sequence = recordStep(store, [good(1, 5), failed(2)]).at(-1) ?? 0;
    const days = [1, 2];
    const removal = { target: LOCAL, asset: BOX, days, runId: RUN, at: 1, reason: 'gone' };
    store.removePartitions(removal);
    expect(store.changesSince(LOCAL, BOX, { ...ALL_DAYS, after: sequence })).toMatchObject([
      { day: 1, type: 'removed', rowsBefore: 105 },
    ]);
  });
});

describe('what changes since a sequence number lists', () => {
  test('a partition that changed twice is listed once, with its newest change', () => {
    const store = storeWithRun();
    recordStep(store, [good(1, 5)]);
    recordStep(store, [good(1, 6)]);
    recordStep(store, [failed(1)]);
    const changes = store.changesSince(LOCAL, BOX, ALL_DAYS);
    expect(changes.map(({ day, rows }) => [day, rows])).toEqual([[1, 106]]);
  });

  test('the range holds its first day and not its last', () => {
    const store = storeWithRun();
    recordStep(store, [good(1, 1), good(2, 1), good(3, 1)]);
    expect(changedDays(store, 0, { lo: 2, hi: 3, after: 0 })).toEqual([2]);
  });

  test('other assets and targets are not listed', () => {
    const store = storeWithRun();
    recordStep(store, [good(1, 1)], { asset: SHOTS });
    expect(changedDays(store, 0)).toEqual([]);
    expect(store.changesSince('prod', SHOTS, ALL_DAYS)).toEqual([]);
  });
});

describe('details', () => {
  test('a failed partition tells why it failed and when its rows were made', () => {
    const store = storeWithRun();
    const later = unsafeRunId('run-2');
    store.startRun({ id: later, target: LOCAL, command: 'materialize', startedAt: 3000 });
    recordStep(store, [good(1, 5)], { endedAt: 2000 });
    recordStep(store, [failed(1, 'TIMEOUT')], { runId: later, endedAt: 4000 });
    expect(store.details(LOCAL, BOX, [1]).get(1)).toEqual({
      day: 1,
      category: 'TIMEOUT',
      message: 'TIMEOUT on 1',
      runId: later,
      at: 2000,
      inputs: Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]),
    });
  });

  test('a partition without content tells when it was tried and has no inputs', () => {
    const store = storeWithRun();
    recordStep(store, [blocked(1)], { endedAt: 4000 });
    const detail = store.details(LOCAL, BOX, [1]).get(1);
    expect(detail).toMatchObject({ at: 4000, inputs: null, category: null, message: 'shots 0' });
  });

  test('an expected-empty partition tells its reason', () => {
    const store = storeWithRun();
    recordStep(store, [empty(1, 'no games')]);
    expect(store.details(LOCAL, BOX, [1]).get(1)?.message).toBe('no games');
  });

  test('only the asked days are answered, and none for days without a record', () => {
    const store = storeWithRun();
    recordStep(store, [good(1, 1), good(2, 1), good(3, 1)]);
    expect([...store.details(LOCAL, BOX, [1, 3, 50]).keys()]).toEqual([1, 3]);
    expect(store.details(LOCAL, BOX, []).size).toBe(0);
  });
});
