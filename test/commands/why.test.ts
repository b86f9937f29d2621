import { afterEach, beforeEach, expect, test } from 'vitest';
import { notAPartitionJson, notAPartitionText } from '../../engine/commands/not-a-partition.ts';
import { storyJson } from '../../engine/commands/why-json.ts';
import { type Story, tellStory, type WhyRequest } from '../../engine/commands/why-story.ts';
import { storyText } from '../../engine/commands/why-text.ts';
import { unsafeAssetName, unsafeCodeVersion } from '../../engine/ids.ts';
import { UNPARTITIONED } from '../../engine/partitions/date.ts';
import { categoryHint } from '../../engine/report/messages.ts';
import { paintFor } from '../../engine/report/text.ts';
import { evaluationOf } from '../../engine/staleness/causes.ts';
import { assetWith, BOX, CACHE, day, Recorder, SUMMARY, TARGET } from './record-fixture.ts';

const paint = paintFor(false);
const ALL = {
  '2024-01-01': 10,
  '2024-01-02': 20,
  '2024-01-03': 30,
  '2024-01-06': 40,
  '2024-01-07': 50,
};

let recorder: Recorder;
beforeEach(() => {
  recorder = new Recorder();
});
afterEach(() => recorder.close());

function request(asset: string, date: string): WhyRequest {
  const record = recorder.read();
  const of = evaluationOf(record.evaluation, unsafeAssetName(asset));
  const scope = { file: undefined, target: undefined };
  const wanted = date === 'all' ? UNPARTITIONED : day(date);
  return { project: recorder.project(), record, of, day: wanted, scope };
}

function story(asset: string, date: string): Story {
  const asked = request(asset, date);
  return tellStory(asked, asked.of.expected.days.indexOf(asked.day));
}

function text(asset: string, date: string): string {
  return storyText(story(asset, date), { timezone: 'UTC', paint });
}

function path(asset: string, date: string): string[] {
  return story(asset, date).path.map(({ asset: name, text: what }) => `${name} ${what}`);
}

function materializeAll(): void {
  recorder.materialize('box', ALL);
  recorder.materialize('summary', ALL);
  recorder.materialize('cache', { '2024-01-03': 3, '2024-01-06': 6, '2024-01-07': 7 });
}

test('a current partition says when it was made and needs nothing', () => {
  materializeAll();
  expect(text('summary', '2024-01-03')).toMatch(
    /^summary 2024-01-03 is current: 30 rows, 2024-02-01 08:02 by run run-2\.\n/,
  );
  expect(story('summary', '2024-01-03')).toMatchObject({ fix: undefined, path: [] });
});

test('a stale partition begins with its cause and ends with the command that mends it', () => {
  materializeAll();
  recorder.materialize('summary', { '2024-01-02': 21 });
  const lines = text('cache', '2024-01-07').trimEnd().split('\n');
  expect(lines[0]).toBe('cache 2024-01-07 is stale: summary changed: 2024-01-02 (20 → 21 rows).');
  expect(lines).toContain('Last materialized: 7 rows, 2024-02-01 08:03 by run run-3.');
  expect(lines.at(-1)).toBe('To mend it: fastbreak materialize cache --partitions 2024-01-07');
});

test('the path follows changes upstream to the file that began it', () => {
  materializeAll();
  recorder.materialize('box', { '2024-01-02': 22 });
  recorder.materialize('summary', { '2024-01-02': 21 });
  expect(path('cache', '2024-01-07')).toEqual([
    'cache is stale',
    'summary changed: 20 → 21 rows',
    'box changed: 20 → 22 rows',
    'box its source files changed',
  ]);
});

test('the path ends at the code when an upstream asset was changed', () => {
  materializeAll();
  recorder.change('summary', { codeVersion: unsafeCodeVersion('00000000000000bb') });
  recorder.materialize('summary', { '2024-01-02': 21 });
  expect(path('cache', '2024-01-07')).toEqual([
    'cache is stale',
    'summary changed: 20 → 21 rows',
    'summary its code changed',
  ]);
});

test('a blocked partition is mended together with everything that it waits for', () => {
  recorder.materialize('box', { '2024-01-01': 1, '2024-01-02': 1 });
  expect(path('cache', '2024-01-06')).toEqual([
    'cache is blocked',
    'summary is blocked',
    'box never materialized, nothing stands in its way',
  ]);
  expect(story('cache', '2024-01-06').fix).toBe(
    'fastbreak materialize +cache --partitions 2024-01-01..2024-01-06',
  );
});

test('the path prefers the failure among several things that stand in the way', () => {
  recorder.materialize('box', ALL);
  recorder.fail('summary', '2024-01-03');
  expect(path('cache', '2024-01-07').at(-1)).toMatch(/^summary EMPTY_RESULT: no rows/);
});

test('a failed partition says what to do, and that older rows stay readable', () => {
  materializeAll();
  recorder.fail('summary', '2024-01-03');
  const said = text('summary', '2024-01-03');
  expect(said).toMatch(/^summary 2024-01-03 failed: EMPTY_RESULT: no rows/);
  expect(said).toContain(categoryHint('EMPTY_RESULT'));
  expect(said).toContain('Its older rows stay readable.');
});

test('a current partition whose upstream is stale may change, and the command brings upstream up to date', () => {
  materializeAll();
  recorder.materialize('box', { '2024-01-02': 22 });
  const { mayChange, fix } = story('cache', '2024-01-07');
  expect([mayChange, fix]).toEqual([
    true,
    'fastbreak materialize +cache --partitions 2024-01-02..2024-01-07',
  ]);
  expect(text('cache', '2024-01-07')).toContain('It may change');
});

