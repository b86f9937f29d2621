import { blend } from './blend.ts';
import {
  type Distribution,
  forecastOf,
  limit,
  probabilityBelow,
  probabilityOver,
  type Forecast,
} from './distribution.ts';
import { type Recentring, recentre } from './recentre.ts';
import { fromScale } from './target-scale.ts';
import { tierOf } from './tiers.ts';
import type { Member } from './trainer.ts';

/** A model that predicts: members, their weights, and how outcomes spread around what they say. */
export interface FittedModel {
  readonly features: readonly string[];
  /** What stands in for a feature that is not known; NaN leaves that to the members. */
  readonly defaults: Float64Array;
  readonly members: readonly Member[];
  /** What is added to each member's predictions; undefined for a member that predicts medians. */
  readonly recentrings?: readonly (Recentring | undefined)[];
  readonly weights: readonly number[];
  /** Undefined where nothing is known of the spread: then there is only the prediction. */
  readonly distribution: Distribution | undefined;
  /** Whether the members' own number is the prediction, and not the median of the distribution. */
  readonly isOwnNumber?: boolean;
  /** Feature that tells the tier. */
  readonly tierFeature: string;
  /** Predictions are cut off there, e.g. at 60 points (domain.md 6.1). */
  readonly largest: number;
}

export interface Predicted {
  /** On the scale of the target. */
  readonly scale: Float64Array;
  /** What is predicted, from 0 to the largest outcome. */
  readonly points: Float64Array;
  /** NaN is not known. */
  readonly forecasts: readonly Forecast[];
  /** Probability to exceed a line, per row; NaN without a line, or a spread. */
  readonly over: (lines: Float64Array) => Float64Array;
  /** Probability of an outcome within so many points of the median, per row; NaN without a spread. */
  readonly near: (points: number) => Float64Array;
}

/**
 * Predicts rows.
 * @param features one column per feature of the model, in its order; NaN is not known
 */
export function predictRows(
  model: FittedModel,
  features: readonly Float64Array[],
  rows: number,
): Predicted {
  const filled = fillDefaults(features, model.defaults);
  const scale = blend(
    model.members.map((member, at) => {
      const predicted = member.predict(filled, rows);
      const recentring = model.recentrings?.[at];
      return recentring ? recentre(recentring, predicted) : predicted;
    }),
    model.weights,
  );
  const averages = features[model.features.indexOf(model.tierFeature)];
  const tiers = Array.from(scale, (_, row) => tierOf(averages?.[row] ?? NaN));
  const { distribution } = model;
  const own = scale.map((value) => limit(fromScale(value), model.largest));
  if (!distribution) return withoutSpread(scale, own);
  const forecasts = tiers.map((tier, row) =>
    forecastOf(distribution, scale[row] ?? 0, { tier, largest: model.largest }),
  );
  const over = (lines: Float64Array): Float64Array =>
    lines.map((line, row) =>
      Number.isNaN(line)
        ? NaN
        : probabilityOver(distribution, scale[row] ?? 0, {
            tier: tiers[row] ?? 'BENCH_0_9',
            line,
          }),
    );
  const near = (points: number): Float64Array =>
    scale.map((value, row) => {
      const tier = tiers[row] ?? 'BENCH_0_9';
      const middle = forecasts[row]?.p50 ?? 0;
      const below = (bound: number) => probabilityBelow(distribution, value, tier, bound);
      return below(Math.floor(middle + points) + 0.5) - below(Math.ceil(middle - points) - 0.5);
    });
  const points = model.isOwnNumber ? own : Float64Array.from(forecasts, ({ p50 }) => p50);
  return { scale, points, forecasts, over, near };
}

function withoutSpread(scale: Float64Array, points: Float64Array): Predicted {
  const unknown = (): Float64Array => new Float64Array(points.length).fill(NaN);
  return {
    scale,
    points,
    forecasts: Array.from(points, (p50) => ({ p10: NaN, p50, p90: NaN, mean: NaN })),
    over: unknown,
    near: unknown,
  };
}

/** Columns with defaults where nothing is known; columns without a default stay as they are. */
export function fillDefaults(
  features: readonly Float64Array[],
  defaults: Float64Array,
): Float64Array[] {
  return features.map((column, at) => {
    const standIn = defaults[at] ?? NaN;
    return Number.isNaN(standIn)
      ? column
      : column.map((value) => (Number.isNaN(value) ? standIn : value));
  });
}
