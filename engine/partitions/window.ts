import { type ExpectedDays, lowerBound, periodAt, periodHolding } from './calendar.ts';
import { type Day, UNPARTITIONED } from './date.ts';

/** Which upstream partitions feed the partition of a date (design 5). */
export type Window =
  | { readonly type: 'same' }
  | { readonly type: 'before_days'; readonly days: number }
  | { readonly type: 'before_partitions'; readonly partitions: number }
  | { readonly type: 'before_period' }
  | { readonly type: 'before_all' }
  | { readonly type: 'latest' }
  | { readonly type: 'latest_before' }
  | { readonly type: 'all' };

/** Days `lo <= day < hi`. */
export interface DayRange {
  readonly lo: Day;
  readonly hi: Day;
}

/** The window of every partition of an asset, as parallel arrays; both ascend with the partition. */
export interface WindowRanges {
  readonly lo: Int32Array;
  readonly hi: Int32Array;
}

export const MIN_DAY: Day = UNPARTITIONED;
export const MAX_DAY: Day = 2_000_000_000;

/** The two sides of an edge, as far as windows need them. */
export interface WindowSides {
  /** The partitions that read. */
  readonly own: ExpectedDays;
  /** The expected partitions of the upstream. */
  readonly upstream: ExpectedDays;
  /** Upstream partitions that have rows, ascending; what `latest` chooses from. */
  readonly materialized: Int32Array;
  readonly upstreamIsPartitioned: boolean;
}

/** The upstream days that feed each partition: `lo <= day < hi`, an empty range where nothing does. */
export function windowRanges(window: Window, sides: WindowSides): WindowRanges {
  const count = sides.own.days.length;
  const lo = new Int32Array(count);
  const hi = new Int32Array(count);
  for (let index = 0; index < count; index++) {
    const range = windowRange(window, sides, index);
    lo[index] = range.lo;
    hi[index] = range.hi;
  }
  return { lo, hi };
}

/** The upstream days that feed the partition at one index. */
export function windowRange(window: Window, sides: WindowSides, index: number): DayRange {
  const day = sides.own.days[index];
  if (day === undefined) throw new RangeError(`Internal error: no partition at ${index}`);
  if (!sides.upstreamIsPartitioned) return { lo: UNPARTITIONED, hi: UNPARTITIONED + 1 };
  if (day === UNPARTITIONED) return { lo: MIN_DAY + 1, hi: MAX_DAY };
  switch (window.type) {
    case 'same':
      return { lo: day, hi: day + 1 };
    case 'before_days':
      return { lo: day - window.days, hi: day };
    case 'before_partitions':
      return { lo: nthBefore(sides.upstream.days, day, window.partitions), hi: day };
    case 'before_period':
      return { lo: periodFirst(sides, index, day), hi: day };
    case 'before_all':
      return { lo: MIN_DAY + 1, hi: day };
    case 'latest':
      return newestBefore(sides.materialized, day + 1);
    case 'latest_before':
      return newestBefore(sides.materialized, day);
    case 'all':
      return { lo: MIN_DAY + 1, hi: MAX_DAY };
  }
}

/** Indexes of the partitions whose window holds an upstream day: the other direction of a window. */
export function partitionsFedBy(ranges: WindowRanges, day: Day): number[] {
  const fed: number[] = [];
  for (let index = 0; index < ranges.lo.length; index++) {
    if ((ranges.lo[index] ?? 0) <= day && day < (ranges.hi[index] ?? 0)) fed.push(index);
  }
  return fed;
}

/** The smallest range that holds the windows of some partitions; what a batch's statement may read. */
export function unionRange(ranges: WindowRanges, indexes: readonly number[]): DayRange {
  let lo = MAX_DAY;
  let hi = MIN_DAY;
  for (const index of indexes) {
    const from = ranges.lo[index] ?? 0;
    const to = ranges.hi[index] ?? 0;
    if (from >= to) continue;
    lo = Math.min(lo, from);
    hi = Math.max(hi, to);
  }
  return lo < hi ? { lo, hi } : { lo: 0, hi: 0 };
}

function nthBefore(days: Int32Array, day: Day, count: number): Day {
  const end = lowerBound(days, day);
  return days[Math.max(0, end - count)] ?? day;
}

function periodFirst(sides: WindowSides, index: number, day: Day): Day {
  const period = periodAt(sides.own, index) ?? periodHolding(sides.upstream, day);
  // A date before its own season's first calendar date (a preseason date) has nothing before it.
  return period ? Math.min(period.first, day) : MIN_DAY + 1;
}

function newestBefore(materialized: Int32Array, end: Day): DayRange {
  const newest = materialized[lowerBound(materialized, end) - 1];
  return newest === undefined ? { lo: end, hi: end } : { lo: newest, hi: newest + 1 };
}
