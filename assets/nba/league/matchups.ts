import type { Random } from './random.ts';

/** A game by team index; teams 0..n/2-1 are the East, the rest the West. */
export interface Matchup {
  readonly home: number;
  readonly away: number;
}

export type Round = readonly Matchup[];

type Pairing = readonly [number, number];

/** Share of games inside the conference: 52 to 56 of 82, as in the real league. */
const INSIDE_SHARE = 0.68;

/**
 * A season as rounds in which every team plays exactly once. Inside rounds are a round robin of each half;
 * with an odd half the idle team of each meets the other's, at an offset that cross rounds use less.
 */
export function buildRounds(
  size: { readonly teams: number; readonly games: number },
  rng: Random,
): readonly Round[] {
  const half = size.teams / 2;
  const inside = Math.round(size.games * INSIDE_SHARE);
  const pairings: Pairing[][] = [];
  for (let i = 0; i < inside; i++) pairings.push(insideRound(half, i));
  for (let i = 0; i < size.games - inside; i++) pairings.push(crossRound(half, i % half));
  return orient(rng.shuffle(pairings), size.teams, rng);
}

function insideRound(half: number, index: number): Pairing[] {
  const seats = half + (half % 2);
  const cycle = Math.floor(index / (seats - 1));
  const east = roundRobin(seats, index % (seats - 1));
  const pairings: Pairing[] = [];
  for (const [a, b] of east) {
    if (b < half) {
      pairings.push([a, b], [half + a, half + b]);
      continue;
    }
    pairings.push([a, half + ((a + idleOffset(half, cycle)) % half)]);
  }
  return half % 2 === 0 ? pairings : shiftWest(pairings, half, idleOffset(half, cycle));
}

/** By how much the idle team of the West is away from that of the East; small halves go round many times. */
function idleOffset(half: number, cycle: number): number {
  return half - 1 - (cycle % half);
}

/** Renames the West teams so that the idle one is the partner of the idle East team. */
function shiftWest(pairings: readonly Pairing[], half: number, offset: number): Pairing[] {
  const shift = (team: number) => half + ((team - half + offset) % half);
  return pairings.map(([a, b]) => (a >= half ? [shift(a), shift(b)] : [a, b]));
}

/** Circle method: seat `seats - 1` stays, the others turn. */
function roundRobin(seats: number, turn: number): Pairing[] {
  const moving = seats - 1;
  const pairings: Pairing[] = [[turn % moving, moving]];
  for (let k = 1; k < seats / 2; k++) {
    pairings.push([(turn + k) % moving, (turn - k + moving) % moving]);
  }
  return pairings;
}

function crossRound(half: number, offset: number): Pairing[] {
  return Array.from({ length: half }, (_, i): Pairing => [i, half + ((i + offset) % half)]);
}

interface Edge {
  readonly round: number;
  readonly ends: Pairing;
  home: number;
}

/**
 * Gives each game a home team: two games of one pair are one each, and what is left over is walked in closed
 * trails, so a team with an even number of games has exactly half of them at home.
 */
function orient(rounds: readonly Pairing[][], teams: number, rng: Random): readonly Round[] {
  const edges: Edge[] = rounds.flatMap((pairings, round) =>
    pairings.map((ends) => ({ round, ends, home: -1 })),
  );
  const open = new Map<number, Edge>();
  for (const edge of edges) {
    const key = Math.min(...edge.ends) * teams + Math.max(...edge.ends);
    const earlier = open.get(key);
    if (!earlier) {
      open.set(key, edge);
      continue;
    }
    const first = rng.chance(0.5) ? 0 : 1;
    earlier.home = edge.ends[first];
    edge.home = edge.ends[1 - first] as number;
    open.delete(key);
  }
  walkTrails([...open.values()], teams);
  const result: Matchup[][] = rounds.map(() => []);
  for (const { round, ends, home } of edges) {
    result[round]?.push({ home, away: ends[0] === home ? ends[1] : ends[0] });
  }
  return result;
}

function walkTrails(edges: readonly Edge[], teams: number): void {
  const byTeam: Edge[][] = Array.from({ length: teams }, () => []);
  for (const edge of edges) for (const team of edge.ends) byTeam[team]?.push(edge);
  for (let start = 0; start < teams; start++) {
    let at = start;
    for (;;) {
      const edge = byTeam[at]?.pop();
      if (!edge) {
        if (at === start) break;
        at = start;
        continue;
      }
      if (edge.home >= 0) continue;
      edge.home = at;
      at = edge.ends[0] === at ? edge.ends[1] : edge.ends[0];
    }
  }
}
