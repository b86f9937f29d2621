import { decodeFloats, encodeNumbers } from './base64.ts';
import { solvePositive } from './linear-algebra.ts';
import type { Member, Trainer, TrainingData, TrainOptions } from './trainer.ts';

/** Pull of the weights towards zero, in rows of mean weight. */
export const PENALTY = 20;
/** Standardized values beyond this many deviations are cut off. */
export const LARGEST = 4;
/** Refits that turn squared into absolute errors. */
export const REFITS = 3;
/** Residuals below this, on the scale, weigh no more than one of this size. */
export const SMALLEST_RESIDUAL = 0.3;
/** Predictions below this, on the scale, weigh no less than one of this size. */
export const SMALLEST_PREDICTION = 0.5;

interface Linear {
  /** Positions of the features whose square roots enter too. */
  readonly roots: readonly number[];
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** The first is the intercept. */
  readonly weight: Float64Array;
}

/**
 * Ridge regression on standardized features, and on the square roots of those that are volumes. It is
 * fitted again with weights prediction / |residual|: on the scale of square roots that minimizes the
 * absolute error in points, so that it predicts medians.
 */
export const ridge: Trainer = {
  name: 'ridge',
  version: 2,
  train: (data, options) => memberOf(fit(data, options), data.names),
  load: (content, names) => memberOf(parse(content), names),
};

function fit(data: TrainingData, options: TrainOptions): Linear {
  const { rows, target, features } = data;
  const roots = options.roots.map((name) => data.names.indexOf(name)).filter((at) => at >= 0);
  const terms = termsOf(features, roots, rows);
  const moments = terms.map(momentsOf);
  const mean = Float64Array.from(moments, ([value]) => value);
  const deviation = Float64Array.from(moments, ([, value]) => value);
  const design = designOf(terms, mean, deviation, rows);
  const size = terms.length + 1;
  const weights = new Float64Array(rows).fill(1);
  let weight: Float64Array = new Float64Array(size);
  for (let refit = 0; refit <= REFITS; refit++) {
    weight = solveWeighted(design, size, target, weights);
    if (refit < REFITS) reweigh(weights, target, multiply(design, size, weight));
  }
  return { roots, mean, deviation, weight };
}

function reweigh(weights: Float64Array, target: Float64Array, fitted: Float64Array): void {
  for (let row = 0; row < weights.length; row++) {
    const value = fitted[row] as number;
    const residual = Math.abs((target[row] as number) - value);
    weights[row] = Math.max(value, SMALLEST_PREDICTION) / Math.max(residual, SMALLEST_RESIDUAL);
  }
}

/** The features, then the square roots of some (0 for what is negative). */
function termsOf(
  features: readonly Float64Array[],
  roots: readonly number[],
  rows: number,
): Float64Array[] {
  const rooted = roots.map((at) => {
    const column = features[at] as Float64Array;
    const root = new Float64Array(rows);
    for (let row = 0; row < rows; row++) root[row] = Math.sqrt(Math.max(0, column[row] as number));
    return root;
  });
  return [...features, ...rooted];
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

/** A row after the other: 1 for the intercept, then the standardized terms; unknown is the mean. */
function designOf(
  terms: readonly Float64Array[],
  mean: Float64Array,
  deviation: Float64Array,
  rows: number,
): Float64Array {
  const size = terms.length + 1;
  const design = new Float64Array(rows * size);
  for (let row = 0; row < rows; row++) design[row * size] = 1;
  terms.forEach((term, at) => {
    const [center, spread] = [mean[at] as number, deviation[at] as number];
    for (let row = 0; row < rows; row++) {
      const value = ((term[row] as number) - center) / spread;
      if (Number.isNaN(value)) continue;
      design[row * size + at + 1] = Math.max(-LARGEST, Math.min(LARGEST, value));
    }
  });
  return design;
}

function solveWeighted(
  design: Float64Array,
  size: number,
  target: Float64Array,
  weights: Float64Array,
): Float64Array {
  const products = new Float64Array(size * size);
  const right = new Float64Array(size);
  const rows = target.length;
  const whole = rows - (rows % 4);
  for (let row = 0; row < whole; row += 4)
    addFour(products, right, { design, target, weights, row });
  for (let row = whole; row < rows; row++)
    addOne(products, right, { design, target, weights, row });
  let total = 0;
  for (const weight of weights) total += weight;
  const penalty = (PENALTY * total) / Math.max(1, rows);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < a; b++) products[a * size + b] = products[b * size + a] as number;
    // The intercept is left alone.
    if (a > 0) products[a * size + a] = (products[a * size + a] as number) + penalty;
  }
  return solvePositive(products, right);
}

