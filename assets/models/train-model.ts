import { blend, blendWeights } from './blend.ts';
import { learnDistribution, forecastOf, limit, type Distribution } from './distribution.ts';
import type { FittedModel } from './fitted-model.ts';
import { learnRecentring, recentre } from './recentre.ts';
import { fromScale, toScale } from './target-scale.ts';
import { tierOf } from './tiers.ts';
import type { Member, TrainerName, TrainingData } from './trainer.ts';
import { TRAINERS } from './trainers.ts';

/** What a model is to be trained as. */
export interface ModelPlan {
  readonly features: readonly string[];
  readonly trainers: readonly TrainerName[];
  readonly rate: string | undefined;
  readonly roots: readonly string[];
  readonly tierFeature: string;
  readonly largest: number;
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
  const { seed, rate, roots, trees } = plan;
  const options = { seed, rate, roots, trees };
  const first = plan.trainers.map((name) =>
    TRAINERS[name].train(train, { ...options, validation }),
  );
  const guesses = first.map((member) => member.predict(all.features, all.rows));
  const measured = centred(first, guesses, { target: all.target, from: toTrain, to: toValidation });
  const weights = blendWeights(
    measured.guesses.map((guess) => guess.subarray(toTrain, toValidation)),
    validation.target,
  );
  const members = plan.trainers.map((name, at) =>
    TRAINERS[name].train(all, { ...options, trees: treesOf(first[at], plan.trees) }),
  );
  // All that was not trained on in the first round teaches the model that is kept.
  const kept = centred(first, guesses, { target: all.target, from: toTrain, to: all.rows });
  const model: FittedModel = {
    features: plan.features,
    defaults: rows.defaults,
    members,
    recentrings: kept.recentrings,
    weights,
    distribution: spreadOf(blend(kept.guesses, weights), rows, toTrain, all.rows),
    isOwnNumber: true,
    tierFeature: plan.tierFeature,
    largest: plan.largest,
  };
  return {
    model,
    memberNames: plan.trainers,
    metrics: measureSplits(blend(measured.guesses, weights), {
      rows,
      largest: plan.largest,
      splits: [toTrain, toValidation],
    }),
    importances: importancesOf(members, weights),
  };
}

/** What trees predict is a mean: moved to the median as rows that were not trained on say. */
function centred(
  members: readonly Member[],
  guesses: readonly Float64Array[],
  held: { readonly target: Float64Array; readonly from: number; readonly to: number },
) {
  const { target, from, to } = held;
  const recentrings = members.map(({ trees }, at) =>
    trees === undefined
      ? undefined
      : learnRecentring(
          (guesses[at] as Float64Array).subarray(from, to),
          target.subarray(from, to),
        ),
  );
  return {
    recentrings,
    guesses: guesses.map((guess, at) => {
      const recentring = recentrings[at];
      return recentring ? recentre(recentring, guess) : guess;
    }),
  };
}

function spreadOf(blended: Float64Array, rows: ModelRows, from: number, to: number): Distribution {
  return learnDistribution({
    predicted: blended.subarray(from, to),
    actual: rows.outcome.subarray(from, to),
    average: rows.average.subarray(from, to),
  });
}

interface Measuring {
  readonly rows: ModelRows;
  readonly largest: number;
  readonly splits: readonly [number, number];
}

/** Errors per split; the spread is learned from the validation rows, so that the test rows are untouched. */
function measureSplits(blended: Float64Array, { rows, largest, splits }: Measuring) {
  const [toTrain, toValidation] = splits;
  const distribution = spreadOf(blended, rows, toTrain, toValidation);
  const measure = (from: number, to: number): SplitMetrics =>
    metricsOf({ rows, blended, distribution, largest, from, to });
  return {
    train: measure(0, toTrain),
    validation: measure(toTrain, toValidation),
    test: measure(toValidation, rows.days.length),
  };
}

/** Rows before each share of them, without splitting a date. */
export function splitByDate(
  days: Float64Array,
  shares: readonly [number, number],
): [number, number] {
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

function metricsOf(part: {
  readonly rows: ModelRows;
  readonly blended: Float64Array;
  readonly distribution: Distribution;
  readonly largest: number;
  readonly from: number;
  readonly to: number;
}): SplitMetrics {
  const { rows, from, to } = part;
  const count = to - from;
  const scored = Array.from({ length: count }, (_, at) => scoreOf(part, from + at));
  const mean = (of: (row: RowScore) => number): number =>
    count === 0 ? 0 : Number((scored.reduce((sum, row) => sum + of(row), 0) / count).toFixed(6));
  return {
    rows: count,
    first_day: rows.days[from] ?? 0,
    last_day: rows.days[to - 1] ?? 0,
    mae: mean(({ error }) => Math.abs(error)),
    rmse: Number(Math.sqrt(mean(({ error }) => error ** 2)).toFixed(6)),
    bias: mean(({ bias }) => bias),
    within_1: mean(({ error }) => Number(Math.abs(error) <= 1)),
    within_3: mean(({ error }) => Number(Math.abs(error) <= 3)),
    within_5: mean(({ error }) => Number(Math.abs(error) <= 5)),
    in_interval: mean(({ isInside }) => Number(isInside)),
    season_average_mae: mean(({ averageError }) => averageError),
  };
}

interface RowScore {
  readonly error: number;
  /** Of the mean. */
  readonly bias: number;
  readonly isInside: boolean;
  readonly averageError: number;
}

function scoreOf(
  part: {
    readonly rows: ModelRows;
    readonly blended: Float64Array;
    readonly distribution: Distribution;
    readonly largest: number;
  },
  row: number,
): RowScore {
  const actual = part.rows.outcome[row] ?? 0;
  const average = part.rows.average[row] ?? NaN;
  const value = part.blended[row] ?? 0;
  const { p10, p90, mean } = forecastOf(part.distribution, value, {
    tier: tierOf(average),
    largest: part.largest,
  });
  return {
    error: limit(fromScale(value), part.largest) - actual,
    bias: mean - actual,
    isInside: actual >= p10 && actual <= p90,
    averageError: Math.abs((Number.isNaN(average) ? 0 : average) - actual),
  };
}

/** The members' importances, each made to sum to 1, by their weights. */
function importancesOf(
  members: readonly Member[],
  weights: readonly number[],
): Record<string, number> {
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
