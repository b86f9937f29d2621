/** A regression tree as arrays by node; node 0 is the root, and the right child follows the left one. */
export interface Tree {
  readonly feature: Uint16Array;
  /** Bins up to this one go left. */
  readonly bin: Uint8Array;
  /** The edge behind that bin: values up to this one go left. */
  readonly threshold: Float64Array;
  readonly missingLeft: Uint8Array;
  /** Node number of the left child; 0 for a leaf. */
  readonly left: Uint16Array;
  /** What a leaf adds. */
  readonly value: Float64Array;
  /** What each split gained, for importances. */
  readonly gain: Float64Array;
}

/** Sum of the trees' leaf values for every row, added to `into`. */
export function addTrees(
  trees: readonly Tree[],
  columns: readonly Float64Array[],
  into: Float64Array,
): void {
  for (const tree of trees) {
    const { value } = tree;
    for (let row = 0; row < into.length; row++) {
      into[row] = (into[row] as number) + (value[leafOf(tree, columns, row)] as number);
    }
  }
}

/** The node that a row ends in. */
function leafOf(
  { feature, threshold, missingLeft, left }: Tree,
  columns: readonly Float64Array[],
  row: number,
): number {
  let node = 0;
  while (left[node] !== 0) {
    const x = columns[feature[node] as number]?.[row] ?? NaN;
    const goesLeft = Number.isNaN(x) ? missingLeft[node] === 1 : x <= (threshold[node] as number);
    node = (left[node] as number) + (goesLeft ? 0 : 1);
  }
  return node;
}
