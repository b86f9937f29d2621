import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ONE_PARTITION } from '../../engine/partitions/calendar.ts';
import { formatDay, UNPARTITIONED } from '../../engine/partitions/date.ts';
import {
  partitionsFedBy,
  unionRange,
  type Window,
  windowRange,
  windowRanges,
} from '../../engine/partitions/window.ts';
import { propertyRuns } from '../support/seeded.ts';
import { calendarOf, calendars, day, naiveWindow, partitionSets, windows } from './shapes.ts';

const SEASONS = calendarOf([
  ['2023-04-09', '2022'],
  ['2023-04-14', '2022'],
  ['2023-10-24', '2023'],
  ['2023-10-25', '2023'],
  ['2023-10-27', '2023'],
  ['2023-11-05', '2023'],
]);

/** The upstream dates of the calendar that a window lets in for a date. */
function read(window: Window, date: string, materialized = SEASONS.days): string[] {
  const sides = { own: SEASONS, upstream: SEASONS, materialized, upstreamIsPartitioned: true };
  const { lo, hi } = windowRange(window, sides, SEASONS.days.indexOf(day(date)));
  return [...SEASONS.days].filter((each) => lo <= each && each < hi).map(formatDay);
}

describe('a window from the date that reads', () => {
  const cases: readonly (readonly [string, Window, string, readonly string[]])[] = [
    ['same is the date itself', { type: 'same' }, '2023-10-25', ['2023-10-25']],
    [
      'before 2 days leaves out the date and what lies three days back',
      { type: 'before_days', days: 2 },
      '2023-10-27',
      ['2023-10-25'],
    ],
    [
      'before 3 days holds what lies three days back',
      { type: 'before_days', days: 3 },
      '2023-10-27',
      ['2023-10-24', '2023-10-25'],
    ],
    ['before 1 day after a gap is empty', { type: 'before_days', days: 1 }, '2023-11-05', []],
    [
      'before 1 partition goes over gaps',
      { type: 'before_partitions', partitions: 1 },
      '2023-11-05',
      ['2023-10-27'],
    ],
    [
      'before partitions goes over the end of a season',
      { type: 'before_partitions', partitions: 2 },
      '2023-10-25',
      ['2023-04-14', '2023-10-24'],
    ],
    [
      'before more partitions than there are holds all there are',
      { type: 'before_partitions', partitions: 9 },
      '2023-10-24',
      ['2023-04-09', '2023-04-14'],
    ],
    [
      'before partitions of the first date is empty',
      { type: 'before_partitions', partitions: 3 },
      '2023-04-09',
      [],
    ],
    [
      'before season begins with the season',
      { type: 'before_period' },
      '2023-10-27',
      ['2023-10-24', '2023-10-25'],
    ],
    ['before season is empty on the first date', { type: 'before_period' }, '2023-10-24', []],
    [
      'before all goes back over seasons',
      { type: 'before_all' },
      '2023-10-25',
      ['2023-04-09', '2023-04-14', '2023-10-24'],
    ],
    [
      'all is all, later dates too',
      { type: 'all' },
      '2023-04-09',
      [...SEASONS.days].map(formatDay),
    ],
  ];
  test.each(cases)('%s', (_, window, date, expected) => {
    expect(read(window, date)).toEqual(expected);
  });

  test('latest is the newest date with rows up to the date, latest_before up to the one before', () => {
    const rows = Int32Array.of(day('2023-04-14'), day('2023-10-25'));
    expect(read({ type: 'latest' }, '2023-10-25', rows)).toEqual(['2023-10-25']);
    expect(read({ type: 'latest_before' }, '2023-10-25', rows)).toEqual(['2023-04-14']);
    expect(read({ type: 'latest' }, '2023-10-24', rows)).toEqual(['2023-04-14']);
    expect(read({ type: 'latest' }, '2023-04-09', rows)).toEqual([]);
    expect(read({ type: 'latest_before' }, '2023-04-14', rows)).toEqual([]);
  });
});

test('a date before its own season began has nothing before it in the season', () => {
  const own = {
    days: Int32Array.of(day('2023-10-01')),
    periodIndex: Int32Array.of(0),
    periods: [{ name: '2023', start: day('2023-10-24'), first: day('2023-10-24') }],
  };
  const sides = { own, upstream: SEASONS, materialized: SEASONS.days, upstreamIsPartitioned: true };
  const { lo, hi } = windowRange({ type: 'before_period' }, sides, 0);
  expect(lo).toBe(hi);
});

