-- What players of each size scored against a team in the season so far, relative to what they
-- usually score in as many minutes; guards assist, big men rebound.
WITH
  sized AS (
    SELECT
      g.opponent_team_abbr AS team_abbr,
      g.season_year,
      g.game_date,
      POW(2, DATE_DIFF(g.game_date, DATE '2000-01-01', DAY) / 30) AS w,
      CASE WHEN f.size_index >= 4.5e0 THEN 'big' WHEN f.size_index > 0.5e0 THEN 'wing' ELSE 'guard' END AS size,
      CAST(g.points AS FLOAT64) AS scored,
      g.minutes_played * f.ppm_60 AS usual
    FROM player_game_summary AS g
    JOIN player_form AS f ON f.game_date = g.game_date AND f.player_lookup = g.player_lookup
    WHERE f.ppm_60 IS NOT NULL
  ),
  games AS (
    SELECT
      z.team_abbr,
      z.season_year,
      z.game_date,
      SUM(z.w * IF(z.size = 'big', z.scored, 0)) AS big_scored,
      SUM(z.w * IF(z.size = 'big', z.usual, 0)) AS big_usual,
      SUM(z.w * IF(z.size = 'wing', z.scored, 0)) AS wing_scored,
      SUM(z.w * IF(z.size = 'wing', z.usual, 0)) AS wing_usual,
      SUM(z.w * IF(z.size = 'guard', z.scored, 0)) AS guard_scored,
      SUM(z.w * IF(z.size = 'guard', z.usual, 0)) AS guard_usual
    FROM sized AS z
    GROUP BY 1, 2, 3
  ),
  state AS (
    SELECT
      g.team_abbr,
      g.season_year,
      g.game_date AS last_game_date,
      LEAD(g.game_date, 1, DATE '9999-12-31') OVER team AS next_game_date,
      SUM(g.big_scored) OVER past AS big_scored,
      SUM(g.big_usual) OVER past AS big_usual,
      SUM(g.wing_scored) OVER past AS wing_scored,
      SUM(g.wing_usual) OVER past AS wing_usual,
      SUM(g.guard_scored) OVER past AS guard_scored,
      SUM(g.guard_usual) OVER past AS guard_usual
    FROM games AS g
    WINDOW
      team AS (PARTITION BY g.team_abbr, g.season_year ORDER BY g.game_date),
      past AS (team ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  ),
  joined AS (
    SELECT
      s.game_date,
      s.team_abbr,
      s.season_year,
      -- 300 points of average defence enter beside what happened.
      300 * POW(2, DATE_DIFF(s.game_date, DATE '2000-01-01', DAY) / 30) AS k,
      st.big_scored,
      st.big_usual,
      st.wing_scored,
      st.wing_usual,
      st.guard_scored,
      st.guard_usual
    FROM team_slate AS s
    LEFT JOIN state AS st
      ON st.team_abbr = s.team_abbr
      AND st.season_year = s.season_year
      AND st.last_game_date < s.game_date
      AND s.game_date <= st.next_game_date
  )
SELECT
  j.game_date,
  j.team_abbr,
  j.season_year,
  COALESCE((j.big_scored + j.k) / (j.big_usual + j.k), 1) AS big_ratio,
  COALESCE((j.wing_scored + j.k) / (j.wing_usual + j.k), 1) AS wing_ratio,
  COALESCE((j.guard_scored + j.k) / (j.guard_usual + j.k), 1) AS guard_ratio
FROM joined AS j
