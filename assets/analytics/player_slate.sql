-- The players of a date: who, for which team, against whom and where (domain.md 1.1 player
-- universe, 5.2). Of a final game these are the players who appeared, of one to come the recent
-- players of its teams. Nothing that they did on the date is exposed.
SELECT
  g.game_date,
  g.player_lookup,
  g.universal_player_id,
  g.player_id,
  g.player_full_name,
  g.game_id,
  g.season_year,
  g.team_abbr,
  g.opponent_team_abbr,
  g.home_game
FROM player_game_summary AS g
-- A box score of a game that is not over yet says who has played so far.
LEFT JOIN (SELECT r.game_date, r.game_id FROM recent_players AS r GROUP BY 1, 2) AS coming
  ON coming.game_date = g.game_date AND coming.game_id = g.game_id
WHERE coming.game_id IS NULL
UNION ALL
SELECT
  r.game_date,
  r.player_lookup,
  r.universal_player_id,
  r.player_id,
  r.player_full_name,
  r.game_id,
  r.season_year,
  r.team_abbr,
  r.opponent_team_abbr,
  r.home_game
FROM recent_players AS r
