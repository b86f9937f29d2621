import { computeTeams } from './analytics.ts';
import type { TeamDefense, TeamOffense } from './analytics.ts';
import { buildSlates } from './calendar.ts';
import type { SeasonStarts, Slate } from './calendar.ts';
import type { Game, Source } from './load.ts';
import { computePlayerGames } from './player-games.ts';
import type { PlayerGame } from './player-games.ts';
import { indexShots } from './shot-counts.ts';
import { Timelines, dayNumber } from './timeline.ts';

/** The analytics tables with the indexes every later layer reads. */
export interface League {
  readonly slates: readonly Slate[];
  readonly gameById: ReadonlyMap<string, Game>;
  readonly offense: readonly TeamOffense[];
  readonly defense: readonly TeamDefense[];
  readonly playerGames: readonly PlayerGame[];
  readonly playerGamesByDate: ReadonlyMap<string, readonly PlayerGame[]>;
  readonly players: Timelines<PlayerGame>;
  readonly teamOffense: Timelines<TeamOffense>;
  readonly teamDefense: Timelines<TeamDefense>;
  readonly teamSchedule: Timelines<Game>;
  /** Of the schedule, what was played: the games that windows expect. */
  readonly finalGames: Timelines<Game>;
}

export function buildLeague(source: Source, seasonStarts: SeasonStarts): League {
  const { games, boxes } = source;
  const shots = indexShots(source.shots);
  const { offense, defense } = computeTeams({ games, boxes, shots });
  const playerGames = computePlayerGames({ games, boxes, offense, shots });
  return {
    slates: buildSlates(games, seasonStarts),
    gameById: new Map(games.map((game) => [game.gameId, game])),
    offense,
    defense,
    playerGames,
    playerGamesByDate: Map.groupBy(playerGames, (row) => row.game_date),
    players: timelinesOf(playerGames, (row) => row.player_lookup),
    teamOffense: timelinesOf(offense, (row) => row.team_abbr),
    teamDefense: timelinesOf(defense, (row) => row.defending_team_abbr),
    teamSchedule: scheduleTimelines(games),
    finalGames: scheduleTimelines(games.filter((game) => game.final)),
  };
}

function timelinesOf<T extends { readonly game_date: string; readonly season_year: number }>(
  rows: readonly T[],
  keyOf: (row: T) => string,
): Timelines<T> {
  const timelines = new Timelines<T>();
  for (const item of rows) {
    timelines.add(item.season_year, keyOf(item), { day: dayNumber(item.game_date), item });
  }
  return timelines;
}

function scheduleTimelines(games: readonly Game[]): Timelines<Game> {
  const timelines = new Timelines<Game>();
  for (const item of games) {
    timelines.add(item.season, item.home, { day: item.day, item });
    timelines.add(item.season, item.away, { day: item.day, item });
  }
  return timelines;
}
