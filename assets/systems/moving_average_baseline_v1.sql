-- Predicts the weighted mean of recent and season scoring, adjusted for fatigue, matchup, pace and
-- venue (domain.md 6.2).
WITH
  adjusted AS (
    SELECT
      f.game_date,
      f.player_lookup,
      f.game_id,
      f.season_year,
      0.5e0 * f.points_avg_last_5 + 0.3e0 * f.points_avg_last_10 + 0.2e0 * f.points_avg_season AS base,
      CASE WHEN f.fatigue_score < 50 THEN -2.5e0 WHEN f.fatigue_score < 70 THEN -1.0e0 ELSE 0 END
        + IF(f.back_to_back = 1, -1.5e0, 0) AS fatigue,
      0.3e0 * f.shot_zone_mismatch_score AS shot_zone,
      0.3e0 * f.pace_score AS pace,
      0.4e0 * f.usage_spike_score AS usage_spike,
      IF(f.home_away = 1, 0.5e0, -0.5e0) AS venue,
      steadiness_confidence(f.points_std_last_10, f.games_in_last_7_days) AS certainty
    FROM ml_feature_store_v2 AS f
    WHERE f.feature_quality_score >= 70
  ),
  predicted AS (
    SELECT
      a.*,
      clamp(a.base + a.fatigue + a.shot_zone + a.pace + a.usage_spike + a.venue, 0, 60)
        AS predicted_points
    FROM adjusted AS a
  ),
  compared AS (
    SELECT p.*, round_half_up(p.predicted_points - l.points_line, 6) AS edge
    FROM predicted AS p
    LEFT JOIN betting_lines AS l ON l.game_date = p.game_date AND l.player_lookup = p.player_lookup
  )
SELECT
  c.game_date,
  c.player_lookup,
  c.game_id,
  c.season_year,
  'moving_average_baseline_v1' AS system_id,
  c.predicted_points AS prediction,
  c.certainty AS confidence,
  recommend(c.edge, ABS(c.edge) <= 2 OR c.certainty <= 45) AS recommendation,
  c.fatigue AS fatigue_adjustment,
  c.shot_zone AS shot_zone_adjustment,
  c.pace AS pace_adjustment,
  c.usage_spike AS usage_spike_adjustment,
  c.venue AS home_away_adjustment,
  CAST(NULL AS INT64) AS similar_games_count,
  CAST(NULL AS FLOAT64) AS avg_similarity_score
FROM compared AS c
