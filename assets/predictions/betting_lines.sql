-- The points line that predictions are held against, one per player and date (domain.md 6.1). No
-- source carries points props, so the line is estimated from recent scoring; estimated lines never
-- count as bets.
WITH
  known AS (
    SELECT
      c.game_date,
      c.player_lookup,
      c.game_id,
      c.season_year,
      -- Three earlier games, and a mean that is not the constant of the feature store.
      IF(
        c.season_games_before >= 3 AND f.feature_sources[SAFE_OFFSET(0)] != 'default',
        f.points_avg_last_5,
        NULL
      ) AS recent_5,
      IF(
        c.season_games_before >= 3 AND f.feature_sources[SAFE_OFFSET(1)] != 'default',
        f.points_avg_last_10,
        NULL
      ) AS recent_10
    FROM ml_feature_store_v2 AS f
    JOIN upcoming_player_game_context AS c ON c.game_date = f.game_date AND c.player_lookup = f.player_lookup
    WHERE f.data_source != 'early_season'
  ),
  estimated AS (
    SELECT k.*, round_half_up(2 * COALESCE(k.recent_5, k.recent_10), 0) / 2 AS estimate
    FROM known AS k
  )
SELECT
  e.game_date,
  e.player_lookup,
  e.game_id,
  e.season_year,
  FALSE AS has_prop_line,
  CAST(NULL AS FLOAT64) AS current_points_line,
  e.estimate AS estimated_line_value,
  CASE
    WHEN e.recent_5 IS NOT NULL THEN 'points_avg_last_5'
    WHEN e.recent_10 IS NOT NULL THEN 'points_avg_last_10'
    ELSE NULL
  END AS estimation_method,
  e.estimate AS points_line,
  IF(e.estimate IS NULL, NULL, 'ESTIMATED_AVG') AS line_source
FROM estimated AS e