test('an unpartitioned upstream gives its one partition, whatever the window and the reader', () => {
  for (const own of [SEASONS, ONE_PARTITION]) {
    const sides = {
      own,
      upstream: ONE_PARTITION,
      materialized: ONE_PARTITION.days,
      upstreamIsPartitioned: false,
    };
    expect(windowRange({ type: 'all' }, sides, 0)).toEqual({
      lo: UNPARTITIONED,
      hi: UNPARTITIONED + 1,
    });
  }
});

test('an unpartitioned reader reads every dated partition', () => {
  const sides = {
    own: ONE_PARTITION,
    upstream: SEASONS,
    materialized: SEASONS.days,
    upstreamIsPartitioned: true,
  };
  const { lo, hi } = windowRange({ type: 'all' }, sides, 0);
  expect([...SEASONS.days].every((each) => lo <= each && each < hi)).toBe(true);
  expect(lo).toBeGreaterThan(UNPARTITIONED);
});

const edges = fc
  .record({
    window: windows,
    own: fc.oneof({ arbitrary: partitionSets, weight: 8 }, fc.constant(ONE_PARTITION)),
    upstream: partitionSets,
    made: fc.array(fc.boolean(), { minLength: 45, maxLength: 45 }),
  })
  .map(({ window, own, upstream, made }) => ({
    window,
    own,
    upstream,
    materialized: upstream.days.filter((_, index) => made[index] === true),
  }));

test('windows hold exactly the days that the naive model holds', () => {
  fc.assert(
    fc.property(edges, ({ window, own, upstream, materialized }) => {
      const sides = { own, upstream, materialized, upstreamIsPartitioned: true };
      const ranges = windowRanges(window, sides);
      for (const index of own.days.keys()) {
        const model = { own, upstream, materialized: [...materialized] };
        const holds = naiveWindow(window, model, index);
        const found = [...upstream.days].filter(
          (each) => (ranges.lo[index] ?? 0) <= each && each < (ranges.hi[index] ?? 0),
        );
        expect(found).toEqual([...upstream.days].filter(holds));
      }
    }),
    propertyRuns(400),
  );
});

test('the partitions fed by an upstream day are those whose window holds it', () => {
  fc.assert(
    fc.property(edges, ({ window, own, upstream, materialized }) => {
      const sides = { own, upstream, materialized, upstreamIsPartitioned: true };
      const ranges = windowRanges(window, sides);
      for (const each of upstream.days) {
        const model = { own, upstream, materialized: [...materialized] };
        const naive = [...own.days.keys()].filter((index) =>
          naiveWindow(window, model, index)(each),
        );
        expect(partitionsFedBy(ranges, each)).toEqual(naive);
      }
    }),
    propertyRuns(200),
  );
});

test('both ends of a window ascend with the partition, so that sums over them stay linear', () => {
  fc.assert(
    fc.property(edges, ({ window, own, upstream, materialized }) => {
      const sides = { own, upstream, materialized, upstreamIsPartitioned: true };
      const { lo, hi } = windowRanges(window, sides);
      for (let index = 1; index < lo.length; index++) {
        expect(hi[index]).toBeGreaterThanOrEqual(hi[index - 1] ?? 0);
        expect(lo[index]).toBeGreaterThanOrEqual(lo[index - 1] ?? 0);
      }
    }),
    propertyRuns(200),
  );
});

test('the union of the windows of a batch holds each of them, and nothing beyond its ends', () => {
  fc.assert(
    fc.property(edges, fc.func(fc.boolean()), ({ window, own, upstream, materialized }, chosen) => {
      const sides = { own, upstream, materialized, upstreamIsPartitioned: true };
      const ranges = windowRanges(window, sides);
      const indexes = [...own.days.keys()].filter((index) => chosen(index));
      const full = indexes
        .map((index) => [ranges.lo[index] ?? 0, ranges.hi[index] ?? 0] as const)
        .filter(([lo, hi]) => lo < hi);
      const { lo, hi } = unionRange(ranges, indexes);
      if (full.length === 0) expect(lo).toBe(hi);
      else {
        expect(lo).toBe(Math.min(...full.map(([from]) => from)));
        expect(hi).toBe(Math.max(...full.map(([, to]) => to)));
      }
    }),
    propertyRuns(200),
  );
});

test('the only window of an upstream that lets later dates in is all', () => {
  fc.assert(
    fc.property(windows, calendars, (window, calendar) => {
      fc.pre(window.type !== 'all');
      const sides = {
        own: calendar,
        upstream: calendar,
        materialized: calendar.days,
        upstreamIsPartitioned: true,
      };
      const { hi } = windowRanges(window, sides);
      const allowsToday = window.type === 'same' || window.type === 'latest' ? 1 : 0;
      for (const [index, own] of calendar.days.entries()) {
        expect(hi[index]).toBeLessThanOrEqual(own + allowsToday);
      }
    }),
    propertyRuns(200),
  );
});
