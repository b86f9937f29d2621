/** Players by their average of the season before the game (domain.md 6.3). */
export const TIERS = ['STAR_30PLUS', 'STARTER_20_29', 'ROTATION_10_19', 'BENCH_0_9'] as const;

export type Tier = (typeof TIERS)[number];

/** Tier of a season average in points; of somebody without one the lowest. */
export function tierOf(average: number): Tier {
  if (average >= 30) return 'STAR_30PLUS';
  if (average >= 20) return 'STARTER_20_29';
  return average >= 10 ? 'ROTATION_10_19' : 'BENCH_0_9';
}
