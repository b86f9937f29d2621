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
      -- As a starter and from the bench, one game halfway to what is usual in the league beside his own.
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
    SELECT
      g.game_date,
      g.player_lookup,
      g.team_abbr,
      g.opponent_team_abbr,
      g.season_year,
      g.starter_flag AS is_starter,
      TRUE AS is_played
    FROM player_game_summary AS g
    JOIN seasons AS y ON y.season_year = g.season_year
    UNION DISTINCT
    SELECT
      l.game_date,
      l.player_lookup,
      l.team_abbr,
      l.opponent_team_abbr,
      l.season_year,
      l.is_starter,
      l.lineup_source = 'box' AS is_played
    FROM slate_lineups AS l
  ),
  team_dates AS (
    SELECT DISTINCT a.game_date, a.team_abbr, a.opponent_team_abbr, a.season_year, a.is_played
    FROM appearances AS a
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
      l.is_played,
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
      FALSE AS is_played,
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
      SUM(IF(r.is_present, r.points, 0)) AS present_points,
      SUM(IF(r.is_present, r.used, 0)) AS present_used,
      SUM(IF(r.is_present, r.assists, 0)) AS present_assists,
      SUM(IF(r.is_present, r.rebounds, 0)) AS present_rebounds,
      SUM(IF(r.is_present, 0, r.minutes)) AS absent_minutes,
      SUM(IF(r.is_present, 0, r.points)) AS absent_points,
      SUM(IF(r.is_present AND r.size_class = 0, r.minutes, 0)) AS present_minutes_0,
      SUM(IF(r.is_present AND r.size_class = 1, r.minutes, 0)) AS present_minutes_1,
      SUM(IF(r.is_present AND r.size_class = 2, r.minutes, 0)) AS present_minutes_2,
      SUM(IF(r.is_starter, r.points, 0)) AS starter_points
    FROM rotation AS r
    GROUP BY 1, 2
  ),
  own AS (
    SELECT
      m.*,
      m.minutes >= 12 OR COALESCE(m.is_starter, FALSE) AS is_rotation,
      IF(m.size >= 4.5e0, 2, IF(m.size > 0.5e0, 1, 0)) AS size_class,
      ROW_NUMBER() OVER (PARTITION BY m.game_date, m.team_abbr ORDER BY m.minutes DESC, m.player_lookup) AS minutes_rank
    FROM members AS m
    WHERE m.is_present
  ),
  -- Mates near in size: who would play in his place, and whose place he takes.
  near AS (
    SELECT
      o.game_date,
      o.player_lookup,
      SUM(IF(r.is_present, r.role_minutes, 0) * EXP(-ABS(o.size - r.size) / 2)) AS near_minutes,
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
      o.is_played,
      IF(o.is_starter, 1, 0) AS is_starter,
      IF(o.minutes_rank <= 9, o.minutes_rank, 10) AS minutes_rank,
      o.minutes AS usual_minutes,
      o.points AS usual_points,
      o.role_minutes,
      o.role_minutes + (225 - t.role_total - IF(o.is_rotation, 0, o.role_minutes))
        * SAFE_DIVIDE(o.role_minutes * GREATEST(42 - o.role_minutes, 2),
          t.room_total + IF(o.is_rotation, 0, o.role_minutes * GREATEST(42 - o.role_minutes, 2))) AS allotted_minutes,
      SAFE_DIVIDE(SAFE_DIVIDE(o.used, o.minutes) * o.role_minutes,
        t.role_used + IF(o.is_rotation, 0, SAFE_DIVIDE(o.used, o.minutes) * o.role_minutes)) AS used_share,
      COALESCE(n.near_minutes, 0) AS near_minutes,
      COALESCE(n.near_absent_used, 0) AS near_absent_used,
      COALESCE(n.near_better_minutes, 0) AS near_better_minutes,
      t.present_minutes - IF(o.is_rotation, o.minutes, 0) AS mates_minutes,
      t.present_points - IF(o.is_rotation, o.points, 0) AS mates_points,
      t.present_used - IF(o.is_rotation, o.used, 0) AS mates_used,
      t.present_assists - IF(o.is_rotation, o.assists, 0) AS mates_assists,
      t.present_rebounds - IF(o.is_rotation, o.rebounds, 0) AS mates_rebounds,
      CASE o.size_class WHEN 0 THEN t.present_minutes_0 WHEN 1 THEN t.present_minutes_1 ELSE t.present_minutes_2 END
        - IF(o.is_rotation, o.minutes, 0) AS same_size_minutes,
      t.absent_minutes,
      t.absent_points,
      t.starter_points - IF(o.is_starter, o.points, 0) AS starter_points,
      SAFE_DIVIDE(o.minutes, t.present_minutes) AS minutes_share,
      p.absent_minutes AS opponent_absent_minutes
    FROM own AS o
    LEFT JOIN sides AS t ON t.game_date = o.game_date AND t.team_abbr = o.team_abbr
    LEFT JOIN near AS n ON n.game_date = o.game_date AND n.player_lookup = o.player_lookup
    LEFT JOIN sides AS p ON p.game_date = o.game_date AND p.team_abbr = o.opponent_team_abbr
  ),
  -- His state after each game that was played: one that is still to come on another date of the
  -- batch is none of his games.
  past AS (
    SELECT
      r.player_lookup,
      r.season_year,
      r.game_date AS last_game_date,
      LEAD(r.game_date, 1, DATE '9999-12-31') OVER player AS next_game_date,
      ROW_NUMBER() OVER player AS n,
      r.allotted_minutes,
      r.role_minutes,
      r.is_starter,
      r.mates_minutes,
      r.mates_points - AVG(r.mates_points) OVER before_20 AS mates_points_vs_20,
      AVG(r.mates_points) OVER last_20 AS mates_points_20,
      AVG(r.minutes_share) OVER last_20 AS minutes_share_20,
      AVG(r.same_size_minutes) OVER last_5 AS same_size_minutes_5,
      AVG(r.near_absent_used) OVER last_5 AS near_absent_used_5,
      AVG(r.mates_minutes) OVER last_5 AS mates_minutes_5,
      AVG(r.near_minutes) OVER last_5 AS near_minutes_5
    FROM strength AS r
    WHERE r.is_played
    WINDOW
      player AS (PARTITION BY r.player_lookup, r.season_year ORDER BY r.game_date),
      last_5 AS (player ROWS BETWEEN 4 PRECEDING AND CURRENT ROW),
      last_20 AS (player ROWS BETWEEN 19 PRECEDING AND CURRENT ROW),
      before_20 AS (player ROWS BETWEEN 20 PRECEDING AND 1 PRECEDING)
  ),
  compared AS (
    SELECT
      r.*,
      COALESCE(p.n, 0) + 1 AS n,
      r.mates_points - p.mates_points_20 AS mates_points_vs_20,
      r.minutes_share - p.minutes_share_20 AS minutes_share_vs_20,
      r.same_size_minutes - p.same_size_minutes_5 AS same_size_minutes_vs_5,
      r.near_absent_used - p.near_absent_used_5 AS near_absent_used_vs_5,
      r.is_starter - p.is_starter AS is_starter_vs_1,
      r.mates_minutes - p.mates_minutes AS mates_minutes_vs_1,
      r.mates_minutes - p.mates_minutes_5 AS mates_minutes_vs_5,
      r.near_minutes - p.near_minutes_5 AS near_minutes_vs_5,
      -- How the company of his last game was: known without today's lineup.
      p.mates_points_vs_20 AS last_mates_points_vs_20,
      p.allotted_minutes AS last_allotted_minutes,
      p.role_minutes AS last_role_minutes
    FROM strength AS r
    LEFT JOIN past AS p
      ON p.player_lookup = r.player_lookup
      AND p.season_year = r.season_year
      AND p.last_game_date < r.game_date
      AND r.game_date <= p.next_game_date
  ),
  played AS (
    SELECT
      r.game_date,
      r.player_lookup,
      r.season_year,
      r.team_abbr,
      r.is_starter,
      r.usual_minutes,
      r.usual_points,
      r.allotted_minutes,
      r.mates_minutes,
      r.near_minutes,
      h.minutes,
      h.points,
      r.n,
      r.is_played
    FROM compared AS r
    LEFT JOIN history AS h ON h.game_date = r.game_date AND h.player_lookup = r.player_lookup
  ),
  -- How unlike today's the lineup of an earlier game of the team was: the minutes of the rotation
  -- that were there only once, and 5 for each who started only once.
  changes AS (
    SELECT
      r.game_date,
      r.team_abbr,
      d.game_date AS then_date,
      SUM(IF(r.is_present = (p.player_lookup IS NOT NULL), 0, r.minutes)
        + IF(COALESCE(r.is_starter, FALSE) = COALESCE(p.is_starter, FALSE), 0, 5)) AS minutes
    FROM rotation AS r
    JOIN partitions AS q ON q.partition_date = r.game_date
    JOIN team_dates AS d
      ON d.team_abbr = r.team_abbr
      AND d.season_year = r.season_year
      AND d.game_date < r.game_date
      AND d.is_played
    LEFT JOIN appearances AS p
      ON p.game_date = d.game_date AND p.team_abbr = d.team_abbr AND p.player_lookup = r.player_lookup
    GROUP BY 1, 2, 3
  ),
  -- His games of the season before the date; one counts the more, the more its company is like today's:
  -- how strong they were, and who they were.
  pairs AS (
    SELECT
      a.game_date,
      a.player_lookup,
      b.minutes,
      b.points,
      b.minutes - b.usual_minutes AS more_minutes,
      b.points - b.usual_points AS more_points,
      COALESCE(POW(2, -(a.n - b.n) / 30) * EXP(-c.minutes / 40) * IF(a.is_starter = b.is_starter, 1, 0.25e0), 0) AS same_company,
      b.minutes - b.allotted_minutes AS surprise,
      POW(2, -(a.n - b.n) / 15) AS weight,
      POW(2, -(a.n - b.n) / 5) AS weight_5,
      POW(2, -(a.n - b.n) / 15)
        * EXP(-ABS(a.mates_minutes - b.mates_minutes) / 20 - ABS(a.near_minutes - b.near_minutes) / 12)
        * IF(a.is_starter = b.is_starter, 1, 0.2e0)
        * IF(a.team_abbr = b.team_abbr, 1, 0.3e0) AS likeness
    FROM played AS a
    JOIN partitions AS q ON q.partition_date = a.game_date
    JOIN played AS b
      ON b.player_lookup = a.player_lookup AND b.season_year = a.season_year AND b.n < a.n AND b.n >= a.n - 40
    LEFT JOIN changes AS c
      ON c.game_date = a.game_date
      AND c.team_abbr = a.team_abbr
      AND c.team_abbr = b.team_abbr
      AND c.then_date = b.game_date
    WHERE b.is_played
  ),
  lookalikes AS (
    SELECT
      e.game_date,
      e.player_lookup,
      SAFE_DIVIDE(SUM(e.likeness * e.minutes), SUM(e.likeness)) AS similar_minutes,
      SAFE_DIVIDE(SUM(e.likeness * e.points), SUM(e.likeness)) AS similar_points,
      SAFE_DIVIDE(SUM(e.likeness), SUM(e.weight)) AS similarity,
      SUM(e.same_company) AS company_games,
      SUM(e.same_company * e.minutes) AS company_minutes,
      SUM(e.same_company * e.points) AS company_points,
      SUM(e.same_company * e.more_minutes) AS company_more_minutes,
      SUM(e.same_company * e.more_points) AS company_more_points,
      SUM(e.weight_5 * e.surprise) / (SUM(e.weight_5) + 1) AS minutes_surprise_5
    FROM pairs AS e
    GROUP BY 1, 2
  )
