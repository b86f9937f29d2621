import type { Slate } from './calendar.ts';
import {
  completenessBlock,
  isMissingNothing,
  isReady,
  isWindowReady,
  percentageOf,
  tierOf,
  windowIssues,
  worstTier,
} from './completeness.ts';
import type { PlayerContext } from './context.ts';
import type { League } from './league.ts';
import type { PlayerGame } from './player-games.ts';
import type { PlayerWindows } from './player-windows.ts';
import { USUAL_DAYS, assistShares } from './player-zones.ts';
import type { PlayerZones } from './player-zones.ts';
import { mean, r, rn, sampleSd } from './rounding.ts';
import { dayNumber } from './timeline.ts';

/** One row of player_daily_cache (domain.md 4.4, oracle-notes G). */
export type DailyCache = ReturnType<typeof dailyCacheRow>;

const MIN_GAMES = 5;
const NORMAL_GAMES = 10;
/** "max 82" is taken literally (oracle-notes 37). */
export const SEASON_GAMES = 82;

export function computeDailyCache(input: {
  readonly league: League;
  readonly contexts: readonly PlayerContext[];
  readonly slates: ReadonlyMap<string, Slate>;
  readonly windows: ReadonlyMap<string, PlayerWindows>;
  readonly playerZones: ReadonlyMap<string, PlayerZones>;
}): DailyCache[] {
  return input.contexts.flatMap((context) => {
    const games = input.league.players
      .get(context.season_year, context.player_lookup)
      .before(dayNumber(context.game_date));
    const key = `${context.game_date}|${context.player_lookup}`;
    const slate = input.slates.get(context.game_date);
    const windows = input.windows.get(key);
    if (games.length < MIN_GAMES || slate === undefined || windows === undefined) return [];
    const zones = input.playerZones.get(key) ?? null;
    return [dailyCacheRow({ league: input.league, slate, context, windows, games, zones })];
  });
}

/** Mean points of the newest `n` games, as stored (r4); NULL without games. */
export function pointsAverage(games: readonly { readonly points: number }[], n: number) {
  return rn(mean(games.slice(-n).map((game) => game.points)), 4);
}

function playerForm(games: readonly PlayerGame[]) {
  const lastTen = games.slice(-10);
  const season = games.slice(-SEASON_GAMES);
  return {
    points_avg_last_5: pointsAverage(games, 5),
    points_avg_last_10: pointsAverage(games, 10),
    points_avg_season: pointsAverage(games, SEASON_GAMES),
    points_std_last_10: rn(sampleSd(lastTen.map((game) => game.points)), 4),
    minutes_avg_last_10: rn(mean(lastTen.map((game) => game.minutes_played)), 4),
    usage_rate_last_10: rn(mean(lastTen.map((game) => game.usage_rate)), 4),
    player_usage_rate_season: rn(mean(season.map((game) => game.usage_rate)), 4),
    ts_pct_last_10: rn(mean(lastTen.map((game) => game.ts_pct)), 4),
    games_played_season: season.length,
    // A fraction here, unlike the percentage of the zone table (domain.md D14).
    assisted_rate_last_10: rn(assistShares(lastTen).assisted, 9),
  };
}

/** Means of the team of the context row: r4 of the r6 value (oracle-notes 39). */
function teamForm(league: League, context: PlayerContext) {
  const games = league.teamOffense
    .get(context.season_year, context.team_abbr)
    .lastBefore(dayNumber(context.game_date), 10);
  return {
    team_pace_last_10: rn(rn(mean(games.map((game) => game.pace)), 6), 4),
    team_off_rating_last_10: rn(rn(mean(games.map((game) => game.offensive_rating)), 6), 4),
  };
}

/** Ready if all four windows are (domain.md 4.4); the score is that of the last five games. */
function readiness(input: {
  readonly slate: Slate;
  readonly context: PlayerContext;
  readonly windows: PlayerWindows;
  readonly zones: PlayerZones | null;
}) {
  const { slate, context, windows, zones } = input;
  const { lastFive, lastTen, week, fortnight } = windows;
  const all = [lastFive, lastTen, week, fortnight];
  return {
    l5_completeness_pct: percentageOf(lastFive),
    l5_is_complete: isMissingNothing(lastFive),
    l10_completeness_pct: percentageOf(lastTen),
    l10_is_complete: isMissingNothing(lastTen),
    l7d_completeness_pct: percentageOf(week),
    l7d_is_complete: isMissingNothing(week),
    l14d_completeness_pct: percentageOf(fortnight),
    l14d_is_complete: isMissingNothing(fortnight),
    all_windows_complete: all.every(isMissingNothing),
    cache_quality_score: percentageOf(lastFive),
    ...completenessBlock({
      slate,
      window: lastTen,
      ready: all.every(isReady) && isWindowReady(lastTen),
      tier: worstTier([tierOf(percentageOf(lastFive)), context.quality_tier, zones?.quality_tier]),
      issues: [
        ...(windows.changedTeam ? ['changed_team'] : []),
        ...(isReady(lastFive) ? [] : ['l5_below_90']),
        ...(isReady(week) ? [] : ['l7d_below_90']),
        ...(isReady(fortnight) ? [] : ['l14d_below_90']),
        ...(zones === null ? ['shot_zones_missing'] : []),
        ...windowIssues(lastTen, USUAL_DAYS),
      ],
    }),
  };
}

function dailyCacheRow(input: {
  readonly league: League;
  readonly slate: Slate;
  readonly windows: PlayerWindows;
  readonly context: PlayerContext;
  /** All games before d, oldest first. */
  readonly games: readonly PlayerGame[];
  readonly zones: PlayerZones | null;
}) {
  const { context, games, zones } = input;
  const average = context.avg_minutes_per_game_last_7;
  return {
    player_lookup: context.player_lookup,
    universal_player_id: context.universal_player_id,
    cache_date: context.game_date,
    season_year: context.season_year,
    ...playerForm(games),
    ...teamForm(input.league, context),
    games_in_last_7_days: context.games_in_last_7_days,
    games_in_last_14_days: context.games_in_last_14_days,
    minutes_in_last_7_days: context.minutes_in_last_7_days,
    minutes_in_last_14_days: context.minutes_in_last_14_days,
    back_to_backs_last_14_days: context.back_to_backs_last_14_days,
    avg_minutes_per_game_last_7: average === null ? null : r(average, 4),
    fourth_quarter_minutes_last_7: context.fourth_quarter_minutes_last_7,
    primary_scoring_zone: zones?.primary_scoring_zone ?? null,
    paint_rate_last_10: zones?.paint_rate_last_10 ?? null,
    three_pt_rate_last_10: zones?.three_pt_rate_last_10 ?? null,
    shot_zone_data_available: zones !== null,
    player_age: context.player_age,
    early_season_flag: games.length < NORMAL_GAMES,
    cache_version: 'v1',
    ...readiness(input),
  };
}
