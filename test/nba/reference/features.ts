import type { Slate } from './calendar.ts';
import type { CompletenessBlock } from './completeness.ts';
import type { CompositeFactors } from './composite.ts';
import type { PlayerContext } from './context.ts';
import { pointsAverage } from './daily-cache.ts';
import type { DailyCache } from './daily-cache.ts';
import {
  dataSource,
  featureQuality,
  firstKnown,
  freeThrowShare,
  minutesChange,
  percentToShare,
  recentTrend,
  winShare,
} from './feature-values.ts';
import { featureReadiness } from './feature-readiness.ts';
import type { Feature } from './feature-values.ts';
import type { League } from './league.ts';
import type { PlayerGame } from './player-games.ts';
import type { PlayerWindows } from './player-windows.ts';
import type { PlayerZones } from './player-zones.ts';
import { clampAbs, mean } from './rounding.ts';
import type { TeamZones } from './team-zones.ts';
import { dayNumber } from './timeline.ts';

export const FEATURE_NAMES = [
  'points_avg_last_5',
  'points_avg_last_10',
  'points_avg_season',
  'points_std_last_10',
  'games_in_last_7_days',
  'fatigue_score',
  'shot_zone_mismatch_score',
  'pace_score',
  'usage_spike_score',
  'rest_advantage',
  'injury_risk',
  'recent_trend',
  'minutes_change',
  'opponent_def_rating',
  'opponent_pace',
  'home_away',
  'back_to_back',
  'playoff_game',
  'pct_paint',
  'pct_mid_range',
  'pct_three',
  'pct_free_throw',
  'team_pace',
  'team_off_rating',
  'team_win_pct',
] as const;

/** The asset keyed lookups that MLFS and the predictions read. */
export interface Precomputed {
  readonly windows: ReadonlyMap<string, PlayerWindows>;
  readonly composite: ReadonlyMap<string, CompositeFactors>;
  readonly dailyCache: ReadonlyMap<string, DailyCache>;
  readonly playerZones: ReadonlyMap<string, PlayerZones>;
  readonly teamZones: ReadonlyMap<string, TeamZones>;
}

/** One player of one slate, as the prediction systems see it. */
export interface FeatureVector {
  readonly context: PlayerContext;
  readonly slate: Slate;
  /** Empty for a placeholder of the bootstrap days. */
  readonly features: readonly Feature[];
  readonly quality: number;
  readonly cache: DailyCache | null;
  /** Games of the season before d. */
  readonly earlierGames: number;
  readonly completeness: CompletenessBlock;
}

export function computeFeatures(input: {
  readonly league: League;
  readonly contexts: readonly PlayerContext[];
  readonly precomputed: Precomputed;
}): FeatureVector[] {
  const slateByDate = new Map(input.league.slates.map((slate) => [slate.date, slate]));
  return input.contexts.flatMap((context) => {
    const slate = slateByDate.get(context.game_date);
    const windows = input.precomputed.windows.get(`${context.game_date}|${context.player_lookup}`);
    if (slate === undefined || windows === undefined) return [];
    const { league, precomputed } = input;
    return [featureVector({ league, precomputed, context, slate, windows })];
  });
}

interface VectorInput {
  readonly league: League;
  readonly precomputed: Precomputed;
  readonly context: PlayerContext;
  readonly slate: Slate;
  readonly windows: PlayerWindows;
}

function featureVector(input: VectorInput): FeatureVector {
  const { league, precomputed, context, slate, windows } = input;
  const playerKey = `${context.game_date}|${context.player_lookup}`;
  const games = league.players.get(slate.season, context.player_lookup).before(slate.day);
  const cache = precomputed.dailyCache.get(playerKey) ?? null;
  const base = { context, slate, cache, earlierGames: games.length };
  const composite = precomputed.composite.get(playerKey) ?? null;
  const readiness = { slate, windows, cache, composite };
  if (slate.bootstrap) {
    const completeness = featureReadiness({ ...readiness, quality: 0, placeholder: true });
    return { ...base, features: [], quality: 0, completeness };
  }
  const zones = precomputed.playerZones.get(playerKey);
  const features = [
    ...historyFeatures({ context, games, cache }),
    ...compositeFeatures(composite ?? undefined),
    ...calculatedFeatures({ context, games, cache }),
    ...opponentFeatures(
      precomputed.teamZones.get(`${context.game_date}|${context.opponent_team_abbr}`),
    ),
    ...contextFeatures(context),
    ...shotFeatures({ zones, games }),
    ...teamFeatures({ league, context, cache }),
  ];
  const quality = featureQuality(features);
  const completeness = featureReadiness({ ...readiness, quality, placeholder: false });
  return { ...base, features, quality, completeness };
}

interface HistoryInput {
  readonly context: PlayerContext;
  /** All games of the season before d, oldest first. */
  readonly games: readonly PlayerGame[];
  readonly cache: DailyCache | null;
}

