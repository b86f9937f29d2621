import { JsonShape } from './json-shape.ts';
import { ModelFault } from './model-record.ts';
import { leafValue, parseTree, type XgboostTree } from './xgboost-tree.ts';

/** A model that XGBoost saved. */
export interface XgboostModel {
  /** Name of the objective, e.g. `reg:squarederror`. */
  readonly objective: string;
  readonly features: number;
  /** Names of the features; empty where it was trained without names. */
  readonly featureNames: readonly string[];
  /** Rounds of boosting in the file. */
  readonly iterations: number;
  /** The first so many of them predict. */
  readonly iterationEnd: number;
  /** How many trees these are. */
  readonly trees: number;
  /** Share of all gains by position of the feature, as `importance_type="total_gain"` has it. */
  readonly gains: Float64Array;
  /**
   * The numbers that XGBoost's own `predict` gives.
   * @param columns one per feature; NaN is not known
   */
  readonly predict: (columns: readonly Float64Array[], rows: number) => Float64Array;
}

/** What becomes of the sum of the leaves, by objective. */
const IDENTITY = (sum: number): number => sum;
const OBJECTIVES: Readonly<Record<string, (sum: number) => number>> = {
  'reg:squarederror': IDENTITY,
  'reg:absoluteerror': IDENTITY,
  'reg:pseudohubererror': IDENTITY,
  'reg:quantileerror': IDENTITY,
  'reg:squaredlogerror': IDENTITY,
  'count:poisson': Math.exp,
  'reg:gamma': Math.exp,
  'reg:tweedie': Math.exp,
};

/** Files of these major versions of XGBoost are read. */
const VERSIONS = [1, 2, 3];

/**
 * Reads a model as `Booster.save_model('x.json')` and `XGBRegressor.save_model('x.json')` write it.
 * @param iterationEnd predict with the first so many rounds; otherwise as the one that saved it does: a
 * Booster with all of them, a regressor up to its best one
 * @throws {ModelFault} where it is damaged, or a kind of model that is not read
 */
export function parseXgboost(text: string, iterationEnd?: number): XgboostModel {
  const file = new JsonShape(parseJson(text), '', corrupt);
  const version = versionOf(file);
  const learner = file.field('learner');
  const parameters = learner.field('learner_model_param');
  const objective = objectiveOf(learner, parameters);
  const features = parameters.field('num_feature').numberInText();
  const { model, weights } = boosterOf(learner.field('gradient_booster'));
  const trees = model
    .field('trees')
    .list()
    .map((tree) => parseTree(tree, features));
  if (weights && weights.length !== trees.length) {
    corrupt(`its weight_drop has ${weights.length} weights for ${trees.length} trees`);
  }
  checkTreeCount(model, trees.length);
  const rounds = roundsOf(model, trees.length);
  const iterations = rounds.length - 1;
  const end = endOf(learner, iterations, iterationEnd);
  const used = trees.slice(0, rounds[end] ?? 0);
  const names = learner.field('feature_names');
  return {
    objective,
    features,
    featureNames: names.isThere ? names.texts() : [],
    iterations,
    iterationEnd: end,
    trees: used.length,
    gains: gainsOf(model, used, features),
    predict: predictor(used, {
      weights,
      baseScore: baseScoreOf(parameters, version),
      outcome: OBJECTIVES[objective] ?? IDENTITY,
    }),
  };
}

function corrupt(message: string): never {
  throw new ModelFault('MODEL_CORRUPT', message);
}

function unsupported(message: string): never {
  throw new ModelFault('MODEL_MISMATCH', message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const end = text.trimEnd().endsWith('}') ? '' : ' and do not end like it';
    return corrupt(
      `its ${text.length.toLocaleString('en')} characters are no JSON${end}: the file is cut off or damaged, ` +
        `or was not saved under a name that ends in .json`,
    );
  }
}

function versionOf(file: JsonShape): string {
  const version = file.field('version');
  if (!version.isThere) {
    corrupt('it is JSON without the field "version", so XGBoost did not save it');
  }
  const numbers = version.numbers();
  const name = numbers.join('.');
  if (!VERSIONS.includes(numbers[0] ?? 0)) {
    unsupported(`it was saved by XGBoost ${name}, files of the versions 1, 2 and 3 are read`);
  }
  return name;
}

function objectiveOf(learner: JsonShape, parameters: JsonShape): string {
  const objective = learner.field('objective');
  const name = objective.field('name').text();
  if (!Object.hasOwn(OBJECTIVES, name)) {
    unsupported(
      `its objective is "${name}", those that are read are ${Object.keys(OBJECTIVES).join(', ')}`,
    );
  }
  for (const parameter of ['num_class', 'num_target']) {
    const count = parameters.field(parameter);
    if (count.isThere && count.numberInText() > 1) {
      unsupported(`its ${parameter} is ${count.numberInText()}, expected a model of one number`);
    }
  }
  const quantiles = objective.field('quantile_loss_param');
  const alphas = quantiles.isThere
    ? numbersInText(quantiles.field('quantile_alpha'), 'a quantile').length
    : 1;
  if (alphas > 1) unsupported(`it predicts ${alphas} quantiles, expected one`);
  return name;
}

