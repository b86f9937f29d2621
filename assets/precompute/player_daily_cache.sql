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
  -- Expected are the last 10 games of the team, or as many as it has played.
  expectation AS (
    SELECT
      t.game_date,
      t.team_abbr,
      t.team_pace_last_10,
      t.team_off_rating_last_10,
      LEAST(t.game_number_in_season - 1, 10) AS expected_games
    FROM upcoming_team_game_context AS t
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
  e.expected_games AS expected_games_count,
  c.l10_games_used AS actual_games_count,
  LEAST(SAFE_DIVIDE(100 * c.l10_games_used, e.expected_games), 100) AS completeness_percentage,
  GREATEST(e.expected_games - c.l10_games_used, 0) AS missing_games_count,
  c.l10_games_used >= e.expected_games AS is_complete,
  COALESCE(SAFE_DIVIDE(100 * c.l10_games_used, e.expected_games) >= 90, FALSE) AS is_production_ready,
  'v1' AS cache_version
FROM upcoming_player_game_context AS c
JOIN partitions AS q ON q.partition_date = c.game_date
JOIN form AS f
  ON f.player_lookup = c.player_lookup
  AND f.season_year = c.season_year
  AND f.last_game_date = c.last_game_date
LEFT JOIN expectation AS e ON e.game_date = c.game_date AND e.team_abbr = c.team_abbr
LEFT JOIN player_shot_zone_analysis AS z
  ON z.analysis_date = c.game_date AND z.player_lookup = c.player_lookup
WHERE c.season_games_before >= 5 AND past_bootstrap(q.partition_date, q.period_start)
