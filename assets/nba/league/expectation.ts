import type { GamePlayer, Side } from './game-side.ts';
import { AND_ONE_SHARE_OF_MAKES, shotValue, type Zone } from './zones.ts';

export interface PlayerExpectation {
  readonly points: number;
  readonly rebounds: number;
  readonly assists: number;
}

export interface SideExpectation {
  readonly points: number;
  /** In the order of the side's players. */
  readonly players: readonly PlayerExpectation[];
}

/** Chances to shoot, draw a foul or lose the ball per game at 13.65 seconds a possession; measured, not derived. */
const CHANCES = 112.8;
const AVERAGE_SECONDS = 13.65;
const REBOUNDS = 43.5;
const ASSISTS = 25.5;
const OFFENSIVE_SHARE = 0.24;

/** What a side should score if everyone plays as planned: the truth that bookmakers guess at. */
export function expectSide(side: Side, opponent: Side): SideExpectation {
  const seconds = (side.style.possessionSeconds + opponent.style.possessionSeconds) / 2;
  const chances = (CHANCES * AVERAGE_SECONDS) / seconds;
  const use = shares(side, (p) => p.usage);
  const offensive = shares(side, (p) => p.player.abilities.offensiveRebounds);
  const defensive = shares(side, (p) => p.player.abilities.defensiveRebounds);
  const passing = shares(side, (p) => p.player.abilities.passing);
  const players = side.players.map((player, i) => ({
    points: chances * (use[i] as number) * pointsPerChance(player),
    rebounds:
      REBOUNDS *
      (OFFENSIVE_SHARE * (offensive[i] as number) +
        (1 - OFFENSIVE_SHARE) * (defensive[i] as number)),
    assists: ASSISTS * (passing[i] as number),
  }));
  return { points: players.reduce((sum, p) => sum + p.points, 0), players };
}

function shares(side: Side, ability: (player: GamePlayer) => number): readonly number[] {
  const weights = side.players.map((player) => player.target * ability(player));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function pointsPerChance({ player, mix, percentages, turnover }: GamePlayer): number {
  const { foulsDrawn, freeThrow } = player.abilities;
  let perShot = 0;
  mix.forEach((share, index) => {
    const zone = index as Zone;
    const bonus = AND_ONE_SHARE_OF_MAKES[zone] * freeThrow;
    perShot += share * (percentages[index] as number) * (shotValue(zone) + bonus);
  });
  return (1 - turnover - foulsDrawn) * perShot + foulsDrawn * 2.03 * freeThrow;
}
