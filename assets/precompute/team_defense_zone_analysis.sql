-- How each team defends by zone over its last 15 games before the date, against the league
-- (domain.md 4.1). Every team of the season with at least 7 games has a row on every date, whether
-- or not it plays.
WITH
  games AS (
    SELECT g.*, CAST(g.game_date AS STRING) AS day_text
    FROM team_defense_game_summary AS g
  ),
  -- The last 15 games of a team as of each of its games; they hold until the next one.
  form AS (
    SELECT
      g.defending_team_abbr AS team_abbr,
      g.season_year,
      g.game_date AS as_of,
      LEAD(g.game_date, 1, DATE '9999-12-31') OVER team AS next_game_date,
      COUNT(*) OVER last_15 AS games,
      -- Games whose zones or blocks are unknown are left out of what is per game.
      COUNT(g.opp_paint_attempts) OVER last_15 AS zone_games,
      COUNT(g.blocks_paint) OVER last_15 AS block_games,
      SUM(g.opp_paint_attempts) OVER last_15 AS paint_attempts,
      SUM(g.opp_paint_makes) OVER last_15 AS paint_makes,
      SUM(g.opp_mid_range_attempts) OVER last_15 AS mid_range_attempts,
      SUM(g.opp_mid_range_makes) OVER last_15 AS mid_range_makes,
      SUM(g.opp_three_pt_attempts) OVER last_15 AS three_pt_attempts,
      SUM(g.opp_three_pt_makes) OVER last_15 AS three_pt_makes,
      SUM(g.points_in_paint_allowed) OVER last_15 AS paint_points,
      SUM(g.blocks_paint) OVER last_15 AS paint_blocks,
      SUM(g.blocks_mid_range) OVER last_15 AS mid_range_blocks,
      SUM(g.blocks_three_pt) OVER last_15 AS three_pt_blocks,
      SUM(g.points_allowed) OVER last_15 AS points,
      AVG(g.defensive_rating) OVER last_15 AS rating,
      AVG(g.opponent_pace) OVER last_15 AS pace,
      MIN(g.game_date) OVER last_15 AS first_day,
      STRING_AGG(g.day_text, ',') OVER last_15 AS days
    FROM games AS g
    WINDOW
      team AS (PARTITION BY g.defending_team_abbr, g.season_year ORDER BY g.game_date),
      last_15 AS (team ROWS BETWEEN 14 PRECEDING AND CURRENT ROW)
  ),
  sides AS (
    SELECT s.season_year, s.game_date, IF(is_home_side, s.home_team, s.away_team) AS team_abbr
    FROM schedule AS s
    CROSS JOIN UNNEST([TRUE, FALSE]) AS is_home_side
    WHERE s.status = 'final'
  ),
  -- Of the last 15 final games of the schedule, those that have a row.
  attendance AS (
    SELECT
      t.team_abbr,
      t.season_year,
      t.game_date AS as_of,
      LEAD(t.game_date, 1, DATE '9999-12-31') OVER team AS next_game_date,
      COUNT(*) OVER last_15 AS expected_games,
      COUNT(g.game_date) OVER last_15 AS actual_games
    FROM sides AS t
    LEFT JOIN games AS g
      ON g.defending_team_abbr = t.team_abbr
      AND g.season_year = t.season_year
      AND g.game_date = t.game_date
    WINDOW
      team AS (PARTITION BY t.team_abbr, t.season_year ORDER BY t.game_date),
      last_15 AS (team ROWS BETWEEN 14 PRECEDING AND CURRENT ROW)
  ),
  -- The league is the mean of its teams over 30 days, of those with at least 10 games in them.
  team_month AS (
    SELECT
      q.partition_date,
      g.defending_team_abbr AS team_abbr,
      SAFE_DIVIDE(SUM(g.opp_paint_makes), SUM(g.opp_paint_attempts)) AS paint_pct,
      SAFE_DIVIDE(SUM(g.opp_mid_range_makes), SUM(g.opp_mid_range_attempts)) AS mid_range_pct,
      SAFE_DIVIDE(SUM(g.opp_three_pt_makes), SUM(g.opp_three_pt_attempts)) AS three_pt_pct
    FROM partitions AS q
    JOIN team_defense_game_summary AS g
      ON g.season_year = CAST(q.period AS INT64)
      AND DATE_DIFF(q.partition_date, g.game_date, DAY) BETWEEN 1 AND 30
    GROUP BY 1, 2
    HAVING COUNT(*) >= 10
  ),
  league AS (
    SELECT
      m.partition_date,
      COUNT(*) AS teams,
      AVG(m.paint_pct) AS paint_pct,
      AVG(m.mid_range_pct) AS mid_range_pct,
      AVG(m.three_pt_pct) AS three_pt_pct
    FROM team_month AS m
    GROUP BY 1
  ),
  allowed AS (
    SELECT
      q.partition_date,
      t.*,
      is_bootstrap_mode(q.partition_date, q.period_start) AS is_bootstrap,
      DATE_DIFF(t.as_of, t.first_day, DAY) AS span_days,
      COALESCE(a.expected_games, 0) AS expected_games,
      COALESCE(a.actual_games, 0) AS actual_games,
      completeness_of(a.actual_games, a.expected_games) AS completeness,
      SAFE_DIVIDE(t.paint_makes, t.paint_attempts) AS paint_pct,
      SAFE_DIVIDE(t.mid_range_makes, t.mid_range_attempts) AS mid_range_pct,
      SAFE_DIVIDE(t.three_pt_makes, t.three_pt_attempts) AS three_pt_pct,
      -- With fewer than 10 such teams long-term averages stand in.
      IF(l.teams >= 10, l.paint_pct, 0.580e0) AS league_paint_pct,
      IF(l.teams >= 10, l.mid_range_pct, 0.410e0) AS league_mid_range_pct,
      IF(l.teams >= 10, l.three_pt_pct, 0.355e0) AS league_three_pt_pct
    FROM partitions AS q
    JOIN form AS t
      ON t.season_year = CAST(q.period AS INT64)
      AND t.as_of < q.partition_date
      AND q.partition_date <= t.next_game_date
    LEFT JOIN attendance AS a
      ON a.team_abbr = t.team_abbr
      AND a.season_year = t.season_year
      AND a.as_of < q.partition_date
      AND q.partition_date <= a.next_game_date
    LEFT JOIN league AS l ON l.partition_date = q.partition_date
    WHERE t.games >= 7 AND past_bootstrap(q.partition_date, q.period_start)
  ),
  compared AS (
    SELECT
      a.*,
      (a.paint_pct - a.league_paint_pct) * 100 AS paint_vs_league,
      (a.mid_range_pct - a.league_mid_range_pct) * 100 AS mid_range_vs_league,
      (a.three_pt_pct - a.league_three_pt_pct) * 100 AS three_pt_vs_league
    FROM allowed AS a
  ),
  -- Zones without attempts take no part.
  ranked AS (
    SELECT
      c.*,
      LEAST(
        COALESCE(c.paint_vs_league, 1e9),
        COALESCE(c.mid_range_vs_league, 1e9),
        COALESCE(c.three_pt_vs_league, 1e9)
      ) AS lowest,
      GREATEST(
        COALESCE(c.paint_vs_league, -1e9),
        COALESCE(c.mid_range_vs_league, -1e9),
        COALESCE(c.three_pt_vs_league, -1e9)
      ) AS highest
    FROM compared AS c
  )
