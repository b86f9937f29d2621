import { decodeBytes, decodeFloats, decodeShorts, encodeNumbers } from './base64.ts';
import { binEdges, binFeatures, type BinEdges } from './binning.ts';
import { addTree, boost, type BoostedTrees, type BoostingSettings } from './boosting.ts';
import type { Member, Trainer, TrainingData, TrainOptions } from './trainer.ts';
import { addTrees, type Tree } from './tree.ts';

const BINS = 64;
const SETTINGS: Omit<BoostingSettings, 'trees' | 'seed'> = {
  leaves: 8,
  rate: 0.05,
  minRows: 60,
  shrink: 10,
  rowShare: 0.6,
  featureShare: 0.4,
};

/** Gradient boosting of regression trees. */
export const boosting: Trainer = {
  name: 'boosting',
  version: 1,
  train: (data, options) => memberOf(fit(data, data.target, options), data.names),
  load: (content, names) => memberOf(parse(content), names),
};

/** Trees for any target of the rows; as many as do best on the validation rows. */
export function fit(
  data: TrainingData,
  target: Float64Array,
  options: TrainOptions & { readonly validationTarget?: Float64Array },
): BoostedTrees {
  const edges = data.features.map((column) => binEdges(column, BINS));
  const binned = binFeatures(data.features, edges);
  const watch = options.validation && watchValidation(options.validation, edges, options);
  const boosted = boost(
    binned,
    target,
    { ...SETTINGS, trees: options.trees, seed: options.seed },
    watch?.onTree,
  );
  return watch ? { ...boosted, trees: boosted.trees.slice(0, watch.best()) } : boosted;
}

/** How many trees without a gain end the training. */
const PATIENCE = 25;

function watchValidation(
  validation: TrainingData,
  edges: readonly BinEdges[],
  { validationTarget }: { readonly validationTarget?: Float64Array },
) {
  const target = validationTarget ?? validation.target;
  const binned = binFeatures(validation.features, edges);
  const added = new Float64Array(validation.rows);
  let [best, bestError] = [0, Infinity];
  let base: number | undefined;
  return {
    best: () => best,
    onTree: (trees: number, start: number, tree: Tree): boolean => {
      base ??= start;
      addTree(tree, binned, added);
      const error = squaredError(target, added, base);
      if (error < bestError) [best, bestError] = [trees, error];
      return trees - best >= PATIENCE;
    },
  };
}

function squaredError(target: Float64Array, added: Float64Array, base: number): number {
  let sum = 0;
  for (let row = 0; row < target.length; row++) {
    sum += ((target[row] ?? 0) - base - (added[row] ?? 0)) ** 2;
  }
  return sum;
}

function memberOf(model: BoostedTrees, names: readonly string[]): Member {
  return {
    predict: (features, rows) => predictTrees(model, features, rows),
    importances: importancesOf(model.trees, names),
    trees: model.trees.length,
    content: contentOf(model),
  };
}

export function predictTrees(
  model: BoostedTrees,
  features: readonly Float64Array[],
  rows: number,
): Float64Array {
  const sums = new Float64Array(rows).fill(model.base);
  addTrees(model.trees, features, sums);
  return sums;
}

/** Share of all gains that the splits on a feature made. */
export function importancesOf(
  trees: readonly Tree[],
  names: readonly string[],
): Record<string, number> {
  const gains = new Float64Array(names.length);
  let total = 0;
  for (const { feature, gain, left } of trees) {
    for (let node = 0; node < left.length; node++) {
      if (left[node] === 0) continue;
      const at = feature[node] ?? 0;
      gains[at] = (gains[at] ?? 0) + (gain[node] ?? 0);
      total += gain[node] ?? 0;
    }
  }
  return Object.fromEntries(
    names.map((name, at) => [
      name,
      total === 0 ? 0 : Number(((gains[at] ?? 0) / total).toFixed(6)),
    ]),
  );
}

interface TreeContent {
  readonly feature: string;
  readonly threshold: string;
  readonly missingLeft: string;
  readonly left: string;
  readonly value: string;
  readonly gain: string;
}

export function contentOf({ base, trees }: BoostedTrees): unknown {
  return {
    base,
    trees: trees.map(({ feature, threshold, missingLeft, left, value, gain }): TreeContent => ({
      feature: encodeNumbers(feature),
      threshold: encodeNumbers(threshold),
      missingLeft: encodeNumbers(missingLeft),
      left: encodeNumbers(left),
      value: encodeNumbers(value),
      gain: encodeNumbers(gain),
    })),
  };
}

/** The trees of stored content, which the model's hash has vouched for. */
export function parse(content: unknown): BoostedTrees {
  const { base, trees } = content as { base: number; trees: readonly TreeContent[] };
  return {
    base,
    trees: trees.map((tree) => ({
      feature: decodeShorts(tree.feature),
      bin: new Uint8Array(0),
      threshold: decodeFloats(tree.threshold),
      missingLeft: decodeBytes(tree.missingLeft),
      left: decodeShorts(tree.left),
      value: decodeFloats(tree.value),
      gain: decodeFloats(tree.gain),
    })),
  };
}
