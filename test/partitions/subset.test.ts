import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  contains,
  daySet,
  daySetOf,
  describeDays,
  intersect,
  subtract,
  union,
} from '../../engine/partitions/subset.ts';
import type { DayRange } from '../../engine/partitions/window.ts';
import { propertyRuns } from '../support/seeded.ts';
import { day } from './shapes.ts';

const DAYS = Array.from({ length: 40 }, (_, index) => index);
const rangeLists: fc.Arbitrary<DayRange[]> = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }))
    .map(([lo, hi]) => ({ lo, hi })),
  { maxLength: 6 },
);

function plain(ranges: readonly DayRange[]): Set<number> {
  return new Set(DAYS.filter((each) => ranges.some(({ lo, hi }) => lo <= each && each < hi)));
}

function members(set: ReturnType<typeof daySet>): Set<number> {
  return new Set(DAYS.filter((each) => contains(set, each)));
}

test('union, intersection and difference are those of plain sets', () => {
  fc.assert(
    fc.property(rangeLists, rangeLists, (left, right) => {
      const [a, b] = [daySet(left), daySet(right)];
      const [x, y] = [plain(left), plain(right)];
      expect(members(a)).toEqual(x);
      expect(members(union(a, b))).toEqual(
        new Set([...x, ...y].toSorted((one, other) => one - other)),
      );
      expect(members(intersect(a, b))).toEqual(new Set([...x].filter((each) => y.has(each))));
      expect(members(subtract(a, b))).toEqual(new Set([...x].filter((each) => !y.has(each))));
    }),
    propertyRuns(500),
  );
});

test('whatever a set was made of, its ranges ascend, are not empty and do not touch', () => {
  fc.assert(
    fc.property(rangeLists, rangeLists, (left, right) => {
      const [a, b] = [daySet(left), daySet(right)];
      for (const set of [a, union(a, b), intersect(a, b), subtract(a, b)]) {
        for (const [index, range] of set.ranges.entries()) {
          expect(range.lo).toBeLessThan(range.hi);
          expect(range.lo).toBeGreaterThan(set.ranges[index - 1]?.hi ?? -1);
        }
      }
    }),
    propertyRuns(300),
  );
});

test('single days in any order make the set of them', () => {
  expect(daySetOf([5, 3, 4, 9, 3]).ranges).toEqual([
    { lo: 3, hi: 6 },
    { lo: 9, hi: 10 },
  ]);
});

test('days that follow each other in the calendar are written as a range, gaps in it or not', () => {
  const calendar = Int32Array.from(
    ['2024-01-01', '2024-01-02', '2024-01-05', '2024-01-09', '2024-02-01'].map(day),
  );
  const days = ['2024-01-01', '2024-01-02', '2024-01-05', '2024-02-01'].map(day);
  expect(describeDays(days, calendar)).toBe('2024-01-01..2024-01-05 (3), 2024-02-01');
});

test('more ranges than wanted are counted', () => {
  const calendar = Int32Array.from({ length: 10 }, (_, index) => index);
  expect(describeDays([0, 2, 4, 6, 7], calendar, 2)).toBe('1970-01-01, 1970-01-03 and 3 more');
});
