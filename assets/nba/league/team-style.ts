import type { Random } from './random.ts';
import { ABOVE_BREAK, LEFT_CORNER, MID_RANGE, PAINT, RIM, ZONE_COUNT } from './zones.ts';

/** How a team plays whoever is on court. */
export interface TeamStyle {
  /** Seconds its possessions tend to take. */
  readonly possessionSeconds: number;
  /** Added to the opponent's percentage by zone; positive is a worse defence. */
  readonly defense: readonly number[];
  /** Log factor of how often opponents shoot from the zone. */
  readonly shotsAllowed: readonly number[];
  readonly turnoversForced: number;
  readonly reboundingEdge: number;
}

const DEFENSE_SD: Readonly<Record<number, number>> = {
  [RIM]: 0.03,
  [PAINT]: 0.024,
  [MID_RANGE]: 0.02,
  [LEFT_CORNER]: 0.018,
  [LEFT_CORNER + 1]: 0.018,
  [ABOVE_BREAK]: 0.016,
};

export function drawTeamStyle(rng: Random): TeamStyle {
  const overall = rng.normal(0, 0.018);
  return {
    possessionSeconds: rng.normal(13.65, 0.36),
    defense: Array.from(
      { length: ZONE_COUNT },
      (_, z) => overall + rng.normal(0, DEFENSE_SD[z] ?? 0),
    ),
    shotsAllowed: Array.from({ length: ZONE_COUNT }, () => rng.normal(0, 0.11)),
    turnoversForced: Math.exp(rng.normal(0, 0.08)),
    reboundingEdge: Math.exp(rng.normal(0, 0.05)),
  };
}
