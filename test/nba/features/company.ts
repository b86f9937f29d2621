import type { LeagueRows, PlainRow, PlayerGame } from './league-rows.ts';
import type { Rotations } from './rotation.ts';
import type { Strength } from './strength.ts';
import { halved, product, ratio } from './weighted-means.ts';

const GAMES_BACK = 40;
/** So much of a usual game enters beside those in the company of today. */
const USUAL_GAMES = 0.3;

/** An earlier game of the season beside the one of today. */
interface Pair {
  readonly ago: number;
  readonly now: Strength;
  readonly before: Strength;
  readonly game: PlayerGame;
  /** How much the game counts as one in the company of today. */
  readonly company: number;
  /** How much the sizes and minutes of today's mates are like those of the game, and how long ago it is. */
  readonly likeness: number;
}

/** What is told by his earlier games of the season, at most 40 of them. */
export function companyOf(
  now: Strength,
  earlier: readonly Strength[],
  known: {
    readonly league: LeagueRows;
    readonly rotations: Rotations;
    readonly ppm: number | null;
  },
): PlainRow {
  const recent = earlier.toReversed().slice(0, GAMES_BACK);
  const pairs = recent.map((before, at) => pairOf({ now, before, ago: at + 1 }, known));
  const sum = (value: (pair: Pair) => number): number =>
    pairs.reduce((total, pair) => total + value(pair), 0);
  const likeness = sum((pair) => pair.likeness);
  const similar = (value: (pair: Pair) => number): number | null =>
    ratio(
      sum((pair) => pair.likeness * value(pair)),
      likeness,
    );
  const games = sum(({ company }) => company);
  const inCompany = (value: (pair: Pair) => number, usual: number): number =>
    (sum((pair) => pair.company * value(pair)) + USUAL_GAMES * usual) / (games + USUAL_GAMES);
  const minutes = inCompany(({ game }) => game.minutes, now.usualMinutes);
  return {
    minutes_surprise_5: pairs.length === 0 ? null : surpriseOf(pairs),
    similar_points: similar(({ game }) => game.points),
    similarity: ratio(
      likeness,
      sum(({ ago }) => halved(ago, 15)),
    ),
    similar_minutes_points: product(
      similar(({ game }) => game.minutes),
      known.ppm,
    ),
    company_games_log: Math.log(games + 0.1),
    company_minutes: minutes,
    company_minutes_points: product(minutes, known.ppm),
    company_points: inCompany(({ game }) => game.points, now.usualPoints),
    company_more_minutes: inCompany(({ game, before }) => game.minutes - before.usualMinutes, 0),
    company_more_points: inCompany(({ game, before }) => game.points - before.usualPoints, 0),
  };
}

/** Minutes beyond what the lineups suggested, with one game that surprised nobody beside them. */
function surpriseOf(pairs: readonly Pair[]): number {
  const weight = ({ ago }: Pair): number => halved(ago, 5);
  const surprise = ({ game, before }: Pair): number =>
    game.minutes - (before.allottedMinutes ?? Number.NaN);
  return (
    pairs.reduce((sum, pair) => sum + weight(pair) * surprise(pair), 0) /
    (pairs.reduce((sum, pair) => sum + weight(pair), 0) + 1)
  );
}

function pairOf(
  { now, before, ago }: Pick<Pair, 'now' | 'before' | 'ago'>,
  { league, rotations }: { readonly league: LeagueRows; readonly rotations: Rotations },
): Pair {
  const game = league.gamesByPlayer.get(now.player)?.find(({ day }) => day === before.day);
  if (game === undefined) throw new Error(`${now.player} did not play on ${before.date}`);
  const isSameTeam = now.team === before.team;
  const isSameRole = now.isStarter === before.isStarter;
  const apart =
    Math.abs(now.matesMinutes - before.matesMinutes) / 20 +
    Math.abs(now.nearMinutes - before.nearMinutes) / 12;
  return {
    ago,
    now,
    before,
    game,
    company: isSameTeam
      ? halved(ago, 30) *
        Math.exp(-changedMinutes(now, before, rotations) / 40) *
        (isSameRole ? 1 : 0.25)
      : 0,
    likeness: halved(ago, 15) * Math.exp(-apart) * (isSameRole ? 1 : 0.2) * (isSameTeam ? 1 : 0.3),
  };
}

/** Usual minutes of those of today's rotation who were there only once, and 5 for each who started only once. */
function changedMinutes(now: Strength, was: Strength, rotations: Rotations): number {
  const were = new Map(
    rotations.appearances(was.date, was.team).map((each) => [each.player, each]),
  );
  const rotation = rotations.members(now.date, now.team).filter((each) => each.isOfRotation);
  return rotation.reduce((sum, each) => {
    const then = were.get(each.player);
    const isElsewhere = each.isPresent !== (then !== undefined);
    const isOtherRole = each.isStarter !== (then?.isStarter === true);
    return sum + (isElsewhere ? each.minutes : 0) + (isOtherRole ? 5 : 0);
  }, 0);
}
