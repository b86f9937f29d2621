-- Every prediction of points + rebounds + assists against what happened, beside the market's line. Bets are
-- graded at a line that a book offered and at the best price there, in units of one stake.
WITH
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
      g.player_lookup IS NULL AS is_void,
      g.minutes_played,
      g.points + g.rebounds + g.assists AS actual_pra,
      l.bet_line,
      CASE p.recommendation
        WHEN 'OVER' THEN l.best_over_odds
        WHEN 'UNDER' THEN l.best_under_odds
        ELSE NULL
      END AS bet_odds,
      l.market_over_probability,
      k.season_average,
      k.days_rest,
      k.season_phase,
      g.minutes_played IS NOT NULL AND COALESCE(k.is_settled, FALSE) AS is_primary
    FROM pra_predictions AS p
    JOIN final_games AS f ON f.game_date = p.game_date AND f.game_id = p.game_id
    LEFT JOIN pra_lines AS l ON l.game_date = p.game_date AND l.player_lookup = p.player_lookup
    LEFT JOIN player_game_summary AS g ON g.game_date = p.game_date AND g.player_lookup = p.player_lookup
    LEFT JOIN known AS k ON k.game_date = p.game_date AND k.player_lookup = p.player_lookup
  ),
  -- No bet without a price, on a player who did not appear or a number that is not known.
  settled AS (
    SELECT
      r.*,
      CASE
        WHEN r.bet_odds IS NULL OR r.actual_pra IS NULL THEN NULL
        WHEN r.actual_pra = r.bet_line THEN 'push'
        WHEN (r.actual_pra > r.bet_line) = (r.recommendation = 'OVER') THEN 'won'
        ELSE 'lost'
      END AS bet_result,
      IF(r.actual_pra = r.pra_line, NULL, r.actual_pra > r.pra_line) AS went_over
    FROM played AS r
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
  r.prediction AS predicted_pra,
  r.confidence,
  r.recommendation,
  r.pra_line,
  r.market_over_probability,
  r.is_void,
  r.actual_pra,
  r.minutes_played,
  ABS(r.prediction - r.actual_pra) AS absolute_error,
  r.prediction - r.actual_pra AS signed_error,
  ABS(r.pra_line - r.actual_pra) AS line_error,
  r.predicted_mean,
  r.predicted_p10,
  r.predicted_p50,
  r.predicted_p90,
  r.predicted_mean - r.actual_pra AS mean_error,
  pinball_loss(CAST(r.actual_pra AS FLOAT64), r.predicted_p10, 0.1e0) AS pinball_10,
  pinball_loss(CAST(r.actual_pra AS FLOAT64), r.predicted_p50, 0.5e0) AS pinball_50,
  pinball_loss(CAST(r.actual_pra AS FLOAT64), r.predicted_p90, 0.9e0) AS pinball_90,
  r.actual_pra >= r.predicted_p10 AND r.actual_pra <= r.predicted_p90 AS in_interval,
  r.actual_pra < r.predicted_p10 AS below_p10,
  r.actual_pra > r.predicted_p90 AS above_p90,
  r.over_probability,
  r.went_over,
  IF(r.went_over IS NULL, NULL, POW(r.over_probability - IF(r.went_over, 1, 0), 2)) AS brier,
  IF(r.bet_result IS NULL, NULL, r.recommendation) AS bet_side,
  IF(r.bet_result IS NULL, NULL, r.bet_line) AS bet_line,
  IF(r.bet_result IS NULL, NULL, r.bet_odds) AS bet_odds,
  r.bet_result,
  CASE r.bet_result WHEN 'won' THEN r.bet_odds - 1 WHEN 'lost' THEN -1 WHEN 'push' THEN 0 ELSE NULL END
    AS bet_profit,
  scoring_tier(r.season_average) AS tier,
  rest_bucket(r.days_rest) AS rest,
  r.season_phase,
  r.is_primary,
  r.model_version
FROM settled AS r
