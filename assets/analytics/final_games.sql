-- The games of a date whose score stands: whatever is about outcomes is about these. The schedule
-- also has games to come.
SELECT
  s.game_date,
  platform_game_id(s.game_date, s.away_team, s.home_team) AS game_id,
  s.game_id AS nba_game_id,
  s.season_year,
  s.home_team,
  s.away_team,
  s.home_score,
  s.away_score
FROM schedule AS s
WHERE s.status = 'final'
