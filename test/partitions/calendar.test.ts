import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  everyDay,
  indexOfDay,
  isAmongFirstDays,
  lowerBound,
  monthsOf,
  periodAt,
  periodHolding,
} from '../../engine/partitions/calendar.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { propertyRuns } from '../support/seeded.ts';
import { calendarOf, calendars, day } from './shapes.ts';

const SEASONS = calendarOf([
  ['2023-04-09', '2022'],
  ['2023-10-24', '2023'],
  ['2023-10-25', '2023'],
  ['2023-11-07', '2023'],
]);

test('a month of a calendar counts as its first day and has the period of its first date', () => {
  const months = monthsOf(SEASONS);
  expect([...months.days].map(formatDay)).toEqual(['2023-04-01', '2023-10-01', '2023-11-01']);
  expect([...months.days.keys()].map((index) => periodAt(months, index)?.name)).toEqual([
    '2022',
    '2023',
    '2023',
  ]);
});

test('months hold every date of the calendar once', () => {
  fc.assert(
    fc.property(calendars, (calendar) => {
      const names = [...calendar.days].map((each) => formatDay(each).slice(0, 7));
      expect([...monthsOf(calendar).days].map((each) => formatDay(each).slice(0, 7))).toEqual([
        ...new Set(names),
      ]);
    }),
    propertyRuns(200),
  );
});

test('every day goes up to, not including, its end, and is empty when turned round', () => {
  expect([...everyDay(day('2024-02-28'), day('2024-03-01')).days].map(formatDay)).toEqual([
    '2024-02-28',
    '2024-02-29',
  ]);
  expect(everyDay(10, 5).days).toHaveLength(0);
});

test('the first days of a period are counted in days from its start, gaps or not', () => {
  const first = [...SEASONS.days.keys()].filter((index) => isAmongFirstDays(SEASONS, index, 14));
  expect(first.map((index) => formatDay(SEASONS.days[index] ?? 0))).toEqual([
    '2023-04-09',
    '2023-10-24',
    '2023-10-25',
  ]);
  expect(isAmongFirstDays(SEASONS, 3, 15)).toBe(true);
});

test('dates before the start of their period are not among its first days', () => {
  const calendar = {
    ...SEASONS,
    periods: SEASONS.periods.map((period) => ({ ...period, start: period.start + 1 })),
  };
  expect(isAmongFirstDays(calendar, 1, 14)).toBe(false);
  expect(isAmongFirstDays(calendar, 2, 14)).toBe(true);
});

test('the period that holds a date is the newest that began', () => {
  expect(periodHolding(SEASONS, day('2023-10-23'))?.name).toBe('2022');
  expect(periodHolding(SEASONS, day('2023-10-24'))?.name).toBe('2023');
  expect(periodHolding(SEASONS, day('2020-01-01'))).toBeUndefined();
});

test('looking up a day agrees with looking at all of them', () => {
  fc.assert(
    fc.property(calendars, fc.integer({ min: -5, max: 400 }), ({ days }, offset) => {
      const wanted = day('2024-01-01') + offset;
      expect(lowerBound(days, wanted)).toBe([...days].filter((each) => each < wanted).length);
      expect(indexOfDay(days, wanted)).toBe([...days].indexOf(wanted));
    }),
    propertyRuns(300),
  );
});
