/** A sum above a sum, of one date: dates are drawn as wholes, since what happens on a date hangs together. */
export interface DateSums {
  readonly above: number;
  readonly below: number;
}

/** Ends of a 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

const DRAWS = 2000;
const SEED = 20_240_115;

/**
 * Where 95 % of the ratios `sum of above / sum of below` lie when the dates are drawn again with replacement. The seed is
 * fixed, so that a report says the same twice. Undefined for fewer than two dates or a sum of nothing.
 */
export function bootstrapInterval(
  dates: readonly DateSums[],
  options: BootstrapOptions = {},
): Interval | undefined {
  return middle95(bootstrapRatios(dates, options));
}

export interface BootstrapOptions {
  readonly draws?: number;
  readonly seed?: number;
}

/** The ratios of the draws, ascending; none for fewer than two dates or a sum of nothing. */
export function bootstrapRatios(
  dates: readonly DateSums[],
  { draws = DRAWS, seed = SEED }: BootstrapOptions = {},
): readonly number[] {
  const used = dates.filter(({ above, below }) => above !== 0 || below !== 0);
  if (used.length < 2) return [];
  const random = randomFrom(seed);
  return Array.from({ length: draws }, () => drawRatio(used, random))
    .filter((ratio) => Number.isFinite(ratio))
    .toSorted((a, b) => a - b);
}

/** Where the middle 95 % of ascending values lie; undefined where there are none. */
export function middle95(sorted: readonly number[]): Interval | undefined {
  if (sorted.length === 0) return undefined;
  return { low: atShare(sorted, 0.025), high: atShare(sorted, 0.975) };
}

/** The ratio of as many dates as there are, each drawn from all of them. */
function drawRatio(dates: readonly DateSums[], random: () => number): number {
  let [above, below] = [0, 0];
  for (let at = 0; at < dates.length; at++) {
    const drawn = dates[Math.floor(random() * dates.length)];
    if (drawn === undefined) continue;
    above += drawn.above;
    below += drawn.below;
  }
  return above / below;
}

function atShare(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Numbers from 0 to below 1 (mulberry32): the same for the same seed, on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