test('an expected-empty partition gives the reason of the rule, and its season', () => {
  materializeAll();
  expect(text('cache', '2024-01-01')).toMatch(
    /^cache 2024-01-01 is expected to be empty: bootstrap\.\nIt belongs to season 2023\.\n/,
  );
});

test('a reason that was found in the data is told too', () => {
  recorder.materialize('box', ALL);
  recorder.record(unsafeAssetName('summary'), [
    {
      type: 'expected_empty',
      day: day('2024-01-03'),
      reason: 'no player has 10 games yet',
      input: {
        hi: story('summary', '2024-01-03').of.inputHi[2] ?? 0,
        lo: story('summary', '2024-01-03').of.inputLo[2] ?? 0,
      },
      inputs: new Uint8Array(8),
    },
  ]);
  expect(text('summary', '2024-01-03')).toContain(
    'expected to be empty: no player has 10 games yet',
  );
});

test('a frozen partition stays current and tells whether it would differ now', () => {
  recorder.close();
  recorder = new Recorder([BOX, { ...SUMMARY, freeze: 'once' }]);
  recorder.materialize('box', ALL);
  recorder.materialize('summary', ALL);
  expect(text('summary', '2024-01-03')).toContain('is current (frozen): 30 rows');
  expect(story('summary', '2024-01-03').fix).toBeUndefined();
  recorder.materialize('box', { '2024-01-03': 31 });
  const { status, wouldDiffer, fix } = story('summary', '2024-01-03');
  expect([status, wouldDiffer, fix]).toEqual([
    'current',
    true,
    'fastbreak materialize summary --partitions 2024-01-03 --force --thaw',
  ]);
  expect(text('summary', '2024-01-03')).toContain('box changed: 2024-01-03 (30 → 31 rows)');
});

test('an asset without partitions needs no date, and its command has no range', () => {
  recorder.close();
  const {
    partitionSet: _set,
    partitionColumn: _column,
    ...players
  } = assetWith('players', { kind: 'source' });
  recorder = new Recorder([players]);
  expect(text('players', 'all')).toMatch(/^players is missing: never materialized/);
  expect(story('players', 'all').fix).toBe('fastbreak materialize players');
});

test('while a live run holds it, a partition is running', () => {
  recorder.materialize('box', ALL);
  const runId = 'run-live' as Parameters<typeof recorder.store.startRun>[0]['id'];
  const now = Date.UTC(2024, 1, 10, 12);
  recorder.store.startRun({ id: runId, target: TARGET, command: 'backfill', startedAt: now });
  recorder.store.acquireLease({
    target: TARGET,
    runId,
    pid: process.pid,
    host: 'here',
    command: 'backfill',
    now,
    staleMs: 30_000,
  });
  const span = { firstDay: day('2024-01-01'), lastDay: day('2024-01-03'), partitions: 3 };
  recorder.store.startStep({ runId, asset: unsafeAssetName('summary'), ...span, startedAt: now });
  expect(text('summary', '2024-01-02')).toMatch(
    /^summary 2024-01-02 is being made now by run run-live\./,
  );
  expect(story('summary', '2024-01-06').status).toBe('missing');
});

test.each([
  ['2024-01-04', 'a day off in season 2023', 'Its neighbours are 2024-01-03 and 2024-01-06.'],
  ['2024-05-01', 'after season 2023', 'The nearest partition is 2024-01-07.'],
  ['2023-05-01', 'before its first date', 'The nearest partition is 2024-01-01.'],
])('%s is not a partition: %s', (date, reason, neighbours) => {
  const said = notAPartitionText(request('box', date), paint);
  expect(said).toContain(
    `box ${date} is not a partition: it is not a date of calendar game_dates (${reason}).`,
  );
  expect(said).toContain(neighbours);
  expect(notAPartitionJson(request('box', date))).toMatchObject({
    status: 'not-a-partition',
    partition: date,
    fix: null,
  });
});

test('a calendar that was never read is the answer, with the command that reads it', () => {
  recorder.saveCalendar([]);
  const said = notAPartitionText(request('summary', '2024-01-03'), paint);
  expect(said).toContain('calendar game_dates was not read yet, it comes from box');
  expect(said).toContain('Next: fastbreak materialize +box');
});

test('the JSON of a story has the shape that scripts rely on', () => {
  materializeAll();
  recorder.materialize('summary', { '2024-01-02': 21 });
  const document = JSON.parse(JSON.stringify(storyJson(story('cache', '2024-01-07')))) as object;
  expect(document).toMatchObject({
    asset: 'cache',
    partition: '2024-01-07',
    status: 'stale',
    causes: [
      {
        kind: 'upstream_changed',
        upstream: 'summary',
        partitions: ['2024-01-02'],
        changes: [{ partition: '2024-01-02', rows_before: 20, rows: 21 }],
      },
    ],
    upstream: [
      {
        asset: 'summary',
        window: 'before season',
        from: '2024-01-01',
        to: '2024-01-06',
        partitions: 4,
        statuses: { current: 4 },
      },
    ],
    history: [{ type: 'materialized', run_id: 'run-3', rows: 7 }],
    fix: 'fastbreak materialize cache --partitions 2024-01-07',
  });
  expect(CACHE.name).toBe('cache');
});
