import { type Day, firstOfMonth, UNPARTITIONED } from './date.ts';

/** A stretch of a calendar with a name: a season, a fiscal year. */
export interface Period {
  readonly name: string;
  /** First date by the calendar's `start` rule; what `partitions.period_start` shows. */
  readonly start: Day;
  /** First calendar date of the period; where `before: season` begins. */
  readonly first: Day;
}

/** The partitions that an asset is expected to have, ascending, with the period that each belongs to. */
export interface ExpectedDays {
  readonly days: Int32Array;
  /** Index into `periods`, per day; -1 without periods. */
  readonly periodIndex: Int32Array;
  readonly periods: readonly Period[];
}

export const NO_DAYS: ExpectedDays = {
  days: new Int32Array(0),
  periodIndex: new Int32Array(0),
  periods: [],
};

/** What an unpartitioned asset is expected to have: its one partition. */
export const ONE_PARTITION: ExpectedDays = {
  days: Int32Array.of(UNPARTITIONED),
  periodIndex: Int32Array.of(-1),
  periods: [],
};

/** Every day of `from <= day < to`, without periods. */
export function everyDay(from: Day, to: Day): ExpectedDays {
  const days = new Int32Array(Math.max(0, to - from));
  for (let index = 0; index < days.length; index++) days[index] = from + index;
  return { days, periodIndex: new Int32Array(days.length).fill(-1), periods: [] };
}

/** The months that hold a date of the calendar; each counts as its first day and has its first date's period. */
export function monthsOf(calendar: ExpectedDays): ExpectedDays {
  const days: Day[] = [];
  const periodIndex: number[] = [];
  for (const [index, day] of calendar.days.entries()) {
    const month = firstOfMonth(day);
    if (days.at(-1) === month) continue;
    days.push(month);
    periodIndex.push(calendar.periodIndex[index] ?? -1);
  }
  return {
    days: Int32Array.from(days),
    periodIndex: Int32Array.from(periodIndex),
    periods: calendar.periods,
  };
}

/** The period of the day at an index, if the calendar has periods. */
export function periodAt(expected: ExpectedDays, index: number): Period | undefined {
  return expected.periods[expected.periodIndex[index] ?? -1];
}

/** The newest period that began at or before a day. */
export function periodHolding(expected: ExpectedDays, day: Day): Period | undefined {
  return expected.periods.findLast((period) => Math.min(period.first, period.start) <= day);
}

/** Whether the day at an index is among the first days of its period (`first_days_of_period`). */
export function isAmongFirstDays(expected: ExpectedDays, index: number, count: number): boolean {
  const period = periodAt(expected, index);
  const day = expected.days[index];
  if (!period || day === undefined) return false;
  const age = day - period.start;
  return age >= 0 && age < count;
}

/** Position of the first element that is not below a value, in an ascending array. */
export function lowerBound(days: Int32Array, value: Day): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((days[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Position of a day in an ascending array, or -1. */
export function indexOfDay(days: Int32Array, day: Day): number {
  const index = lowerBound(days, day);
  return days[index] === day ? index : -1;
}
