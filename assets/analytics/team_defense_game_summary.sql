-- One row per team and game from the defence's side: what the opponent scored, where, and what was
-- blocked (domain.md 3.4). The mirror of team_offense_game_summary.
WITH
  -- Blocks are known only where the game has play-by-play.
  blocked AS (
    SELECT
      s.game_id AS nba_game_id,
      s.team AS shooting_team,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'paint', 1, NULL)) AS paint,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'mid_range', 1, NULL)) AS mid_range,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'three', 1, NULL)) AS three
    FROM shots AS s
    WHERE s.has_pbp AND s.blocked
    GROUP BY 1, 2
  ),
  described AS (
    SELECT s.game_id AS nba_game_id
    FROM shots AS s
    GROUP BY 1
    HAVING LOGICAL_OR(s.has_pbp)
  )
SELECT
  d.game_date,
  d.game_id,
  d.nba_game_id,
  d.team_abbr AS defending_team_abbr,
  d.opponent_team_abbr,
  d.season_year,
  d.home_game,
  o.points_scored AS points_allowed,
  o.fg_attempts AS opp_fg_attempts,
  o.fg_makes AS opp_fg_makes,
  o.three_pt_attempts AS opp_three_pt_attempts,
  o.three_pt_makes AS opp_three_pt_makes,
  o.ft_attempts AS opp_ft_attempts,
  o.ft_makes AS opp_ft_makes,
  o.rebounds AS opp_rebounds,
  o.assists AS opp_assists,
  o.turnovers AS turnovers_forced,
  d.personal_fouls AS fouls_committed,
  o.team_paint_attempts AS opp_paint_attempts,
  o.team_paint_makes AS opp_paint_makes,
  o.team_mid_range_attempts AS opp_mid_range_attempts,
  o.team_mid_range_makes AS opp_mid_range_makes,
  2 * o.team_paint_makes AS points_in_paint_allowed,
  2 * o.team_mid_range_makes AS mid_range_points_allowed,
  3 * o.three_pt_makes AS three_pt_points_allowed,
  IF(p.nba_game_id IS NULL, NULL, COALESCE(b.paint, 0)) AS blocks_paint,
  IF(p.nba_game_id IS NULL, NULL, COALESCE(b.mid_range, 0)) AS blocks_mid_range,
  IF(p.nba_game_id IS NULL, NULL, COALESCE(b.three, 0)) AS blocks_three_pt,
  d.own_steals AS steals,
  d.own_defensive_rebounds AS defensive_rebounds,
  o.offensive_rating AS defensive_rating,
  o.pace AS opponent_pace,
  o.ts_pct AS opponent_ts_pct,
  d.win_flag,
  d.margin_of_victory,
  d.overtime_periods
FROM team_offense_game_summary AS d
JOIN team_offense_game_summary AS o
  ON o.game_id = d.game_id AND o.team_abbr = d.opponent_team_abbr
LEFT JOIN described AS p ON p.nba_game_id = d.nba_game_id
LEFT JOIN blocked AS b ON b.nba_game_id = d.nba_game_id AND b.shooting_team = d.opponent_team_abbr
