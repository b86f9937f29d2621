/** Values above which a feature falls into the next bin, ascending; bin 0 is for what is not known. */
export type BinEdges = Float64Array;

/** Features as small integers, one after the other: `values[feature * rows + row]`. */
export interface BinnedFeatures {
  readonly rows: number;
  readonly features: number;
  readonly values: Uint8Array;
  /** Bins of the feature that has most of them. */
  readonly bins: number;
  readonly edges: readonly BinEdges[];
}

/** Quantiles are taken from at most so many rows. */
const SAMPLE = 20_000;

/**
 * Edges at quantiles of a feature, at most `bins` of them.
 * @param column values of the training rows; NaN is not known
 */
export function binEdges(column: Float64Array, bins: number): BinEdges {
  const step = Math.max(1, Math.floor(column.length / SAMPLE));
  const sample = new Float64Array(Math.ceil(column.length / step));
  let size = 0;
  for (let row = 0; row < column.length; row += step) {
    const value = column[row] ?? NaN;
    if (!Number.isNaN(value)) sample[size++] = value;
  }
  const sorted = sample.subarray(0, size).sort();
  const edges: number[] = [];
  for (let bin = 1; bin < bins; bin++) {
    const edge = edgeAbove(sorted, Math.floor((bin * size) / bins) - 1);
    if (edge !== undefined && edge !== edges.at(-1)) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/** Half-way between the value at a position and the next larger one; a value never spans two bins. */
function edgeAbove(sorted: Float64Array, position: number): number | undefined {
  const value = sorted[Math.max(0, position)];
  if (value === undefined) return undefined;
  let low = position + 1;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  const next = sorted[low];
  return next === undefined ? undefined : (value + next) / 2;
}

/** Bins of all features for all rows. */
export function binFeatures(
  columns: readonly Float64Array[],
  edges: readonly BinEdges[],
): BinnedFeatures {
  const rows = columns[0]?.length ?? 0;
  const values = new Uint8Array(rows * columns.length);
  columns.forEach((column, feature) => {
    const cuts = edges[feature] ?? new Float64Array(0);
    fillBins(column, cuts, values.subarray(feature * rows, (feature + 1) * rows));
  });
  const bins = 2 + Math.max(0, ...edges.map((each) => each.length));
  return { rows, features: columns.length, values, bins, edges };
}

/** 1 + the number of edges below the value, so that `value <= edges[b - 1]` is `bin <= b`; 0 for NaN. */
function fillBins(column: Float64Array, edges: BinEdges, into: Uint8Array): void {
  for (let row = 0; row < column.length; row++) {
    const value = column[row] ?? NaN;
    if (Number.isNaN(value)) continue;
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((edges[middle] ?? Infinity) < value) low = middle + 1;
      else high = middle;
    }
    into[row] = low + 1;
  }
}
