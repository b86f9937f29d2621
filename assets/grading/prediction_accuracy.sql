-- Every prediction against what the player scored (domain.md 6.5). A player who did not appear
-- makes it void: counted, not graded. Games to come are not graded yet. Bets are graded on real lines only, never on estimated ones.
WITH
  played AS (
    SELECT
      p.*,
      g.points AS actual_points,
      g.minutes_played,
      g.player_lookup IS NULL AS is_void,
      p.predicted_points - g.points AS error
    FROM player_prop_predictions AS p
    JOIN final_games AS f ON f.game_date = p.game_date AND f.game_id = p.game_id
    LEFT JOIN player_game_summary AS g ON g.game_date = p.game_date AND g.player_lookup = p.player_lookup
  )
SELECT
  r.game_date,
  r.player_lookup,
  r.system_id,
  r.game_id,
  r.season_year,
  r.team_abbr,
  r.opponent_team_abbr,
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
  ) AS prediction_correct
FROM played AS r
