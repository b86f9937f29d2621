-- The players of a date: who, for which team, against whom and where (domain.md 1.1 player
-- universe, 5.2). For past dates these are the players who appeared. Nothing that they did on the
-- date is exposed.
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
