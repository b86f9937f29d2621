import { expect, test } from 'vitest';
import { unsafeAssetName } from '../../engine/ids.ts';
import { renderStatusTable } from '../../engine/report/status-table.ts';
import { paintFor } from '../../engine/report/text.ts';
import { type AssetAge, renderVerdict, type VerdictOptions } from '../../engine/report/verdict.ts';
import type { AssetSummary } from '../../engine/staleness/summary.ts';

function summary(parts: Partial<AssetSummary> = {}): AssetSummary {
  return {
    name: unsafeAssetName('player_box'),
    group: 'raw',
    kind: 'source',
    expected: 700,
    current: 700,
    stale: 0,
    missing: 0,
    failed: 0,
    blocked: 0,
    expectedEmpty: 0,
    running: 0,
    mayChange: 0,
    newest: 19737,
    frozen: 0,
    frozenDiffers: 0,
    noLongerExpected: 0,
    rows: 123456,
    ...parts,
  };
}

const TABLE = {
  lastRuns: new Map([['player_box', { at: '2024-02-10 08:00', status: 'succeeded' }]]),
  paint: paintFor(false),
};

test('a wide table shows everything of every asset, and totals', () => {
  const rows = [summary(), summary({ name: unsafeAssetName('cache'), newest: undefined, rows: 0 })];
  const lines = renderStatusTable(rows, { ...TABLE, width: Infinity }).split('\n');
  expect(lines[0]?.split(/\s{2,}/)).toEqual([
    'asset',
    'group',
    'kind',
    'expected',
    'current',
    'stale',
    'missing',
    'failed',
    'blocked',
    'expected-empty',
    'running',
    'newest',
    'rows',
    'last run',
  ]);
  expect(lines[1]).toMatch(/player_box .* 2024-01-15 +123,456 +2024-02-10 08:00$/);
  expect(lines[2]).toMatch(/cache .* - +0 +-$/);
  expect(lines[3]).toMatch(/^total +1,400 +1,400/);
});

test('a narrow table drops columns of zeros first, and never one that matters', () => {
  const rows = [summary({ current: 698, failed: 2 })];
  const table = renderStatusTable(rows, { ...TABLE, width: 90 });
  expect(table).toContain('failed');
  expect(table).not.toContain('blocked');
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(90);
  expect(renderStatusTable(rows, { ...TABLE, width: 40 })).toContain('failed');
});

const VERDICT: VerdictOptions = {
  target: 'local',
  ages: [],
  unreadCalendars: [],
  running: undefined,
  materialize: 'fastbreak materialize',
  stale: 'fastbreak stale',
  isOpen: false,
  paint: paintFor(false),
};

test('all well is one line', () => {
  expect(renderVerdict([summary()], VERDICT)).toBe('All well in local: 700 partitions current.\n');
});

test('what is not current is counted by status, with the commands that explain and mend', () => {
  const rows = [summary({ current: 690, stale: 4, failed: 1, missing: 5, mayChange: 12 })];
  expect(renderVerdict(rows, { ...VERDICT, isOpen: true })).toBe(
    '10 of 700 partitions in local not current: 1 failed, 5 missing and 4 stale.\n' +
      '12 current partitions may change when upstream is made.\n' +
      'To see why: fastbreak stale\n' +
      'To mend it: fastbreak materialize\n',
  );
});

test('while a run is at work nothing else is suggested', () => {
  const options = { ...VERDICT, isOpen: true, running: 'run-1 (backfill)' };
  expect(renderVerdict([summary({ missing: 5 })], options)).toMatch(
    /Running now: run-1 \(backfill\)\.\n$/,
  );
});

test('a calendar that was not read yet is said first, since the counts are not known', () => {
  const calendar = { name: 'game_dates', asset: unsafeAssetName('schedule') };
  const rows = [summary({ expected: 0, current: 0 })];
  const text = renderVerdict(rows, { ...VERDICT, unreadCalendars: [calendar] });
  expect(text).toMatch(
    /^Calendar game_dates was not read yet: it comes from schedule\.\nNo partition is known yet in local\.\n/,
  );
  expect(text).toContain('Next: fastbreak materialize\n');
});

test('nothing is not all well: no asset, or none with a partition', () => {
  const calendar = { name: 'game_dates', asset: unsafeAssetName('schedule') };
  const nothing = 'Nothing to tell of: no asset is selected.\n';
  expect(renderVerdict([], { ...VERDICT, unreadCalendars: [calendar] })).toBe(nothing);
  expect(renderVerdict([summary({ expected: 0, current: 0 })], VERDICT)).toBe(
    'No partition is expected in local.\n',
  );
});

test('of many assets with partitions that are no longer expected the first are named', () => {
  const names = Array.from({ length: 48 }, (_, at) => unsafeAssetName(`asset_${at}`));
  const rows = names.map((name) => summary({ name, noLongerExpected: 2 }));
  expect(renderVerdict(rows, VERDICT)).toContain(
    '96 partitions of 48 assets are no longer expected; materialize --prune removes them: ' +
      'asset_0, asset_1, asset_2 and 45 more.\n',
  );
});

test('frozen partitions that would be made from other inputs are said to stay', () => {
  expect(renderVerdict([summary({ frozen: 9, frozenDiffers: 2 })], VERDICT)).toContain(
    '2 frozen partitions of player_box would be made from other inputs now; they stay as they are, why tells what changed.\n',
  );
  expect(renderVerdict([summary({ frozen: 9, frozenDiffers: 1 })], VERDICT)).toContain(
    '1 frozen partition of player_box would be made from other inputs now; it stays as it is,',
  );
});

/** An asset whose newest rows are of 2024-01-15, some days ago. */
function age(name: string, days: number, parts: Partial<AssetAge> = {}): AssetAge {
  const newest = 19737;
  return { name, newest, age_days: days, behind: 0, expected: newest + days, ...FAILS, ...parts };
}

const FAILS = { isFresh: false, late: [] };

test('the oldest of the assets that are not fresh are named, in one line', () => {
  const ages = [
    age('young', 2, { behind: 1 }),
    age('fresh', 90, { isFresh: true }),
    age('never_made', 0, { newest: undefined, age_days: undefined, behind: 7 }),
    age('oldest', 30),
    age('old', 9, { behind: 4 }),
  ];
  expect(renderVerdict([summary()], { ...VERDICT, ages })).toBe(
    'All well in local: 700 partitions current.\n' +
      'Not fresh: oldest (newest 2024-01-15, 30 days old), old (newest 2024-01-15, 9 days old, 4 dates behind) ' +
      'and young (newest 2024-01-15, 2 days old, 1 date behind).\n',
  );
  const more = renderVerdict([summary()], { ...VERDICT, ages: [...ages, age('next', 1)] });
  expect(more).toContain('1 date behind) and 1 more.\n');
});

test('assets that are fresh or were never made leave nothing to say of age', () => {
  const never = age('never_made', 0, { newest: undefined, age_days: undefined, behind: 7 });
  const ages = [age('fresh', 90, { isFresh: true }), never];
  expect(renderVerdict([summary()], { ...VERDICT, ages })).not.toContain('fresh');
});
