-- One row per player who appeared in a game: box score, shot zones, usage and shooting rates
-- (domain.md 3.1, 3.2).
WITH
  appearances AS (
    SELECT b.*, player_lookup_of(b.player_name) AS normal_name
    FROM player_box AS b
    WHERE b.minutes > 0
  ),
  taken AS (
    SELECT
      s.game_id AS nba_game_id,
      s.player_id,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'paint', 1, NULL)) AS paint_attempts,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'paint' AND s.made, 1, NULL)) AS paint_makes,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'mid_range', 1, NULL)) AS mid_range_attempts,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'mid_range' AND s.made, 1, NULL)) AS mid_range_makes,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'three', 1, NULL)) AS three_attempts,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'three' AND s.made, 1, NULL)) AS three_makes,
      COUNT(IF(s.has_pbp AND s.made AND s.assisted, 1, NULL)) AS assisted_makes,
      COUNT(IF(s.has_pbp AND s.made AND NOT s.assisted, 1, NULL)) AS unassisted_makes
    FROM shots AS s
    GROUP BY 1, 2
  ),
  blocked AS (
    SELECT
      s.game_id AS nba_game_id,
      s.block_player_id AS player_id,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'paint', 1, NULL)) AS paint,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'mid_range', 1, NULL)) AS mid_range,
      COUNT(IF(shot_zone(s.shot_value, s.distance_ft) = 'three', 1, NULL)) AS three
    FROM shots AS s
    WHERE s.has_pbp AND s.blocked AND s.block_player_id IS NOT NULL
    GROUP BY 1, 2
  ),
  -- What a game has: a player without shots in a game with a shot chart took none; without a chart
  -- it is unknown.
  charted AS (
    SELECT s.game_id AS nba_game_id, LOGICAL_OR(s.has_pbp) AS has_pbp
    FROM shots AS s
    GROUP BY 1
  )
SELECT
  b.game_date,
  t.game_id,
  b.game_id AS nba_game_id,
  b.normal_name AS player_lookup,
  b.normal_name || '_001' AS universal_player_id,
  b.player_id,
  b.player_name AS player_full_name,
  b.season_year,
  b.team AS team_abbr,
  b.opponent AS opponent_team_abbr,
  b.home AS home_game,
  b.minutes AS minutes_played,
  b.pts AS points,
  b.ast AS assists,
  b.oreb AS offensive_rebounds,
  b.dreb AS defensive_rebounds,
  b.reb AS rebounds,
  b.stl AS steals,
  b.blk AS blocks,
  b.tov AS turnovers,
  b.pf AS personal_fouls,
  b.plus_minus,
  b.fga AS fg_attempts,
  b.fgm AS fg_makes,
  b.fg3a AS three_pt_attempts,
  b.fg3m AS three_pt_makes,
  b.fta AS ft_attempts,
  b.ftm AS ft_makes,
  IF(c.nba_game_id IS NULL, NULL, COALESCE(z.paint_attempts, 0)) AS paint_attempts,
  IF(c.nba_game_id IS NULL, NULL, COALESCE(z.paint_makes, 0)) AS paint_makes,
  IF(c.nba_game_id IS NULL, NULL, COALESCE(z.mid_range_attempts, 0)) AS mid_range_attempts,
  IF(c.nba_game_id IS NULL, NULL, COALESCE(z.mid_range_makes, 0)) AS mid_range_makes,
  IF(c.nba_game_id IS NULL, NULL, COALESCE(z.three_attempts, 0)) AS three_attempts_pbp,
  IF(c.nba_game_id IS NULL, NULL, COALESCE(z.three_makes, 0)) AS three_makes_pbp,
  IF(
    c.nba_game_id IS NULL,
    FALSE,
    ABS(COALESCE(z.paint_attempts + z.mid_range_attempts + z.three_attempts, 0) - b.fga) <= 1
  ) AS has_complete_shot_zones,
  IF(c.has_pbp, COALESCE(z.assisted_makes, 0), NULL) AS assisted_fg_makes,
  IF(c.has_pbp, COALESCE(z.unassisted_makes, 0), NULL) AS unassisted_fg_makes,
  CAST(NULL AS INT64) AS and1_count,
  IF(c.has_pbp, COALESCE(k.paint, 0), NULL) AS paint_blocks,
  IF(c.has_pbp, COALESCE(k.mid_range, 0), NULL) AS mid_range_blocks,
  IF(c.has_pbp, COALESCE(k.three, 0), NULL) AS three_pt_blocks,
  SAFE_DIVIDE(
    100 * (b.fga + 0.44e0 * b.fta + b.tov) * (48 + 5 * t.overtime_periods),
    b.minutes * (t.fg_attempts + 0.44e0 * t.ft_attempts + t.turnovers)
  ) AS usage_rate,
  SAFE_DIVIDE(b.pts, 2 * (b.fga + 0.44e0 * b.fta)) AS ts_pct,
  SAFE_DIVIDE(b.fgm + 0.5e0 * b.fg3m, b.fga) AS efg_pct,
  b.starter AS starter_flag,
  t.win_flag,
  TRUE AS is_active,
  'active' AS player_status
FROM appearances AS b
JOIN team_offense_game_summary AS t ON t.nba_game_id = b.game_id AND t.team_abbr = b.team
LEFT JOIN charted AS c ON c.nba_game_id = b.game_id
LEFT JOIN taken AS z ON z.nba_game_id = b.game_id AND z.player_id = b.player_id
LEFT JOIN blocked AS k ON k.nba_game_id = b.game_id AND k.player_id = b.player_id
