-- What a player's own games before the date say of him: weighted means at several half-lives,
-- shooting shrunk to the league, role, availability and schedule. Nothing of the date itself enters
-- but that he is on the slate and where.
WITH
  -- Minutes also as if every game had had 48.
  history AS (
    SELECT
      g.player_lookup,
      g.season_year,
      g.game_date,
      g.starter_flag,
      g.minutes_played AS minutes,
      g.minutes_played * SAFE_DIVIDE(48e0, 48 + 5 * t.overtime_periods) AS minutes_48,
      g.points,
      g.rebounds,
      g.assists,
      g.points + g.rebounds + g.assists AS pra,
      g.fg_attempts AS fga,
      g.ft_attempts AS fta,
      g.three_pt_attempts AS threes,
      g.fg_attempts - g.three_pt_attempts AS twos,
      COALESCE(g.paint_attempts, g.fg_attempts - g.three_pt_attempts) AS paints,
      g.fg_makes - g.three_pt_makes AS twos_made,
      g.turnovers,
      COALESCE(g.usage_rate, 0e0) AS usage,
      g.plus_minus,
      ROW_NUMBER() OVER (PARTITION BY g.player_lookup ORDER BY g.game_date) AS game_no,
      LAG(g.game_date) OVER (PARTITION BY g.player_lookup ORDER BY g.game_date) AS earlier_date
    FROM player_game_summary AS g
    JOIN team_offense_game_summary AS t ON t.game_id = g.game_id AND t.team_abbr = g.team_abbr
  ),
  weighted AS (
    SELECT
      h.*,
      POW(2, h.game_no / 3) AS w3,
      POW(2, h.game_no / 8) AS w8,
      POW(2, h.game_no / 20) AS w20,
      POW(2, h.game_no / 60) AS w60,
      IF(
        h.earlier_date IS NULL OR (DATE_DIFF(h.game_date, h.earlier_date, DAY) > 10),
        h.game_no,
        0
      ) AS return_no
    FROM history AS h
  ),
  -- His state after each game.
  state AS (
    SELECT
      w.player_lookup,
      w.season_year,
      w.game_date AS last_game_date,
      w.game_no AS career_games,
      w.minutes AS last_minutes,
      w.fga AS last_fga,
      LEAD(w.game_date, 1, DATE '9999-12-31') OVER player AS next_game_date,
      SUM(w.w3) OVER past AS s3,
      SUM(w.w8) OVER past AS s8,
      SUM(w.w20) OVER past AS s20,
      SUM(w.w60) OVER past AS s60,
      SUM(w.w3 * w.points) OVER past AS points_3,
      SUM(w.w8 * w.points) OVER past AS points_8,
      SUM(w.w20 * w.points) OVER past AS points_20,
      SUM(w.w60 * w.points) OVER past AS points_60,
      SUM(w.w3 * w.minutes_48) OVER past AS minutes_3,
      SUM(w.w8 * w.minutes_48) OVER past AS minutes_8,
      SUM(w.w20 * w.minutes_48) OVER past AS minutes_20,
      SUM(w.w60 * w.minutes_48) OVER past AS minutes_60,
      SUM(w.w20 * w.minutes_48 * w.minutes_48) OVER past AS minutes_square,
      SUM(w.w8 * w.fta) OVER past AS fta_8,
      SUM(w.w60 * w.fta) OVER past AS fta_60,
      SUM(w.w20 * w.threes) OVER past AS threes_20,
      SUM(w.w20 * w.twos) OVER past AS twos_20,
      SUM(w.w60 * w.twos) OVER past AS twos_60,
      SUM(w.w20 * w.paints) OVER past AS paints_20,
      SUM(w.w60 * w.twos_made) OVER past AS twos_made_60,
      SUM(w.w8 * w.usage * w.minutes) OVER past AS usage_8,
      SUM(w.w20 * w.usage * w.minutes) OVER past AS usage_20,
      SUM(w.w8 * w.minutes) OVER past AS raw_minutes_8,
      SUM(w.w20 * w.minutes) OVER past AS raw_minutes_20,
      SUM(w.w60 * w.minutes) OVER past AS raw_minutes_60,
      SUM(w.w8 * w.rebounds) OVER past AS rebounds_8,
      SUM(w.w20 * w.rebounds) OVER past AS rebounds_20,
      SUM(w.w60 * w.rebounds) OVER past AS rebounds_60,
      SUM(w.w8 * w.assists) OVER past AS assists_8,
      SUM(w.w20 * w.assists) OVER past AS assists_20,
      SUM(w.w60 * w.assists) OVER past AS assists_60,
      SUM(w.w3 * w.pra) OVER past AS pra_3,
      SUM(w.w20 * w.pra * w.pra) OVER past AS pra_square,
      SUM(w.w20 * w.turnovers) OVER past AS turnovers_20,
      SUM(w.w20 * w.plus_minus) OVER past AS plus_minus_20,
      SUM(w.w8 * IF(w.starter_flag, 1, 0)) OVER past AS starts_8,
      MIN(w.minutes) OVER last_5 AS minutes_min_5,
      AVG(w.minutes) OVER last_2 AS minutes_last_2,
      MIN(w.points) OVER last_10 AS points_min_10,
      MAX(w.return_no) OVER past AS returned_no,
      COUNT(*) OVER season AS season_games,
      AVG(w.points) OVER season AS season_points,
      AVG(w.minutes) OVER season AS season_minutes,
      AVG(w.pra) OVER season AS season_pra
    FROM weighted AS w
    WINDOW
      player AS (PARTITION BY w.player_lookup ORDER BY w.game_date),
      past AS (player ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
      last_2 AS (player ROWS BETWEEN 1 PRECEDING AND CURRENT ROW),
      last_5 AS (player ROWS BETWEEN 4 PRECEDING AND CURRENT ROW),
      last_10 AS (player ROWS BETWEEN 9 PRECEDING AND CURRENT ROW),
      player_season AS (PARTITION BY w.player_lookup, w.season_year ORDER BY w.game_date),
      season AS (player_season ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  ),
  team_games AS (
    SELECT
      t.team_abbr,
      t.season_year,
      t.game_date,
      ROW_NUMBER() OVER (PARTITION BY t.team_abbr, t.season_year ORDER BY t.game_date) AS team_game_no,
      LEAD(t.game_date, 1, DATE '9999-12-31')
        OVER (PARTITION BY t.team_abbr, t.season_year ORDER BY t.game_date) AS next_game_date
    FROM team_offense_game_summary AS t
  ),
  joined AS (
    SELECT
      POW(2, st.career_games / 60) AS now_60,
      s.game_date,
      s.player_lookup,
      s.game_id,
      s.season_year,
      s.team_abbr,
      s.opponent_team_abbr,
      s.home_game,
      st.season_year = s.season_year AS same_season,
      st.* EXCEPT (player_lookup, season_year),
      now.team_game_no AS team_games_now,
      had.team_game_no AS team_games_then
    FROM player_slate AS s
    LEFT JOIN state AS st
      ON st.player_lookup = s.player_lookup
      AND st.last_game_date < s.game_date
      AND s.game_date <= st.next_game_date
    LEFT JOIN team_games AS now
      ON now.team_abbr = s.team_abbr
      AND now.season_year = s.season_year
      AND now.game_date < s.game_date
      AND s.game_date <= now.next_game_date
    LEFT JOIN team_games AS had
      ON had.team_abbr = s.team_abbr
      AND had.season_year = s.season_year
      AND had.game_date <= st.last_game_date
      AND st.last_game_date < had.next_game_date
  )
SELECT
  j.game_date,
  j.player_lookup,
  j.game_id,
  j.season_year,
  j.team_abbr,
  j.opponent_team_abbr,
  IF(j.home_game, 1, 0) AS at_home,
  IF(j.same_season, j.season_games, 0) AS season_games,
  IF(j.same_season, j.season_points, NULL) AS season_points,
  IF(j.same_season, j.season_minutes, NULL) AS season_minutes,
  IF(j.same_season, j.season_pra, NULL) AS season_pra,
  SAFE_DIVIDE(j.points_3, j.s3) AS points_ewma_3,
  SAFE_DIVIDE(j.points_8, j.s8) AS points_ewma_8,
  SAFE_DIVIDE(j.points_20, j.s20) AS points_ewma_20,
  SAFE_DIVIDE(j.minutes_3, j.s3) AS minutes_ewma_3,
  SAFE_DIVIDE(j.minutes_8, j.s8) AS minutes_ewma_8,
  SAFE_DIVIDE(j.minutes_20, j.s20) AS minutes_ewma_20,
  SAFE_DIVIDE(j.minutes_60, j.s60) AS minutes_ewma_60,
  SQRT(GREATEST(SAFE_DIVIDE(j.minutes_square, j.s20) - POW(SAFE_DIVIDE(j.minutes_20, j.s20), 2), 0)) AS minutes_sd_20,
  SAFE_DIVIDE(j.fta_8, j.s8) AS fta_ewma_8,
  SAFE_DIVIDE(j.fta_60, j.s60) AS fta_ewma_60,
  SAFE_DIVIDE(j.threes_20, j.s20) AS threes_ewma_20,
  SAFE_DIVIDE(j.paints_20, j.s20) AS paints_ewma_20,
  SAFE_DIVIDE(j.twos_20 - j.paints_20, j.s20) AS mids_ewma_20,
  SAFE_DIVIDE(j.twos_made_60 + 32 * j.now_60, j.twos_60 + 60 * j.now_60) AS two_pct_shrunk,
  SAFE_DIVIDE(j.points_20, j.raw_minutes_20) AS ppm_20,
  -- Points per minute, shrunk by 200 minutes of a typical player.
  SAFE_DIVIDE(j.points_60 + 80 * j.now_60, j.raw_minutes_60 + 200 * j.now_60) AS ppm_60,
  SAFE_DIVIDE(j.usage_8, j.raw_minutes_8) AS usage_ewma_8,
  SAFE_DIVIDE(j.usage_20, j.raw_minutes_20) AS usage_ewma_20,
  SAFE_DIVIDE(j.rebounds_8, j.s8) AS rebounds_ewma_8,
  SAFE_DIVIDE(j.rebounds_20, j.s20) AS rebounds_ewma_20,
  SAFE_DIVIDE(j.rebounds_60, j.s60) AS rebounds_ewma_60,
  SAFE_DIVIDE(j.assists_8, j.s8) AS assists_ewma_8,
  SAFE_DIVIDE(j.assists_20, j.s20) AS assists_ewma_20,
  SAFE_DIVIDE(j.assists_60, j.s60) AS assists_ewma_60,
  SAFE_DIVIDE(j.pra_3, j.s3) AS pra_ewma_3,
  SAFE_DIVIDE(j.points_8 + j.rebounds_8 + j.assists_8, j.s8) AS pra_ewma_8,
  SAFE_DIVIDE(j.points_20 + j.rebounds_20 + j.assists_20, j.s20) AS pra_ewma_20,
  SAFE_DIVIDE(j.points_60 + j.rebounds_60 + j.assists_60, j.s60) AS pra_ewma_60,
  SQRT(GREATEST(
    SAFE_DIVIDE(j.pra_square, j.s20) - POW(SAFE_DIVIDE(j.points_20 + j.rebounds_20 + j.assists_20, j.s20), 2), 0
  )) AS pra_sd_20,
  SAFE_DIVIDE(j.turnovers_20, j.s20) AS turnovers_ewma_20,
  SAFE_DIVIDE(j.plus_minus_20, j.s20) AS plus_minus_ewma_20,
  -- Guards assist, big men rebound.
  SAFE_DIVIDE(36 * (j.rebounds_60 - j.assists_60), j.raw_minutes_60) AS size_index,
  j.last_minutes,
  j.last_fga,
  j.minutes_last_2,
  j.minutes_min_5,
  j.points_min_10,
  SAFE_DIVIDE(j.starts_8, j.s8) AS starts_ewma_8,
  DATE_DIFF(j.game_date, j.last_game_date, DAY) AS days_since_game,
  COALESCE(j.team_games_now, 0) - IF(j.same_season, COALESCE(j.team_games_then, 0), 0) AS games_missed,
  -- Today's is the first one back if he was away until now.
  IF(
    j.same_season AND DATE_DIFF(j.game_date, j.last_game_date, DAY) <= 10,
    j.career_games - j.returned_no + 1,
    0
  ) AS games_since_return
FROM joined AS j
