-- The teams that play on a date, with what is known before tip-off: opponent, venue and kind of
-- game (domain.md 5.2). No score or result is exposed, so nothing downstream can read the outcome
-- of the date it predicts.
WITH
  sides AS (
    SELECT
      s.game_date,
      s.game_id AS nba_game_id,
      s.season_year,
      s.home_team,
      s.away_team,
      is_home_side
    FROM schedule AS s
    CROSS JOIN UNNEST([TRUE, FALSE]) AS is_home_side
    WHERE COALESCE(s.status, 'scheduled') NOT IN ('postponed', 'cancelled')
  )
SELECT
  t.game_date,
  platform_game_id(t.game_date, t.away_team, t.home_team) AS game_id,
  t.nba_game_id,
  IF(t.is_home_side, t.home_team, t.away_team) AS team_abbr,
  IF(t.is_home_side, t.away_team, t.home_team) AS opponent_team_abbr,
  t.is_home_side AS home_game,
  t.season_year,
  -- The NBA's id says what kind of game it is.
  CASE SUBSTR(t.nba_game_id, 1, 3)
    WHEN '004' THEN 'playoff'
    WHEN '005' THEN 'play_in'
    ELSE 'regular_season'
  END AS game_type
FROM sides AS t
