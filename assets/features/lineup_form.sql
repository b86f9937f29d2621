-- Who of each team's rotation is there on the date and who is not, as minutes and points that these
-- players usually have. Restricted to players of 12 minutes and more: who else appears tells of how
-- the game went.
WITH
  seasons AS (
    SELECT DISTINCT CAST(q.period AS INT64) AS season_year FROM partitions AS q
  ),
  history AS (
    SELECT
      g.player_lookup,
      g.season_year,
      g.team_abbr,
      g.game_date,
      g.minutes_played AS minutes,
      g.points,
      g.rebounds,
      g.assists,
      g.fg_attempts + 0.44e0 * g.ft_attempts + g.turnovers AS used,
      IF(g.starter_flag, 1, 0) AS started,
      POW(2, ROW_NUMBER() OVER (PARTITION BY g.player_lookup ORDER BY g.game_date) / 10) AS w
    FROM player_game_summary AS g
  ),
  sums AS (
    SELECT
      h.player_lookup,
      h.season_year,
      h.team_abbr,
      h.game_date AS last_game_date,
      LEAD(h.game_date, 1, DATE '9999-12-31') OVER player AS next_game_date,
      SUM(h.w) OVER past AS w,
      h.w AS last_w,
      SUM(h.w * h.minutes) OVER past AS minutes,
      SUM(h.w * h.started * h.minutes) OVER past AS start_minutes,
      SUM(h.w * h.points) OVER past AS points,
      SUM(h.w * h.used) OVER past AS used,
      SUM(h.w * h.started) OVER past AS starts,
      SUM(h.w * h.assists) OVER past AS assists,
      SUM(h.w * h.rebounds) OVER past AS rebounds,
      SUM(h.w * (h.rebounds - h.assists)) OVER past AS size
    FROM history AS h
    WINDOW
      player AS (PARTITION BY h.player_lookup ORDER BY h.game_date),
      past AS (player ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  ),
  state AS (
    SELECT
      s.player_lookup,
      s.season_year,
      s.team_abbr,
      s.last_game_date,
      s.next_game_date,
      s.minutes / s.w AS minutes,
      -- As a starter and from the bench, two games of the league beside his own.
      (s.start_minutes + s.last_w * (0.5e0 * s.minutes / s.w + 15)) / (s.starts + s.last_w) AS start_minutes,
      (s.minutes - s.start_minutes + s.last_w * (0.5e0 * s.minutes / s.w + 8)) / (s.w - s.starts + s.last_w) AS bench_minutes,
      s.points / s.w AS points,
      s.used / s.w AS used,
      s.starts / s.w AS starts,
      s.assists / s.w AS assists,
      s.rebounds / s.w AS rebounds,
      SAFE_DIVIDE(36 * s.size, s.minutes) AS size
    FROM sums AS s
  ),
  -- Who appeared in a game of the season, and who is to appear on the date.
  appearances AS (
    SELECT g.game_date, g.player_lookup, g.team_abbr, g.opponent_team_abbr, g.season_year, g.starter_flag AS is_starter
    FROM player_game_summary AS g
    JOIN seasons AS y ON y.season_year = g.season_year
    UNION DISTINCT
    SELECT l.game_date, l.player_lookup, l.team_abbr, l.opponent_team_abbr, l.season_year, l.is_starter
    FROM slate_lineups AS l
  ),
  team_dates AS (
    SELECT DISTINCT a.game_date, a.team_abbr, a.opponent_team_abbr, a.season_year FROM appearances AS a
  ),
  -- The players of the date, and who played for the team within 30 days and for nobody since.
  members AS (
    SELECT
      l.game_date,
      l.team_abbr,
      l.opponent_team_abbr,
      l.season_year,
      l.player_lookup,
      TRUE AS is_present,
      l.is_starter,
      COALESCE(s.minutes, 0) AS minutes,
      CASE WHEN l.is_starter IS NULL THEN COALESCE(s.minutes, 8)
        WHEN l.is_starter THEN COALESCE(s.start_minutes, 20)
        ELSE COALESCE(s.bench_minutes, 8) END AS role_minutes,
      COALESCE(s.points, 0) AS points,
      COALESCE(s.used, 0) AS used,
      COALESCE(s.starts, 0) AS starts,
      COALESCE(s.assists, 0) AS assists,
      COALESCE(s.rebounds, 0) AS rebounds,
      COALESCE(s.size, 2) AS size
    FROM appearances AS l
    LEFT JOIN state AS s
      ON s.player_lookup = l.player_lookup AND s.last_game_date < l.game_date AND l.game_date <= s.next_game_date
    UNION ALL
    SELECT
      t.game_date,
      t.team_abbr,
      t.opponent_team_abbr,
      t.season_year,
      s.player_lookup,
      FALSE AS is_present,
      FALSE AS is_starter,
      s.minutes,
      s.minutes AS role_minutes,
      s.points,
      s.used,
      s.starts,
      s.assists,
      s.rebounds,
      COALESCE(s.size, 2) AS size
    FROM team_dates AS t
    JOIN state AS s
      ON s.team_abbr = t.team_abbr
      AND s.season_year = t.season_year
      AND s.last_game_date < t.game_date
      AND t.game_date <= s.next_game_date
      AND DATE_DIFF(t.game_date, s.last_game_date, DAY) <= 30
    LEFT JOIN appearances AS l ON l.game_date = t.game_date AND l.player_lookup = s.player_lookup
    WHERE l.player_lookup IS NULL
  ),
  rotation AS (
    SELECT m.*, IF(m.size >= 4.5e0, 2, IF(m.size > 0.5e0, 1, 0)) AS size_class
    FROM members AS m
    WHERE m.minutes >= 12 OR m.is_starter
  ),
  sides AS (
    SELECT
      r.game_date,
      r.team_abbr,
      SUM(IF(r.is_present, r.minutes, 0)) AS present_minutes,
      SUM(IF(r.is_present, r.role_minutes, 0)) AS role_total,
      SUM(IF(r.is_present, r.role_minutes * GREATEST(42 - r.role_minutes, 2), 0)) AS room_total,
      SUM(IF(r.is_present, SAFE_DIVIDE(r.used, r.minutes) * r.role_minutes, 0)) AS role_used,
      SUM(IF(r.is_present, 0, r.starts)) AS absent_starts,
      SUM(IF(r.is_present, r.points, 0)) AS present_points,
      SUM(IF(r.is_present, r.used, 0)) AS present_used,
      SUM(IF(r.is_present, r.assists, 0)) AS present_assists,
      SUM(IF(r.is_present, r.rebounds, 0)) AS present_rebounds,
      SUM(IF(r.is_present, 0, r.minutes)) AS absent_minutes,
      SUM(IF(r.is_present, 0, r.points)) AS absent_points,
      SUM(IF(r.is_present, 0, r.used)) AS absent_used,
      COUNT(IF(r.is_present, 1, NULL)) AS present_players,
      SUM(IF(r.is_present AND r.size_class = 0, r.minutes, 0)) AS present_minutes_0,
      SUM(IF(r.is_present AND r.size_class = 1, r.minutes, 0)) AS present_minutes_1,
      SUM(IF(r.is_present AND r.size_class = 2, r.minutes, 0)) AS present_minutes_2,
      SUM(IF(r.is_starter, r.minutes, 0)) AS starter_minutes,
      SUM(IF(r.is_starter, r.points, 0)) AS starter_points,
      MAX(IF(r.is_present, r.points, 0)) AS top_points
    FROM rotation AS r
    GROUP BY 1, 2
  ),
  own AS (
    SELECT
      m.*,
      m.minutes >= 12 OR COALESCE(m.is_starter, FALSE) AS is_rotation,
      IF(m.size >= 4.5e0, 2, IF(m.size > 0.5e0, 1, 0)) AS size_class,
      ROW_NUMBER() OVER (PARTITION BY m.game_date, m.team_abbr ORDER BY m.minutes DESC, m.player_lookup) AS minutes_rank,
      ROW_NUMBER() OVER (PARTITION BY m.game_date, m.team_abbr ORDER BY m.points DESC, m.player_lookup) AS points_rank
    FROM members AS m
    WHERE m.is_present
  ),
  -- Mates near in size: who would play in his place, and whose place he takes.
  near AS (
    SELECT
      o.game_date,
      o.player_lookup,
      SUM(IF(r.is_present, r.role_minutes, 0) * EXP(-ABS(o.size - r.size) / 2)) AS near_minutes,
      SUM(IF(r.is_present, 0, r.minutes) * EXP(-ABS(o.size - r.size) / 2)) AS near_absent_minutes,
      SUM(IF(r.is_present, 0, r.starts) * EXP(-ABS(o.size - r.size) / 2)) AS near_absent_starts,
      SUM(IF(r.is_present, 0, r.used) * EXP(-ABS(o.size - r.size) / 2)) AS near_absent_used,
      SUM(IF(r.is_present AND r.role_minutes > o.role_minutes, r.role_minutes, 0) * EXP(-ABS(o.size - r.size) / 2)) AS near_better_minutes
    FROM own AS o
    JOIN rotation AS r
      ON r.game_date = o.game_date AND r.team_abbr = o.team_abbr AND r.player_lookup <> o.player_lookup
    GROUP BY 1, 2
  ),
  strength AS (
    SELECT
      o.game_date,
      o.player_lookup,
      o.team_abbr,
      o.season_year,
      IF(o.is_starter, 1, 0) AS is_starter,
      o.starts AS usual_starts,
      IF(o.minutes_rank <= 9, o.minutes_rank, 10) AS minutes_rank,
      IF(o.points_rank <= 9, o.points_rank, 10) AS points_rank,
      o.role_minutes,
      o.role_minutes + (225 - t.role_total - IF(o.is_rotation, 0, o.role_minutes))
        * SAFE_DIVIDE(o.role_minutes * GREATEST(42 - o.role_minutes, 2),
          t.room_total + IF(o.is_rotation, 0, o.role_minutes * GREATEST(42 - o.role_minutes, 2))) AS allotted_minutes,
      t.role_total - IF(o.is_rotation, o.role_minutes, 0) AS mates_role_minutes,
      SAFE_DIVIDE(SAFE_DIVIDE(o.used, o.minutes) * o.role_minutes,
        t.role_used + IF(o.is_rotation, 0, SAFE_DIVIDE(o.used, o.minutes) * o.role_minutes)) AS used_share,
      SAFE_DIVIDE(t.role_used, t.role_total) AS mates_usage,
      t.absent_starts,
      COALESCE(n.near_minutes, 0) AS near_minutes,
      COALESCE(n.near_absent_minutes, 0) AS near_absent_minutes,
      COALESCE(n.near_absent_starts, 0) AS near_absent_starts,
      COALESCE(n.near_absent_used, 0) AS near_absent_used,
      COALESCE(n.near_better_minutes, 0) AS near_better_minutes,
      t.present_players,
      t.present_minutes - IF(o.is_rotation, o.minutes, 0) AS mates_minutes,
      t.present_points - IF(o.is_rotation, o.points, 0) AS mates_points,
      t.present_used - IF(o.is_rotation, o.used, 0) AS mates_used,
      t.present_assists - IF(o.is_rotation, o.assists, 0) AS mates_assists,
      t.present_rebounds - IF(o.is_rotation, o.rebounds, 0) AS mates_rebounds,
      CASE o.size_class WHEN 0 THEN t.present_minutes_0 WHEN 1 THEN t.present_minutes_1 ELSE t.present_minutes_2 END
        - IF(o.is_rotation, o.minutes, 0) AS same_size_minutes,
      t.absent_minutes,
      t.absent_points,
      t.absent_used,
      t.starter_minutes - IF(o.is_starter, o.minutes, 0) AS starter_minutes,
      t.starter_points - IF(o.is_starter, o.points, 0) AS starter_points,
      t.top_points,
      SAFE_DIVIDE(o.minutes, t.present_minutes) AS minutes_share,
      SAFE_DIVIDE(o.points, t.present_points) AS points_share,
      p.present_points AS opponent_present_points,
      p.present_minutes AS opponent_present_minutes,
      p.absent_points AS opponent_absent_points,
      p.absent_minutes AS opponent_absent_minutes,
      p.present_minutes_2 AS opponent_big_minutes
    FROM own AS o
    LEFT JOIN sides AS t ON t.game_date = o.game_date AND t.team_abbr = o.team_abbr
    LEFT JOIN near AS n ON n.game_date = o.game_date AND n.player_lookup = o.player_lookup
    LEFT JOIN sides AS p ON p.game_date = o.game_date AND p.team_abbr = o.opponent_team_abbr
  ),
  compared AS (
    SELECT
      r.*,
      r.role_minutes - AVG(r.role_minutes) OVER last_1 AS role_minutes_vs_1,
      r.role_minutes - AVG(r.role_minutes) OVER last_5 AS role_minutes_vs_5,
      r.role_minutes - AVG(r.role_minutes) OVER last_20 AS role_minutes_vs_20,
      r.allotted_minutes - AVG(r.allotted_minutes) OVER last_1 AS allotted_minutes_vs_1,
      r.allotted_minutes - AVG(r.allotted_minutes) OVER last_5 AS allotted_minutes_vs_5,
      r.allotted_minutes - AVG(r.allotted_minutes) OVER last_20 AS allotted_minutes_vs_20,
      r.mates_role_minutes - AVG(r.mates_role_minutes) OVER last_1 AS mates_role_minutes_vs_1,
      r.mates_role_minutes - AVG(r.mates_role_minutes) OVER last_5 AS mates_role_minutes_vs_5,
      r.mates_role_minutes - AVG(r.mates_role_minutes) OVER last_20 AS mates_role_minutes_vs_20,
      r.used_share - AVG(r.used_share) OVER last_1 AS used_share_vs_1,
      r.used_share - AVG(r.used_share) OVER last_5 AS used_share_vs_5,
      r.used_share - AVG(r.used_share) OVER last_20 AS used_share_vs_20,
      r.mates_usage - AVG(r.mates_usage) OVER last_1 AS mates_usage_vs_1,
      r.mates_usage - AVG(r.mates_usage) OVER last_5 AS mates_usage_vs_5,
      r.mates_usage - AVG(r.mates_usage) OVER last_20 AS mates_usage_vs_20,
      r.absent_starts - AVG(r.absent_starts) OVER last_1 AS absent_starts_vs_1,
      r.absent_starts - AVG(r.absent_starts) OVER last_5 AS absent_starts_vs_5,
      r.absent_starts - AVG(r.absent_starts) OVER last_20 AS absent_starts_vs_20,
      r.near_minutes - AVG(r.near_minutes) OVER last_1 AS near_minutes_vs_1,
      r.near_minutes - AVG(r.near_minutes) OVER last_5 AS near_minutes_vs_5,
      r.near_minutes - AVG(r.near_minutes) OVER last_20 AS near_minutes_vs_20,
      r.near_absent_minutes - AVG(r.near_absent_minutes) OVER last_1 AS near_absent_minutes_vs_1,
      r.near_absent_minutes - AVG(r.near_absent_minutes) OVER last_5 AS near_absent_minutes_vs_5,
      r.near_absent_minutes - AVG(r.near_absent_minutes) OVER last_20 AS near_absent_minutes_vs_20,
      r.near_absent_starts - AVG(r.near_absent_starts) OVER last_1 AS near_absent_starts_vs_1,
      r.near_absent_starts - AVG(r.near_absent_starts) OVER last_5 AS near_absent_starts_vs_5,
      r.near_absent_starts - AVG(r.near_absent_starts) OVER last_20 AS near_absent_starts_vs_20,
      r.near_absent_used - AVG(r.near_absent_used) OVER last_1 AS near_absent_used_vs_1,
      r.near_absent_used - AVG(r.near_absent_used) OVER last_5 AS near_absent_used_vs_5,
      r.near_absent_used - AVG(r.near_absent_used) OVER last_20 AS near_absent_used_vs_20,
      r.near_better_minutes - AVG(r.near_better_minutes) OVER last_1 AS near_better_minutes_vs_1,
      r.near_better_minutes - AVG(r.near_better_minutes) OVER last_5 AS near_better_minutes_vs_5,
      r.near_better_minutes - AVG(r.near_better_minutes) OVER last_20 AS near_better_minutes_vs_20,
      r.mates_minutes - AVG(r.mates_minutes) OVER last_1 AS mates_minutes_vs_1,
      r.mates_minutes - AVG(r.mates_minutes) OVER last_5 AS mates_minutes_vs_5,
      r.mates_minutes - AVG(r.mates_minutes) OVER last_20 AS mates_minutes_vs_20,
      r.mates_points - AVG(r.mates_points) OVER last_1 AS mates_points_vs_1,
      r.mates_points - AVG(r.mates_points) OVER last_5 AS mates_points_vs_5,
      r.mates_points - AVG(r.mates_points) OVER last_20 AS mates_points_vs_20,
      r.mates_used - AVG(r.mates_used) OVER last_1 AS mates_used_vs_1,
      r.mates_used - AVG(r.mates_used) OVER last_5 AS mates_used_vs_5,
      r.mates_used - AVG(r.mates_used) OVER last_20 AS mates_used_vs_20,
      r.same_size_minutes - AVG(r.same_size_minutes) OVER last_1 AS same_size_minutes_vs_1,
      r.same_size_minutes - AVG(r.same_size_minutes) OVER last_5 AS same_size_minutes_vs_5,
      r.same_size_minutes - AVG(r.same_size_minutes) OVER last_20 AS same_size_minutes_vs_20,
      r.absent_minutes - AVG(r.absent_minutes) OVER last_1 AS absent_minutes_vs_1,
      r.absent_minutes - AVG(r.absent_minutes) OVER last_5 AS absent_minutes_vs_5,
      r.absent_minutes - AVG(r.absent_minutes) OVER last_20 AS absent_minutes_vs_20,
      r.absent_points - AVG(r.absent_points) OVER last_1 AS absent_points_vs_1,
      r.absent_points - AVG(r.absent_points) OVER last_5 AS absent_points_vs_5,
      r.absent_points - AVG(r.absent_points) OVER last_20 AS absent_points_vs_20,
      r.absent_used - AVG(r.absent_used) OVER last_1 AS absent_used_vs_1,
      r.absent_used - AVG(r.absent_used) OVER last_5 AS absent_used_vs_5,
      r.absent_used - AVG(r.absent_used) OVER last_20 AS absent_used_vs_20,
      r.starter_minutes - AVG(r.starter_minutes) OVER last_1 AS starter_minutes_vs_1,
      r.starter_minutes - AVG(r.starter_minutes) OVER last_5 AS starter_minutes_vs_5,
      r.starter_minutes - AVG(r.starter_minutes) OVER last_20 AS starter_minutes_vs_20,
      r.starter_points - AVG(r.starter_points) OVER last_1 AS starter_points_vs_1,
      r.starter_points - AVG(r.starter_points) OVER last_5 AS starter_points_vs_5,
      r.starter_points - AVG(r.starter_points) OVER last_20 AS starter_points_vs_20,
      r.minutes_share - AVG(r.minutes_share) OVER last_1 AS minutes_share_vs_1,
      r.minutes_share - AVG(r.minutes_share) OVER last_5 AS minutes_share_vs_5,
      r.minutes_share - AVG(r.minutes_share) OVER last_20 AS minutes_share_vs_20,
      r.points_share - AVG(r.points_share) OVER last_1 AS points_share_vs_1,
      r.points_share - AVG(r.points_share) OVER last_5 AS points_share_vs_5,
      r.points_share - AVG(r.points_share) OVER last_20 AS points_share_vs_20,
      r.is_starter - AVG(r.is_starter) OVER last_1 AS is_starter_vs_1,
      r.is_starter - AVG(r.is_starter) OVER last_5 AS is_starter_vs_5,
      r.is_starter - AVG(r.is_starter) OVER last_20 AS is_starter_vs_20,
      r.mates_assists - AVG(r.mates_assists) OVER last_1 AS mates_assists_vs_1,
      r.mates_assists - AVG(r.mates_assists) OVER last_5 AS mates_assists_vs_5,
      r.mates_assists - AVG(r.mates_assists) OVER last_20 AS mates_assists_vs_20,
      r.mates_rebounds - AVG(r.mates_rebounds) OVER last_1 AS mates_rebounds_vs_1,
      r.mates_rebounds - AVG(r.mates_rebounds) OVER last_5 AS mates_rebounds_vs_5,
      r.mates_rebounds - AVG(r.mates_rebounds) OVER last_20 AS mates_rebounds_vs_20
    FROM strength AS r
    WINDOW
      player AS (PARTITION BY r.player_lookup, r.season_year ORDER BY r.game_date),
      last_1 AS (player ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING),
      last_5 AS (player ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING),
      last_20 AS (player ROWS BETWEEN 20 PRECEDING AND 1 PRECEDING)
  ),
  numbered AS (
    SELECT
      r.game_date,
      r.player_lookup,
      r.season_year,
      r.team_abbr,
      r.is_starter,
      r.allotted_minutes,
      r.mates_minutes,
      r.mates_points,
      r.near_minutes,
      h.minutes,
      h.points,
      SAFE_DIVIDE(h.points, h.minutes) AS rate,
      ROW_NUMBER() OVER (PARTITION BY r.player_lookup ORDER BY r.game_date) AS n
    FROM strength AS r
    LEFT JOIN history AS h ON h.game_date = r.game_date AND h.player_lookup = r.player_lookup
  ),
  pairs AS (
    SELECT
      a.game_date,
      a.player_lookup,
      b.minutes,
      b.points,
      b.minutes - b.allotted_minutes AS surprise,
      POW(2, -(a.n - b.n) / 15) AS w,
      POW(2, -(a.n - b.n) / 5) AS w5,
      POW(2, -(a.n - b.n) / 15)
        * EXP(-ABS(a.mates_minutes - b.mates_minutes) / 20 - ABS(a.near_minutes - b.near_minutes) / 12)
        * IF(a.is_starter = b.is_starter, 1, 0.2e0)
        * IF(a.team_abbr = b.team_abbr, 1, 0.3e0) AS similar
    FROM numbered AS a
    JOIN numbered AS b ON b.player_lookup = a.player_lookup AND b.n < a.n AND b.n >= a.n - 40
    WHERE b.minutes IS NOT NULL
  ),
  lookalike AS (
    SELECT
      p.game_date,
      p.player_lookup,
      SUM(p.similar * p.minutes) / SUM(p.similar) AS similar_minutes,
      SUM(p.similar * p.points) / SUM(p.similar) AS similar_points,
      SUM(p.similar) / SUM(p.w) AS similarity,
      SUM(p.w * p.surprise) / (SUM(p.w) + 2) AS minutes_surprise_15,
      SUM(p.w5 * p.surprise) / (SUM(p.w5) + 1) AS minutes_surprise_5
    FROM pairs AS p
    GROUP BY 1, 2
  )
SELECT
  c.game_date,
  c.player_lookup,
  c.is_starter,
  c.usual_starts,
  c.minutes_rank,
  c.points_rank,
  c.mates_minutes,
  c.mates_points,
  c.mates_used,
  c.mates_rebounds,
  c.same_size_minutes,
  c.absent_minutes,
  c.absent_points,
  c.starter_minutes,
  c.starter_points,
  c.top_points,
  c.minutes_share,
  c.points_share,
  c.opponent_present_points,
  c.opponent_absent_points,
  c.opponent_big_minutes,
  c.is_starter_vs_1,
  c.is_starter_vs_5,
  c.minutes_share_vs_1,
  c.minutes_share_vs_5,
  c.minutes_share_vs_20,
  c.points_share_vs_5,
  c.points_share_vs_20,
  c.mates_minutes_vs_1,
  c.mates_minutes_vs_5,
  c.mates_minutes_vs_20,
  c.mates_points_vs_5,
  c.mates_points_vs_20,
  c.mates_used_vs_5,
  c.mates_used_vs_20,
  c.same_size_minutes_vs_5,
  c.absent_minutes_vs_5,
  c.absent_points_vs_5,
  c.absent_points_vs_20,
  c.starter_minutes_vs_5,
  c.starter_minutes_vs_20,
  c.starter_points_vs_5,
  c.mates_rebounds_vs_20,
  c.mates_assists_vs_5,
  'lineups_1' AS feature_version
FROM compared AS c
LEFT JOIN lookalike AS k ON k.game_date = c.game_date AND k.player_lookup = c.player_lookup
JOIN partitions AS q ON q.partition_date = c.game_date
WINDOW own_games AS (PARTITION BY c.player_lookup ORDER BY c.game_date)
