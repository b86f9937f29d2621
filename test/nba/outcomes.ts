import { SOURCE_FILES, type Rewrites } from './flagship.ts';

/** Assets whose rows of a date must be known before its games. */
export const BEFORE_TIP_OFF: readonly string[] = [
  'upcoming_team_game_context',
  'upcoming_player_game_context',
  'team_defense_zone_analysis',
  'player_shot_zone_analysis',
  'player_game_windows',
  'player_composite_factors',
  'player_daily_cache',
  'ml_feature_store_v2',
  'player_form',
  'team_form',
  'defense_by_size',
  'model_features',
  'lineup_form',
  'contract_features',
  'betting_lines',
  'moving_average_baseline_v1',
  'zone_matchup_v1',
  'similarity_balanced_v1',
  'expert_rule_v1',
  'ensemble_v1',
  'boosted_21_v1',
  'points_v1',
  'points_lineups_v1',
  'ensemble_v2',
  'pra_v1',
  'pra_lineups_v1',
  'pra_predictions',
  'player_prop_predictions',
  'system_summary',
];

/** Assets of months: what is trained on the dates before the first of the month. */
export const TRAINED_MONTHLY: readonly string[] = ['points_model', 'pra_model'];

/** Systems that have nothing before there were enough games to train a model on. */
export const AFTER_THE_FIRST_MODEL: readonly string[] = [
  'boosted_21_v1',
  'points_v1',
  'points_lineups_v1',
  'pra_v1',
  'pra_lineups_v1',
];

/** Systems that predict otherwise once it is known who plays and who starts. */
export const KNOWING_LINEUPS: readonly string[] = ['points_lineups_v1', 'ensemble_v2'];

/** Assets that have nothing where all games are final and no reports were made. */
export const EMPTY_WITHOUT_GAMES_TO_COME: readonly string[] = [
  'injuries',
  'confirmed_lineups',
  'recent_players',
  'pregame_predictions',
];

/** Assets whose rows of a date are what happened on it. */
export const HAPPENED: readonly string[] = [
  'team_offense_game_summary',
  'team_defense_game_summary',
  'player_game_summary',
  'prediction_accuracy',
  'system_daily_performance',
];

/**
 * Everything that the games of a date brought forth is another: points (more for the home team, so that other
 * teams win), shots and free throws, all other counts, minutes, scores, makes, distances, assists and blocks.
 * Who played for whom, where and when stays.
 */
export function outcomesOf(date: string): Rewrites {
  const on = (value: string, column: string): string =>
    `CASE WHEN game_date = DATE '${date}' THEN ${value} ELSE ${column} END AS ${column}`;
  const replaced = (values: Readonly<Record<string, string>>): string =>
    `SELECT * REPLACE (${Object.entries(values)
      .map(([column, value]) => on(value, column))
      .join(', ')}) FROM f`;
  return {
    schedule: replaced({ home_score: 'home_score + 60', away_score: 'away_score + 10' }),
    player_box: replaced({
      minutes: 'minutes + 3.5',
      pts: 'pts + IF(home, 12, 2) + 1',
      fgm: 'fgm + IF(home, 6, 1)',
      fga: 'fga + IF(home, 9, 5)',
      fta: 'fta + 4',
      ftm: 'ftm + 1',
      oreb: 'oreb + 3',
      reb: 'reb + 3',
      ast: 'ast + 2',
      stl: 'stl + 1',
      blk: 'blk + 1',
      tov: 'tov + 2',
      pf: 'pf + 1',
      plus_minus: '-plus_minus',
    }),
    shots: replaced({
      made: 'NOT made',
      distance_ft: 'IF(distance_ft <= 8, 15, 2)',
      assisted: 'FALSE',
      blocked: 'made AND has_pbp',
    }),
  };
}

const DATED = ['schedule', 'player_box', 'shots', 'closing_lines'] as const;

/** The games up to a date, alone or with the first game after it from a folder with all games. */
export function afterwards(date: string, what: 'without'): Rewrites;
export function afterwards(date: string, what: 'with-one-game', folder: string): Rewrites;
export function afterwards(date: string, what: string, folder?: string): Rewrites {
  const next = `(SELECT MIN(game_id) FROM '${folder}/schedule.parquet' WHERE game_date =
    (SELECT MIN(game_date) FROM '${folder}/schedule.parquet' WHERE game_date > DATE '${date}'))`;
  return Object.fromEntries(
    DATED.map((name) => [
      name,
      what === 'without'
        ? `SELECT * FROM f WHERE game_date <= DATE '${date}'`
        : `SELECT * FROM f UNION ALL SELECT * FROM '${folder}/${name}.parquet' WHERE game_id = ${next}`,
    ]),
  );
}

/** All source files with their rows in another order. */
export function shuffled(): Rewrites {
  return Object.fromEntries(SOURCE_FILES.map((name) => [name, 'SELECT * FROM f ORDER BY hash(f)']));
}
