import { expect, test } from 'vitest';
import { LEVELS, learnDistribution } from '../../assets/models/distribution.ts';
import { parseMetadata } from '../../assets/models/imported-metadata.ts';
import { normalQuantile, spreadOfResiduals } from '../../assets/models/residual-spread.ts';
import { fromScale, toScale } from '../../assets/models/target-scale.ts';

const GOOD = { features: ['a', 'b'], target: 'points', trained_before: '2024-01-15' };

function faultOf(metadata: unknown): string {
  try {
    parseMetadata(typeof metadata === 'string' ? metadata : JSON.stringify(metadata));
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return 'it was read';
}

test('what is said is read', () => {
  const all = {
    ...GOOD,
    feature_version: 'v1',
    iteration_end: 12,
    tier_feature: 'b',
    notes: 'by hand',
  };
  expect(parseMetadata(JSON.stringify(all))).toEqual({
    features: ['a', 'b'],
    trainedBefore: '2024-01-15',
    featureVersion: 'v1',
    iterationEnd: 12,
    tierFeature: 'b',
    distribution: undefined,
  });
});

test.each([
  [{ ...GOOD, features: undefined }, 'features is not there, expected a list'],
  [{ ...GOOD, features: ['a', 2] }, 'features[1] is 2, expected a text'],
  [{ ...GOOD, features: ['a', 'a'] }, 'expected every name once, "a" is there twice'],
  [{ ...GOOD, target: 'rebounds' }, 'target is "rebounds", expected "points"'],
  [{ ...GOOD, trained_before: undefined }, 'trained_before is not there, expected a text'],
  [{ ...GOOD, trained_before: '15.1.2024' }, 'expected a date as "2024-01-01"'],
  [{ ...GOOD, trained_before: '2024-02-30' }, 'expected a date as "2024-01-01"'],
  [{ ...GOOD, trained_before: '2024-13-01' }, 'expected a date as "2024-01-01"'],
  [{ ...GOOD, trained_befor: '2024-01-15' }, 'the field "trained_befor", those that are read are'],
  [{ ...GOOD, iteration_end: '3' }, 'iteration_end is "3", expected a number'],
  [{ ...GOOD, tier_feature: 'c' }, 'tier_feature is "c", expected one of its features'],
  [{ ...GOOD, residual_quantiles: { 0.5: 0 } }, 'expected points by at least two levels'],
  [{ ...GOOD, residual_quantiles: { 0: -9, 0.5: 0 } }, 'expected points by at least two levels'],
  [{ ...GOOD, residual_quantiles: { low: -9, 0.5: 0 } }, 'expected points by at least two levels'],
  [{ ...GOOD, residual_quantiles: { 0.1: 3, 0.9: 2 } }, 'expected more points at every higher'],
  [
    { ...GOOD, residual_quantiles: { 0.1: 'x', 0.9: 2 } },
    'residual_quantiles.0.1 is "x", expected',
  ],
  [{ ...GOOD, residual_quantiles: {}, distribution: {} }, 'either "distribution" or "residual_'],
  [{ ...GOOD, distribution: { centers: [] } }, 'expected at least one number, ascending'],
  [{ ...GOOD, distribution: { centers: [2, 1] } }, 'expected at least one number, ascending'],
  [{ ...GOOD, distribution: { centers: [1], offsets: [[0]] } }, 'expected 21 numbers, ascending'],
  ['[]', 'it is [], expected an object'],
  ['{"features": ["a"', 'its metadata is no JSON'],
])('%j is refused', (metadata, message) => {
  const found = faultOf(metadata);
  expect(found).toContain(message);
  expect(found).toMatch(/^ModelFault: (in )?its metadata /);
});

test('a distribution that was learned here is read as it is stored', () => {
  const predicted = Float64Array.from({ length: 400 }, (_, at) => 1 + at / 100);
  const learned = learnDistribution({
    predicted,
    actual: predicted.map((value, at) => Math.round(value ** 2 + (at % 7))),
    average: predicted.map((value) => value ** 2),
  });
  const metadata = parseMetadata(JSON.stringify({ ...GOOD, distribution: learned }));
  expect(metadata.distribution).toEqual(learned);
});

test('quantiles of residuals become the spread around every prediction', () => {
  const { centers, offsets } = spreadOfResiduals([
    { level: 0.1, points: -4 },
    { level: 0.5, points: 0 },
    { level: 0.9, points: 5 },
  ]);
  centers.forEach((center, at) => {
    const points = (level: number): number =>
      fromScale(center + (offsets[at]?.[LEVELS.indexOf(level)] ?? NaN)) - fromScale(center);
    expect(points(0.1)).toBeCloseTo(-4, 9);
    expect(points(0.5)).toBeCloseTo(0, 9);
    expect(points(0.9)).toBeCloseTo(5, 9);
    // Between them as a normal curve does: 0.6745 of 1.2816 deviations; beyond them on the same line.
    expect(points(0.75)).toBeCloseTo((5 * 0.6744898) / 1.2815516, 6);
    expect(points(0.98)).toBeCloseTo((5 * 2.0537489) / 1.2815516, 6);
    expect(points(0.02)).toBeCloseTo((-4 * 2.0537489) / 1.2815516, 6);
  });
  expect(centers[0]).toBe(toScale(0));
});

test('the mean is above the median where residuals are skewed to the right, and on it where they are not', () => {
  const of = (low: number, high: number): number =>
    spreadOfResiduals([
      { level: 0.1, points: low },
      { level: 0.5, points: 1 },
      { level: 0.9, points: high },
    ]).meanOverMedian[0] ?? NaN;
  expect(of(-4, 6)).toBeCloseTo(0, 9);
  // Half a normal curve of each deviation: their difference over the root of 2 pi.
  const expected = (8 - 5) / 1.2815516 / Math.sqrt(2 * Math.PI);
  expect(Math.abs(of(-4, 9) - expected)).toBeLessThan(0.01);
});

test('normal quantiles are those of the tables', () => {
  const known = [
    [0.5, 0],
    [0.9, 1.2815515655],
    [0.975, 1.9599639845],
    [0.99, 2.326347874],
    [0.999, 3.0902323062],
    [0.0001, -3.7190164855],
  ] as const;
  for (const [level, value] of known) expect(normalQuantile(level)).toBeCloseTo(value, 7);
});
