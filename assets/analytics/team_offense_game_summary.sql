-- One row per team and game: box-score totals, shot zones, possessions, rating and pace (domain.md
-- 3.1, 3.3). There is no team box score, so totals are the sums of the players who appeared.
WITH
  totals AS (
    SELECT
      b.game_date,
      b.game_id AS nba_game_id,
      b.team AS team_abbr,
      b.opponent AS opponent_team_abbr,
      b.season_year,
      b.home AS home_game,
      SUM(b.pts) AS points_scored,
      SUM(b.fga) AS fg_attempts,
      SUM(b.fgm) AS fg_makes,
      SUM(b.fg3a) AS three_pt_attempts,
      SUM(b.fg3m) AS three_pt_makes,
      SUM(b.fta) AS ft_attempts,
      SUM(b.ftm) AS ft_makes,
      SUM(b.ast) AS assists,
      SUM(b.tov) AS turnovers,
      SUM(b.stl) AS own_steals,
      -- A total with an unknown part is unknown, not small.
      IF(COUNT(b.reb) = COUNT(*), SUM(b.reb), NULL) AS rebounds,
      IF(COUNT(b.oreb) = COUNT(*), SUM(b.oreb), NULL) AS offensive_rebounds,
      IF(COUNT(b.dreb) = COUNT(*), SUM(b.dreb), NULL) AS own_defensive_rebounds,
      IF(COUNT(b.pf) = COUNT(*), SUM(b.pf), NULL) AS personal_fouls,
      ROUND(SUM(b.minutes)) AS team_minutes
    FROM player_box AS b
    WHERE b.minutes > 0
    GROUP BY 1, 2, 3, 4, 5, 6
  ),
  zones AS (
    SELECT
      s.game_id AS nba_game_id,
      s.team AS team_abbr,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'paint', 1, NULL)) AS paint_attempts,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'paint' AND s.made, 1, NULL)) AS paint_makes,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'mid_range', 1, NULL)) AS mid_range_attempts,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'mid_range' AND s.made, 1, NULL)) AS mid_range_makes
    FROM shots AS s
    GROUP BY 1, 2
  ),
  -- Every team takes 240 player-minutes, and 25 more per overtime; rounded first, since sums come
  -- out as 264.998.
  paced AS (
    SELECT
      t.*,
      IF(t.team_minutes > 240, CAST(FLOOR((t.team_minutes - 240) / 25) AS INT64), 0) AS overtimes,
      round_half_up(t.fg_attempts + 0.44e0 * t.ft_attempts + t.turnovers - t.offensive_rebounds, 1)
        AS exact_possessions
    FROM totals AS t
  )
SELECT
  t.game_date,
  platform_game_id(
    t.game_date,
    IF(t.home_game, t.opponent_team_abbr, t.team_abbr),
    IF(t.home_game, t.team_abbr, t.opponent_team_abbr)
  ) AS game_id,
  t.nba_game_id,
  t.team_abbr,
  t.opponent_team_abbr,
  t.season_year,
  t.home_game,
  t.points_scored,
  t.fg_attempts,
  t.fg_makes,
  t.three_pt_attempts,
  t.three_pt_makes,
  t.ft_attempts,
  t.ft_makes,
  t.rebounds,
  t.offensive_rebounds,
  t.own_defensive_rebounds,
  t.assists,
  t.turnovers,
  t.own_steals,
  t.personal_fouls,
  z.paint_attempts AS team_paint_attempts,
  z.paint_makes AS team_paint_makes,
  z.mid_range_attempts AS team_mid_range_attempts,
  z.mid_range_makes AS team_mid_range_makes,
  2 * z.paint_makes AS points_in_paint_scored,
  z.paint_attempts IS NOT NULL AS shot_zones_available,
  CAST(TRUNC(t.exact_possessions) AS INT64) AS possessions,
  SAFE_DIVIDE(100 * t.points_scored, t.exact_possessions) AS offensive_rating,
  SAFE_DIVIDE(t.exact_possessions * 48, 48 + 5 * t.overtimes) AS pace,
  SAFE_DIVIDE(t.points_scored, 2 * (t.fg_attempts + 0.44e0 * t.ft_attempts)) AS ts_pct,
  t.overtimes AS overtime_periods,
  t.points_scored > o.points_scored AS win_flag,
  t.points_scored - o.points_scored AS margin_of_victory
FROM paced AS t
LEFT JOIN totals AS o ON o.nba_game_id = t.nba_game_id AND o.team_abbr = t.opponent_team_abbr
LEFT JOIN zones AS z ON z.nba_game_id = t.nba_game_id AND z.team_abbr = t.team_abbr
