/**
 * How good a value is, as colours say it; one scale for heat maps, bars, tiles and badges. `idle` is a day on which
 * nothing is wanted, `unknown` one that cannot be told.
 */
export type Tone = 'best' | 'good' | 'fair' | 'poor' | 'idle' | 'unknown';
