-- What is known of each team before its game: rest, workload, form and the market's spread
-- (domain.md 5.1, 5.2). Synthesized from the slate and from games of the season strictly before the
-- date.
WITH
  numbered AS (
    SELECT
      g.team_abbr,
      g.season_year,
      g.game_date,
      g.pace,
      g.offensive_rating,
      g.win_flag,
      g.margin_of_victory,
      ROW_NUMBER() OVER (PARTITION BY g.team_abbr, g.season_year ORDER BY g.game_date) AS game_no
    FROM team_offense_game_summary AS g
  ),
  -- The state of a team after each game; it holds until the team plays again.
  form AS (
    SELECT
      n.team_abbr,
      n.season_year,
      n.game_date AS last_game_date,
      n.game_no,
      n.win_flag AS won_last,
      n.margin_of_victory AS last_game_margin,
      AVG(n.pace) OVER last_10 AS pace_last_10,
      AVG(n.offensive_rating) OVER last_10 AS off_rating_last_10,
      COUNT(IF(n.win_flag, 1, NULL)) OVER season AS wins,
      MAX(IF(n.win_flag, n.game_no, 0)) OVER season AS last_win_no,
      MAX(IF(n.win_flag, 0, n.game_no)) OVER season AS last_loss_no,
      LEAD(n.game_date, 1, DATE '9999-12-31') OVER team AS next_game_date
    FROM numbered AS n
    WINDOW
      team AS (PARTITION BY n.team_abbr, n.season_year ORDER BY n.game_date),
      last_10 AS (team ROWS BETWEEN 9 PRECEDING AND CURRENT ROW),
      season AS (team ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  ),
  workload AS (
    SELECT
      s.game_date,
      s.team_abbr,
      COUNT(IF(DATE_DIFF(s.game_date, n.game_date, DAY) <= 7, 1, NULL)) AS games_7,
      COUNT(*) AS games_14
    FROM team_slate AS s
    JOIN numbered AS n
      ON n.team_abbr = s.team_abbr
      AND n.season_year = s.season_year
      AND DATE_DIFF(s.game_date, n.game_date, DAY) BETWEEN 1 AND 14
    GROUP BY 1, 2
  )
SELECT
  s.game_date,
  s.team_abbr,
  s.game_id,
  s.season_year,
  s.game_type,
  s.opponent_team_abbr,
  s.home_game,
  f.last_game_date,
  DATE_DIFF(s.game_date, f.last_game_date, DAY) AS days_since_last_game,
  DATE_DIFF(s.game_date, f.last_game_date, DAY) - 1 AS team_days_rest,
  DATE_DIFF(s.game_date, f.last_game_date, DAY) = 1 AS team_back_to_back,
  COALESCE(w.games_7, 0) AS games_in_last_7_days,
  COALESCE(w.games_14, 0) AS games_in_last_14_days,
  COALESCE(f.game_no, 0) + 1 AS game_number_in_season,
  IF(s.home_game, l.spread_home, -l.spread_home) AS game_spread,
  l.total AS game_total,
  COALESCE(f.game_no - f.last_loss_no, 0) AS team_win_streak_entering,
  COALESCE(f.game_no - f.last_win_no, 0) AS team_loss_streak_entering,
  f.last_game_margin,
  CASE WHEN f.won_last THEN 'W' WHEN NOT f.won_last THEN 'L' ELSE NULL END AS last_game_result,
  f.pace_last_10 AS team_pace_last_10,
  f.off_rating_last_10 AS team_off_rating_last_10,
  IF(f.game_no >= 5, SAFE_DIVIDE(f.wins, f.game_no), NULL) AS team_win_pct,
  'synthetic' AS context_source
FROM team_slate AS s
LEFT JOIN form AS f
  ON f.team_abbr = s.team_abbr
  AND f.season_year = s.season_year
  AND f.last_game_date < s.game_date
  AND s.game_date <= f.next_game_date
LEFT JOIN workload AS w ON w.game_date = s.game_date AND w.team_abbr = s.team_abbr
-- A suspect line may have been read during the game.
LEFT JOIN closing_lines AS l ON l.game_id = s.nba_game_id AND NOT l.suspect
