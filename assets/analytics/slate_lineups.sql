-- Who plays and who starts on a date: the box score of a final game; before it the reported lineup
-- where there is one, else who started his last game. It knows what is known at tip-off at the
-- earliest: only systems that say so may read it.
WITH
  reported AS (
    SELECT l.game_date, l.team AS team_abbr FROM confirmed_lineups AS l GROUP BY 1, 2
  )
SELECT
  s.game_date,
  s.player_lookup,
  s.team_abbr,
  s.opponent_team_abbr,
  s.season_year,
  CASE
    WHEN r.player_lookup IS NULL THEN g.starter_flag
    -- Who is not in the lineup of his team does not start.
    WHEN t.team_abbr IS NOT NULL THEN COALESCE(l.starter, FALSE)
    ELSE r.started_last_game
  END AS is_starter,
  CASE
    WHEN r.player_lookup IS NULL THEN 'box'
    WHEN t.team_abbr IS NOT NULL THEN 'report'
    ELSE 'recent'
  END AS lineup_source
FROM player_slate AS s
LEFT JOIN player_game_summary AS g ON g.game_date = s.game_date AND g.player_lookup = s.player_lookup
LEFT JOIN recent_players AS r ON r.game_date = s.game_date AND r.player_lookup = s.player_lookup
LEFT JOIN reported AS t ON t.game_date = s.game_date AND t.team_abbr = s.team_abbr
LEFT JOIN confirmed_lineups AS l
  ON l.game_date = s.game_date AND l.team = s.team_abbr AND l.player_id = s.player_id
