-- The 21 features that models of the contract are trained on and predict from (domain.md 4.6), of
-- the season and strictly before the date. What is not known stays NULL: the model's settings say
-- what stands in for it.
SELECT
  f.game_date,
  f.player_lookup,
  f.game_id,
  f.season_year,
  'contract_21_2' AS feature_version,
  f.season_games,
  COALESCE(p.points_avg_last_5, g.points_avg_last_5) AS points_avg_last_5,
  COALESCE(p.points_avg_last_10, g.points_avg_last_10) AS points_avg_last_10,
  COALESCE(p.points_avg_season, f.season_points) AS points_avg_season,
  p.points_std_last_10,
  -- Who is not in the cache has fewer games: all of them are his last 10.
  COALESCE(p.minutes_avg_last_10, f.season_minutes) AS minutes_avg_last_10,
  k.fatigue_score,
  k.shot_zone_mismatch_score,
  k.pace_score,
  k.usage_spike_score,
  d.defensive_rating_last_15 AS opponent_def_rating_last_15,
  d.opponent_pace AS opponent_pace_last_15,
  f.at_home AS is_home,
  g.days_rest,
  IF(g.back_to_back, 1, IF(g.back_to_back IS NULL, NULL, 0)) AS back_to_back,
  z.paint_rate_last_10,
  z.mid_range_rate_last_10,
  z.three_pt_rate_last_10,
  100 * p.assisted_rate_last_10 AS assisted_rate_last_10,
  COALESCE(p.team_pace_last_10, t.team_pace_last_10) AS team_pace_last_10,
  COALESCE(p.team_off_rating_last_10, t.team_off_rating_last_10) AS team_off_rating_last_10,
  p.usage_rate_last_10
FROM player_form AS f
LEFT JOIN player_daily_cache AS p ON p.cache_date = f.game_date AND p.player_lookup = f.player_lookup
LEFT JOIN player_composite_factors AS k
  ON k.game_date = f.game_date AND k.player_lookup = f.player_lookup
LEFT JOIN player_shot_zone_analysis AS z
  ON z.analysis_date = f.game_date AND z.player_lookup = f.player_lookup
LEFT JOIN team_defense_zone_analysis AS d
  ON d.analysis_date = f.game_date AND d.team_abbr = f.opponent_team_abbr
LEFT JOIN upcoming_player_game_context AS g
  ON g.game_date = f.game_date AND g.player_lookup = f.player_lookup
LEFT JOIN upcoming_team_game_context AS t ON t.game_date = f.game_date AND t.team_abbr = f.team_abbr
