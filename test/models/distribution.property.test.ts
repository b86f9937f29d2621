import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Distribution,
  forecastOf,
  learnDistribution,
  type Outcomes,
  probabilityBelow,
  probabilityOver,
} from '../../assets/models/distribution.ts';
import { seededRandom } from '../../assets/models/random.ts';
import { fromScale, toScale } from '../../assets/models/target-scale.ts';
import { TIERS, tierOf } from '../../assets/models/tiers.ts';
import { propertyTest } from '../support/property.ts';
import { normal } from './made-rows.ts';

/** Players whose points are a gamma-like count around a mean that predictions know but for some noise. */
function season(rows: number, seed: number): Outcomes {
  const random = seededRandom(seed);
  const [predicted, actual, average] = [0, 1, 2].map(() => new Float64Array(rows)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let row = 0; row < rows; row++) {
    const mean = 1 + 33 * random() ** 1.6;
    predicted[row] = toScale(mean * (1 + 0.1 * normal(random)));
    actual[row] = Math.max(0, Math.round((Math.sqrt(mean) + 0.8 * normal(random)) ** 2));
    average[row] = random() < 0.03 ? NaN : mean;
  }
  return { predicted, actual, average };
}

/** Outcomes of no sense at all, few of them. */
const ODD_OUTCOMES = fc
  .array(
    fc.record({
      predicted: fc.double({ min: -1, max: 8, noNaN: true }),
      actual: fc.integer({ min: 0, max: 70 }),
      average: fc.double({ min: 0, max: 40 }),
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((rows) => ({
    predicted: Float64Array.from(rows, ({ predicted }) => predicted),
    actual: Float64Array.from(rows, ({ actual }) => actual),
    average: Float64Array.from(rows, ({ average }) => average),
  }));

propertyTest('scale', 'points come back from the scale, which ascends', {
  cases: fc.tuple(
    fc.double({ min: -20, max: 200, noNaN: true }),
    fc.double({ min: 1e-6, max: 9, noNaN: true }),
  ),
  runs: 2000,
  holds: ([points, more]) => {
    expect(fromScale(toScale(points))).toBeCloseTo(points, 9);
    expect(toScale(fromScale(points / 10))).toBeCloseTo(points / 10, 9);
    expect(toScale(points + more)).toBeGreaterThan(toScale(points));
  },
});

test('on the scale 0, 2 and 12 points are 0.5, 1.5 and 3.5', () => {
  expect([0, 2, 12, -3].map(toScale)).toEqual([0.5, 1.5, 3.5, -2.5]);
});

test('tiers begin at 10, 20 and 30 points', () => {
  expect([9.99, 10, 19.99, 20, 29.99, 30, NaN].map(tierOf)).toEqual([
    'BENCH_0_9',
    'ROTATION_10_19',
    'ROTATION_10_19',
    'STARTER_20_29',
    'STARTER_20_29',
    'STAR_30PLUS',
    'BENCH_0_9',
  ]);
});

describe('whatever was learned', () => {
  propertyTest('distribution', 'quantiles ascend and stay within 0 and 60', {
    cases: fc.tuple(ODD_OUTCOMES, fc.double({ min: -2, max: 12, noNaN: true })),
    runs: 500,
    holds: ([outcomes, predicted]) => {
      const learned = learnDistribution(outcomes);
      for (const tier of TIERS) {
        const { p10, p50, p90, mean } = forecastOf(learned, predicted, { tier, largest: 60 });
        expect(p10).toBeGreaterThanOrEqual(0);
        expect(p50).toBeGreaterThanOrEqual(p10);
        expect(p90).toBeGreaterThanOrEqual(p50);
        expect(p90).toBeLessThanOrEqual(60);
        expect(mean).toBeGreaterThanOrEqual(0);
        expect(mean).toBeLessThanOrEqual(60);
      }
    },
  });

  propertyTest(
    'distribution',
    'the probability to exceed a line is inside of (0, 1) and falls with it',
    {
      cases: fc.tuple(
        ODD_OUTCOMES,
        fc.double({ min: 0, max: 8, noNaN: true }),
        fc.constantFrom(...TIERS),
      ),
      runs: 500,
      holds: ([outcomes, predicted, tier]) => {
        expectFalling(learnDistribution(outcomes), predicted, tier);
      },
    },
  );
});

function expectFalling(learned: Distribution, predicted: number, tier: string): void {
  let before = 1;
  for (let line = 0.5; line <= 60.5; line += 0.5) {
    const over = probabilityOver(learned, predicted, { tier, line });
    expect(over).toBeGreaterThan(0);
    expect(over).toBeLessThan(1);
    expect(over, `line ${line}`).toBeLessThanOrEqual(before + 1e-12);
    before = over;
  }
}

describe('learned from a season', () => {
  const rows = 30_000;
  const outcomes = season(rows, 5);
  const learned = learnDistribution(outcomes);
  const tiers = Array.from(outcomes.average, tierOf);

  test('8 of 10 outcomes are inside of the interval, in every tier', () => {
    for (const tier of TIERS) {
      let [inside, count] = [0, 0];
      tiers.forEach((each, row) => {
        if (each !== tier) return;
        const { p10, p90 } = forecastOf(learned, outcomes.predicted[row] ?? NaN, {
          tier,
          largest: 60,
        });
        const actual = outcomes.actual[row] ?? NaN;
        if (actual >= p10 && actual <= p90) inside++;
        count++;
      });
      expect(count, tier).toBeGreaterThan(1500);
      expect(Math.abs(inside / count - 0.8), `${tier}: ${inside / count}`).toBeLessThan(0.015);
    }
  });

  test('half of the outcomes are above the median, and the mean is the mean', () => {
    let [above, on, sum] = [0, 0, 0];
    for (let row = 0; row < rows; row++) {
      const { p50, mean } = forecastOf(learned, outcomes.predicted[row] ?? NaN, {
        tier: tiers[row] ?? '',
        largest: 60,
      });
      const actual = outcomes.actual[row] ?? NaN;
      if (actual > p50) above++;
      if (Math.abs(actual - p50) < 0.5) on++;
      sum += mean - actual;
    }
    expect(Math.abs(above / rows - 0.5)).toBeLessThan(0.015);
    expect(on).toBeGreaterThan(0);
    expect(Math.abs(sum / rows)).toBeLessThan(0.05);
  });

  test('of those with a probability of some size so many were over their line', () => {
    const fresh = season(20_000, 6);
    const random = seededRandom(7);
    const sums = Array.from({ length: 10 }, () => ({ count: 0, over: 0, chance: 0 }));
    fresh.predicted.forEach((predicted, row) => {
      // Half of the lines are whole, where a draw does not count.
      const line = Math.max(0.5, Math.round(2 * (fromScale(predicted) + 5 * normal(random))) / 2);
      const actual = fresh.actual[row] ?? NaN;
      if (actual === line) return;
      const tier = tierOf(fresh.average[row] ?? NaN);
      const chance = probabilityOver(learned, predicted, { tier, line });
      const sum = sums[Math.floor(chance * 10)];
      if (!sum) throw new Error(`a probability of ${chance}`);
      sum.count++;
      sum.over += actual > line ? 1 : 0;
      sum.chance += chance;
    });
    for (const { count, over, chance } of sums) {
      expect(count).toBeGreaterThan(300);
      expect(Math.abs(over - chance) / count).toBeLessThan(0.05);
    }
  });

  test('a probability falls with the line in every tier', () => {
    for (const tier of TIERS)
      for (const predicted of [0.5, 2, 4, 6]) expectFalling(learned, predicted, tier);
  });

  test('on a whole line a draw is left out, on a half line there is none', () => {
    const tier = 'ROTATION_10_19';
    const below = (bound: number): number => probabilityBelow(learned, 3.5, tier, bound);
    const [under, over] = [below(11.5), 1 - below(12.5)];
    expect(under + over).toBeLessThan(1);
    expect(probabilityOver(learned, 3.5, { tier, line: 12 })).toBeCloseTo(
      over / (over + under),
      12,
    );
    expect(probabilityOver(learned, 3.5, { tier, line: 12.5 })).toBeCloseTo(1 - below(12.5), 12);
    expect(probabilityOver(learned, 3.5, { tier, line: 11.5 })).toBeCloseTo(1 - below(11.5), 12);
  });

  test('the same outcomes in another order teach nearly the same', () => {
    const turned = (column: Float64Array): Float64Array => Float64Array.from(column).reverse();
    const other = learnDistribution({
      predicted: turned(outcomes.predicted),
      actual: turned(outcomes.actual),
      average: turned(outcomes.average),
    });
    for (const predicted of [1, 2, 3, 4, 5]) {
      const [a, b] = [learned, other].map((each) =>
        forecastOf(each, predicted, { tier: 'STARTER_20_29', largest: 60 }),
      );
      expect(Math.abs((a?.p10 ?? NaN) - (b?.p10 ?? NaN))).toBeLessThan(0.2);
      expect(Math.abs((a?.p90 ?? NaN) - (b?.p90 ?? NaN))).toBeLessThan(0.2);
    }
  });
});
