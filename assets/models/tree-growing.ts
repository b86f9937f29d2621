import type { BinnedFeatures } from './binning.ts';
import { COUNT_SPACE } from './gradients.ts';
import type { Tree } from './tree.ts';

/** Memory that trees of one model share. */
export interface TreeSpace {
  /** Gradient and count of every row. */
  readonly packed: Float64Array;
  readonly gathered: Float64Array;
  readonly order: Int32Array;
  readonly spare: Int32Array;
}

export interface GrowOptions {
  readonly space: TreeSpace;
  /** The first so many of `space.order` are the rows of the tree. */
  readonly inBag: number;
  readonly features: readonly number[];
  /** What a whole unit of gradient is worth. */
  readonly scale: number;
  readonly settings: {
    readonly leaves: number;
    readonly rate: number;
    readonly minRows: number;
    readonly shrink: number;
  };
}

interface Split {
  readonly feature: number;
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly gain: number;
}

interface Leaf {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly histogram: Float64Array;
  readonly gradient: number;
  readonly split: Split | undefined;
}

/** Grows a tree leaf by leaf, always at the split that gains most. */
export function growTree(binned: BinnedFeatures, options: GrowOptions): Tree {
  const { leaves } = options.settings;
  const tree = emptyTree(2 * leaves - 1);
  const pool: Float64Array[] = [];
  const open: Leaf[] = [rootLeaf(binned, options)];
  let nodes = 1;
  while (open.length < leaves) {
    const best = bestLeaf(open);
    if (!best?.split) break;
    open.splice(open.indexOf(best), 1);
    open.push(...divide(best, best.split, { binned, options, tree, pool, firstChild: nodes }));
    nodes += 2;
  }
  for (const leaf of open) {
    tree.value[leaf.node] = leafValue(leaf, options);
  }
  return tree;
}

function emptyTree(nodes: number): Tree {
  return {
    feature: new Uint16Array(nodes),
    bin: new Uint8Array(nodes),
    threshold: new Float64Array(nodes),
    missingLeft: new Uint8Array(nodes),
    left: new Uint16Array(nodes),
    value: new Float64Array(nodes),
    gain: new Float64Array(nodes),
  };
}

function bestLeaf(open: readonly Leaf[]): Leaf | undefined {
  let best: Leaf | undefined;
  for (const leaf of open) {
    if (leaf.split && leaf.split.gain > (best?.split?.gain ?? 0)) best = leaf;
  }
  return best;
}

function leafValue({ from, to, gradient }: Leaf, { scale, settings }: GrowOptions): number {
  return (settings.rate * gradient * scale) / (to - from + settings.shrink);
}

function rootLeaf(binned: BinnedFeatures, options: GrowOptions): Leaf {
  const histogram = new Float64Array(options.features.length * binned.bins);
  fillHistogram(binned, options, { from: 0, to: options.inBag, histogram });
  return leafOf({ node: 0, from: 0, to: options.inBag, histogram }, binned, options);
}

function leafOf(
  part: Pick<Leaf, 'node' | 'from' | 'to' | 'histogram'>,
  binned: BinnedFeatures,
  options: GrowOptions,
): Leaf {
  let sum = 0;
  for (let bin = 0; bin < binned.bins; bin++) sum += part.histogram[bin] ?? 0;
  const gradient = Math.floor(sum / COUNT_SPACE);
  const rows = part.to - part.from;
  const split =
    rows < 2 * options.settings.minRows
      ? undefined
      : findSplit(part.histogram, { binned, options, gradient, rows });
  return { ...part, gradient, split };
}

function fillHistogram(
  { rows, values, bins }: BinnedFeatures,
  { space, features }: GrowOptions,
  { from, to, histogram }: Pick<Leaf, 'from' | 'to' | 'histogram'>,
): void {
  const { packed, gathered, order } = space;
  for (let at = from; at < to; at++) gathered[at] = packed[order[at] ?? 0] ?? 0;
  for (let position = 0; position < features.length; position++) {
    const column = values.subarray((features[position] ?? 0) * rows);
    const sums = histogram.subarray(position * bins, (position + 1) * bins);
    for (let at = from; at < to; at++) {
      const bin = column[order[at] as number] as number;
      sums[bin] = (sums[bin] as number) + (gathered[at] as number);
    }
  }
}

