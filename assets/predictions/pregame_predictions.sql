-- What player_prop_predictions has of games that are still to come, in the same columns. Made once
-- and then kept, it is what was said before the game.
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
JOIN recent_players AS r ON r.game_date = s.game_date AND r.player_lookup = s.player_lookup
