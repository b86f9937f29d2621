import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { unsafeAssetName, unsafeCodeVersion, unsafeRunId } from '../../engine/ids.ts';
import type { Cause } from '../../engine/staleness/cause.ts';
import { explainCauses } from '../../engine/staleness/causes.ts';
import { STATUS_NAMES } from '../../engine/staleness/status.ts';
import {
  assetWith,
  BOX,
  day,
  DAYS,
  Recorder,
  SUMMARY,
  TARGET,
  upstreamOf,
} from '../commands/record-fixture.ts';

let recorder: Recorder;

beforeEach(() => {
  recorder = new Recorder();
});
afterEach(() => recorder.close());

function causes(asset: string, date: string, most?: number): readonly Cause[] {
  const record = recorder.read();
  const name = unsafeAssetName(asset);
  const days = record.evaluation.assets.get(name)?.expected.days ?? new Int32Array(0);
  const index = days.indexOf(day(date));
  const found = explainCauses({
    evaluation: record.evaluation,
    codeVersions: record.snapshot.codeVersions,
    reader: record.reader,
    target: TARGET,
    asset: name,
    indexes: [index],
    ...(most === undefined ? {} : { most }),
  });
  return found.get(index) ?? [];
}

function status(asset: string, date: string): string | undefined {
  const of = recorder.read().evaluation.assets.get(unsafeAssetName(asset));
  return of && STATUS_NAMES[of.status[of.expected.days.indexOf(day(date))] ?? 0];
}

const ALL_BOXES = {
  '2024-01-01': 10,
  '2024-01-02': 20,
  '2024-01-03': 30,
  '2024-01-06': 40,
  '2024-01-07': 50,
};

test('a partition that is current has no cause', () => {
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('summary', ALL_BOXES);
  expect(status('summary', '2024-01-03')).toBe('current');
  expect(causes('summary', '2024-01-03')).toEqual([]);
});

test('an upstream partition with other rows is named with its rows before and after', () => {
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('summary', ALL_BOXES);
  recorder.materialize('box', { '2024-01-03': 31 });
  expect(causes('summary', '2024-01-03')).toMatchObject([
    {
      kind: 'upstream_changed',
      upstream: 'box',
      partitions: ['2024-01-03'],
      count: 1,
      detail: 'box changed: 2024-01-03 (30 → 31 rows)',
    },
  ]);
  expect(causes('summary', '2024-01-02')).toEqual([]);
});

test('a change that the partition has seen is not named again', () => {
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('summary', ALL_BOXES);
  recorder.materialize('box', { '2024-01-01': 11 });
  recorder.materialize('summary', ALL_BOXES);
  recorder.materialize('cache', { '2024-01-03': 1, '2024-01-06': 1 });
  recorder.materialize('summary', { '2024-01-01': 12 });
  expect(causes('cache', '2024-01-06')).toMatchObject([
    { kind: 'upstream_changed', partitions: ['2024-01-01'] },
  ]);
});

test('an upstream partition that changed more than once has the rows of when it was read', () => {
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('summary', ALL_BOXES);
  recorder.materialize('box', { '2024-01-03': 31 });
  recorder.materialize('box', { '2024-01-03': 32 });
  expect(causes('summary', '2024-01-03')).toMatchObject([
    { kind: 'upstream_changed', detail: 'box changed: 2024-01-03 (30 → 32 rows)' },
  ]);
});

test('an upstream partition that arrived and then changed has arrived later', () => {
  recorder.materialize('box', { '2024-01-01': 10 });
  recorder.materialize('summary', ALL_BOXES);
  recorder.materialize('box', { '2024-01-02': 20 });
  recorder.materialize('box', { '2024-01-02': 21 });
  expect(causes('summary', '2024-01-02')).toMatchObject([
    { kind: 'upstream_added', detail: 'box arrived later: 2024-01-02 (21 rows)' },
  ]);
});

test('an upstream change that was undone is no cause beside one that was not', () => {
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('summary', ALL_BOXES);
  recorder.materialize('cache', { '2024-01-06': 1 });
  recorder.materialize('summary', { '2024-01-02': 21, '2024-01-03': 31 });
  recorder.materialize('summary', { '2024-01-02': 20 });
  expect(causes('cache', '2024-01-06')).toMatchObject([
    { kind: 'upstream_changed', partitions: ['2024-01-03'], count: 1 },
  ]);
});

test('the same upstream content again is no cause', () => {
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('summary', ALL_BOXES);
  recorder.materialize('box', ALL_BOXES);
  expect(causes('summary', '2024-01-03')).toEqual([]);
});

test('an upstream partition that arrived late counts as added, one that went away as removed', () => {
  const optional = [upstreamOf('box', { type: 'before_days', days: 7 }, true)];
  recorder.close();
  recorder = new Recorder([BOX, { ...SUMMARY, upstream: optional }]);
  recorder.materialize('box', { '2024-01-01': 10 });
  recorder.materialize('summary', { '2024-01-03': 1 });
  recorder.materialize('box', { '2024-01-02': 20 });
  expect(causes('summary', '2024-01-03')).toMatchObject([
    { kind: 'upstream_added', detail: 'box arrived later: 2024-01-02 (20 rows)' },
  ]);
  recorder.store.removePartitions({
    target: TARGET,
    asset: unsafeAssetName('box'),
    days: [day('2024-01-01')],
    runId: unsafeRunId('run-9'),
    at: 1,
    reason: 'left the calendar',
  });
  expect(causes('summary', '2024-01-03').map((cause) => cause.kind)).toEqual([
    'upstream_added',
    'upstream_removed',
  ]);
});

