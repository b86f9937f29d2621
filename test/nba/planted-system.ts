import type { Flagship } from './flagship.ts';

/** A rule system that a test adds to the flagship. */
export interface PlantedSystem {
  readonly id: string;
  /** SQL over the row `f` of the feature store and what `join` brings: points. */
  readonly prediction: string;
  /** When the edge, predicted minus line, is too little for a side. */
  readonly tooLittle: string;
  readonly join?: string;
  /** What pipeline.yaml says beside group and description. */
  readonly declaration?: string;
}

/** Adds the file of a system and its declaration, as whoever writes one does. */
export function plantSystem(flagship: Flagship, system: PlantedSystem): void {
  const { id, prediction, tooLittle, join = '', declaration = '' } = system;
  flagship.write(
    `assets/systems/${id}.sql`,
    `SELECT
  f.game_date,
  f.player_lookup,
  f.game_id,
  f.season_year,
  '${id}' AS system_id,
  ${prediction} AS prediction,
  50 AS confidence,
  recommend(round_half_up(${prediction} - l.points_line, 6), ${tooLittle}) AS recommendation,
  CAST(0 AS FLOAT64) AS fatigue_adjustment,
  CAST(0 AS FLOAT64) AS shot_zone_adjustment,
  CAST(0 AS FLOAT64) AS pace_adjustment,
  CAST(0 AS FLOAT64) AS usage_spike_adjustment,
  CAST(0 AS FLOAT64) AS home_away_adjustment,
  CAST(NULL AS INT64) AS similar_games_count,
  CAST(NULL AS FLOAT64) AS avg_similarity_score
FROM ml_feature_store_v2 AS f
LEFT JOIN betting_lines AS l ON l.game_date = f.game_date AND l.player_lookup = f.player_lookup
${join}
WHERE f.feature_quality_score >= 70
`,
  );
  const declared = `  ${id}:\n    group: systems\n    description: A system of a test.\n${declaration}`;
  flagship.edit('pipeline.yaml', '  zone_matchup_v1:\n', `${declared}  zone_matchup_v1:\n`);
}
