/** Numbers from 0 to 1 that are the same in every run of the tests (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * How often a property is tried: PROPERTY_RUNS times if it is set, else as usual times PROPERTY_RUNS_FACTOR. fast-check
 * prints the seed of a failure.
 */
export function propertyRuns(usual: number): { readonly numRuns: number } {
  const { PROPERTY_RUNS: runs, PROPERTY_RUNS_FACTOR: factor = '1' } = process.env;
  const wanted = runs === undefined ? usual * Number(factor) : Number(runs);
  return { numRuns: Math.max(1, Math.round(wanted)) };
}
