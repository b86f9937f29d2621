import { fromScale, toScale } from './target-scale.ts';
import { TIERS, tierOf } from './tiers.ts';

/** Levels of the quantiles that are kept. */
export const LEVELS = [
  0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
  0.85, 0.9, 0.95, 0.98,
];
const MEDIAN = LEVELS.indexOf(0.5);
const LOW = LEVELS.indexOf(0.1);
const HIGH = LEVELS.indexOf(0.9);
/** Rows that a group of similar predictions should have. */
const GROUP_ROWS = 700;
const MOST_GROUPS = 12;
/** Rows of no shift that enter beside a tier's own. */
const TIER_PRIOR = 150;
const LEAST_PROBABILITY = 1e-6;

/** How outcomes spread around a prediction, learned from predictions of rows that were not trained on. */
export interface Distribution {
  /** Predictions on the scale, ascending. */
  readonly centers: readonly number[];
  /** Per center what to add on the scale for each of the levels. */
  readonly offsets: readonly (readonly number[])[];
  /** Per center the mean outcome minus the median. */
  readonly meanOverMedian: readonly number[];
  /** Per tier what to add on the scale to the quantiles of 10 and 90 %, and in points to the mean. */
  readonly tiers: Readonly<Record<string, TierShift>>;
}

interface TierShift {
  readonly rows: number;
  readonly low: number;
  readonly high: number;
  readonly mean: number;
}

/** What is expected of one player: all in points. */
export interface Forecast {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly mean: number;
}

export interface Outcomes {
  /** Predictions on the scale. */
  readonly predicted: Float64Array;
  /** What happened, as counts. */
  readonly actual: Float64Array;
  /** Season averages before the game, for tiers; NaN is not known. */
  readonly average: Float64Array;
}

/** Learns the spread from predictions and what happened; rows that were not trained on. */
export function learnDistribution(outcomes: Outcomes): Distribution {
  const order = Array.from(outcomes.predicted.keys()).sort(
    (a, b) => (outcomes.predicted[a] ?? 0) - (outcomes.predicted[b] ?? 0) || a - b,
  );
  const groups = Math.max(1, Math.min(MOST_GROUPS, Math.round(order.length / GROUP_ROWS)));
  const centers: number[] = [];
  const raw: number[][] = [];
  const meanOverMedian: number[] = [];
  for (let group = 0; group < groups; group++) {
    const rows = order.slice(
      Math.floor((group * order.length) / groups),
      Math.floor(((group + 1) * order.length) / groups),
    );
    const learned = learnGroup(rows, outcomes);
    centers.push(learned.center);
    raw.push(learned.offsets);
    meanOverMedian.push(learned.meanOverMedian);
  }
  const offsets = raw.map((row, at) =>
    row.map((_, level) =>
      smooth(
        raw.map((each) => each[level] ?? 0),
        at,
      ),
    ),
  );
  const untiered = {
    centers,
    offsets,
    meanOverMedian: meanOverMedian.map((_, at) => smooth(meanOverMedian, at)),
    tiers: {},
  };
  return { ...untiered, tiers: learnTiers(untiered, outcomes) };
}

function learnGroup(rows: readonly number[], { predicted, actual }: Outcomes) {
  const residuals = Float64Array.from(
    rows,
    // Counts are whole: each is spread over its unit, in a sequence that fills it evenly.
    (row, at) =>
      toScale((actual[row] ?? 0) + ((at * 0.618033988749895) % 1) - 0.5) - (predicted[row] ?? 0),
  ).sort();
  const offsets = LEVELS.map((level) => quantile(residuals, level));
  let difference = 0;
  for (const row of rows) {
    difference += (actual[row] ?? 0) - fromScale((predicted[row] ?? 0) + (offsets[MEDIAN] ?? 0));
  }
  return {
    center: predicted[rows[rows.length >> 1] ?? 0] ?? 0,
    offsets,
    meanOverMedian: rows.length === 0 ? 0 : difference / rows.length,
  };
}

/** With linear interpolation; 0 of nothing. */
export function quantile(sorted: Float64Array, level: number): number {
  const position = level * (sorted.length - 1);
  const low = sorted[Math.floor(position)] ?? 0;
  const high = sorted[Math.ceil(position)] ?? low;
  return low + (high - low) * (position - Math.floor(position));
}

function smooth(values: readonly number[], at: number): number {
  const own = values[at] ?? 0;
  return ((values[at - 1] ?? own) + 2 * own + (values[at + 1] ?? own)) / 4;
}

