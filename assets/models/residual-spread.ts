import { type Distribution, LEVELS } from './distribution.ts';
import { toScale } from './target-scale.ts';

/** One quantile of what happened minus what was predicted, in points. */
export interface ResidualQuantile {
  /** Between 0 and 1. */
  readonly level: number;
  readonly points: number;
}

/** Predictions in points between which the spread is interpolated on the scale. */
const CENTERS = Array.from({ length: 121 }, (_, at) => at / 2);
/** Residuals by which the mean is taken. */
const STEPS = 400;

/**
 * A distribution from a few quantiles of residuals, the same around every prediction. Between and beyond
 * the levels that are given residuals follow a normal curve.
 * @param quantiles at least two, ascending in level and in points
 */
export function spreadOfResiduals(quantiles: readonly ResidualQuantile[]): Distribution {
  const residual = (level: number): number => residualAt(quantiles, level);
  let sum = 0;
  for (let step = 0; step < STEPS; step++) sum += residual((step + 0.5) / STEPS) / STEPS;
  return {
    centers: CENTERS.map(toScale),
    offsets: CENTERS.map((center) =>
      LEVELS.map((level) => toScale(center + residual(level)) - toScale(center)),
    ),
    meanOverMedian: CENTERS.map(() => sum - residual(0.5)),
    tiers: {},
  };
}

function residualAt(quantiles: readonly ResidualQuantile[], level: number): number {
  const next = quantiles.findIndex((each) => each.level >= level);
  const right = Math.max(1, next === -1 ? quantiles.length - 1 : next);
  const [a, b] = [quantiles[right - 1], quantiles[right]];
  if (!a || !b) return 0;
  const [from, to] = [normalQuantile(a.level), normalQuantile(b.level)];
  return a.points + ((normalQuantile(level) - from) / (to - from)) * (b.points - a.points);
}

/** The value below which a standard normal variable falls with this probability, to 1e-9 (Acklam). */
export function normalQuantile(probability: number): number {
  if (probability > 0.5) return -normalQuantile(1 - probability);
  if (probability < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(probability));
    return polynomial(TAIL, q) / (polynomial(TAIL_DIVISOR, q) * q + 1);
  }
  const q = probability - 0.5;
  return (polynomial(MIDDLE, q * q) * q) / (polynomial(MIDDLE_DIVISOR, q * q) * q * q + 1);
}

const MIDDLE = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
];
const MIDDLE_DIVISOR = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1,
];
const TAIL = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const TAIL_DIVISOR = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416,
];

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