interface SplitSearch {
  readonly binned: BinnedFeatures;
  readonly options: GrowOptions;
  readonly gradient: number;
  readonly rows: number;
}

function findSplit(histogram: Float64Array, search: SplitSearch): Split | undefined {
  const { binned, options, gradient, rows } = search;
  const { minRows, shrink } = options.settings;
  const whole = (gradient * gradient) / (rows + shrink);
  let best: Split | undefined;
  let bestGain = 1e-9;
  options.features.forEach((feature, position) => {
    const edges = binned.edges[feature]?.length ?? 0;
    const at = position * binned.bins;
    const missing = histogram[at] ?? 0;
    for (const missingLeft of missing === 0 ? [true] : [true, false]) {
      let sum = missingLeft ? missing : 0;
      for (let bin = 1; bin <= edges; bin++) {
        sum += histogram[at + bin] as number;
        const left = Math.floor(sum / COUNT_SPACE);
        const count = sum - left * COUNT_SPACE;
        if (count < minRows) continue;
        if (rows - count < minRows) break;
        const right = gradient - left;
        const gain =
          (left * left) / (count + shrink) + (right * right) / (rows - count + shrink) - whole;
        if (gain > bestGain) {
          bestGain = gain;
          best = { feature, bin, missingLeft, gain };
        }
      }
    }
  });
  return best;
}

interface Division {
  readonly binned: BinnedFeatures;
  readonly options: GrowOptions;
  readonly tree: Tree;
  readonly pool: Float64Array[];
  readonly firstChild: number;
}

/** Turns a leaf into a split with two leaves; only the smaller one's histogram is counted. */
function divide(leaf: Leaf, split: Split, division: Division): [Leaf, Leaf] {
  const { binned, options, tree, firstChild } = division;
  tree.feature[leaf.node] = split.feature;
  tree.bin[leaf.node] = split.bin;
  tree.threshold[leaf.node] = binned.edges[split.feature]?.[split.bin - 1] ?? 0;
  tree.missingLeft[leaf.node] = split.missingLeft ? 1 : 0;
  tree.gain[leaf.node] = split.gain * options.scale * options.scale;
  tree.left[leaf.node] = firstChild;
  const middle = partition(leaf, split, division);
  const isLeftSmaller = middle - leaf.from <= leaf.to - middle;
  const counted = new Float64Array(leaf.histogram.length);
  const range = isLeftSmaller ? { from: leaf.from, to: middle } : { from: middle, to: leaf.to };
  fillHistogram(binned, options, { ...range, histogram: counted });
  const other = leaf.histogram;
  for (let at = 0; at < other.length; at++)
    other[at] = (other[at] as number) - (counted[at] as number);
  const [left, right] = isLeftSmaller ? [counted, other] : [other, counted];
  return [
    leafOf({ node: firstChild, from: leaf.from, to: middle, histogram: left }, binned, options),
    leafOf({ node: firstChild + 1, from: middle, to: leaf.to, histogram: right }, binned, options),
  ];
}

/** Puts a leaf's rows that go left before the others, both in their order; returns where the others begin. */
function partition({ from, to }: Leaf, split: Split, { binned, options }: Division): number {
  const { order, spare } = options.space;
  const column = binned.values.subarray(split.feature * binned.rows);
  let middle = from;
  let others = 0;
  for (let at = from; at < to; at++) {
    const row = order[at] as number;
    const bin = column[row] as number;
    if (bin === 0 ? split.missingLeft : bin <= split.bin) order[middle++] = row;
    else spare[others++] = row;
  }
  order.set(spare.subarray(0, others), middle);
  return middle;
}
