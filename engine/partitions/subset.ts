import { type Day, formatDay } from './date.ts';
import type { DayRange } from './window.ts';

/** A set of days as merged, ascending, half-open ranges. */
export interface DaySet {
  readonly ranges: readonly DayRange[];
}

/** The set of the days of some ranges; they may overlap and come in any order. */
export function daySet(ranges: readonly DayRange[]): DaySet {
  const sorted = ranges.filter((range) => range.lo < range.hi).sort((a, b) => a.lo - b.lo);
  const merged: DayRange[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (!last || range.lo > last.hi) merged.push(range);
    else if (range.hi > last.hi) merged[merged.length - 1] = { lo: last.lo, hi: range.hi };
  }
  return { ranges: merged };
}

/** The set of single days. */
export function daySetOf(days: Iterable<Day>): DaySet {
  return daySet(Array.from(days, (day) => ({ lo: day, hi: day + 1 })));
}

export function union(a: DaySet, b: DaySet): DaySet {
  return daySet([...a.ranges, ...b.ranges]);
}

export function intersect(a: DaySet, b: DaySet): DaySet {
  const ranges: DayRange[] = [];
  for (const left of a.ranges) {
    for (const right of b.ranges) {
      const lo = Math.max(left.lo, right.lo);
      const hi = Math.min(left.hi, right.hi);
      if (lo < hi) ranges.push({ lo, hi });
    }
  }
  return daySet(ranges);
}

export function subtract(a: DaySet, b: DaySet): DaySet {
  let left: DayRange[] = [...a.ranges];
  for (const cut of b.ranges) {
    left = left.flatMap((range) => [
      { lo: range.lo, hi: Math.min(range.hi, cut.lo) },
      { lo: Math.max(range.lo, cut.hi), hi: range.hi },
    ]);
    left = left.filter((range) => range.lo < range.hi);
  }
  return daySet(left);
}

export function contains(set: DaySet, day: Day): boolean {
  return set.ranges.some((range) => range.lo <= day && day < range.hi);
}

/** Whether a set holds any day of a range. */
export function overlaps(set: DaySet, { lo, hi }: DayRange): boolean {
  return set.ranges.some((range) => range.lo < hi && lo < range.hi);
}

/**
 * Days of a calendar as text, neighbours in the calendar merged: `2024-01-01..2024-01-05 (4), 2024-02-02`.
 * Takes the days in ascending order and the calendar's days.
 */
export function describeDays(days: readonly Day[], calendar: Int32Array, most = 4): string {
  const runs: { first: Day; last: Day; count: number }[] = [];
  let position = -2;
  for (const day of days) {
    const at = calendar.indexOf(day);
    const last = runs.at(-1);
    if (last && at === position + 1 && at > 0) {
      last.last = day;
      last.count++;
    } else runs.push({ first: day, last: day, count: 1 });
    position = at;
  }
  const shown = runs
    .slice(0, most)
    .map((run) =>
      run.count === 1
        ? formatDay(run.first)
        : `${formatDay(run.first)}..${formatDay(run.last)} (${run.count})`,
    );
  const rest = days.length - runs.slice(0, most).reduce((sum, run) => sum + run.count, 0);
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
