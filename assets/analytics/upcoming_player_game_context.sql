-- What is known of each player of the slate before the game: rest, workload, recent form, opponent
-- (domain.md 5.1, 5.2). Synthesized from the slate and from the player's games of the season
-- strictly before the date.
WITH
  -- Slate rows and played games on one line of time: day frames that end the day before see earlier
  -- games only.
  timeline AS (
    SELECT
      s.player_lookup,
      s.season_year,
      s.game_date,
      UNIX_DATE(s.game_date) AS day_no,
      TRUE AS is_slate,
      CAST(NULL AS DATE) AS played_on,
      CAST(NULL AS FLOAT64) AS minutes_played,
      CAST(NULL AS FLOAT64) AS usage_rate,
      CAST(NULL AS INT64) AS second_of_back_to_back
    FROM player_slate AS s
    UNION ALL
    SELECT
      g.player_lookup,
      g.season_year,
      g.game_date,
      UNIX_DATE(g.game_date) AS day_no,
      FALSE AS is_slate,
      g.game_date AS played_on,
      g.minutes_played,
      g.usage_rate,
      IF(DATE_DIFF(g.game_date, LAG(g.game_date) OVER player, DAY) = 1, 1, 0) AS second_of_back_to_back
    FROM player_game_summary AS g
    WINDOW player AS (PARTITION BY g.player_lookup, g.season_year ORDER BY g.game_date)
  ),
  workload AS (
    SELECT
      t.player_lookup,
      t.game_date,
      t.is_slate,
      COUNT(t.played_on) OVER season AS season_games,
      MAX(t.played_on) OVER season AS last_game_date,
      COUNT(t.played_on) OVER days_7 AS games_7,
      SUM(t.minutes_played) OVER days_7 AS minutes_7,
      AVG(t.usage_rate) OVER days_7 AS usage_7,
      COUNT(t.played_on) OVER days_14 AS games_14,
      SUM(t.minutes_played) OVER days_14 AS minutes_14,
      -- A pair counts when both of its days are within the 14, so its second day is within the last
      -- 13.
      SUM(t.second_of_back_to_back) OVER days_13 AS back_to_backs,
      COUNT(t.played_on) OVER days_30 AS games_30
    FROM timeline AS t
    WINDOW
      player AS (PARTITION BY t.player_lookup, t.season_year ORDER BY t.day_no),
      season AS (player RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
      days_7 AS (player RANGE BETWEEN 7 PRECEDING AND 1 PRECEDING),
      days_13 AS (player RANGE BETWEEN 13 PRECEDING AND 1 PRECEDING),
      days_14 AS (player RANGE BETWEEN 14 PRECEDING AND 1 PRECEDING),
      days_30 AS (player RANGE BETWEEN 30 PRECEDING AND 1 PRECEDING)
  ),
  form AS (
    SELECT
      g.player_lookup,
      g.season_year,
      g.game_date,
      AVG(g.points) OVER last_5 AS points_5,
      AVG(g.points) OVER last_10 AS points_10
    FROM player_game_summary AS g
    WINDOW
      player AS (PARTITION BY g.player_lookup, g.season_year ORDER BY g.game_date),
      last_5 AS (player ROWS BETWEEN 4 PRECEDING AND CURRENT ROW),
      last_10 AS (player ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)
  ),
  -- Both teams of a game in one row.
  matchups AS (
    SELECT
      t.game_date,
      t.team_abbr,
      t.game_type,
      t.game_spread,
      t.game_total,
      o.team_days_rest AS opponent_days_rest,
      o.team_pace_last_10 AS opponent_pace,
      o.team_pace_last_10 - t.team_pace_last_10 AS pace_difference
    FROM upcoming_team_game_context AS t
    JOIN upcoming_team_game_context AS o ON o.game_id = t.game_id AND o.team_abbr = t.opponent_team_abbr
  )
SELECT
  s.game_date,
  s.player_lookup,
  s.universal_player_id,
  s.game_id,
  s.season_year,
  m.game_type,
  s.team_abbr,
  s.opponent_team_abbr,
  s.home_game,
  m.game_spread,
  m.game_total,
  DATE_DIFF(s.game_date, w.last_game_date, DAY) AS days_since_last_game,
  DATE_DIFF(s.game_date, w.last_game_date, DAY) - 1 AS days_rest,
  DATE_DIFF(s.game_date, w.last_game_date, DAY) = 1 AS back_to_back,
  w.last_game_date,
  w.season_games AS season_games_before,
  w.games_7 AS games_in_last_7_days,
  w.games_14 AS games_in_last_14_days,
  CAST(round_half_up(COALESCE(w.minutes_7, 0), 0) AS INT64) AS minutes_in_last_7_days,
  CAST(round_half_up(COALESCE(w.minutes_14, 0), 0) AS INT64) AS minutes_in_last_14_days,
  SAFE_DIVIDE(w.minutes_7, w.games_7) AS avg_minutes_per_game_last_7,
  COALESCE(w.back_to_backs, 0) AS back_to_backs_last_14_days,
  w.usage_7 AS avg_usage_rate_last_7_games,
  CAST(NULL AS FLOAT64) AS projected_usage_rate,
  CAST(NULL AS INT64) AS fourth_quarter_minutes_last_7,
  CAST(NULL AS INT64) AS player_age,
  f.points_5 AS points_avg_last_5,
  f.points_10 AS points_avg_last_10,
  LEAST(w.season_games, 5) AS l5_games_used,
  LEAST(w.season_games, 10) AS l10_games_used,
  CASE
    WHEN m.game_type = 'playoff' THEN 'playoffs'
    WHEN EXTRACT(MONTH FROM s.game_date) IN (10, 11) THEN 'early'
    WHEN EXTRACT(MONTH FROM s.game_date) IN (12, 1, 2) THEN 'mid'
    ELSE 'late'
  END AS season_phase,
  COALESCE(i.status, 'available') AS player_status,
  m.opponent_days_rest,
  m.opponent_pace AS opponent_pace_last_10,
  m.pace_difference AS pace_differential,
  -- Reconstructed rows are silver at best.
  IF(w.games_30 >= 5, 'silver', 'bronze') AS quality_tier,
  IF(w.games_30 >= 5, 75, 50) AS quality_score,
  'synthetic' AS context_source
FROM player_slate AS s
JOIN workload AS w ON w.player_lookup = s.player_lookup AND w.game_date = s.game_date AND w.is_slate
LEFT JOIN matchups AS m ON m.game_date = s.game_date AND m.team_abbr = s.team_abbr
LEFT JOIN form AS f
  ON f.player_lookup = s.player_lookup AND f.season_year = s.season_year AND f.game_date = w.last_game_date
LEFT JOIN injuries AS i ON i.game_date = s.game_date AND i.player_id = s.player_id
