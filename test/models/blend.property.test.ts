import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blend, blendWeights } from '../../assets/models/blend.ts';
import { seededRandom } from '../../assets/models/random.ts';
import { propertyTest } from '../support/property.ts';
import { normal } from './made-rows.ts';

interface Members {
  readonly predictions: readonly Float64Array[];
  readonly target: Float64Array;
}

/** Members that are off by a spread and a bias of their own. */
function members(count: number, rows: number, seed: number): Members {
  const random = seededRandom(seed);
  const target = Float64Array.from({ length: rows }, () => 3 + normal(random));
  const predictions = Array.from({ length: count }, () => {
    const [spread, bias] = [2 * random(), normal(random) / 2];
    return target.map((value) => value + bias + spread * normal(random));
  });
  return { predictions, target };
}

function errorOf(predicted: Float64Array, target: Float64Array): number {
  return (
    predicted.reduce((sum, value, row) => sum + Math.abs(value - (target[row] ?? 0)), 0) /
    target.length
  );
}

const CASES = fc.record({
  count: fc.integer({ min: 1, max: 5 }),
  rows: fc.integer({ min: 1, max: 60 }),
  seed: fc.integer(),
});

propertyTest('blend', 'weights are not negative and sum to 1', {
  cases: CASES,
  runs: 300,
  holds: ({ count, rows, seed }) => {
    const { predictions, target } = members(count, rows, seed);
    const weights = blendWeights(predictions, target);
    expect(weights.length).toBe(count);
    for (const weight of weights) expect(weight).toBeGreaterThanOrEqual(0);
    expect(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan(1e-9);
  },
});

propertyTest(
  'blend',
  'is no worse than the best member, on the rows that the weights were found on',
  {
    cases: CASES,
    runs: 500,
    holds: ({ count, rows, seed }) => {
      const { predictions, target } = members(count, rows, seed);
      const found = errorOf(blend(predictions, blendWeights(predictions, target)), target);
      const best = Math.min(...predictions.map((each) => errorOf(each, target)));
      // Weights are rounded to four decimals.
      expect(found).toBeLessThanOrEqual(best + 2e-3);
    },
  },
);

test('two members that are off to opposite sides are both needed', () => {
  const target = Float64Array.from({ length: 50 }, (_, row) => row);
  const predictions = [target.map((value) => value + 1), target.map((value) => value - 1.5)];
  expect(blendWeights(predictions, target)).toEqual([0.6, 0.4]);
});

test('a member that only disturbs has no weight', () => {
  const { target } = members(1, 200, 9);
  const noise = members(1, 200, 10).target;
  expect(blendWeights([noise, target], target)).toEqual([0, 1]);
});

test('the sum of the members by their weights', () => {
  expect([...blend([Float64Array.of(1, 2), Float64Array.of(10, 20)], [0.5, 0.25])]).toEqual([3, 6]);
});
