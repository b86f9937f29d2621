import type { BinnedFeatures } from './binning.ts';
import { COUNT_SPACE } from './gradients.ts';
import { seededRandom } from './random.ts';
import { growTree, type TreeSpace } from './tree-growing.ts';
import type { Tree } from './tree.ts';

/** How trees are grown and added up. */
export interface BoostingSettings {
  readonly trees: number;
  readonly leaves: number;
  /** Share of a tree's leaf values that is added. */
  readonly rate: number;
  readonly minRows: number;
  /** Rows of average that every leaf is shrunk by. */
  readonly shrink: number;
  readonly rowShare: number;
  readonly featureShare: number;
  readonly seed: number;
}

export interface BoostedTrees {
  readonly base: number;
  readonly trees: readonly Tree[];
}

/**
 * Gradient boosting of regression trees on squared error over histograms of binned features.
 * Gradients are whole numbers, so that sums do not depend on the order of rows.
 * @param binned features of the training rows
 * @param target one value per row
 * @param onTree called after each tree with the start value; true ends the training
 */
export function boost(
  binned: BinnedFeatures,
  target: Float64Array,
  settings: BoostingSettings,
  onTree?: (trees: number, base: number, tree: Tree) => boolean,
): BoostedTrees {
  const { rows, features } = binned;
  const random = seededRandom(settings.seed);
  const base = mean(target);
  const fitted = new Float64Array(rows).fill(base);
  const space: TreeSpace = {
    packed: new Float64Array(rows),
    gathered: new Float64Array(rows),
    order: new Int32Array(rows),
    spare: new Int32Array(rows),
  };
  const trees: Tree[] = [];
  for (let count = 1; count <= settings.trees; count++) {
    const scale = packGradients(target, fitted, space.packed);
    const inBag = sampleRows(rows, settings.rowShare, random, space.order);
    const chosen = sampleFeatures(features, settings.featureShare, random);
    const tree = growTree(binned, { space, inBag, features: chosen, scale, settings });
    addTree(tree, binned, fitted);
    trees.push(tree);
    if (onTree?.(count, base, tree) === true) break;
  }
  return { base, trees };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

/** Largest whole gradient: 13 bits, so that the sum over half a million rows and their count fit a double. */
const LARGEST = 8191;

/** Writes residuals as whole numbers with a count of one beside them; returns what a whole unit is worth. */
function packGradients(target: Float64Array, fitted: Float64Array, packed: Float64Array): number {
  let largest = 1e-12;
  for (let row = 0; row < target.length; row++) {
    const size = Math.abs((target[row] ?? 0) - (fitted[row] ?? 0));
    if (size > largest) largest = size;
  }
  const scale = largest / LARGEST;
  for (let row = 0; row < target.length; row++) {
    const residual = (target[row] ?? 0) - (fitted[row] ?? 0);
    packed[row] = Math.round(residual / scale) * COUNT_SPACE + 1;
  }
  return scale;
}

function sampleRows(rows: number, share: number, random: () => number, order: Int32Array): number {
  let size = 0;
  for (let row = 0; row < rows; row++) if (share >= 1 || random() < share) order[size++] = row;
  return size;
}

function sampleFeatures(features: number, share: number, random: () => number): number[] {
  const wanted = Math.max(1, Math.round(features * share));
  const all = Array.from({ length: features }, (_, feature) => feature);
  for (let at = 0; at < wanted; at++) {
    const other = at + Math.floor(random() * (features - at));
    [all[at], all[other]] = [all[other] ?? 0, all[at] ?? 0];
  }
  return all.slice(0, wanted).sort((a, b) => a - b);
}

/** Adds a tree's leaf values to the predictions of all rows. */
export function addTree(tree: Tree, { rows, values }: BinnedFeatures, fitted: Float64Array): void {
  const { feature, bin, missingLeft, left, value } = tree;
  for (let row = 0; row < rows; row++) {
    let node = 0;
    while (left[node] !== 0) {
      const at = values[(feature[node] ?? 0) * rows + row] ?? 0;
      const goesLeft = at === 0 ? missingLeft[node] === 1 : at <= (bin[node] ?? 0);
      node = (left[node] ?? 0) + (goesLeft ? 0 : 1);
    }
    fitted[row] = (fitted[row] ?? 0) + (value[node] ?? 0);
  }
}
