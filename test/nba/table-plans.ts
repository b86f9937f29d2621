import { FEATURE_NAMES } from './reference/features.ts';
import type { ReferenceAsset } from './reference/index.ts';

/** What of a table is compared with the reference, and how closely. */
export interface TablePlan {
  /** Columns of the reference that are left out, with the reason. */
  readonly notCompared: Readonly<Record<string, string>>;
  /** How many columns are compared beside the key: a column that disappears is noticed. */
  readonly compared: number;
  /**
   * Rounded columns by their decimals, which may differ by half a unit of the last place: since both sides are
   * rounded, by nothing. All other numbers may differ by 1e-6 of their size.
   */
  readonly rounded?: Readonly<Record<number, readonly string[]>>;
  /** Names of the asset for columns that the reference calls otherwise. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Condition for the rows that the reference knows of; default all. */
  readonly where?: string;
  /** SQL for columns that the warehouse stores in another form. */
  readonly select?: Readonly<Record<string, string>>;
}

const ABSENT = 'no source supplies it, so the asset has no such column';
const MARKET = 'comes from the closing lines, which the reference does not read';
const IN_ARRAY = 'compared as part of feature_sources';
const PLACEHOLDER = 'list_resize(CAST([] AS VARCHAR[]), 25)';
/** Trained models are no part of the reference. */
const OF_RULES = `system_id IN ('ensemble_v1', 'expert_rule_v1', 'moving_average_baseline_v1',
  'similarity_balanced_v1', 'zone_matchup_v1')`;

export const TABLE_PLANS: Readonly<Record<ReferenceAsset, TablePlan>> = {
  team_offense_game_summary: {
    compared: 31,
    notCompared: { second_chance_points_scored: ABSENT },
    rounded: { 1: ['pace'], 2: ['offensive_rating'], 3: ['ts_pct'] },
  },
  team_defense_game_summary: {
    compared: 33,
    notCompared: { second_chance_points_allowed: ABSENT, fast_break_points_allowed: ABSENT },
    rounded: { 1: ['opponent_pace'], 2: ['defensive_rating'], 3: ['opponent_ts_pct'] },
  },
  player_game_summary: {
    compared: 44,
    notCompared: { points_line: ABSENT, over_under_result: ABSENT, margin: ABSENT },
    rounded: { 1: ['minutes_played', 'usage_rate'], 3: ['ts_pct', 'efg_pct'] },
  },
  upcoming_team_game_context: {
    compared: 14,
    notCompared: { game_spread: MARKET, game_total: MARKET, travel_miles: ABSENT },
  },
  upcoming_player_game_context: {
    compared: 32,
    notCompared: {
      player_full_name: 'is in player_slate',
      has_prop_line: 'is in betting_lines',
      current_points_line: 'is in betting_lines',
    },
    rounded: { 1: ['avg_minutes_per_game_last_7'], 6: ['pace_differential'] },
  },
  team_defense_zone_analysis: { compared: 34, notCompared: {} },
  player_shot_zone_analysis: {
    compared: 35,
    notCompared: { player_position: ABSENT, calculation_notes: ABSENT },
    rounded: {
      1: ['paint_attempts_per_game', 'mid_range_attempts_per_game', 'three_pt_attempts_per_game'],
      2: [
        'paint_rate_last_10',
        'mid_range_rate_last_10',
        'three_pt_rate_last_10',
        'assisted_rate_last_10',
        'unassisted_rate_last_10',
        'paint_rate_last_20',
      ],
      3: [
        'paint_pct_last_10',
        'mid_range_pct_last_10',
        'three_pt_pct_last_10',
        'paint_pct_last_20',
      ],
    },
  },
  player_game_windows: { compared: 13, notCompared: {} },
  player_composite_factors: {
    compared: 34,
    notCompared: {},
    rounded: {
      1: ['shot_zone_mismatch_score', 'pace_score', 'usage_spike_score'],
      2: ['total_composite_adjustment'],
    },
  },
  player_daily_cache: {
    compared: 51,
    notCompared: {},
    rounded: {
      1: ['avg_minutes_per_game_last_7'],
      2: ['paint_rate_last_10', 'three_pt_rate_last_10'],
      4: [
        'points_avg_last_5',
        'points_avg_last_10',
        'points_avg_season',
        'points_std_last_10',
        'minutes_avg_last_10',
        'usage_rate_last_10',
        'player_usage_rate_season',
        'ts_pct_last_10',
        'team_pace_last_10',
        'team_off_rating_last_10',
      ],
      9: ['assisted_rate_last_10'],
    },
  },
  ml_feature_store_v2: {
    compared: 52,
    notCompared: Object.fromEntries(FEATURE_NAMES.map((name) => [`${name}_source`, IN_ARRAY])),
    rounded: { 2: ['feature_quality_score'] },
    // A placeholder's arrays are NULL, since BigQuery stores no NULL elements; the reference has 25 of them.
    select: {
      features: `COALESCE(features, CAST(${PLACEHOLDER} AS DOUBLE[])) AS features`,
      feature_sources: `COALESCE(feature_sources, ${PLACEHOLDER}) AS feature_sources`,
    },
  },
  player_prop_predictions: {
    where: OF_RULES,
    compared: 33,
    notCompared: {},
    rounded: { 1: ['predicted_points'], 2: ['line_margin'], 4: ['confidence_score'] },
  },
  prediction_accuracy: {
    where: OF_RULES,
    compared: 19,
    notCompared: {
      universal_player_id: 'is in player_prop_predictions',
      prediction_correct: 'stays NULL on estimated lines, which the reference grades too',
    },
    renamed: { line_value: 'points_line' },
    rounded: { 1: ['predicted_points', 'minutes_played', 'points_line'], 4: ['confidence_score'] },
  },
  system_daily_performance: { where: OF_RULES, compared: 22, notCompared: {} },
};

/** Half a unit of the last place, by column. */
export function toleranceOf(plan: TablePlan): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(plan.rounded ?? {}).flatMap(([decimals, columns]) =>
      columns.map((column) => [column, 0.5 * 10 ** -Number(decimals)]),
    ),
  );
}
