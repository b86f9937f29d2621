import { expect, test } from 'vitest';
import { bootstrapInterval } from '../../engine/health/bootstrap.ts';

const dates = (count: number, above: (at: number) => number) =>
  Array.from({ length: count }, (_, at) => ({ above: above(at), below: 1 }));

test('is as wide as the error of a mean says', () => {
  // 400 dates of 0 and 1 by turns: a mean of 0.5 with a standard error of 0.025.
  const interval = bootstrapInterval(dates(400, (at) => at % 2));
  expect(interval?.low).toBeCloseTo(0.5 - 1.96 * 0.025, 2);
  expect(interval?.high).toBeCloseTo(0.5 + 1.96 * 0.025, 2);
});

test('is a ratio of sums, so that dates with more rows weigh more', () => {
  const interval = bootstrapInterval([
    { above: 90, below: 100 },
    { above: 0, below: 1 },
  ]);
  // Both draws the first; both the second; one of each makes 90 of 101.
  expect(interval).toEqual({ low: 0, high: 0.9 });
});

test('says the same twice, and something else with another seed', () => {
  const some = dates(50, (at) => Math.sin(at));
  expect(bootstrapInterval(some)).toEqual(bootstrapInterval(some));
  expect(bootstrapInterval(some)).not.toEqual(bootstrapInterval(some, { seed: 2 }));
});

test('does not depend on dates without rows, and needs two with some', () => {
  const empty = { above: 0, below: 0 };
  const some = dates(30, (at) => at);
  expect(bootstrapInterval([empty, ...some, empty])).toEqual(bootstrapInterval(some));
  expect(bootstrapInterval([empty, { above: 1, below: 2 }])).toBeUndefined();
  expect(bootstrapInterval([])).toBeUndefined();
});