SELECT
  w.game_date,
  w.player_lookup,
  'lineups_2' AS feature_version,
  -- Known before lineups are.
  k.minutes_surprise_5,
  w.last_mates_points_vs_20,
  w.last_allotted_minutes,
  w.last_role_minutes,
  w.is_starter_vs_1,
  w.is_starter * w.minutes_rank AS starter_rank,
  w.allotted_minutes,
  w.used_share * w.allotted_minutes AS load,
  w.minutes_share,
  w.minutes_share_vs_20,
  w.mates_minutes_vs_1,
  w.mates_minutes_vs_5,
  w.mates_points,
  w.mates_used,
  w.mates_assists,
  w.mates_rebounds,
  w.mates_points_vs_20 * f.usage_ewma_20 / 20 AS mates_points_by_usage,
  w.same_size_minutes_vs_5,
  w.near_minutes,
  w.near_minutes_vs_5,
  w.near_better_minutes,
  w.near_absent_used_vs_5,
  w.absent_minutes,
  w.absent_points,
  w.starter_points,
  w.opponent_absent_minutes,
  k.similar_points,
  k.similarity,
  k.similar_minutes * f.ppm_60 AS similar_minutes_points,
  -- A third of a usual game beside those with this company.
  LN(COALESCE(k.company_games, 0) + 0.1e0) AS company_games_log,
  (COALESCE(k.company_minutes, 0) + 0.3e0 * w.usual_minutes) / (COALESCE(k.company_games, 0) + 0.3e0) AS company_minutes,
  (COALESCE(k.company_minutes, 0) + 0.3e0 * w.usual_minutes) / (COALESCE(k.company_games, 0) + 0.3e0)
    * f.ppm_60 AS company_minutes_points,
  (COALESCE(k.company_points, 0) + 0.3e0 * w.usual_points) / (COALESCE(k.company_games, 0) + 0.3e0) AS company_points,
  COALESCE(k.company_more_minutes, 0) / (COALESCE(k.company_games, 0) + 0.3e0) AS company_more_minutes,
  COALESCE(k.company_more_points, 0) / (COALESCE(k.company_games, 0) + 0.3e0) AS company_more_points
FROM compared AS w
JOIN partitions AS q ON q.partition_date = w.game_date
LEFT JOIN lookalikes AS k ON k.game_date = w.game_date AND k.player_lookup = w.player_lookup
LEFT JOIN player_form AS f ON f.game_date = w.game_date AND f.player_lookup = w.player_lookup
