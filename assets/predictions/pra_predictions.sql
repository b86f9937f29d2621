-- Every system's prediction of points + rebounds + assists, and where there is a line its blend with
-- the model that knows lineups: the market knows more than the model, and both know more than either.
WITH
  blended AS (
    SELECT
      s.game_date,
      s.player_lookup,
      s.game_id,
      s.season_year,
      'pra_line_blend_v1' AS system_id,
      0.7e0 * l.pra_line + 0.3e0 * s.prediction AS prediction,
      CAST(NULL AS FLOAT64) AS predicted_mean,
      CAST(NULL AS FLOAT64) AS predicted_p10,
      CAST(NULL AS FLOAT64) AS predicted_p50,
      CAST(NULL AS FLOAT64) AS predicted_p90,
      CAST(NULL AS FLOAT64) AS over_probability,
      50 AS confidence,
      'PASS' AS recommendation,
      s.model_cut_off,
      s.model_version
    FROM pra_systems AS s
    JOIN pra_lines AS l ON l.game_date = s.game_date AND l.player_lookup = s.player_lookup
    WHERE s.system_id = 'pra_lineups_v1'
  ),
  predicted AS (
    SELECT
      s.game_date,
      s.player_lookup,
      s.game_id,
      s.season_year,
      s.system_id,
      s.prediction,
      s.predicted_mean,
      s.predicted_p10,
      s.predicted_p50,
      s.predicted_p90,
      s.over_probability,
      s.confidence,
      s.recommendation,
      s.model_cut_off,
      s.model_version
    FROM pra_systems AS s
    UNION ALL
    SELECT
      b.game_date,
      b.player_lookup,
      b.game_id,
      b.season_year,
      b.system_id,
      b.prediction,
      b.predicted_mean,
      b.predicted_p10,
      b.predicted_p50,
      b.predicted_p90,
      b.over_probability,
      b.confidence,
      b.recommendation,
      b.model_cut_off,
      b.model_version
    FROM blended AS b
  )
SELECT
  p.game_date,
  p.player_lookup,
  p.game_id,
  p.season_year,
  s.team_abbr,
  s.opponent_team_abbr,
  s.home_game AS is_home,
  p.system_id,
  p.prediction,
  p.predicted_mean,
  p.predicted_p10,
  p.predicted_p50,
  p.predicted_p90,
  p.over_probability,
  p.confidence,
  p.recommendation,
  l.pra_line,
  p.model_cut_off,
  p.model_version
FROM predicted AS p
JOIN player_slate AS s ON s.game_date = p.game_date AND s.player_lookup = p.player_lookup
LEFT JOIN pra_lines AS l ON l.game_date = p.game_date AND l.player_lookup = p.player_lookup
