-- Predicts by a hand-written rule over form, fatigue, matchup, venue and minutes (domain.md 6.2,
-- mock XGBoost). A player needs a row in the daily cache, since his minutes have no default.
WITH
  inputs AS (
    SELECT
      f.*,
      p.usage_rate_last_10,
      p.minutes_avg_last_10,
      100 * f.pct_paint AS paint_percent,
      100 * f.pct_three AS three_percent
    FROM ml_feature_store_v2 AS f
    JOIN player_daily_cache AS p ON p.cache_date = f.game_date AND p.player_lookup = f.player_lookup
    WHERE f.feature_quality_score >= 70
  ),
  adjusted AS (
    SELECT
      i.game_date,
      i.player_lookup,
      i.game_id,
      i.season_year,
      0.35e0 * i.points_avg_last_5 + 0.40e0 * i.points_avg_last_10 + 0.25e0 * i.points_avg_season AS base,
      CASE
        WHEN i.fatigue_score < 40 THEN -3.0e0
        WHEN i.fatigue_score < 55 THEN -2.0e0
        WHEN i.fatigue_score < 70 THEN -1.2e0
        WHEN i.fatigue_score < 80 THEN -0.5e0
        WHEN i.fatigue_score > 90 THEN 0.8e0
        ELSE 0
      END + IF(i.back_to_back = 1, -2.5e0, 0) AS fatigue,
      0.35e0 * i.shot_zone_mismatch_score
        + CASE
          WHEN i.paint_percent > 40 AND i.opponent_def_rating > 110
            THEN LEAST((i.paint_percent - 40) / 10 * (i.opponent_def_rating - 110) / 5 * 0.4e0, 1.5e0)
          WHEN i.three_percent > 40 AND i.opponent_def_rating < 110 THEN -0.5e0
          ELSE 0
        END AS shot_zone,
      i.pace_score * IF(i.usage_rate_last_10 > 28, 0.12e0, 0.08e0) AS pace,
      i.usage_spike_score * IF(ABS(i.usage_spike_score) > 5, 0.45e0, 0.30e0) AS usage_spike,
      CASE
        WHEN i.opponent_def_rating < 106 THEN -2.0e0
        WHEN i.opponent_def_rating < 110 THEN -1.2e0
        WHEN i.opponent_def_rating < 113 THEN -0.5e0
        WHEN i.opponent_def_rating > 120 THEN 1.5e0
        WHEN i.opponent_def_rating > 116 THEN 0.8e0
        ELSE 0
      END AS defense,
      CASE
        WHEN i.minutes_avg_last_10 > 36 THEN 0.8e0
        WHEN i.minutes_avg_last_10 >= 30 THEN 0.4e0
        WHEN i.minutes_avg_last_10 < 25 THEN -1.2e0
        ELSE 0
      END AS minutes,
      IF(i.home_away = 1, 1.3e0, -0.6e0) AS venue,
      clamp(
        70
        + CASE
          WHEN i.feature_quality_score >= 90 THEN 10
          WHEN i.feature_quality_score >= 80 THEN 7
          WHEN i.feature_quality_score >= 70 THEN 5
          ELSE 2
        END
        + CASE
          WHEN i.points_std_last_10 < 4 THEN 10
          WHEN i.points_std_last_10 < 6 THEN 7
          WHEN i.points_std_last_10 < 8 THEN 5
          ELSE 2
        END,
        0,
        100
      ) AS certainty
    FROM inputs AS i
  ),
  predicted AS (
    SELECT
      a.*,
      clamp(
        a.base + a.fatigue + a.shot_zone + a.pace + a.usage_spike + a.defense + a.minutes + a.venue,
        0,
        60
      ) AS predicted_points
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
  'expert_rule_v1' AS system_id,
  c.predicted_points AS prediction,
  c.certainty AS confidence,
  recommend(c.edge, ABS(c.edge) < 1.5e0 OR c.certainty < 60) AS recommendation,
  c.fatigue AS fatigue_adjustment,
  c.shot_zone AS shot_zone_adjustment,
  c.pace AS pace_adjustment,
  c.usage_spike AS usage_spike_adjustment,
  c.venue AS home_away_adjustment,
  CAST(NULL AS INT64) AS similar_games_count,
  CAST(NULL AS FLOAT64) AS avg_similarity_score
FROM compared AS c
