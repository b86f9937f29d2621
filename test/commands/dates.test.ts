import { expect, test } from 'vitest';
import {
  formatRange,
  parseDate,
  parseDays,
  parseRange,
  requestedDays,
} from '../../engine/commands/dates.ts';
import { MAX_DAY, MIN_DAY } from '../../engine/partitions/window.ts';
import { day } from './record-fixture.ts';

const TODAY = day('2024-03-01');

test.each([
  ['2024-01-15', '2024-01-15'],
  ['today', '2024-03-01'],
  ['yesterday', '2024-02-29'],
  ['-7d', '2024-02-23'],
  ['-0d', '2024-03-01'],
  [' 2024-02-29 ', '2024-02-29'],
])('%s is the date %s', (text, date) => {
  expect(parseDate(text, TODAY)).toBe(day(date));
});

test.each([
  ['2023-02-29', 'there is no date 2023-02-29'],
  ['2024-13-01', 'there is no date 2024-13-01'],
  ['15.01.2024', 'expected a date like 2024-01-15, found "15.01.2024"'],
  ['tomorow', 'expected a date like 2024-01-15, found "tomorow"'],
  ['', 'expected a date like 2024-01-15, found ""'],
])('"%s" is no date, and the message says so', (text, message) => {
  expect(() => parseDate(text, TODAY)).toThrow(message);
});

test.each([
  ['2024-01-01..2024-01-31', day('2024-01-01'), day('2024-02-01')],
  ['2024-01-15', day('2024-01-15'), day('2024-01-16')],
  ['..2024-01-31', MIN_DAY + 1, day('2024-02-01')],
  ['2024-01-01..', day('2024-01-01'), MAX_DAY],
  ['-7d..yesterday', TODAY - 7, TODAY],
  ['-7d..', TODAY - 7, MAX_DAY],
])('the range %s includes both ends', (text, lo, hi) => {
  expect(parseRange(text, TODAY)).toEqual({ lo, hi });
});

test.each(['..', '2024-01-01..2024-01-05..2024-01-09'])('"%s" is no range', (text) => {
  expect(() => parseRange(text, TODAY)).toThrow(`expected a range`);
});

test('a range that ends before it begins is an error that turns it round', () => {
  expect(() => parseRange('2024-02-01..2024-01-01', TODAY)).toThrow(
    expect.objectContaining({
      message: 'the range begins after it ends: from 2024-02-01 to 2024-01-01',
      hint: 'turn it round: 2024-01-01..2024-02-01',
    }),
  );
});

test('dates with commas between them are a set of merged ranges', () => {
  expect(parseDays('2024-01-03, 2024-01-01..2024-01-02,2024-01-09', TODAY).ranges).toEqual([
    { lo: day('2024-01-01'), hi: day('2024-01-04') },
    { lo: day('2024-01-09'), hi: day('2024-01-10') },
  ]);
});

test.each([
  [{}, undefined],
  [{ partitions: '2024-01-01' }, [[0, 1]]],
  [{ from: '2024-01-01', to: '2024-01-02' }, [[0, 2]]],
  [
    { dates: ['2024-01-01', '2024-01-03'] },
    [
      [0, 1],
      [2, 3],
    ],
  ],
])('the request %j asks for these days', (request, ranges) => {
  const first = day('2024-01-01');
  const found = requestedDays(request, TODAY)?.ranges;
  expect(found?.map(({ lo, hi }) => [lo - first, hi - first])).toEqual(ranges);
});

test('a request that says the days twice is an error', () => {
  const request = { partitions: 'today', from: '2024-01-01' };
  expect(() => requestedDays(request, TODAY)).toThrow('expected one of --partitions, --dates');
});

test.each(['2024-01-15', '2024-01-01..2024-01-31', '..2024-01-31', '2024-01-01..'])(
  'the range %s is written as it was read',
  (text) => {
    expect(formatRange(parseRange(text, TODAY))).toBe(text);
  },
);
