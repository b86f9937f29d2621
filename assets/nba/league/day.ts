/** Days are numbers since 1970-01-01; nothing here looks at local time or the clock. */
export type Day = number;

const SECONDS_PER_DAY = 86_400;

export function dayOf(year: number, month: number, date: number): Day {
  return Date.UTC(year, month - 1, date) / (SECONDS_PER_DAY * 1000);
}

export function parseDay(text: string): Day | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const day = dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
  return formatDay(day) === text ? day : undefined;
}

export function formatDay(day: Day): string {
  return new Date(day * SECONDS_PER_DAY * 1000).toISOString().slice(0, 10);
}

/** 0 = Sunday, as in JavaScript. */
export function weekdayOf(day: Day): number {
  return (((day + 4) % 7) + 7) % 7;
}

export function nthWeekday(
  year: number,
  month: number,
  rule: { readonly weekday: number; readonly nth: number },
): Day {
  const first = dayOf(year, month, 1);
  return first + ((rule.weekday - weekdayOf(first) + 7) % 7) + 7 * (rule.nth - 1);
}

/** Seconds since 1970 in UTC for a US Eastern wall time; games are never played at the hour the clocks change. */
export function easternToUtcSeconds(day: Day, minuteOfDay: number): number {
  const year = new Date(day * SECONDS_PER_DAY * 1000).getUTCFullYear();
  const summerStarts = nthWeekday(year, 3, { weekday: 0, nth: 2 });
  const summerEnds = nthWeekday(year, 11, { weekday: 0, nth: 1 });
  const offsetHours = day >= summerStarts && day < summerEnds ? 4 : 5;
  return day * SECONDS_PER_DAY + minuteOfDay * 60 + offsetHours * 3600;
}
