import fc from 'fast-check';
import { type ExpectedDays, everyDay, monthsOf } from '../../engine/partitions/calendar.ts';
import { type Day, parseDay, UNPARTITIONED } from '../../engine/partitions/date.ts';
import type { Window } from '../../engine/partitions/window.ts';

export function day(text: string): Day {
  const found = parseDay(text);
  if (found === undefined) throw new Error(`no date ${text}`);
  return found;
}

/** A calendar of dates, each with the name of its period or none; the period starts at its first date. */
export function calendarOf(dates: readonly (readonly [string, string?])[]): ExpectedDays {
  const names: string[] = [];
  const periods: { name: string; start: Day; first: Day }[] = [];
  const periodIndex = dates.map(([date, name]) => {
    if (name === undefined) return -1;
    if (!names.includes(name)) {
      names.push(name);
      periods.push({ name, start: day(date), first: day(date) });
    }
    return names.indexOf(name);
  });
  const days = Int32Array.from(dates, ([date]) => day(date));
  return { days, periodIndex: Int32Array.from(periodIndex), periods };
}

export const WINDOWS: readonly Window[] = [
  { type: 'same' },
  { type: 'before_days', days: 1 },
  { type: 'before_days', days: 7 },
  { type: 'before_partitions', partitions: 1 },
  { type: 'before_partitions', partitions: 3 },
  { type: 'before_period' },
  { type: 'before_all' },
  { type: 'latest' },
  { type: 'latest_before' },
  { type: 'all' },
];

/** Days from 2024 on with gaps, cut into consecutive periods; small, so that edges are met often. */
export const calendars: fc.Arbitrary<ExpectedDays> = fc
  .record({
    gaps: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 25 }),
    cuts: fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
    hasPeriods: fc.boolean(),
    startsLate: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ gaps, cuts, hasPeriods, startsLate }) => {
    let at = day('2024-01-01') + startsLate;
    const days = gaps.map((gap) => (at += gap));
    const periods: { name: string; start: Day; first: Day }[] = [];
    const periodIndex = days.map((each, index) => {
      if (!hasPeriods) return -1;
      if (index === 0 || cuts[index] === true) {
        // The start rule may pick a later date than the period's first: a preseason.
        periods.push({ name: `p${index}`, start: each + startsLate, first: each });
      }
      return periods.length - 1;
    });
    return { days: Int32Array.from(days), periodIndex: Int32Array.from(periodIndex), periods };
  });

/** A calendar, its months, every day, or the one partition of an unpartitioned asset. */
export const partitionSets: fc.Arbitrary<ExpectedDays> = fc.oneof(
  { arbitrary: calendars, weight: 4 },
  { arbitrary: calendars.map(monthsOf), weight: 1 },
  {
    arbitrary: fc
      .record({ from: fc.integer({ min: 0, max: 60 }), length: fc.integer({ min: 0, max: 40 }) })
      .map(({ from, length }) =>
        everyDay(day('2024-01-01') + from, day('2024-01-01') + from + length),
      ),
    weight: 1,
  },
);

export const windows: fc.Arbitrary<Window> = fc.oneof(
  fc.constantFrom(...WINDOWS),
  fc.integer({ min: 1, max: 40 }).map((days): Window => ({ type: 'before_days', days })),
  fc
    .integer({ min: 1, max: 10 })
    .map((partitions): Window => ({ type: 'before_partitions', partitions })),
);

/** The two sides of an edge as the naive model knows them. */
export interface NaiveSides {
  readonly own: ExpectedDays;
  readonly upstream: ExpectedDays;
  /** Upstream days with rows, ascending. */
  readonly materialized: readonly Day[];
}

type Holds = (upstreamDay: Day) => boolean;

/** Which upstream days a window lets in for the partition at an index, said in the words of design 5. */
export function naiveWindow(window: Window, sides: NaiveSides, index: number): Holds {
  const d = sides.own.days[index] ?? 0;
  const newest = (most: Day): Day | undefined =>
    sides.materialized.filter((each) => each <= most).at(-1);
  if (d === UNPARTITIONED) return () => true;
  switch (window.type) {
    case 'same':
      return (u) => u === d;
    case 'before_days':
      return (u) => u >= d - window.days && u < d;
    case 'before_partitions':
      return nextBefore(sides.upstream, d, window.partitions);
    case 'before_period':
      return sinceThePeriodBegan(sides, index, d);
    case 'before_all':
      return (u) => u < d;
    case 'latest':
      return (u) => u === newest(d);
    case 'latest_before':
      return (u) => u === newest(d - 1);
    case 'all':
      return () => true;
  }
}

function nextBefore(upstream: ExpectedDays, d: Day, partitions: number): Holds {
  const [first] = [...upstream.days].filter((each) => each < d).slice(-partitions);
  return (u) => first !== undefined && u >= first && u < d;
}

function sinceThePeriodBegan({ own, upstream }: NaiveSides, index: number, d: Day): Holds {
  const holding = [...upstream.periods].filter((each) => Math.min(each.first, each.start) <= d);
  const period = own.periods[own.periodIndex[index] ?? -1] ?? holding.at(-1);
  return (u) => u < d && (period === undefined || u >= period.first);
}
