import { expect, test } from 'vitest';
import { historyDays } from '../../engine/checks/history.ts';

const MADE = [1, 3, 5, 7, 9, 11];

test('a batch is compared with the last partitions before it, not with later ones', () => {
  expect(historyDays([7, 9], MADE, 2)).toEqual([3, 5]);
  expect(historyDays([8], MADE, 3)).toEqual([3, 5, 7]);
  expect(historyDays([20], MADE, 2)).toEqual([9, 11]);
  expect(historyDays([7], MADE, 99)).toEqual([1, 3, 5]);
});

test('and with those between its partitions, none of which are its own', () => {
  expect(historyDays([3, 9], MADE, 1)).toEqual([1, 5, 7]);
  expect(historyDays([1, 4, 11], MADE, 1)).toEqual([3, 5, 7, 9]);
});

test('without a check that asks, a batch or rows there is nothing to compare with', () => {
  expect(historyDays([7], MADE, 0)).toEqual([]);
  expect(historyDays([], MADE, 5)).toEqual([]);
  expect(historyDays([1], MADE, 5)).toEqual([]);
  expect(historyDays([7], [], 5)).toEqual([]);
});