interface WeightedRows {
  readonly design: Float64Array;
  readonly target: Float64Array;
  readonly weights: Float64Array;
  readonly row: number;
}

/** Adds four rows at once: a quarter of the passes over the products. */
function addFour(
  products: Float64Array,
  right: Float64Array,
  { design, target, weights, row }: WeightedRows,
): void {
  const size = right.length;
  const [o0, o1, o2, o3] = [row * size, (row + 1) * size, (row + 2) * size, (row + 3) * size];
  const [w0, w1] = [weights[row] as number, weights[row + 1] as number];
  const [w2, w3] = [weights[row + 2] as number, weights[row + 3] as number];
  const [t0, t1] = [target[row] as number, target[row + 1] as number];
  const [t2, t3] = [target[row + 2] as number, target[row + 3] as number];
  for (let a = 0; a < size; a++) {
    const x0 = w0 * (design[o0 + a] as number);
    const x1 = w1 * (design[o1 + a] as number);
    const x2 = w2 * (design[o2 + a] as number);
    const x3 = w3 * (design[o3 + a] as number);
    right[a] = (right[a] as number) + x0 * t0 + x1 * t1 + x2 * t2 + x3 * t3;
    const into = a * size;
    for (let b = a; b < size; b++) {
      products[into + b] =
        (products[into + b] as number) +
        x0 * (design[o0 + b] as number) +
        x1 * (design[o1 + b] as number) +
        x2 * (design[o2 + b] as number) +
        x3 * (design[o3 + b] as number);
    }
  }
}

function addOne(
  products: Float64Array,
  right: Float64Array,
  { design, target, weights, row }: WeightedRows,
): void {
  const size = right.length;
  for (let a = 0; a < size; a++) {
    const value = (weights[row] as number) * (design[row * size + a] as number);
    right[a] = (right[a] as number) + value * (target[row] as number);
    for (let b = a; b < size; b++) {
      products[a * size + b] =
        (products[a * size + b] as number) + value * (design[row * size + b] as number);
    }
  }
}

function multiply(design: Float64Array, size: number, weight: Float64Array): Float64Array {
  const sums = new Float64Array(design.length / size);
  for (let row = 0; row < sums.length; row++) {
    let sum = 0;
    for (let at = 0; at < size; at++) {
      sum += (design[row * size + at] as number) * (weight[at] as number);
    }
    sums[row] = sum;
  }
  return sums;
}

function memberOf(model: Linear, names: readonly string[]): Member {
  const size = model.weight.length;
  const shares = names.map((_, at) => Math.abs(model.weight[at + 1] ?? 0));
  model.roots.forEach((at, root) => {
    shares[at] = (shares[at] ?? 0) + Math.abs(model.weight[names.length + root + 1] ?? 0);
  });
  return {
    predict: (features, rows) => {
      const terms = termsOf(features, model.roots, rows);
      return multiply(designOf(terms, model.mean, model.deviation, rows), size, model.weight);
    },
    importances: Object.fromEntries(
      names.map((name, at) => [name, Number((shares[at] ?? 0).toFixed(6))]),
    ),
    content: {
      roots: model.roots,
      mean: encodeNumbers(model.mean),
      deviation: encodeNumbers(model.deviation),
      weight: encodeNumbers(model.weight),
    },
  };
}

function parse(content: unknown): Linear {
  const stored = content as {
    readonly roots: readonly number[];
    readonly mean: string;
    readonly deviation: string;
    readonly weight: string;
  };
  return {
    roots: stored.roots,
    mean: decodeFloats(stored.mean),
    deviation: decodeFloats(stored.deviation),
    weight: decodeFloats(stored.weight),
  };
}
