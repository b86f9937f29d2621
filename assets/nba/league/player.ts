import type { Random } from './random.ts';
import { ABOVE_BREAK, LEAGUE_PERCENTAGE, LEFT_CORNER, RIM, ZONE_COUNT } from './zones.ts';

export type Position = 'guard' | 'wing' | 'big';

/** What a player can do. Rates are relative to the other players on court unless they are percentages. */
export interface Abilities {
  /** Share of the team's possessions he ends while on court, before normalising over the five. */
  readonly usage: number;
  /** Shot mix and percentages by zone, in the order of `ZONES`. */
  readonly mix: readonly number[];
  readonly percentages: readonly number[];
  readonly freeThrow: number;
  readonly turnover: number;
  readonly foulsDrawn: number;
  readonly selfCreated: number;
  readonly passing: number;
  readonly offensiveRebounds: number;
  readonly defensiveRebounds: number;
  readonly steals: number;
  readonly blocks: number;
  readonly fouls: number;
}

export interface Player {
  readonly id: number;
  readonly name: string;
  readonly position: Position;
  readonly talent: number;
  readonly age: number;
  /** Chance of a new absence per game, relative to the league. */
  readonly fragility: number;
  readonly abilities: Abilities;
}

interface Archetype {
  readonly mix: readonly number[];
  readonly passing: number;
  readonly offensiveRebounds: number;
  readonly defensiveRebounds: number;
  readonly steals: number;
  readonly blocks: number;
  readonly selfCreated: number;
}

const ARCHETYPES: Readonly<Record<Position, Archetype>> = {
  guard: {
    mix: [0.21, 0.2, 0.14, 0.04, 0.038, 0.37, 0],
    passing: 2.1,
    offensiveRebounds: 0.45,
    defensiveRebounds: 0.65,
    steals: 1.2,
    blocks: 0.35,
    selfCreated: 1.0,
  },
  wing: {
    mix: [0.25, 0.17, 0.12, 0.075, 0.07, 0.32, 0],
    passing: 1,
    offensiveRebounds: 0.85,
    defensiveRebounds: 0.95,
    steals: 1,
    blocks: 0.8,
    selfCreated: 0.78,
  },
  big: {
    mix: [0.44, 0.26, 0.09, 0.03, 0.028, 0.15, 0],
    passing: 0.75,
    offensiveRebounds: 2.1,
    defensiveRebounds: 1.6,
    steals: 0.75,
    blocks: 2.4,
    selfCreated: 0.55,
  },
};

export interface PlayerOptions {
  readonly id: number;
  readonly name: string;
  readonly position: Position;
  readonly talent: number;
  readonly age: number;
}

export function createPlayer(options: PlayerOptions, rng: Random): Player {
  return {
    ...options,
    fragility: Math.exp(rng.normal(0, 0.4)),
    abilities: drawAbilities(options.position, options.talent, rng),
  };
}

export function drawAbilities(position: Position, talent: number, rng: Random): Abilities {
  const type = ARCHETYPES[position];
  const around = (value: number, sd: number) => value * Math.exp(rng.normal(0, sd));
  return {
    usage: Math.exp(0.27 * talent + rng.normal(0, 0.16)),
    mix: drawMix(type.mix, rng),
    percentages: drawPercentages(position, talent, rng),
    freeThrow: Math.min(
      0.93,
      (position === 'big' ? 0.71 : 0.79) + 0.015 * talent + rng.normal(0, 0.05),
    ),
    turnover: Math.min(0.2, around(0.122, 0.2)),
    foulsDrawn: Math.min(0.18, around(0.0765, 0.25) * Math.exp(0.14 * talent)),
    selfCreated: around(type.selfCreated, 0.15) * Math.exp(0.1 * talent),
    passing: around(type.passing, 0.35) * Math.exp(0.2 * talent),
    offensiveRebounds: around(type.offensiveRebounds, 0.25),
    defensiveRebounds: around(type.defensiveRebounds, 0.2) * Math.exp(0.08 * talent),
    steals: around(type.steals, 0.25),
    blocks: around(type.blocks, 0.35),
    fouls: around(position === 'big' ? 1.3 : 1, 0.2) * Math.exp(-0.1 * talent),
  };
}

function drawMix(base: readonly number[], rng: Random): readonly number[] {
  // One draw for "likes the three", so that specialists exist; the corners hang together.
  const likesThrees = rng.normal(0, 0.45);
  const raw = base.map((share, zone) => {
    const taste = zone >= LEFT_CORNER ? likesThrees : -likesThrees * 0.4;
    return share * Math.exp(taste + rng.normal(0, 0.25));
  });
  const total = raw.reduce((sum, share) => sum + share, 0);
  return raw.map((share) => share / total);
}

function drawPercentages(position: Position, talent: number, rng: Random): readonly number[] {
  const threes = rng.normal(-0.007, 0.022) - (position === 'big' ? 0.012 : 0) + 0.007 * talent;
  return Array.from({ length: ZONE_COUNT }, (_, zone) => {
    const league = LEAGUE_PERCENTAGE[zone] as number;
    if (zone > ABOVE_BREAK) return league;
    if (zone >= LEFT_CORNER) return league + threes;
    const size = zone === RIM && position === 'big' ? 0.035 : 0;
    return league + size + 0.013 * talent + rng.normal(0, 0.03);
  });
}
