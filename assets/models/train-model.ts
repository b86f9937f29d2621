import { blend, blendWeights } from './blend.ts';
import { learnDistribution, forecastOf, type Distribution } from './distribution.ts';
import type { FittedModel } from './fitted-model.ts';
import { toScale } from './target-scale.ts';
import { tierOf } from './tiers.ts';
import type { Member, TrainerName, TrainingData } from './trainer.ts';
import { TRAINERS } from './trainers.ts';

/** What a model is to be trained as. */
export interface ModelPlan {
  readonly features: readonly string[];
  readonly trainers: readonly TrainerName[];
  readonly rate: string | undefined;
  readonly tierFeature: string;
  readonly trees: number;
  readonly seed: number;
}

/** Rows for one model, sorted by date. */
export interface ModelRows {
  /** Days since 1970-01-01, ascending. */
  readonly days: Float64Array;
  readonly features: readonly Float64Array[];
  readonly defaults: Float64Array;
  /** What happened, e.g. points. */
  readonly outcome: Float64Array;
  readonly minutes: Float64Array;
  /** The tier's feature before defaults. */
  readonly average: Float64Array;
}

/** How far off the predictions of some rows were. */
export interface SplitMetrics {
  readonly rows: number;
  readonly first_day: number;
  readonly last_day: number;
  readonly mae: number;
  readonly rmse: number;
  readonly bias: number;
  readonly within_1: number;
  readonly within_3: number;
  readonly within_5: number;
  /** Share of outcomes from the quantile of 10 to that of 90 %. */
  readonly in_interval: number;
  /** Mean absolute error of the season average on the same rows. */
  readonly season_average_mae: number;
}

export interface TrainedModel {
  readonly model: FittedModel;
  readonly memberNames: readonly TrainerName[];
  readonly metrics: Readonly<Record<'train' | 'validation' | 'test', SplitMetrics>>;
  readonly importances: Readonly<Record<string, number>>;
}

/**
 * Trains a model in two rounds. First on the earliest 70 % of dates: the next 15 % say when boosting
 * stops and how members are weighed, the last 15 % are measured (domain.md 6.4). What was not trained
 * on teaches how outcomes spread. Then the members are trained again on all rows.
 */
export function trainModel(plan: ModelPlan, rows: ModelRows): TrainedModel {
  const [toTrain, toValidation] = splitByDate(rows.days, [0.7, 0.85]);
  const all = dataOf(plan, rows, 0, rows.days.length);
  const train = dataOf(plan, rows, 0, toTrain);
  const validation = dataOf(plan, rows, toTrain, toValidation);
  const options = { seed: plan.seed, rate: plan.rate, trees: plan.trees };
  const first = plan.trainers.map((name) => TRAINERS[name].train(train, { ...options, validation }));
  const guesses = first.map((member) => member.predict(all.features, all.rows));
  const weights = blendWeights(
    guesses.map((guess) => guess.subarray(toTrain, toValidation)),
    validation.target,
  );
  const blended = blend(guesses, weights);
  const learn = (from: number, to: number): Distribution =>
    learnDistribution({
      predicted: blended.subarray(from, to),
      actual: rows.outcome.subarray(from, to),
      average: rows.average.subarray(from, to),
    });
  const honest = learn(toTrain, toValidation);
  const measure = (from: number, to: number) => metricsOf({ rows, blended, distribution: honest, from, to });
  const metrics = {
    train: measure(0, toTrain),
    validation: measure(toTrain, toValidation),
    test: measure(toValidation, all.rows),
  };
  const members = plan.trainers.map((name, at) =>
    TRAINERS[name].train(all, { ...options, trees: treesOf(first[at], plan.trees) }),
  );
  const model: FittedModel = {
    features: plan.features,
    defaults: rows.defaults,
    members,
    weights,
    distribution: learn(toTrain, all.rows),
    tierFeature: plan.tierFeature,
  };
  return { model, memberNames: plan.trainers, metrics, importances: importancesOf(members, weights) };
}

/** Rows before each share of them, without splitting a date. */
export function splitByDate(days: Float64Array, shares: readonly [number, number]): [number, number] {
  const boundary = (share: number): number => {
    let row = Math.floor(days.length * share);
    while (row > 0 && days[row] === days[row - 1]) row--;
    return row;
  };
  return [boundary(shares[0]), boundary(shares[1])];
}

function dataOf(plan: ModelPlan, rows: ModelRows, from: number, to: number): TrainingData {
  return {
    rows: to - from,
    names: plan.features,
    features: rows.features.map((column) => column.subarray(from, to)),
    target: rows.outcome.subarray(from, to).map(toScale),
    minutes: rows.minutes.subarray(from, to),
  };
}

/** As many trees as were best, and a few more since there are more rows. */
function treesOf(member: Member | undefined, most: number): number {
  const trees = member?.trees ?? most;
  return Math.max(10, Math.min(most, Math.round(trees * 1.1)));
}

function metricsOf({
  rows,
  blended,
  distribution,
  from,
  to,
}: {
  readonly rows: ModelRows;
  readonly blended: Float64Array;
  readonly distribution: Distribution;
  readonly from: number;
  readonly to: number;
}): SplitMetrics {
  const sums = { mae: 0, square: 0, bias: 0, one: 0, three: 0, five: 0, inside: 0, average: 0 };
  for (let row = from; row < to; row++) {
    const actual = rows.outcome[row] ?? 0;
    const average = rows.average[row] ?? NaN;
    const forecast = forecastOf(distribution, blended[row] ?? 0, tierOf(average));
    const error = forecast.p50 - actual;
    const size = Math.abs(error);
    sums.mae += size;
    sums.square += error ** 2;
    sums.bias += forecast.mean - actual;
    sums.one += size <= 1 ? 1 : 0;
    sums.three += size <= 3 ? 1 : 0;
    sums.five += size <= 5 ? 1 : 0;
    sums.inside += actual >= forecast.p10 && actual <= forecast.p90 ? 1 : 0;
    sums.average += Math.abs((Number.isNaN(average) ? 0 : average) - actual);
  }
  const count = to - from;
  const mean = (sum: number): number => (count === 0 ? 0 : Number((sum / count).toFixed(6)));
  return {
    rows: count,
    first_day: rows.days[from] ?? 0,
    last_day: rows.days[to - 1] ?? 0,
    mae: mean(sums.mae),
    rmse: count === 0 ? 0 : Number(Math.sqrt(sums.square / count).toFixed(6)),
    bias: mean(sums.bias),
    within_1: mean(sums.one),
    within_3: mean(sums.three),
    within_5: mean(sums.five),
    in_interval: mean(sums.inside),
    season_average_mae: mean(sums.average),
  };
}

/** The members' importances, each made to sum to 1, by their weights. */
function importancesOf(members: readonly Member[], weights: readonly number[]): Record<string, number> {
  const sums: Record<string, number> = {};
  members.forEach(({ importances }, at) => {
    const total = Object.values(importances).reduce((sum, value) => sum + value, 0);
    for (const [name, value] of Object.entries(importances)) {
      if (total > 0) sums[name] = (sums[name] ?? 0) + ((weights[at] ?? 0) * value) / total;
    }
  });
  return Object.fromEntries(
    Object.entries(sums).map(([name, value]) => [name, Number(value.toFixed(6))]),
  );
}
