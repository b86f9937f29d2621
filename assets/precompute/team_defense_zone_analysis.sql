-- How each team defends by zone over its last 15 games before the date, against the league
-- (domain.md 4.1). Every team of the season with at least 7 games has a row on every date, whether
-- or not it plays.
WITH
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
      AVG(g.opponent_pace) OVER last_15 AS pace
    FROM team_defense_game_summary AS g
    WINDOW
      team AS (PARTITION BY g.defending_team_abbr, g.season_year ORDER BY g.game_date),
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
  CASE WHEN r.games >= 15 THEN 'high' WHEN r.games >= 10 THEN 'medium' ELSE 'low' END AS data_quality_tier
FROM ranked AS r
