import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dayInTimezone,
  firstOfMonth,
  formatDay,
  parseDay,
  UNPARTITIONED,
} from '../../engine/partitions/date.ts';
import { propertyRuns } from '../support/seeded.ts';
import { day } from './shapes.ts';

test('a date and its day number are two ways to say the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000, max: 1_000_000 }), (number) => {
      expect(parseDay(formatDay(number))).toBe(number);
    }),
    propertyRuns(500),
  );
});

test.each(['2023-02-29', '2024-13-01', '2024-00-10', '2024-1-1', '24-01-01', ' 2024-01-01', 'all'])(
  '%s is no date',
  (text) => expect(parseDay(text)).toBeUndefined(),
);

test('leap days and ends of years are days like others', () => {
  expect(day('2024-03-01') - day('2024-02-28')).toBe(2);
  expect(day('2024-01-01') - day('2023-12-31')).toBe(1);
  expect(firstOfMonth(day('2024-02-29'))).toBe(day('2024-02-01'));
});

test('the partition of an unpartitioned asset prints as all', () => {
  expect(formatDay(UNPARTITIONED)).toBe('all');
});

test('today is the date in the time zone of the pipeline, through changes of the clock', () => {
  expect(dayInTimezone(Date.UTC(2024, 0, 15, 3), 'America/New_York')).toBe(day('2024-01-14'));
  expect(dayInTimezone(Date.UTC(2024, 0, 15, 6), 'America/New_York')).toBe(day('2024-01-15'));
  expect(dayInTimezone(Date.UTC(2024, 2, 10, 4, 59), 'America/New_York')).toBe(day('2024-03-09'));
  expect(dayInTimezone(Date.UTC(2024, 2, 11, 4, 1), 'America/New_York')).toBe(day('2024-03-11'));
});
