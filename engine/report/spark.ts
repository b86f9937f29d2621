const BLOCKS = '▁▂▃▄▅▆▇█';

/** Below this a share of a histogram is shown as nothing: it is less than a part of one hundredth of the rows. */
const NOTHING = 0.002;

/** Shares as bars from nothing to the greatest of them; what is there at all gets the lowest bar. */
export function histogramSpark(shares: readonly number[]): string {
  const most = Math.max(...shares, 0);
  return shares
    .map((share) => (share < NOTHING || most === 0 ? ' ' : block(share / most)))
    .join('');
}

/** Values over time as bars from the least to the greatest; all alike they are in the middle. */
export function trendSpark(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  const [min, max] = [Math.min(...known), Math.max(...known)];
  return values
    .map((value) => {
      if (value === undefined) return ' ';
      return max === min ? '▄' : block((value - min) / (max - min));
    })
    .join('');
}

/** Shares from nothing to all, on one scale, so that what is seldom NULL looks so. */
export function shareSpark(shares: readonly (number | undefined)[]): string {
  return shares.map((share) => (share === undefined || share === 0 ? ' ' : block(share))).join('');
}

function block(part: number): string {
  const at = Math.min(BLOCKS.length - 1, Math.floor(part * BLOCKS.length));
  return BLOCKS[Math.max(0, at)] ?? '';
}
