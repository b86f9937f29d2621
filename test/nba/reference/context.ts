import type { Slate } from './calendar.ts';
import type { Tier } from './completeness.ts';
import type { League } from './league.ts';
import type { Game } from './load.ts';
import type { PlayerGame } from './player-games.ts';
import { mean, r, rn, sum } from './rounding.ts';

/** One row of upcoming_player_game_context (domain.md 5, oracle-notes D). */
export type PlayerContext = ReturnType<typeof playerContextRow>;

/** One row of upcoming_team_game_context (domain.md 5.1). */
export type TeamContext = ReturnType<typeof teamContextRow>;

/** Rest days are date difference minus one, so 0 is a back-to-back (domain.md D2). */
export function restDays(day: number, lastDay: number | null): number | null {
  return lastDay === null ? null : day - lastDay - 1;
}

/** Pairs of consecutive days, both inside the window (oracle-notes 23). */
export function backToBacks(days: readonly number[]): number {
  return days.filter((day, index) => index > 0 && day - (days[index - 1] ?? day) === 1).length;
}

/** The universe of a past date is who played on it (oracle-notes 21). */
export function computePlayerContexts(league: League): PlayerContext[] {
  return league.slates.flatMap((slate) =>
    (league.playerGamesByDate.get(slate.date) ?? []).map((played) =>
      playerContextRow({ league, slate, played: identityOf(played) }),
    ),
  );
}

type Identity = ReturnType<typeof identityOf>;

/** Nothing else of a row of d may be read (domain.md 5.2). */
function identityOf(row: PlayerGame) {
  const { player_lookup, universal_player_id, player_full_name, game_id } = row;
  const { team_abbr, opponent_team_abbr, home_game } = row;
  return {
    player_lookup,
    universal_player_id,
    player_full_name,
    game_id,
    team_abbr,
    opponent_team_abbr,
    home_game,
  };
}

function playerContextRow(input: {
  readonly league: League;
  readonly slate: Slate;
  readonly played: Identity;
}) {
  const { league, slate, played } = input;
  const { day, season } = slate;
  const gameType = league.gameById.get(played.game_id)?.gameType ?? 'regular_season';
  return {
    ...played,
    game_date: slate.date,
    season_year: season,
    game_type: gameType,
    season_phase: seasonPhase(slate.date, gameType),
    ...workload({ league, slate, lookup: played.player_lookup }),
    opponent_days_rest: restDays(
      day,
      league.teamSchedule.get(season, played.opponent_team_abbr).lastDayBefore(day),
    ),
    ...paceColumns({ league, slate, played }),
    projected_usage_rate: null,
    player_age: null,
    fourth_quarter_minutes_last_7: null,
    player_status: 'available',
    has_prop_line: false,
    current_points_line: null,
    context_source: 'synthetic',
  };
}

function workload(input: {
  readonly league: League;
  readonly slate: Slate;
  readonly lookup: string;
}) {
  const { day, season } = input.slate;
  const games = input.league.players.get(season, input.lookup);
  const week = games.window(day, 7);
  const fortnight = games.window(day, 14);
  const lastDay = games.lastDayBefore(day);
  const daysRest = restDays(day, lastDay);
  const minutes = sum(week.map((game) => game.minutes_played));
  const lastTen = games.lastBefore(day, 10).map((game) => game.points);
  return {
    days_since_last_game: lastDay === null ? null : day - lastDay,
    days_rest: daysRest,
    back_to_back: daysRest === null ? null : daysRest === 0,
    games_in_last_7_days: week.length,
    games_in_last_14_days: fortnight.length,
    minutes_in_last_7_days: r(minutes, 0),
    minutes_in_last_14_days: r(sum(fortnight.map((game) => game.minutes_played)), 0),
    avg_minutes_per_game_last_7: week.length === 0 ? null : r(minutes / week.length, 1),
    back_to_backs_last_14_days: backToBacks(games.windowDays(day, 14)),
    // Games of the last seven days, whatever the name says (oracle-notes 24).
    avg_usage_rate_last_7_games: rn(mean(week.map((game) => game.usage_rate)), 6),
    points_avg_last_5: rn(mean(lastTen.slice(-5)), 6),
    points_avg_last_10: rn(mean(lastTen), 6),
    l5_games_used: Math.min(5, lastTen.length),
    l10_games_used: lastTen.length,
    ...contextQuality(games.window(day, 30).length),
  };
}

