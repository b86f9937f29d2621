-- Scoring, minutes and usage of each player of the slate over his last 5 and 10 games and the
-- season, with the form of his team (domain.md 4.4). A player needs 5 earlier games of the season.
WITH
  games AS (
    SELECT
      g.player_lookup,
      g.season_year,
      g.game_date,
      g.points,
      g.minutes_played,
      g.usage_rate,
      g.ts_pct,
      g.assisted_fg_makes,
      -- Assisted shares are taken over games whose assists are known.
      IF(g.assisted_fg_makes IS NULL, NULL, g.fg_makes) AS described_makes
    FROM player_game_summary AS g
  ),
  -- The form of a player after each of his games.
  form AS (
    SELECT
      g.player_lookup,
      g.season_year,
      g.game_date AS last_game_date,
      AVG(g.points) OVER last_5 AS points_5,
      AVG(g.points) OVER last_10 AS points_10,
      AVG(g.points) OVER season AS points_season,
      STDDEV_SAMP(g.points) OVER last_10 AS points_std_10,
      AVG(g.minutes_played) OVER last_10 AS minutes_10,
      AVG(g.usage_rate) OVER last_10 AS usage_10,
      AVG(g.usage_rate) OVER season AS usage_season,
      AVG(g.ts_pct) OVER last_10 AS ts_10,
      SUM(g.assisted_fg_makes) OVER last_10 AS assisted_10,
      SUM(g.described_makes) OVER last_10 AS described_makes_10,
      COUNT(*) OVER season AS games_season
    FROM games AS g
    WINDOW
      player AS (PARTITION BY g.player_lookup, g.season_year ORDER BY g.game_date),
      last_5 AS (player ROWS BETWEEN 4 PRECEDING AND CURRENT ROW),
      last_10 AS (player ROWS BETWEEN 9 PRECEDING AND CURRENT ROW),
      season AS (player ROWS BETWEEN 81 PRECEDING AND CURRENT ROW)
  ),
  -- A window of days in which the team had no game lacks none.
  windows AS (
    SELECT
      w.*,
      completeness_of(w.l5_actual_games, w.l5_expected_games) AS l5_completeness,
      completeness_of(w.l10_actual_games, w.l10_expected_games) AS l10_completeness,
      completeness_of(w.l7d_actual_games, w.l7d_expected_games) AS l7d_completeness,
      completeness_of(w.l14d_actual_games, w.l14d_expected_games) AS l14d_completeness
    FROM player_game_windows AS w
  ),
  judged AS (
    SELECT
      w.*,
      w.l5_completeness >= 90 AS is_l5_ready,
      is_window_ready(w.l10_completeness, w.window_span_days, 90) AS is_l10_ready,
      w.l7d_expected_games = 0 OR w.l7d_completeness >= 90 AS is_l7d_ready,
      w.l14d_expected_games = 0 OR w.l14d_completeness >= 90 AS is_l14d_ready
    FROM windows AS w
  )
SELECT
  c.game_date AS cache_date,
  c.player_lookup,
  c.universal_player_id,
  c.game_id,
  c.season_year,
  c.team_abbr,
  f.points_5 AS points_avg_last_5,
  f.points_10 AS points_avg_last_10,
  f.points_season AS points_avg_season,
  f.points_std_10 AS points_std_last_10,
  f.minutes_10 AS minutes_avg_last_10,
  f.usage_10 AS usage_rate_last_10,
  f.usage_season AS player_usage_rate_season,
  f.ts_10 AS ts_pct_last_10,
  f.games_season AS games_played_season,
  e.team_pace_last_10,
  e.team_off_rating_last_10,
  c.games_in_last_7_days,
  c.games_in_last_14_days,
  c.minutes_in_last_7_days,
  c.minutes_in_last_14_days,
  c.back_to_backs_last_14_days,
  c.avg_minutes_per_game_last_7,
  c.fourth_quarter_minutes_last_7,
  z.primary_scoring_zone,
  z.paint_rate_last_10,
  z.three_pt_rate_last_10,
  z.player_lookup IS NOT NULL AS shot_zone_data_available,
  SAFE_DIVIDE(f.assisted_10, f.described_makes_10) AS assisted_rate_last_10,
  c.player_age,
  c.season_games_before < 10 AS early_season_flag,
  IF(c.season_games_before < 10, 'fewer than 10 games of the season', NULL) AS insufficient_data_reason,
  w.l10_expected_games AS expected_games_count,
  w.l10_actual_games AS actual_games_count,
  w.l10_completeness AS completeness_percentage,
  w.l10_expected_games - w.l10_actual_games AS missing_games_count,
  w.l10_actual_games >= w.l10_expected_games AS is_complete,
  w.is_l5_ready AND w.is_l10_ready AND w.is_l7d_ready AND w.is_l14d_ready AS is_production_ready,
  w.l5_completeness AS l5_completeness_pct,
  w.l5_actual_games >= w.l5_expected_games AS l5_is_complete,
  w.l10_completeness AS l10_completeness_pct,
  w.l10_actual_games >= w.l10_expected_games AS l10_is_complete,
  w.l7d_completeness AS l7d_completeness_pct,
  w.l7d_actual_games >= w.l7d_expected_games AS l7d_is_complete,
  w.l14d_completeness AS l14d_completeness_pct,
  w.l14d_actual_games >= w.l14d_expected_games AS l14d_is_complete,
  w.l5_actual_games >= w.l5_expected_games
    AND w.l10_actual_games >= w.l10_expected_games
    AND w.l7d_actual_games >= w.l7d_expected_games
    AND w.l14d_actual_games >= w.l14d_expected_games AS all_windows_complete,
  w.l5_completeness AS cache_quality_score,
  -- Never better than what it is made of.
  quality_tier_of(LEAST(w.l5_completeness, tier_floor(c.quality_tier), tier_floor(z.quality_tier)))
    AS quality_tier,
  issue_list(
    ARRAY_TO_STRING(
      [
        IF(w.window_has_two_teams, 'changed_team', NULL),
        IF(w.is_l14d_ready, NULL, 'l14d_below_90'),
        IF(w.is_l5_ready, NULL, 'l5_below_90'),
        IF(w.is_l7d_ready, NULL, 'l7d_below_90'),
        IF(z.player_lookup IS NULL, 'shot_zones_missing', NULL),
        completeness_issue(w.l10_completeness, 90, 70),
        span_issue(w.window_span_days, 21)
      ],
      ','
    )
  ) AS data_quality_issues,
  is_season_boundary(c.game_date) AS season_boundary_detected,
  is_bootstrap_mode(q.partition_date, q.period_start) AS backfill_bootstrap_mode,
  decision_of(w.l10_completeness, 70) AS processing_decision_reason,
  w.window_span_days,
  w.window_dates_hash,
  'v1' AS cache_version
FROM upcoming_player_game_context AS c
JOIN partitions AS q ON q.partition_date = c.game_date
JOIN form AS f
  ON f.player_lookup = c.player_lookup
  AND f.season_year = c.season_year
  AND f.last_game_date = c.last_game_date
LEFT JOIN judged AS w ON w.game_date = c.game_date AND w.player_lookup = c.player_lookup
LEFT JOIN upcoming_team_game_context AS e ON e.game_date = c.game_date AND e.team_abbr = c.team_abbr
LEFT JOIN player_shot_zone_analysis AS z
  ON z.analysis_date = c.game_date AND z.player_lookup = c.player_lookup
WHERE c.season_games_before >= 5 AND past_bootstrap(q.partition_date, q.period_start)
