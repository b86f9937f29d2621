import { createPlayer, drawAbilities, type Player, type Position } from './player.ts';
import type { Random } from './random.ts';

export const ROSTER_SIZE = 15;

/** Mean talent and role (minutes a game) by rank in the team. */
const RANK_TALENT = [
  1.9, 1.1, 0.7, 0.35, 0.1, -0.1, -0.3, -0.5, -0.7, -0.9, -1.2, -1.4, -1.6, -1.7, -1.8,
];
const RANK_MINUTES = [34.5, 32.5, 30.5, 28.5, 26, 22, 19.5, 17.5, 14.5, 11.5, 7, 4, 2, 1, 1];

const LINEUPS: readonly Position[] = ['guard', 'guard', 'wing', 'wing', 'big'];

/** Fictional, above every id that the real league has given out. */
const FIRST_PLAYER_ID = 1_900_001;

export type Roster = readonly Player[];

export interface PlayerMaker {
  (options: { readonly position: Position; readonly talent: number; readonly age: number }): Player;
}

export function playerMaker(nextName: () => string, rng: Random): PlayerMaker {
  let id = FIRST_PLAYER_ID;
  return (options) => {
    const player = createPlayer({ ...options, id, name: nextName() }, rng);
    id += rng.integer(1, 7);
    return player;
  };
}

export function createRoster(make: PlayerMaker, rng: Random): Roster {
  const teamTalent = rng.normal(0, 0.62);
  const players: Player[] = [];
  for (let unit = 0; unit < ROSTER_SIZE / LINEUPS.length; unit++) {
    for (const position of rng.shuffle(LINEUPS)) {
      const mean = RANK_TALENT[players.length] as number;
      const talent = mean + teamTalent + rng.normal(0, 0.4);
      players.push(make({ position, talent, age: rng.integer(20, 35) }));
    }
  }
  return players;
}

/** Minutes a healthy player of each roster place is meant to play; better players of a team get more. */
export function roleMinutes(roster: Roster): readonly number[] {
  const order = roster
    .map((player, index) => ({ index, talent: player.talent }))
    .sort((a, b) => b.talent - a.talent || a.index - b.index);
  const minutes = roster.map(() => 0);
  order.forEach(({ index }, rank) => {
    minutes[index] = RANK_MINUTES[rank] ?? 1;
  });
  return minutes;
}

/** Swaps players of about equal talent between teams, as trades before the deadline do. */
export function trade(rosters: readonly Roster[], swaps: number, rng: Random): readonly Roster[] {
  const result = rosters.map((roster) => [...roster]);
  for (let i = 0; i < swaps; i++) {
    const [from, to] = rng.shuffle(result);
    if (!from || !to) break;
    const leaving = rng.integer(0, from.length - 1);
    const player = from[leaving] as Player;
    const returning = closest(to, player);
    from[leaving] = to[returning] as Player;
    to[returning] = player;
  }
  return result;
}

function closest(roster: Roster, player: Player): number {
  const distance = (other: Player) =>
    Math.abs(other.talent - player.talent) + (other.position === player.position ? 0 : 1);
  let best = 0;
  roster.forEach((other, index) => {
    if (distance(other) < distance(roster[best] as Player)) best = index;
  });
  return best;
}

/** A summer: everyone is a year older, some leave, rookies take their places, several change teams. */
export function offseason(
  rosters: readonly Roster[],
  make: PlayerMaker,
  rng: Random,
): readonly Roster[] {
  const aged = rosters.map((roster) =>
    roster.map((player) => {
      const leaves = rng.chance(player.age >= 34 ? 0.4 : player.talent < -1 ? 0.3 : 0.03);
      if (!leaves) return grow(player, rng);
      const talent = Math.min(2, rng.normal(-0.7, 0.8));
      return make({ position: player.position, talent, age: rng.integer(19, 23) });
    }),
  );
  return trade(aged, rosters.length * 2, rng);
}

function grow(player: Player, rng: Random): Player {
  const trend = player.age < 26 ? 0.15 : player.age > 31 ? -0.15 : 0;
  const talent = player.talent + trend + rng.normal(0, 0.2);
  const fresh = drawAbilities(player.position, talent, rng);
  const old = player.abilities;
  const blend = (a: number, b: number) => 0.8 * a + 0.2 * b;
  // Usage follows talent at once; style changes slowly.
  const abilities = {
    ...old,
    usage: old.usage * Math.exp(0.27 * (talent - player.talent)),
    mix: old.mix.map((share, zone) => blend(share, fresh.mix[zone] as number)),
    percentages: old.percentages.map((p, zone) => blend(p, fresh.percentages[zone] as number)),
  };
  return { ...player, age: player.age + 1, talent, abilities };
}
