import { decodeFloats, encodeNumbers } from './base64.ts';
import { solvePositive } from './linear-algebra.ts';
import type { Member, Trainer, TrainingData } from './trainer.ts';

/** Pull of the weights towards zero, in rows. */
const PENALTY = 50;
/** Standardized values beyond this many deviations are cut off. */
const LARGEST = 4;

interface Ridge {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  readonly weight: Float64Array;
  readonly intercept: number;
}

/** Linear regression on standardized features and on the square roots of those that are never negative. */
export const ridge: Trainer = {
  name: 'ridge',
  version: 1,
  train: (data) => memberOf(fit(data), data.names),
  load: (content, names) => memberOf(parse(content), names),
};

function fit({ features, rows, target }: TrainingData): Ridge {
  const terms = termsOf(features, rows);
  const count = terms.length;
  const mean = new Float64Array(count);
  const deviation = new Float64Array(count);
  const scaled = terms.map((term, at) => {
    [mean[at], deviation[at]] = momentsOf(term);
    return scale(term, mean[at] ?? 0, deviation[at] ?? 1);
  });
  let intercept = 0;
  for (const value of target) intercept += value / rows;
  const products = new Float64Array(count * count);
  const right = new Float64Array(count);
  for (let a = 0; a < count; a++) {
    const left = scaled[a] as Float64Array;
    for (let b = a; b < count; b++) {
      const sum = dot(left, scaled[b] as Float64Array);
      products[a * count + b] = sum;
      products[b * count + a] = sum;
    }
    products[a * count + a] = (products[a * count + a] ?? 0) + PENALTY;
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      sum += (left[row] as number) * ((target[row] as number) - intercept);
    }
    right[a] = sum;
  }
  return { mean, deviation, weight: solvePositive(products, right), intercept };
}

/** The features, then their square roots (0 for what is negative). */
function termsOf(features: readonly Float64Array[], rows: number): Float64Array[] {
  const roots = features.map((column) => {
    const root = new Float64Array(rows);
    for (let row = 0; row < rows; row++) root[row] = Math.sqrt(Math.max(0, column[row] as number));
    return root;
  });
  return [...features, ...roots];
}

/** Mean and standard deviation of what is known; 0 and 1 where nothing is, or nothing varies. */
function momentsOf(column: Float64Array): [number, number] {
  let [sum, count] = [0, 0];
  for (const value of column) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  for (const value of column) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  const deviation = count === 0 ? 0 : Math.sqrt(squares / count);
  return [mean, deviation > 1e-9 ? deviation : 1];
}

function scale(column: Float64Array, mean: number, deviation: number): Float64Array {
  const scaled = new Float64Array(column.length);
  for (let row = 0; row < column.length; row++) {
    const value = ((column[row] as number) - mean) / deviation;
    // What is not known is taken as the mean.
    scaled[row] = Number.isNaN(value) ? 0 : Math.max(-LARGEST, Math.min(LARGEST, value));
  }
  return scaled;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < a.length; row++) sum += (a[row] as number) * (b[row] as number);
  return sum;
}

function memberOf(model: Ridge, names: readonly string[]): Member {
  return {
    predict: (features, rows) => predict(model, features, rows),
    importances: Object.fromEntries(
      names.map((name, at) => {
        const share =
          Math.abs(model.weight[at] ?? 0) + Math.abs(model.weight[at + names.length] ?? 0);
        return [name, Number(share.toFixed(6))];
      }),
    ),
    content: {
      mean: encodeNumbers(model.mean),
      deviation: encodeNumbers(model.deviation),
      weight: encodeNumbers(model.weight),
      intercept: model.intercept,
    },
  };
}

function predict(model: Ridge, features: readonly Float64Array[], rows: number): Float64Array {
  const sums = new Float64Array(rows).fill(model.intercept);
  termsOf(features, rows).forEach((term, at) => {
    const weight = model.weight[at] ?? 0;
    const scaled = scale(term, model.mean[at] ?? 0, model.deviation[at] ?? 1);
    for (let row = 0; row < rows; row++) {
      sums[row] = (sums[row] as number) + weight * (scaled[row] as number);
    }
  });
  return sums;
}

function parse(content: unknown): Ridge {
  const stored = content as {
    readonly mean: string;
    readonly deviation: string;
    readonly weight: string;
    readonly intercept: number;
  };
  return {
    mean: decodeFloats(stored.mean),
    deviation: decodeFloats(stored.deviation),
    weight: decodeFloats(stored.weight),
    intercept: stored.intercept,
  };
}
