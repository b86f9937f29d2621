import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { solvePositive } from '../../assets/models/linear-algebra.ts';
import { seededRandom } from '../../assets/models/random.ts';
import {
  LARGEST,
  PENALTY,
  REFITS,
  ridge,
  SMALLEST_PREDICTION,
  SMALLEST_RESIDUAL,
} from '../../assets/models/train-ridge.ts';
import { propertyTest } from '../support/property.ts';
import { normal } from './made-rows.ts';

propertyTest('linear algebra', 'the solution of a positive definite system solves it', {
  cases: fc.record({ size: fc.integer({ min: 1, max: 12 }), seed: fc.integer() }),
  runs: 300,
  holds: ({ size, seed }) => {
    const random = seededRandom(seed);
    const root = Float64Array.from({ length: size * size }, () => normal(random));
    const matrix = new Float64Array(size * size);
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) {
        let sum = a === b ? 0.1 : 0;
        for (let at = 0; at < size; at++) sum += root[a * size + at]! * root[b * size + at]!;
        matrix[a * size + b] = sum;
      }
    }
    const right = Float64Array.from({ length: size }, () => 5 * normal(random));
    const solution = solvePositive(Float64Array.from(matrix), Float64Array.from(right));
    right.forEach((value, row) => {
      let sum = 0;
      for (let at = 0; at < size; at++) sum += matrix[row * size + at]! * solution[at]!;
      expect(Math.abs(sum - value)).toBeLessThan(1e-8);
    });
  },
});

describe('ridge', () => {
  propertyTest('ridge', 'predicts as the same weighted least squares, solved by reflections', {
    cases: fc.record({ rows: fc.integer({ min: 8, max: 120 }), seed: fc.integer() }),
    runs: 100,
    holds: ({ rows, seed }) => {
      const { columns, target } = madeColumns(rows, seed);
      const terms = [target.map(() => 1), ...standardized(columns)];
      const sumOf = (weights: readonly number[], row: number): number =>
        terms.reduce((sum, term, at) => sum + (term[row] ?? 0) * (weights[at] ?? 0), 0);
      let rowWeights = target.map(() => 1);
      let weights: number[] = [];
      for (let refit = 0; refit <= REFITS; refit++) {
        weights = leastSquares(terms, target, rowWeights);
        rowWeights = target.map((value, row) => {
          const found = sumOf(weights, row);
          return (
            Math.max(found, SMALLEST_PREDICTION) /
            Math.max(Math.abs(value - found), SMALLEST_RESIDUAL)
          );
        });
      }
      const found = trained(columns, target).predict(columns, rows);
      found.forEach((value, row) => {
        expect(Math.abs(value - sumOf(weights, row))).toBeLessThan(1e-7);
      });
    },
  });

  test('predicts medians where outcomes are skewed', () => {
    const random = seededRandom(6);
    const a = Float64Array.from({ length: 4000 }, () => 2 + 3 * random());
    const b = a.map(() => normal(random));
    const target = a.map((value) => value - Math.log(1 - random()));
    const found = trained([a, b], target).predict([a, b], 4000);
    const below = target.reduce(
      (sum, value, row) => sum + (value < (found[row] ?? NaN) ? 1 : 0),
      0,
    );
    // The mean of what is added is 1, which 63 % fall short of.
    expect(below / 4000).toBeGreaterThan(0.46);
    expect(below / 4000).toBeLessThan(0.54);
  });

  test('what is not known counts as the mean, and what is far away as four deviations', () => {
    const { columns, target } = madeColumns(200, 3);
    const member = trained(columns, target);
    const found = member.predict([Float64Array.of(1e6, 1e9), Float64Array.of(NaN, NaN)], 2);
    expect(found[0]).toBe(found[1]);
    const [a, b] = columns.map((column) => {
      const known = column.filter((value) => !Number.isNaN(value));
      return known.reduce((sum, value) => sum + value, 0) / known.length;
    });
    const only = ridge.train(
      { rows: 200, names: ['a', 'b'], features: columns, target, minutes: target },
      { seed: 1, rate: undefined, roots: [], trees: 1 },
    );
    const unknown = only.predict([Float64Array.of(NaN), Float64Array.of(NaN)], 1);
    const mean = only.predict([Float64Array.of(a ?? 0), Float64Array.of(b ?? 0)], 1);
    expect(unknown[0]).toBeCloseTo(mean[0] ?? NaN, 9);
  });

  test('is the same once it was stored', () => {
    const { columns, target } = madeColumns(150, 4);
    const member = trained(columns, target);
    const stored = ridge.load(JSON.parse(JSON.stringify(member.content)), ['a', 'b']);
    expect(stored.predict(columns, 150)).toEqual(member.predict(columns, 150));
    expect(stored.importances).toEqual(member.importances);
  });
});

