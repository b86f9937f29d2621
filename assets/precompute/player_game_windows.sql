-- For each player of the slate: which of the last games of his team he played in, and which games
-- his last 10 are (domain.md 7.2). Expected and actual games are counted over the same games, those
-- of the team that he last played for; a player without a game belongs to the team of the slate.
WITH
  games AS (
    SELECT
      g.player_lookup,
      g.season_year,
      g.team_abbr,
      g.game_date,
      CAST(g.game_date AS STRING) AS day_text
    FROM player_game_summary AS g
  ),
  -- The last 10 games of a player after each of his games.
  form AS (
    SELECT
      g.player_lookup,
      g.season_year,
      g.team_abbr,
      g.game_date AS last_game_date,
      MIN(g.game_date) OVER last_10 AS first_day,
      STRING_AGG(g.day_text, ',') OVER last_10 AS days,
      MIN(g.team_abbr) OVER last_10 <> MAX(g.team_abbr) OVER last_10 AS has_two_teams
    FROM games AS g
    WINDOW
      player AS (PARTITION BY g.player_lookup, g.season_year ORDER BY g.game_date),
      last_10 AS (player ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)
  ),
  entering AS (
    SELECT
      c.game_date,
      c.player_lookup,
      c.season_year,
      COALESCE(f.team_abbr, c.team_abbr) AS team_abbr,
      DATE_DIFF(f.last_game_date, f.first_day, DAY) AS span_days,
      f.days,
      COALESCE(f.has_two_teams, FALSE) AS has_two_teams
    FROM upcoming_player_game_context AS c
    LEFT JOIN form AS f
      ON f.player_lookup = c.player_lookup
      AND f.season_year = c.season_year
      AND f.last_game_date = c.last_game_date
  ),
  sides AS (
    SELECT s.season_year, s.game_date, IF(is_home_side, s.home_team, s.away_team) AS team_abbr
    FROM schedule AS s
    CROSS JOIN UNNEST([TRUE, FALSE]) AS is_home_side
    WHERE s.status = 'final'
  ),
  team_games AS (
    SELECT
      t.season_year,
      t.team_abbr,
      t.game_date,
      ROW_NUMBER() OVER (PARTITION BY t.team_abbr, t.season_year ORDER BY t.game_date) AS game_no
    FROM sides AS t
  ),
  -- The final games of each team before each date: those that a player of it could play in.
  expected AS (
    SELECT
      q.partition_date AS game_date,
      t.team_abbr,
      COUNT(*) AS games,
      COUNT(IF(DATE_DIFF(q.partition_date, t.game_date, DAY) <= 7, 1, NULL)) AS games_7,
      COUNT(IF(DATE_DIFF(q.partition_date, t.game_date, DAY) <= 14, 1, NULL)) AS games_14
    FROM partitions AS q
    JOIN team_games AS t
      ON t.season_year = CAST(q.period AS INT64) AND t.game_date < q.partition_date
    GROUP BY 1, 2
  ),
  -- Slate rows and played games on one line: the slate stands for the next game of the team.
  timeline AS (
    SELECT
      k.player_lookup,
      k.season_year,
      k.team_abbr,
      k.game_date,
      UNIX_DATE(k.game_date) AS day_no,
      COALESCE(e.games, 0) + 1 AS game_no,
      TRUE AS is_slate,
      CAST(NULL AS INT64) AS was_there,
      COALESCE(LEAST(e.games, 5), 0) AS expected_l5,
      COALESCE(LEAST(e.games, 10), 0) AS expected_l10,
      COALESCE(e.games_7, 0) AS expected_l7d,
      COALESCE(e.games_14, 0) AS expected_l14d,
      k.has_two_teams,
      k.span_days,
      k.days
    FROM entering AS k
    LEFT JOIN expected AS e ON e.game_date = k.game_date AND e.team_abbr = k.team_abbr
    UNION ALL
    SELECT
      g.player_lookup,
      g.season_year,
      g.team_abbr,
      g.game_date,
      UNIX_DATE(g.game_date) AS day_no,
      t.game_no,
      FALSE AS is_slate,
      1 AS was_there,
      CAST(NULL AS INT64) AS expected_l5,
      CAST(NULL AS INT64) AS expected_l10,
      CAST(NULL AS INT64) AS expected_l7d,
      CAST(NULL AS INT64) AS expected_l14d,
      CAST(NULL AS BOOL) AS has_two_teams,
      CAST(NULL AS INT64) AS span_days,
      CAST(NULL AS STRING) AS days
    FROM games AS g
    JOIN team_games AS t
      ON t.team_abbr = g.team_abbr AND t.season_year = g.season_year AND t.game_date = g.game_date
  ),
  counted AS (
    SELECT
      t.*,
      COUNT(t.was_there) OVER games_5 AS actual_l5,
      COUNT(t.was_there) OVER games_10 AS actual_l10,
      COUNT(t.was_there) OVER days_7 AS actual_l7d,
      COUNT(t.was_there) OVER days_14 AS actual_l14d
    FROM timeline AS t
    WINDOW
      by_game AS (PARTITION BY t.player_lookup, t.season_year, t.team_abbr ORDER BY t.game_no),
      by_day AS (PARTITION BY t.player_lookup, t.season_year, t.team_abbr ORDER BY t.day_no),
      games_5 AS (by_game RANGE BETWEEN 5 PRECEDING AND 1 PRECEDING),
      games_10 AS (by_game RANGE BETWEEN 10 PRECEDING AND 1 PRECEDING),
      days_7 AS (by_day RANGE BETWEEN 7 PRECEDING AND 1 PRECEDING),
      days_14 AS (by_day RANGE BETWEEN 14 PRECEDING AND 1 PRECEDING)
  )
SELECT
  t.game_date,
  t.player_lookup,
  t.season_year,
  t.team_abbr AS window_team_abbr,
  t.expected_l5 AS l5_expected_games,
  t.actual_l5 AS l5_actual_games,
  t.expected_l10 AS l10_expected_games,
  t.actual_l10 AS l10_actual_games,
  t.expected_l7d AS l7d_expected_games,
  t.actual_l7d AS l7d_actual_games,
  t.expected_l14d AS l14d_expected_games,
  t.actual_l14d AS l14d_actual_games,
  t.has_two_teams AS window_has_two_teams,
  t.span_days AS window_span_days,
  TO_HEX(MD5(t.days)) AS window_dates_hash
FROM counted AS t
WHERE t.is_slate