/** Features 0-4; the fallbacks stay inside the season (oracle-notes 41). */
function historyFeatures({ context, games, cache }: HistoryInput): Feature[] {
  const day = dayNumber(context.game_date);
  const recent = games.filter((game) => dayNumber(game.game_date) >= day - 60);
  const lastFive = games.length >= 5 ? pointsAverage(games, 5) : null;
  return [
    firstKnown(
      [
        ['phase4', cache?.points_avg_last_5],
        ['phase3', lastFive],
      ],
      10,
    ),
    firstKnown(
      [
        ['phase4', cache?.points_avg_last_10],
        ['phase3', pointsAverage(recent, 10)],
      ],
      10,
    ),
    firstKnown(
      [
        ['phase4', cache?.points_avg_season],
        ['phase3', pointsAverage(games, games.length)],
      ],
      10,
    ),
    firstKnown([['phase4', cache?.points_std_last_10]], 5),
    firstKnown(
      [
        ['phase4', cache?.games_in_last_7_days],
        ['phase3', context.games_in_last_7_days],
      ],
      3,
    ),
  ];
}

/** Features 5-8. */
function compositeFeatures(factors: CompositeFactors | undefined): Feature[] {
  return [
    firstKnown([['phase4', factors?.fatigue_score]], 50),
    firstKnown([['phase4', factors?.shot_zone_mismatch_score]], 0),
    firstKnown([['phase4', factors?.pace_score]], 0),
    firstKnown([['phase4', factors?.usage_spike_score]], 0),
  ];
}

/** Features 9-12; a calculated feature on its constant counts as default (domain.md 4.5). */
function calculatedFeatures({ context, games, cache }: HistoryInput): Feature[] {
  const { days_rest: own, opponent_days_rest: opponent } = context;
  const rest = own === null || opponent === null ? null : clampAbs(own - opponent, 2);
  const minutes = games.map((game) => game.minutes_played);
  const recentMinutes = cache?.minutes_avg_last_10 ?? mean(minutes.slice(-10));
  const newestFirst = games.slice(-5).map((game) => game.points);
  return [
    firstKnown([['calculated', rest]], 0),
    // No injury data, status available: a calculated zero (oracle-notes 42).
    { value: 0, source: 'calculated' },
    firstKnown([['calculated', recentTrend(newestFirst.toReversed())]], 0),
    firstKnown([['calculated', minutesChange(recentMinutes, mean(minutes))]], 0),
  ];
}

/** Features 13-14. */
function opponentFeatures(defense: TeamZones | undefined): Feature[] {
  return [
    firstKnown([['phase4', defense?.defensive_rating_last_15]], 112),
    firstKnown([['phase4', defense?.opponent_pace]], 100),
  ];
}

/** Features 15-17. */
function contextFeatures(context: PlayerContext): Feature[] {
  const backToBack = context.back_to_back === null ? null : Number(context.back_to_back);
  return [
    { value: Number(context.home_game), source: 'phase3' },
    firstKnown([['phase3', backToBack]], 0),
    { value: Number(context.game_type === 'playoff'), source: 'phase3' },
  ];
}

/** Features 18-21; the cache only copies the zone row, so it adds no fallback. */
function shotFeatures(input: {
  readonly zones: PlayerZones | undefined;
  readonly games: readonly PlayerGame[];
}): Feature[] {
  const { zones, games } = input;
  return [
    firstKnown([['phase4', percentToShare(zones?.paint_rate_last_10)]], 0.3),
    firstKnown([['phase4', percentToShare(zones?.mid_range_rate_last_10)]], 0.2),
    firstKnown([['phase4', percentToShare(zones?.three_pt_rate_last_10)]], 0.35),
    firstKnown([['calculated', freeThrowShare(games.slice(-10))]], 0.15),
  ];
}

/** Features 22-24. */
function teamFeatures(input: {
  readonly league: League;
  readonly context: PlayerContext;
  readonly cache: DailyCache | null;
}): Feature[] {
  const { league, context, cache } = input;
  const teamGames = league.teamOffense
    .get(context.season_year, context.team_abbr)
    .before(dayNumber(context.game_date));
  return [
    firstKnown([['phase4', cache?.team_pace_last_10]], 100),
    firstKnown([['phase4', cache?.team_off_rating_last_10]], 112),
    firstKnown([['calculated', winShare(teamGames)]], 0.5),
  ];
}

/** The stored row of ml_feature_store_v2: the array, and each feature and source as a column. */
export function featureRow(vector: FeatureVector): Record<string, unknown> {
  const { context, features } = vector;
  const placeholder = features.length === 0;
  const row: Record<string, unknown> = {
    player_lookup: context.player_lookup,
    universal_player_id: context.universal_player_id,
    game_date: context.game_date,
    game_id: context.game_id,
    season_year: context.season_year,
    opponent_team_abbr: context.opponent_team_abbr,
    is_home: context.home_game,
    days_rest: context.days_rest,
    ...vector.completeness,
    feature_quality_score: vector.quality,
    data_source: placeholder ? 'early_season' : dataSource(features),
    early_season_flag: placeholder,
    default_feature_count: placeholder
      ? null
      : features.filter((feature) => feature.source === 'default').length,
    feature_count: FEATURE_NAMES.length,
    feature_version: 'v1_baseline_25',
    features: FEATURE_NAMES.map((_, index) => features[index]?.value ?? null),
    feature_sources: FEATURE_NAMES.map((_, index) => features[index]?.source ?? null),
  };
  for (const [index, name] of FEATURE_NAMES.entries()) {
    row[name] = features[index]?.value ?? null;
    row[`${name}_source`] = features[index]?.source ?? null;
  }
  return row;
}