function learnTiers(untiered: Distribution, { predicted, actual, average }: Outcomes) {
  const shifts: Record<string, TierShift> = {};
  for (const tier of TIERS) {
    const [low, high] = [[] as number[], [] as number[]];
    let mean = 0;
    for (let row = 0; row < predicted.length; row++) {
      if (tierOf(average[row] ?? NaN) !== tier) continue;
      const value = predicted[row] ?? 0;
      const happened = toScale(actual[row] ?? 0);
      low.push(happened - value - offsetAt(untiered, value, LOW));
      high.push(happened - value - offsetAt(untiered, value, HIGH));
      mean += (actual[row] ?? 0) - forecastOf(untiered, value, { tier, largest: Infinity }).mean;
    }
    const rows = low.length;
    const trust = rows / (rows + TIER_PRIOR);
    shifts[tier] = {
      rows,
      low: rows === 0 ? 0 : trust * quantile(Float64Array.from(low).sort(), 0.1),
      high: rows === 0 ? 0 : trust * quantile(Float64Array.from(high).sort(), 0.9),
      mean: rows === 0 ? 0 : (trust * mean) / rows,
    };
  }
  return shifts;
}

/** Quantiles and mean for a prediction on the scale, between 0 and the largest outcome that is predicted. */
export function forecastOf(
  distribution: Distribution,
  predicted: number,
  { tier, largest }: { readonly tier: string; readonly largest: number },
): Forecast {
  const shift = distribution.tiers[tier];
  const at = (level: number, added: number) =>
    fromScale(predicted + offsetAt(distribution, predicted, level) + added);
  const p50 = at(MEDIAN, 0);
  const mean =
    p50 +
    interpolate(distribution.centers, distribution.meanOverMedian, predicted) +
    (shift?.mean ?? 0);
  return {
    p10: limit(Math.min(at(LOW, shift?.low ?? 0), p50), largest),
    p50: limit(p50, largest),
    p90: limit(Math.max(at(HIGH, shift?.high ?? 0), p50), largest),
    mean: limit(mean, largest),
  };
}

/** Predictions are clamped to what a player can reach (domain.md 6.1). */
export function limit(outcome: number, largest: number): number {
  return Math.max(0, Math.min(largest, outcome));
}

/**
 * Probability that the outcome is above a line, given that it is not exactly on it.
 * @param predicted on the scale
 */
export function probabilityOver(
  distribution: Distribution,
  predicted: number,
  { tier, line }: { readonly tier: string; readonly line: number },
): number {
  const { above } = probabilities(distribution, predicted, tier, Math.floor(line) + 0.5);
  const { below } = probabilities(distribution, predicted, tier, Math.ceil(line) - 0.5);
  return above / (above + below);
}

/** Probability of an outcome below a bound that lies between two whole counts. */
export function probabilityBelow(
  distribution: Distribution,
  predicted: number,
  tier: string,
  bound: number,
): number {
  return probabilities(distribution, predicted, tier, bound).below;
}

/** Both sides by themselves: 1 minus the one would lose the digits of a small other. */
function probabilities(
  distribution: Distribution,
  predicted: number,
  tier: string,
  bound: number,
): { readonly below: number; readonly above: number } {
  const shift = distribution.tiers[tier];
  const wanted = toScale(bound) - predicted;
  const offsets = LEVELS.map((level, at) => {
    const added =
      level < 0.5
        ? ((shift?.low ?? 0) * (0.5 - level)) / 0.4
        : ((shift?.high ?? 0) * (level - 0.5)) / 0.4;
    return offsetAt(distribution, predicted, at) + added;
  });
  const [first, last] = [offsets[0] ?? 0, offsets.at(-1) ?? 0];
  if (wanted < first) return { below: tail(first - wanted), above: 1 - tail(first - wanted) };
  if (wanted > last) return { below: 1 - tail(wanted - last), above: tail(wanted - last) };
  const below = interpolate(offsets, LEVELS, wanted);
  return { below, above: 1 - below };
}

/** Beyond the outermost levels the tail halves with every 0.2 of the scale; nothing is impossible. */
function tail(distance: number): number {
  return Math.max(LEAST_PROBABILITY, 0.02 * 2 ** (-distance * 5));
}

function offsetAt(distribution: Distribution, predicted: number, level: number): number {
  const { centers, offsets } = distribution;
  return interpolateBy(centers, (at) => offsets[at]?.[level] ?? 0, predicted);
}

/** Straight lines between the points, flat beyond the outermost. */
export function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  return interpolateBy(xs, (at) => ys[at] ?? 0, x);
}

function interpolateBy(xs: readonly number[], y: (at: number) => number, x: number): number {
  if (x <= (xs[0] ?? Infinity)) return y(0);
  for (let at = 1; at < xs.length; at++) {
    const [left, right] = [xs[at - 1] ?? 0, xs[at] ?? 0];
    if (x > right) continue;
    const share = right === left ? 1 : (x - left) / (right - left);
    return y(at - 1) + share * (y(at) - y(at - 1));
  }
  return y(xs.length - 1);
}
