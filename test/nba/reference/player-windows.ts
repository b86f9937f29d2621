import type { Slate } from './calendar.ts';
import { attendanceOf, datesHash, spanOf } from './completeness.ts';
import type { Attendance, Window } from './completeness.ts';
import type { PlayerContext } from './context.ts';
import type { League } from './league.ts';

/** The four windows of a player before a date, over the games of the team that he last played for. */
export interface PlayerWindows {
  readonly team: string;
  readonly lastFive: Attendance;
  readonly lastTen: Window;
  readonly week: Attendance;
  readonly fortnight: Attendance;
  /** Whether his own last ten games are for two teams. */
  readonly changedTeam: boolean;
}

/** Expected are final games of the schedule; `team` is his team if he has not played yet. */
export function playerWindows(
  league: League,
  of: { readonly slate: Slate; readonly lookup: string; readonly team: string },
): PlayerWindows {
  const { day, season } = of.slate;
  const played = league.players.get(season, of.lookup).before(day);
  const lastTen = played.slice(-10);
  const team = played.at(-1)?.team_abbr ?? of.team;
  const scheduled = league.finalGames.get(season, team);
  const ownDays = daysFor(league, { season, lookup: of.lookup, team });
  const attended = (games: Parameters<typeof attendanceOf>[0]) => attendanceOf(games, ownDays);
  return {
    team,
    lastFive: attended(scheduled.lastBefore(day, 5)),
    lastTen: {
      ...attended(scheduled.lastBefore(day, 10)),
      dates: lastTen.map((game) => game.game_date),
    },
    week: attended(scheduled.window(day, 7)),
    fortnight: attended(scheduled.window(day, 14)),
    changedTeam: new Set(lastTen.map((game) => game.team_abbr)).size > 1,
  };
}

const daysByLeague = new WeakMap<League, Map<string, ReadonlySet<number>>>();

/** The days on which a player played for a team in a season. */
function daysFor(
  league: League,
  of: { readonly season: number; readonly lookup: string; readonly team: string },
): ReadonlySet<number> {
  const cache = daysByLeague.get(league) ?? new Map<string, ReadonlySet<number>>();
  daysByLeague.set(league, cache);
  const key = `${of.season}|${of.lookup}|${of.team}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const { days, items } = league.players.get(of.season, of.lookup);
  const found = new Set(days.filter((_, index) => items[index]?.team_abbr === of.team));
  cache.set(key, found);
  return found;
}

/** One row of player_game_windows. */
export function playerWindowsRow(context: PlayerContext, windows: PlayerWindows) {
  const { lastFive, lastTen, week, fortnight } = windows;
  return {
    game_date: context.game_date,
    player_lookup: context.player_lookup,
    season_year: context.season_year,
    window_team_abbr: windows.team,
    l5_expected_games: lastFive.expected,
    l5_actual_games: lastFive.actual,
    l10_expected_games: lastTen.expected,
    l10_actual_games: lastTen.actual,
    l7d_expected_games: week.expected,
    l7d_actual_games: week.actual,
    l14d_expected_games: fortnight.expected,
    l14d_actual_games: fortnight.actual,
    window_has_two_teams: windows.changedTeam,
    window_span_days: spanOf(lastTen.dates),
    window_dates_hash: datesHash(lastTen.dates),
  };
}
