import { PipelineError } from '../errors.ts';
import { type Day, formatDay, parseDay } from '../partitions/date.ts';
import { type DaySet, daySet } from '../partitions/subset.ts';
import { type DayRange, MAX_DAY, MIN_DAY } from '../partitions/window.ts';

const RELATIVE = /^-(\d{1,5})d$/;
const HINT =
  'dates are YYYY-MM-DD, today, yesterday or -7d; ranges FROM..TO (both included), FROM.. or ..TO; commas between several';

/** One date of the command line: `YYYY-MM-DD`, `today`, `yesterday` or `-7d` (seven days before today). */
export function parseDate(text: string, today: Day): Day {
  const trimmed = text.trim();
  if (trimmed === 'today') return today;
  if (trimmed === 'yesterday') return today - 1;
  const relative = RELATIVE.exec(trimmed);
  if (relative) return today - Number(relative[1]);
  const day = parseDay(trimmed);
  if (day !== undefined) return day;
  throw badDate(
    /^\d{4}-\d{2}-\d{2}$/.test(trimmed)
      ? `there is no date ${trimmed}`
      : `expected a date like 2024-01-15, found "${trimmed}"`,
  );
}

/** A date or a range with both ends included; returns the half-open range of days. */
export function parseRange(text: string, today: Day): DayRange {
  const parts = text.split('..');
  const [from = '', to = ''] = parts;
  if (parts.length === 1) {
    const day = parseDate(from, today);
    return { lo: day, hi: day + 1 };
  }
  if (parts.length > 2 || (from === '' && to === '')) {
    throw badDate(`expected a range like 2024-01-01..2024-01-31, found "${text}"`);
  }
  return rangeBetween(from, to, today);
}

/** Dates and ranges with commas between them; returns the set of their days. */
export function parseDays(text: string, today: Day): DaySet {
  return daySet(text.split(',').map((part) => parseRange(part.trim(), today)));
}

/** What `--partitions`, `--dates`, `--from` and `--to` ask for together; undefined when none was given. */
export function requestedDays(
  request: {
    readonly partitions?: string | undefined;
    readonly dates?: readonly string[] | undefined;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
  },
  today: Day,
): DaySet | undefined {
  const { partitions, from, to } = request;
  const hasEnds = from !== undefined || to !== undefined;
  const ranges = (request.dates ?? []).flatMap((date) => parseDays(date, today).ranges);
  const ways = [partitions !== undefined, ranges.length > 0, hasEnds].filter(Boolean).length;
  if (ways === 0) return undefined;
  if (ways > 1) {
    throw badDate('expected one of --partitions, --dates, or --from with --to, found several');
  }
  if (partitions !== undefined) return parseDays(partitions, today);
  if (hasEnds) return daySet([rangeBetween(from ?? '', to ?? '', today)]);
  return daySet(ranges);
}

/** A range of days as the command line takes it. */
export function formatRange(range: DayRange): string {
  if (range.hi - range.lo === 1) return formatDay(range.lo);
  return `${formatEnd(range.lo)}..${formatEnd(range.hi - 1)}`;
}

function formatEnd(day: Day): string {
  return day <= MIN_DAY + 1 || day >= MAX_DAY - 1 ? '' : formatDay(day);
}

/** Both ends included; an empty end is open. */
function rangeBetween(from: string, to: string, today: Day): DayRange {
  const lo = from === '' ? MIN_DAY + 1 : parseDate(from, today);
  const last = to === '' ? MAX_DAY - 1 : parseDate(to, today);
  if (lo > last) {
    throw badDate(
      `the range begins after it ends: from ${formatDay(lo)} to ${formatDay(last)}`,
      `turn it round: ${formatDay(last)}..${formatDay(lo)}`,
    );
  }
  return { lo, hi: last + 1 };
}

function badDate(message: string, hint = HINT): PipelineError {
  return new PipelineError(message, { code: 'INVALID_DATE', hint });
}