SELECT
  r.partition_date AS analysis_date,
  r.team_abbr,
  r.season_year,
  r.paint_pct AS paint_pct_allowed_last_15,
  r.mid_range_pct AS mid_range_pct_allowed_last_15,
  r.three_pt_pct AS three_pt_pct_allowed_last_15,
  SAFE_DIVIDE(r.paint_attempts, r.zone_games) AS paint_attempts_allowed_per_game,
  SAFE_DIVIDE(r.mid_range_attempts, r.zone_games) AS mid_range_attempts_allowed_per_game,
  SAFE_DIVIDE(r.three_pt_attempts, r.games) AS three_pt_attempts_allowed_per_game,
  SAFE_DIVIDE(r.paint_points, r.zone_games) AS paint_points_allowed_per_game,
  SAFE_DIVIDE(r.paint_blocks, r.block_games) AS paint_blocks_per_game,
  SAFE_DIVIDE(r.mid_range_blocks, r.block_games) AS mid_range_blocks_per_game,
  SAFE_DIVIDE(r.three_pt_blocks, r.block_games) AS three_pt_blocks_per_game,
  r.paint_vs_league AS paint_defense_vs_league_avg,
  r.mid_range_vs_league AS mid_range_defense_vs_league_avg,
  r.three_pt_vs_league AS three_pt_defense_vs_league_avg,
  r.rating AS defensive_rating_last_15,
  SAFE_DIVIDE(r.points, r.games) AS opponent_points_per_game,
  r.pace AS opponent_pace,
  r.games AS games_in_sample,
  CASE
    WHEN r.paint_vs_league = r.lowest THEN 'paint'
    WHEN r.mid_range_vs_league = r.lowest THEN 'mid_range'
    WHEN r.three_pt_vs_league = r.lowest THEN 'perimeter'
    ELSE NULL
  END AS strongest_zone,
  CASE
    WHEN r.paint_vs_league = r.highest THEN 'paint'
    WHEN r.mid_range_vs_league = r.highest THEN 'mid_range'
    WHEN r.three_pt_vs_league = r.highest THEN 'perimeter'
    ELSE NULL
  END AS weakest_zone,
  CASE WHEN r.games >= 15 THEN 'high' WHEN r.games >= 10 THEN 'medium' ELSE 'low' END AS data_quality_tier,
  quality_tier_of(r.completeness) AS quality_tier,
  r.expected_games AS expected_games_count,
  r.actual_games AS actual_games_count,
  r.completeness AS completeness_percentage,
  r.expected_games - r.actual_games AS missing_games_count,
  r.actual_games >= r.expected_games AS is_complete,
  is_window_ready(r.completeness, r.span_days, 90) AS is_production_ready,
  -- 21 days for 10 games are 32 for 15.
  issue_list(
    ARRAY_TO_STRING([completeness_issue(r.completeness, 90, 70), span_issue(r.span_days, 32)], ',')
  ) AS data_quality_issues,
  is_season_boundary(r.partition_date) AS season_boundary_detected,
  r.is_bootstrap AS backfill_bootstrap_mode,
  decision_of(r.completeness, 70) AS processing_decision_reason,
  r.span_days AS window_span_days,
  TO_HEX(MD5(r.days)) AS window_dates_hash
FROM ranked AS r
