-- Predicts the season mean, moved by how the opponent's defence meets the zones the player shoots
-- from (domain.md 6.2).
WITH
  rated AS (
    SELECT
      f.game_date,
      f.player_lookup,
      f.game_id,
      f.season_year,
      f.points_avg_season AS base,
      -- Positive against a weak defence.
      f.opponent_def_rating - 110 AS weakness,
      f.pct_paint,
      f.pct_mid_range,
      f.pct_three,
      f.pct_free_throw,
      CASE WHEN f.fatigue_score < 50 THEN -1.5e0 WHEN f.fatigue_score < 70 THEN -0.8e0 ELSE 0 END AS fatigue,
      0.4e0 * f.pace_score AS pace,
      IF(f.home_away = 1, 0.8e0, -0.8e0) AS venue,
      steadiness_confidence(f.points_std_last_10, f.games_in_last_7_days) AS certainty
    FROM ml_feature_store_v2 AS f
    WHERE f.feature_quality_score >= 70
  ),
  adjusted AS (
    SELECT
      r.*,
      clamp(0.3e0 * r.weakness * 1.2e0, -3, 3) * zone_weight(r.pct_paint)
        + clamp(0.3e0 * r.weakness * 1.0e0, -3, 3) * zone_weight(r.pct_mid_range)
        + clamp(0.3e0 * r.weakness * 1.1e0, -3, 3) * zone_weight(r.pct_three)
        + clamp(0.3e0 * r.weakness * 0.8e0, -3, 3) * zone_weight(r.pct_free_throw) AS shot_zone
    FROM rated AS r
  ),
  predicted AS (
    SELECT a.*, clamp(a.base + a.shot_zone + a.pace + a.venue + a.fatigue, 0, 60) AS predicted_points
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
  'zone_matchup_v1' AS system_id,
  c.predicted_points AS prediction,
  c.certainty AS confidence,
  recommend(c.edge, ABS(c.edge) <= 2 OR c.certainty <= 45) AS recommendation,
  c.fatigue AS fatigue_adjustment,
  c.shot_zone AS shot_zone_adjustment,
  c.pace AS pace_adjustment,
  CAST(0 AS FLOAT64) AS usage_spike_adjustment,
  c.venue AS home_away_adjustment,
  CAST(NULL AS INT64) AS similar_games_count,
  CAST(NULL AS FLOAT64) AS avg_similarity_score
FROM compared AS c