test.each([
  ['the SQL', { source: 'b' }, 'code changed: SQL'],
  ['functions and windows', { functions: 'b', windows: 'b' }, 'code changed: functions, windows'],
  ['columns', { columns: 'b' }, 'code changed: columns'],
])('changed code is taken apart: %s', (_what, parts, label) => {
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('summary', ALL_BOXES);
  recorder.change('summary', {
    codeVersion: unsafeCodeVersion('00000000000000bb'),
    codeParts: { ...SUMMARY.codeParts, ...parts },
  });
  expect(causes('summary', '2024-01-03')).toMatchObject([{ kind: 'code', label }]);
});

test('changed code and a changed upstream are both named', () => {
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('summary', ALL_BOXES);
  recorder.materialize('box', { '2024-01-03': 31 });
  recorder.change('summary', { codeVersion: unsafeCodeVersion('00000000000000bb') });
  const kinds = causes('summary', '2024-01-03').map((cause) => cause.kind);
  expect(kinds).toEqual(['code', 'upstream_changed']);
});

test('edges are found again by name when the order of upstream changed with the code', () => {
  const other = assetWith('other', { kind: 'source' });
  const same = { type: 'same' } as const;
  recorder.close();
  recorder = new Recorder([
    BOX,
    other,
    { ...SUMMARY, upstream: [upstreamOf('box', same), upstreamOf('other', same)] },
  ]);
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('other', ALL_BOXES);
  recorder.materialize('summary', ALL_BOXES);
  recorder.materialize('other', { '2024-01-03': 31 });
  recorder.change('summary', {
    codeVersion: unsafeCodeVersion('00000000000000bb'),
    upstream: [upstreamOf('other', same), upstreamOf('box', same)],
  });
  expect(causes('summary', '2024-01-03')).toMatchObject([
    { kind: 'code' },
    { kind: 'upstream_changed', upstream: 'other' },
  ]);
});

test('a source whose files changed says so', () => {
  recorder.materialize('box', ALL_BOXES);
  recorder.observe('00000000000000f2');
  expect(status('box', '2024-01-03')).toBe('stale');
  expect(causes('box', '2024-01-03')).toMatchObject([{ kind: 'files_changed' }]);
});

test('a window that the calendar moved is a change of configuration', () => {
  const before = [upstreamOf('box', { type: 'before_partitions', partitions: 1 })];
  recorder.close();
  recorder = new Recorder([BOX, { ...SUMMARY, upstream: before }]);
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('summary', { '2024-01-06': 1 });
  recorder.saveCalendar(DAYS.filter((each) => each !== day('2024-01-03')));
  expect(causes('summary', '2024-01-06')).toMatchObject([{ kind: 'config', upstream: 'box' }]);
});

test('a failed partition has the category and the message of its newest attempt', () => {
  recorder.materialize('box', ALL_BOXES);
  recorder.fail('summary', '2024-01-03');
  expect(causes('summary', '2024-01-03')).toMatchObject([
    { kind: 'failed', detail: 'EMPTY_RESULT: no rows, the calendar expects some' },
  ]);
});

test('a missing partition with all its upstream says that nothing stands in its way', () => {
  recorder.materialize('box', ALL_BOXES);
  expect(causes('summary', '2024-01-03')).toMatchObject([{ kind: 'never_materialized' }]);
});

test('a blocked partition names every upstream partition that it waits for, up to a limit', () => {
  recorder.materialize('box', { '2024-01-01': 1, '2024-01-02': 1 });
  expect(status('cache', '2024-01-07')).toBe('blocked');
  expect(causes('cache', '2024-01-07', 2)).toMatchObject([
    { kind: 'blocked', upstream: 'summary', partitions: ['2024-01-01', '2024-01-02'], count: 4 },
  ]);
});

test('the record is read once per asset and upstream, however many partitions there are', () => {
  recorder.materialize('box', ALL_BOXES);
  recorder.materialize('summary', ALL_BOXES);
  recorder.materialize('box', { '2024-01-01': 1, '2024-01-02': 1, '2024-01-03': 1 });
  recorder.change('summary', { codeVersion: unsafeCodeVersion('00000000000000bb') });
  const record = recorder.read();
  const details = vi.spyOn(recorder.store, 'details');
  const definition = vi.spyOn(recorder.store, 'definition');
  const changesSince = vi.spyOn(recorder.store, 'changesSince');
  explainCauses({
    evaluation: record.evaluation,
    codeVersions: record.snapshot.codeVersions,
    reader: recorder.store,
    target: TARGET,
    asset: unsafeAssetName('summary'),
    indexes: [0, 1, 2, 3, 4],
  });
  const calls = [details, definition, changesSince].map((spy) => spy.mock.calls.length);
  expect(calls).toEqual([1, 1, 1]);
});
