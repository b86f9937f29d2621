-- What a team's games before the date say of it: ratings, pace and what it allows, as means that
-- weigh a game half after 30 days, shrunk to the league's.
WITH
  games AS (
    SELECT
      t.team_abbr,
      t.game_date,
      POW(2, DATE_DIFF(t.game_date, DATE '2000-01-01', DAY) / 30) AS w,
      t.offensive_rating AS offense,
      d.defensive_rating AS defense,
      t.pace,
      t.points_scored AS scored,
      t.margin_of_victory AS margin,
      COALESCE(d.opp_paint_attempts, 0) AS paints,
      COALESCE(d.opp_paint_makes, 0) AS paints_made,
      d.opp_three_pt_attempts AS threes,
      d.opp_three_pt_makes AS threes_made,
      d.opp_ft_attempts AS free_throws,
      COALESCE(d.opp_assists, 0) AS assists,
      COALESCE(d.opp_rebounds, 0) AS rebounds
    FROM team_offense_game_summary AS t
    JOIN team_defense_game_summary AS d
      ON d.game_id = t.game_id AND d.defending_team_abbr = t.team_abbr
  ),
  sums AS (
    SELECT
      g.team_abbr,
      g.game_date AS last_game_date,
      LEAD(g.game_date, 1, DATE '9999-12-31') OVER team AS next_game_date,
      SUM(g.w) OVER past AS w,
      SUM(g.w * g.offense) OVER past AS offense,
      SUM(g.w * g.defense) OVER past AS defense,
      SUM(g.w * g.pace) OVER past AS pace,
      SUM(g.w * g.scored) OVER past AS scored,
      SUM(g.w * g.margin) OVER past AS margin,
      SUM(g.w * g.paints) OVER past AS paints,
      SUM(g.w * g.paints_made) OVER past AS paints_made,
      SUM(g.w * g.threes) OVER past AS threes,
      SUM(g.w * g.threes_made) OVER past AS threes_made,
      SUM(g.w * g.free_throws) OVER past AS free_throws,
      SUM(g.w * g.assists) OVER past AS assists,
      SUM(g.w * g.rebounds) OVER past AS rebounds
    FROM games AS g
    WINDOW
      team AS (PARTITION BY g.team_abbr ORDER BY g.game_date),
      past AS (team ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  ),
  days AS (
    SELECT
      g.game_date,
      SUM(g.w) AS w,
      SUM(g.w * g.offense) AS offense,
      SUM(g.w * g.pace) AS pace,
      SUM(g.w * g.paints) AS paints,
      SUM(g.w * g.paints_made) AS paints_made,
      SUM(g.w * g.threes) AS threes,
      SUM(g.w * g.threes_made) AS threes_made,
      SUM(g.w * g.free_throws) AS free_throws,
      SUM(g.w * g.assists) AS assists,
      SUM(g.w * g.rebounds) AS rebounds
    FROM games AS g
    GROUP BY 1
  ),
  running AS (
    SELECT
      d.game_date AS last_date,
      LEAD(d.game_date, 1, DATE '9999-12-31') OVER (ORDER BY d.game_date) AS next_date,
      SUM(d.w) OVER past AS w,
      SUM(d.offense) OVER past AS offense,
      SUM(d.pace) OVER past AS pace,
      SUM(d.paints) OVER past AS paints,
      SUM(d.paints_made) OVER past AS paints_made,
      SUM(d.threes) OVER past AS threes,
      SUM(d.threes_made) OVER past AS threes_made,
      SUM(d.free_throws) OVER past AS free_throws,
      SUM(d.assists) OVER past AS assists,
      SUM(d.rebounds) OVER past AS rebounds
    FROM days AS d
    WINDOW past AS (ORDER BY d.game_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  ),
  league AS (
    SELECT
      r.last_date,
      r.next_date,
      r.offense / r.w AS league_rating,
      r.pace / r.w AS league_pace,
      r.paints / r.w AS league_paints,
      SAFE_DIVIDE(r.paints_made, r.paints) AS league_paint_pct,
      r.threes / r.w AS league_threes,
      SAFE_DIVIDE(r.threes_made, r.threes) AS league_three_pct,
      r.free_throws / r.w AS league_free_throws,
      r.assists / r.w AS league_assists,
      r.rebounds / r.w AS league_rebounds
    FROM running AS r
  ),
  -- One row per date: an outer join needs an equality on BigQuery.
  league_days AS (
    SELECT q.game_date, l.* EXCEPT (last_date, next_date)
    FROM (SELECT DISTINCT s.game_date FROM team_slate AS s) AS q
    JOIN league AS l ON l.last_date < q.game_date AND q.game_date <= l.next_date
  ),
  joined AS (
    SELECT
      s.game_date,
      s.team_abbr,
      s.opponent_team_abbr,
      s.season_year,
      l.league_rating,
      l.league_pace,
      l.league_paints,
      l.league_paint_pct,
      l.league_threes,
      l.league_three_pct,
      l.league_free_throws,
      l.league_assists,
      l.league_rebounds,
      -- Four games of the league enter beside those of the team.
      4 * POW(2, DATE_DIFF(s.game_date, DATE '2000-01-01', DAY) / 30) AS k,
      COALESCE(g.w, 0) AS w,
      COALESCE(g.offense, 0) AS offense,
      COALESCE(g.defense, 0) AS defense,
      COALESCE(g.pace, 0) AS pace,
      COALESCE(g.margin, 0) AS margin,
      COALESCE(g.paints, 0) AS paints,
      COALESCE(g.paints_made, 0) AS paints_made,
      COALESCE(g.threes, 0) AS threes,
      COALESCE(g.threes_made, 0) AS threes_made,
      COALESCE(g.free_throws, 0) AS free_throws,
      COALESCE(g.assists, 0) AS assists,
      COALESCE(g.rebounds, 0) AS rebounds
    FROM team_slate AS s
    LEFT JOIN sums AS g
      ON g.team_abbr = s.team_abbr AND g.last_game_date < s.game_date AND s.game_date <= g.next_game_date
    LEFT JOIN league_days AS l ON l.game_date = s.game_date
  )
SELECT
  j.game_date,
  j.team_abbr,
  j.season_year,
  j.league_rating,
  j.league_pace,
  (j.offense + j.k * j.league_rating) / (j.w + j.k) AS offense_ewma,
  (j.defense + j.k * j.league_rating) / (j.w + j.k) AS defense_ewma,
  (j.pace + j.k * j.league_pace) / (j.w + j.k) AS pace_ewma,
  j.margin / (j.w + j.k) AS margin_ewma,
  (j.paints + j.k * j.league_paints) / (j.w + j.k) - j.league_paints AS paints_allowed,
  (j.paints_made + j.k * j.league_paints * j.league_paint_pct) / (j.paints + j.k * j.league_paints)
    - j.league_paint_pct AS paint_pct_allowed,
  (j.threes + j.k * j.league_threes) / (j.w + j.k) - j.league_threes AS threes_allowed,
  (j.threes_made + 4 * j.k * j.league_threes * j.league_three_pct) / (j.threes + 4 * j.k * j.league_threes)
    - j.league_three_pct AS three_pct_allowed,
  (j.free_throws + j.k * j.league_free_throws) / (j.w + j.k) - j.league_free_throws AS free_throws_allowed,
  (j.assists + j.k * j.league_assists) / (j.w + j.k) - j.league_assists AS assists_allowed,
  (j.rebounds + j.k * j.league_rebounds) / (j.w + j.k) - j.league_rebounds AS rebounds_allowed
FROM joined AS j