/** `"5E-1"` of 1.x and 2.0, `"[5E-1]"` since, as numbers. */
function numbersInText(shape: JsonShape, expected: string): number[] {
  const text = shape.text().trim();
  const inside = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const numbers = inside.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  return numbers.every(Number.isFinite) ? numbers : shape.unexpected(`${expected} in quotes`);
}

function baseScoreOf(parameters: JsonShape, version: string): number {
  const shape = parameters.field('base_score');
  const scores = numbersInText(shape, 'a number');
  if (scores.length !== 1) {
    unsupported(`XGBoost ${version} gave it ${scores.length} base scores, expected one`);
  }
  return scores[0] ?? 0;
}

/** The trees of a booster, and of dart the weights of trees. */
function boosterOf(booster: JsonShape): {
  readonly model: JsonShape;
  readonly weights: Float64Array | undefined;
} {
  const name = booster.field('name').text();
  if (name === 'gbtree') return { model: booster.field('model'), weights: undefined };
  if (name !== 'dart')
    unsupported(`its booster is "${name}", those that are read are gbtree, dart`);
  return {
    model: booster.field('gbtree').field('model'),
    weights: booster.field('weight_drop').numbers(),
  };
}

function checkTreeCount(model: JsonShape, found: number): void {
  const said = model.field('gbtree_model_param').field('num_trees').numberInText();
  if (said !== found) corrupt(`it says that it has ${said} trees, there are ${found}`);
  const groups = model.field('tree_info');
  if (groups.isThere && groups.numbers().some((group) => group !== 0)) {
    unsupported('its trees belong to several outputs, expected a model of one number');
  }
}

/** Where the trees of each round of boosting begin, and where the last one's end. */
function roundsOf(model: JsonShape, trees: number): number[] {
  const starts = model.field('iteration_indptr');
  if (starts.isThere) {
    const found = Array.from(starts.numbers());
    const isAscending = found.every((start, at) => at === 0 || start >= (found[at - 1] ?? 0));
    if (found[0] === 0 && found.at(-1) === trees && isAscending) return found;
    return starts.unexpected(`where rounds begin, from 0 to ${trees}`);
  }
  const perRound = model.field('gbtree_model_param').field('num_parallel_tree');
  const size = perRound.isThere ? Math.max(1, perRound.numberInText()) : 1;
  return Array.from({ length: Math.ceil(trees / size) + 1 }, (_, round) =>
    Math.min(trees, round * size),
  );
}

/** Only `XGBRegressor` predicts up to its best round by itself, and leaves its own mark in the file. */
function endOf(learner: JsonShape, iterations: number, wanted: number | undefined): number {
  if (wanted !== undefined) {
    if (Number.isInteger(wanted) && wanted >= 1 && wanted <= iterations) return wanted;
    unsupported(`it has ${iterations} rounds, iteration_end is ${wanted}`);
  }
  const attributes = learner.field('attributes');
  if (!attributes.isThere || !attributes.field('scikit_learn').isThere) return iterations;
  const best = attributes.field('best_iteration');
  return best.isThere ? Math.min(iterations, best.numberInText() + 1) : iterations;
}

function gainsOf(model: JsonShape, used: readonly XgboostTree[], features: number): Float64Array {
  const gains = new Float64Array(features);
  const shapes = model.field('trees').list();
  used.forEach(({ left, feature }, tree) => {
    const changes = shapes[tree]?.field('loss_changes');
    if (!changes?.isThere) return;
    changes.numbers().forEach((gain, node) => {
      if ((left[node] ?? -1) !== -1)
        gains[feature[node] ?? 0] = (gains[feature[node] ?? 0] ?? 0) + gain;
    });
  });
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  return total > 0 ? gains.map((gain) => gain / total) : gains;
}

interface Sum {
  readonly weights: Float64Array | undefined;
  readonly baseScore: number;
  readonly outcome: (sum: number) => number;
}

/** Leaves are added one tree after the other in 32-bit floats, as XGBoost adds them. */
function predictor(
  trees: readonly XgboostTree[],
  { weights, baseScore, outcome }: Sum,
): XgboostModel['predict'] {
  const start = outcome === Math.exp ? Math.log(baseScore) : baseScore;
  return (columns, rows) => {
    const values = columns.map((column) => Float32Array.from(column));
    const sums = new Float32Array(rows).fill(start);
    trees.forEach((tree, at) => {
      const weight = Math.fround(weights?.[at] ?? 1);
      for (let row = 0; row < rows; row++) {
        sums[row] = (sums[row] as number) + Math.fround(leafValue(tree, values, row) * weight);
      }
    });
    return Float64Array.from(sums, outcome);
  };
}
