-- Every prediction against what the player scored (domain.md 6.5). A player who did not appear
-- makes it void: counted, not graded. Games to come are not graded yet. Bets are graded on real lines only, never on estimated ones.
WITH
  -- What was known of the player before the game; constants of the feature store are no average.
  known AS (
    SELECT
      c.game_date,
      c.player_lookup,
      IF(f.feature_sources[SAFE_OFFSET(2)] != 'default', f.points_avg_season, NULL) AS season_average,
      c.days_rest,
      c.season_phase,
      c.season_games_before >= 5 AND c.game_type IN ('regular_season', 'playoff') AS is_settled
    FROM upcoming_player_game_context AS c
    LEFT JOIN ml_feature_store_v2 AS f ON f.game_date = c.game_date AND f.player_lookup = c.player_lookup
  ),
  played AS (
    SELECT
      p.*,
      g.points AS actual_points,
      g.minutes_played,
      g.player_lookup IS NULL AS is_void,
      p.predicted_points - g.points AS error,
      -- A push is neither.
      IF(g.points = p.points_line, NULL, g.points > p.points_line) AS went_over,
      k.season_average,
      k.days_rest,
      k.season_phase,
      g.minutes_played IS NOT NULL AND COALESCE(k.is_settled, FALSE) AS is_primary
    FROM player_prop_predictions AS p
    JOIN final_games AS f ON f.game_date = p.game_date AND f.game_id = p.game_id
    LEFT JOIN player_game_summary AS g ON g.game_date = p.game_date AND g.player_lookup = p.player_lookup
    LEFT JOIN known AS k ON k.game_date = p.game_date AND k.player_lookup = p.player_lookup
  )
SELECT
  r.game_date,
  r.player_lookup,
  r.system_id,
  r.game_id,
  r.season_year,
  r.team_abbr,
  r.opponent_team_abbr,
  r.is_home,
  r.predicted_points,
  r.confidence_score,
  CAST(LEAST(10, FLOOR(r.confidence_score * 10 + 1e-9) + 1) AS INT64) AS confidence_decile,
  r.recommendation,
  r.line_source,
  r.has_prop_line,
  r.points_line,
  r.is_void,
  r.actual_points,
  r.minutes_played,
  ABS(r.error) AS absolute_error,
  r.error AS signed_error,
  round_half_up(ABS(r.error), 1) <= 3 AS within_3,
  round_half_up(ABS(r.error), 1) <= 5 AS within_5,
  r.predicted_points - r.points_line AS predicted_margin,
  r.actual_points - r.points_line AS actual_margin,
  IF(
    r.line_source = 'ACTUAL_PROP'
      AND r.recommendation IN ('OVER', 'UNDER')
      AND r.actual_points != r.points_line,
    (r.actual_points > r.points_line) = (r.recommendation = 'OVER'),
    NULL
  ) AS prediction_correct,
  r.predicted_mean,
  r.predicted_p10,
  r.predicted_p50,
  r.predicted_p90,
  r.predicted_mean - r.actual_points AS mean_error,
  pinball_loss(CAST(r.actual_points AS FLOAT64), r.predicted_p10, 0.1e0) AS pinball_10,
  pinball_loss(CAST(r.actual_points AS FLOAT64), r.predicted_p50, 0.5e0) AS pinball_50,
  pinball_loss(CAST(r.actual_points AS FLOAT64), r.predicted_p90, 0.9e0) AS pinball_90,
  r.actual_points >= r.predicted_p10 AND r.actual_points <= r.predicted_p90 AS in_interval,
  r.actual_points < r.predicted_p10 AS below_p10,
  r.actual_points > r.predicted_p90 AS above_p90,
  r.over_probability,
  r.went_over,
  IF(r.went_over IS NULL, NULL, POW(r.over_probability - IF(r.went_over, 1, 0), 2)) AS brier,
  r.season_average,
  ABS(r.season_average - r.actual_points) AS season_average_error,
  scoring_tier(r.season_average) AS tier,
  rest_bucket(r.days_rest) AS rest,
  r.season_phase,
  r.is_primary,
  r.model_version
FROM played AS r
