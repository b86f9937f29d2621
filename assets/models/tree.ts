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
  for (const { feature, threshold, missingLeft, left, value } of trees) {
    for (let row = 0; row < into.length; row++) {
      let node = 0;
      while (left[node] !== 0) {
        const x = columns[feature[node] ?? 0]?.[row] ?? NaN;
        const goesLeft = Number.isNaN(x) ? missingLeft[node] === 1 : x <= (threshold[node] ?? 0);
        node = (left[node] ?? 0) + (goesLeft ? 0 : 1);
      }
      into[row] = (into[row] ?? 0) + (value[node] ?? 0);
    }
  }
}