/** Rebuilt rows are silver at best (domain.md 5.2). */
function contextQuality(gamesOf30Days: number): {
  readonly quality_tier: Tier;
  readonly quality_score: number;
} {
  return gamesOf30Days >= 5
    ? { quality_tier: 'silver', quality_score: 75 }
    : { quality_tier: 'bronze', quality_score: 50 };
}

function paceColumns(input: {
  readonly league: League;
  readonly slate: Slate;
  readonly played: Identity;
}) {
  const { league, slate, played } = input;
  const lastTenPace = (team: string): number | null =>
    rn(
      mean(
        league.teamOffense
          .get(slate.season, team)
          .lastBefore(slate.day, 10)
          .map((game) => game.pace),
      ),
      6,
    );
  const opponent = lastTenPace(played.opponent_team_abbr);
  const own = lastTenPace(played.team_abbr);
  return {
    opponent_pace_last_10: opponent,
    pace_differential: opponent === null || own === null ? null : r(opponent - own, 6),
  };
}

/** Months of the regular season, then the schedule's game type (domain.md 5.1). */
export function seasonPhase(date: string, gameType: Game['gameType']): string {
  if (gameType === 'playoff') return 'playoffs';
  const month = Number(date.slice(5, 7));
  if (month === 10 || month === 11) return 'early';
  return month === 12 || month <= 2 ? 'mid' : 'late';
}

export function computeTeamContexts(league: League): TeamContext[] {
  return league.slates.flatMap((slate) =>
    slate.games.flatMap((game) => [
      teamContextRow({ league, slate, game, team: game.away }),
      teamContextRow({ league, slate, game, team: game.home }),
    ]),
  );
}

/** Points of `team` minus points of the other side. */
function marginOf(game: Game, team: string): number {
  const homeMargin = game.homeScore - game.awayScore;
  return game.home === team ? homeMargin : -homeMargin;
}

function teamContextRow(input: {
  readonly league: League;
  readonly slate: Slate;
  readonly game: Game;
  readonly team: string;
}) {
  const { slate, game, team } = input;
  const timeline = input.league.teamSchedule.get(slate.season, team);
  const earlier = timeline.before(slate.day);
  const lastDay = timeline.lastDayBefore(slate.day);
  const rest = restDays(slate.day, lastDay);
  const margins = earlier.map((past) => marginOf(past, team));
  const lastMargin = margins.at(-1) ?? null;
  const home = game.home === team;
  return {
    team_abbr: team,
    game_id: game.gameId,
    game_date: slate.date,
    season_year: slate.season,
    opponent_team_abbr: home ? game.away : game.home,
    home_game: home,
    team_days_rest: rest,
    team_back_to_back: rest === null ? null : rest === 0,
    days_since_last_game: lastDay === null ? null : slate.day - lastDay,
    games_in_last_7_days: timeline.window(slate.day, 7).length,
    games_in_last_14_days: timeline.window(slate.day, 14).length,
    game_number_in_season: earlier.length + 1,
    game_spread: null,
    game_total: null,
    team_win_streak_entering: streak(margins, (margin) => margin > 0),
    team_loss_streak_entering: streak(margins, (margin) => margin < 0),
    last_game_margin: lastMargin,
    last_game_result: lastMargin === null ? null : lastMargin > 0 ? 'W' : 'L',
    // There is no distance table in the source; home games need none (domain.md 5.1).
    travel_miles: home ? 0 : null,
  };
}

function streak(margins: readonly number[], counts: (margin: number) => boolean): number {
  const broken = margins.findLastIndex((margin) => !counts(margin));
  return margins.length - 1 - broken;
}
