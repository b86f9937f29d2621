-- Who is expected in the games to come on the next date of games: who played for the team in one of
-- its last 10 games of the season, within 30 days, and for no other team since. Who the injury
-- report says is out is left out.
WITH
  coming AS (
    SELECT t.*
    FROM team_slate AS t
    LEFT JOIN final_games AS f ON f.game_date = t.game_date AND f.nba_game_id = t.nba_game_id
    WHERE f.nba_game_id IS NULL
  ),
  unplayed AS (
    SELECT DISTINCT s.game_date AS unplayed_on
    FROM schedule AS s
    WHERE COALESCE(s.status, 'scheduled') NOT IN ('final', 'postponed', 'cancelled')
  ),
  -- Further dates wait for the results of the earlier ones.
  waiting AS (
    SELECT DISTINCT p.partition_date
    FROM partitions AS p
    JOIN unplayed AS u ON DATE_DIFF(p.partition_date, u.unplayed_on, DAY) BETWEEN 1 AND 14
  ),
  next_games AS (
    SELECT c.*
    FROM coming AS c
    LEFT JOIN waiting AS w ON w.partition_date = c.game_date
    WHERE w.partition_date IS NULL
  ),
  team_dates AS (
    SELECT g.team_abbr, g.season_year, g.game_date AS played_on
    FROM player_game_summary AS g
    GROUP BY 1, 2, 3
  ),
  last_games AS (
    SELECT
      c.game_date,
      c.team_abbr,
      d.played_on,
      ROW_NUMBER() OVER (PARTITION BY c.game_date, c.team_abbr ORDER BY d.played_on DESC) AS games_ago
    FROM next_games AS c
    JOIN team_dates AS d
      ON d.team_abbr = c.team_abbr
      AND d.season_year = c.season_year
      AND DATE_DIFF(c.game_date, d.played_on, DAY) BETWEEN 1 AND 30
  ),
  -- The last of these games that each player was in.
  appeared AS (
    SELECT l.game_date, l.team_abbr, g.season_year, g.player_lookup, MAX(g.game_date) AS last_game_date
    FROM last_games AS l
    JOIN player_game_summary AS g ON g.team_abbr = l.team_abbr AND g.game_date = l.played_on
    WHERE l.games_ago <= 10
    GROUP BY 1, 2, 3, 4
  ),
  elsewhere AS (
    SELECT a.game_date, a.team_abbr, a.player_lookup
    FROM appeared AS a
    JOIN player_game_summary AS g ON g.player_lookup = a.player_lookup AND g.season_year = a.season_year
    WHERE g.game_date > a.last_game_date AND g.game_date < a.game_date
    GROUP BY 1, 2, 3
  )
SELECT
  c.game_date,
  g.player_lookup,
  g.universal_player_id,
  g.player_id,
  g.player_full_name,
  c.game_id,
  c.season_year,
  c.team_abbr,
  c.opponent_team_abbr,
  c.home_game,
  a.last_game_date,
  g.starter_flag AS started_last_game
FROM appeared AS a
JOIN next_games AS c ON c.game_date = a.game_date AND c.team_abbr = a.team_abbr
JOIN player_game_summary AS g ON g.player_lookup = a.player_lookup AND g.game_date = a.last_game_date
LEFT JOIN elsewhere AS e
  ON e.game_date = a.game_date AND e.team_abbr = a.team_abbr AND e.player_lookup = a.player_lookup
LEFT JOIN injuries AS i ON i.game_date = a.game_date AND i.player_id = g.player_id
WHERE e.player_lookup IS NULL AND COALESCE(i.status, 'available') != 'out'