function trained(features: readonly Float64Array[], target: Float64Array) {
  const data = { rows: target.length, names: ['a', 'b'], features, target, minutes: target };
  return ridge.train(data, { seed: 1, rate: undefined, roots: ['a'], trees: 1 });
}

function madeColumns(rows: number, seed: number) {
  const random = seededRandom(seed);
  const a = Float64Array.from({ length: rows }, () => 10 + 4 * normal(random));
  const b = Float64Array.from({ length: rows }, () => (random() < 0.2 ? NaN : normal(random)));
  const target = a.map((value, row) => 0.2 * value - (b[row] || 0) + 0.5 * normal(random));
  return { columns: [a, b], target };
}

/** The features and the roots of the first one, in deviations from the mean. */
function standardized(columns: readonly Float64Array[]): Float64Array[] {
  const roots = columns
    .slice(0, 1)
    .map((column) => column.map((value) => Math.sqrt(Math.max(0, value))));
  return [...columns, ...roots].map((term) => {
    const known = term.filter((value) => !Number.isNaN(value));
    const mean = known.reduce((sum, value) => sum + value, 0) / (known.length || 1);
    const square = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(square / (known.length || 1)) || 1;
    return term.map((value) => {
      const scaled = (value - mean) / deviation;
      return Number.isNaN(scaled) ? 0 : Math.max(-LARGEST, Math.min(LARGEST, scaled));
    });
  });
}

/** Weighted least squares with a row per weight but the first for the penalty, by Householder's reflections. */
function leastSquares(
  terms: readonly Float64Array[],
  target: Float64Array,
  rowWeights: Float64Array,
): number[] {
  const size = terms.length;
  const rows = Array.from(target, (value, row) =>
    [...terms.map((term) => term[row]!), value].map((each) => each * Math.sqrt(rowWeights[row]!)),
  );
  const total = rowWeights.reduce((sum, weight) => sum + weight, 0);
  const pull = Math.sqrt((PENALTY * total) / target.length);
  for (let at = 1; at < size; at++) {
    rows.push(Array.from({ length: size + 1 }, (_, to) => (to === at ? pull : 0)));
  }
  for (let column = 0; column < size; column++) reflect(rows.slice(column), column);
  return solveUpper(rows, size);
}

/** Makes a column zero below the first of some rows. */
function reflect(rows: readonly number[][], column: number): void {
  const vector = rows.map((row) => row[column]!);
  const length = Math.hypot(...vector);
  vector[0]! += vector[0]! >= 0 ? length : -length;
  const square = vector.reduce((sum, value) => sum + value ** 2, 0);
  for (let to = column; to < rows[0]!.length; to++) {
    const dot = rows.reduce((sum, row, at) => sum + row[to]! * vector[at]!, 0);
    rows.forEach((row, at) => (row[to]! -= (2 * dot * vector[at]!) / square));
  }
}

/** Solves an upper triangle whose last column is the right side. */
function solveUpper(rows: readonly number[][], size: number): number[] {
  const weights: number[] = [];
  for (let row = size - 1; row >= 0; row--) {
    let sum = rows[row]![size]!;
    for (let at = row + 1; at < size; at++) sum -= rows[row]![at]! * weights[at]!;
    weights[row] = sum / rows[row]![row]!;
  }
  return weights;
}
