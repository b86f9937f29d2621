/** Days since 1970-01-01; all partition arithmetic happens on these, never on local time. */
export type Day = number;

/** The one partition of an asset that has none; prints as `all`. */
export const UNPARTITIONED: Day = -2_000_000_000;

/** 9999-12-31, the last date that both warehouses have. */
export const LAST_DATE: Day = 2_932_896;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MS_PER_DAY = 86_400_000;

/** Takes `YYYY-MM-DD`; returns its day number, or undefined if there is no such date. */
export function parseDay(text: string): Day | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  const day = dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
  return formatDay(day) === text ? day : undefined;
}

/** The day number of a calendar date; month counts from 1. */
export function dayOf(year: number, month: number, dayOfMonth: number): Day {
  return Math.floor(Date.UTC(year, month - 1, dayOfMonth) / MS_PER_DAY);
}

/** `YYYY-MM-DD`, or `all` for the partition of an unpartitioned asset. */
export function formatDay(day: Day): string {
  if (day === UNPARTITIONED) return 'all';
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

/** The first day of the month that holds a day. */
export function firstOfMonth(day: Day): Day {
  const date = new Date(day * MS_PER_DAY);
  return dayOf(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

/** The first day of the month after the one that begins on a day. */
export function nextMonth(first: Day): Day {
  // No month is longer, and none is so short that this skips it.
  return firstOfMonth(first + 31);
}

/** The date in a time zone at an instant (milliseconds since 1970). */
export function dayInTimezone(instantMs: number, timezone: string): Day {
  const text = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(instantMs);
  const day = parseDay(text);
  if (day === undefined) throw new Error(`Internal error: unreadable date ${text}`);
  return day;
}
