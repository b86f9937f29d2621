-- Every system's prediction of a player's points in one shape, with the line it is held against
-- (domain.md 6.3). Of a game that was predicted before it began these are the predictions of then,
-- whatever the systems say now.
WITH
  -- Whether the date has enough profiles; slates of fewer than five games always do.
  team_counts AS (
    SELECT t.game_date, COUNT(*) AS teams FROM team_slate AS t GROUP BY 1
  ),
  cache_counts AS (
    SELECT p.cache_date AS game_date, COUNT(*) AS profiles FROM player_daily_cache AS p GROUP BY 1
  ),
  zone_counts AS (
    SELECT z.analysis_date AS game_date, COUNT(*) AS profiles FROM player_shot_zone_analysis AS z GROUP BY 1
  ),
  defense_counts AS (
    SELECT d.analysis_date AS game_date, COUNT(*) AS profiles FROM team_defense_zone_analysis AS d GROUP BY 1
  ),
  minima AS (
    SELECT
      t.game_date,
      t.teams < 10
        OR (COALESCE(p.profiles, 0) >= 30 AND COALESCE(z.profiles, 0) >= 50 AND COALESCE(d.profiles, 0) >= 15)
        AS date_minima_met
    FROM team_counts AS t
    LEFT JOIN cache_counts AS p ON p.game_date = t.game_date
    LEFT JOIN zone_counts AS z ON z.game_date = t.game_date
    LEFT JOIN defense_counts AS d ON d.game_date = t.game_date
  ),
  published AS (
    SELECT p.game_date, p.game_id FROM pregame_predictions AS p GROUP BY 1, 2
  )
SELECT
  s.game_date,
  FORMAT_DATE('%Y-%m-%d', s.game_date) || '_' || s.player_lookup || '_' || s.system_id AS prediction_id,
  s.system_id,
  s.player_lookup,
  f.universal_player_id,
  s.game_id,
  s.season_year,
  f.team_abbr,
  f.opponent_team_abbr,
  f.is_home,
  s.prediction AS predicted_points,
  s.prediction AS predicted_points_raw,
  s.confidence / 100 AS confidence_score,
  s.recommendation,
  l.has_prop_line,
  l.current_points_line,
  l.estimated_line_value,
  l.estimation_method,
  l.line_source,
  l.points_line,
  round_half_up(s.prediction - l.points_line, 6) AS line_margin,
  s.fatigue_adjustment,
  s.shot_zone_adjustment,
  s.pace_adjustment,
  s.usage_spike_adjustment,
  s.home_away_adjustment,
  s.similar_games_count,
  s.avg_similarity_score,
  s.systems_valid,
  s.prediction_psd,
  s.system_agreement_score,
  s.contributing_systems,
  s.predicted_mean,
  s.predicted_p10,
  s.predicted_p50,
  s.predicted_p90,
  s.over_probability,
  s.model_cut_off,
  s.model_version,
  f.feature_version,
  f.feature_quality_score,
  f.is_production_ready,
  m.date_minima_met,
  f.quality_tier,
  f.expected_games_count,
  f.actual_games_count,
  f.completeness_percentage,
  f.missing_games_count,
  f.is_complete,
  f.season_boundary_detected,
  f.backfill_bootstrap_mode,
  f.processing_decision_reason,
  f.window_span_days
FROM points_systems AS s
JOIN ml_feature_store_v2 AS f ON f.game_date = s.game_date AND f.player_lookup = s.player_lookup
LEFT JOIN betting_lines AS l ON l.game_date = s.game_date AND l.player_lookup = s.player_lookup
LEFT JOIN minima AS m ON m.game_date = s.game_date
LEFT JOIN published AS b ON b.game_date = s.game_date AND b.game_id = s.game_id
WHERE b.game_id IS NULL
UNION ALL
SELECT
  p.game_date,
  p.prediction_id,
  p.system_id,
  p.player_lookup,
  p.universal_player_id,
  p.game_id,
  p.season_year,
  p.team_abbr,
  p.opponent_team_abbr,
  p.is_home,
  p.predicted_points,
  p.predicted_points_raw,
  p.confidence_score,
  p.recommendation,
  p.has_prop_line,
  p.current_points_line,
  p.estimated_line_value,
  p.estimation_method,
  p.line_source,
  p.points_line,
  p.line_margin,
  p.fatigue_adjustment,
  p.shot_zone_adjustment,
  p.pace_adjustment,
  p.usage_spike_adjustment,
  p.home_away_adjustment,
  p.similar_games_count,
  p.avg_similarity_score,
  p.systems_valid,
  p.prediction_psd,
  p.system_agreement_score,
  p.contributing_systems,
  p.predicted_mean,
  p.predicted_p10,
  p.predicted_p50,
  p.predicted_p90,
  p.over_probability,
  p.model_cut_off,
  p.model_version,
  p.feature_version,
  p.feature_quality_score,
  p.is_production_ready,
  p.date_minima_met,
  p.quality_tier,
  p.expected_games_count,
  p.actual_games_count,
  p.completeness_percentage,
  p.missing_games_count,
  p.is_complete,
  p.season_boundary_detected,
  p.backfill_bootstrap_mode,
  p.processing_decision_reason,
  p.window_span_days
FROM pregame_predictions AS p
-- A game that was postponed is on the slate of its date no more.
JOIN team_slate AS t
  ON t.game_date = p.game_date AND t.game_id = p.game_id AND t.team_abbr = p.team_abbr
