import type { JsonShape } from './json-shape.ts';

/** A tree of an XGBoost file as arrays by node; node 0 is the root. */
export interface XgboostTree {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly feature: Int32Array;
  /** Of a split the value below which rows go left, of a leaf what it adds. */
  readonly condition: Float32Array;
  readonly defaultLeft: Uint8Array;
}

const LEAF = -1;

/**
 * Reads one tree, and makes sure that walks through it end in a leaf.
 * @param features how many features the model has
 */
export function parseTree(tree: JsonShape, features: number): XgboostTree {
  const parsed = {
    left: Int32Array.from(tree.field('left_children').numbers()),
    right: Int32Array.from(tree.field('right_children').numbers()),
    feature: Int32Array.from(tree.field('split_indices').numbers()),
    condition: Float32Array.from(tree.field('split_conditions').numbers()),
    defaultLeft: Uint8Array.from(tree.field('default_left').numbers()),
  };
  const nodes = parsed.left.length;
  if (nodes === 0) tree.field('left_children').unexpected('at least one node');
  for (const [name, list] of [
    ['right_children', parsed.right],
    ['split_indices', parsed.feature],
    ['split_conditions', parsed.condition],
    ['default_left', parsed.defaultLeft],
  ] as const) {
    if (list.length !== nodes) tree.field(name).unexpected(`${nodes} values, one per node`);
  }
  checkKinds(tree);
  checkWalks(tree, parsed, features);
  return parsed;
}

/** Splits on sets of categories, and leaves of several numbers, are not read. */
function checkKinds(tree: JsonShape): void {
  const kinds = tree.field('split_type');
  if (kinds.isThere && kinds.numbers().some((kind) => kind !== 0)) {
    kinds.unexpected('splits of numbers only; a model with categorical splits is not read');
  }
  const leaf = tree.field('tree_param').field('size_leaf_vector');
  if (leaf.isThere && leaf.numberInText() > 1) {
    leaf.unexpected('one value per leaf; a model of several outputs is not read');
  }
}

/** Every node that can be reached is reached once, and asks for a feature that there is. */
function checkWalks(tree: JsonShape, parsed: XgboostTree, features: number): void {
  const seen = new Uint8Array(parsed.left.length);
  const open = [0];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!(node in seen) || seen[node] === 1) {
      tree.field('left_children').unexpected(`a tree, but node ${node} is outside of it or shared`);
    }
    seen[node] = 1;
    if (parsed.left[node] === LEAF) continue;
    const feature = parsed.feature[node] ?? -1;
    if (feature < 0 || feature >= features) {
      tree.field('split_indices').unexpected(`numbers from 0 to ${features - 1}`);
    }
    open.push(parsed.left[node] ?? LEAF, parsed.right[node] ?? LEAF);
  }
}

/**
 * What the tree adds for one row. Values are compared as XGBoost does, as 32-bit floats.
 * @param columns one per feature, NaN is not known
 */
export function leafValue(
  { left, right, feature, condition, defaultLeft }: XgboostTree,
  columns: readonly Float32Array[],
  row: number,
): number {
  let node = 0;
  while (left[node] !== LEAF) {
    const value = columns[feature[node] ?? 0]?.[row] ?? NaN;
    const goesLeft = Number.isNaN(value)
      ? defaultLeft[node] === 1
      : value < (condition[node] as number);
    node = (goesLeft ? left[node] : right[node]) as number;
  }
  return condition[node] as number;
}
