import { interpolate, quantile } from './distribution.ts';

/** What to add to a member's predictions, by their level, so that half of the outcomes lie above. */
export interface Recentring {
  /** Predictions on the scale, ascending. */
  readonly centers: readonly number[];
  readonly shifts: readonly number[];
}

const GROUP_ROWS = 1500;
const [FEWEST_GROUPS, MOST_GROUPS] = [5, 20];

/**
 * Learns by how much trees, which predict means, miss the median at each level.
 * @param predicted predictions of rows that were not trained on
 */
export function learnRecentring(predicted: Float64Array, target: Float64Array): Recentring {
  const order = Array.from(predicted.keys()).sort(
    (a, b) => (predicted[a] ?? 0) - (predicted[b] ?? 0) || a - b,
  );
  const wanted = Math.floor(order.length / GROUP_ROWS);
  const groups = Math.max(FEWEST_GROUPS, Math.min(MOST_GROUPS, wanted));
  const centers: number[] = [];
  const medians: number[] = [];
  for (let group = 0; group < groups; group++) {
    const rows = order.slice(
      Math.floor((group * order.length) / groups),
      Math.floor(((group + 1) * order.length) / groups),
    );
    const residuals = Float64Array.from(rows, (row) => (target[row] ?? 0) - (predicted[row] ?? 0));
    centers.push(predicted[rows[rows.length >> 1] ?? 0] ?? 0);
    medians.push(quantile(residuals.sort(), 0.5));
  }
  const shifts = medians.map((own, at) => {
    const near = [medians[at - 1], own, medians[at + 1]].filter((each) => each !== undefined);
    return near.reduce((sum, each) => sum + each, 0) / near.length;
  });
  return { centers, shifts };
}

export function recentre({ centers, shifts }: Recentring, predicted: Float64Array): Float64Array {
  return predicted.map((value) => value + interpolate(centers, shifts, value));
}
