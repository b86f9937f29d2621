-- Where each player shoots from, over his last 10 and 20 games before the date (domain.md 4.2).
-- Every player of the season with at least 10 games has a row on every date, whether or not he
-- plays.
WITH
  games AS (
    SELECT
      g.player_lookup,
      g.universal_player_id,
      g.season_year,
      g.team_abbr,
      g.game_date,
      CAST(g.game_date AS STRING) AS day_text,
      g.paint_attempts,
      g.paint_makes,
      g.mid_range_attempts,
      g.mid_range_makes,
      g.three_attempts_pbp,
      g.three_makes_pbp,
      g.assisted_fg_makes,
      g.unassisted_fg_makes,
      -- Assisted shares are taken over games whose assists are known.
      IF(g.assisted_fg_makes IS NULL, NULL, g.fg_makes) AS described_makes
    FROM player_game_summary AS g
  ),
  -- The sums of a player as of each of his games; they hold until the next one.
  sums AS (
    SELECT
      g.player_lookup,
      g.universal_player_id,
      g.season_year,
      g.team_abbr,
      g.game_date AS as_of,
      LEAD(g.game_date, 1, DATE '9999-12-31') OVER player AS next_game_date,
      COUNT(*) OVER last_10 AS games_10,
      COUNT(*) OVER last_20 AS games_20,
      SUM(g.paint_attempts) OVER last_10 AS paint_attempts_10,
      SUM(g.paint_makes) OVER last_10 AS paint_makes_10,
      SUM(g.mid_range_attempts) OVER last_10 AS mid_range_attempts_10,
      SUM(g.mid_range_makes) OVER last_10 AS mid_range_makes_10,
      SUM(g.three_attempts_pbp) OVER last_10 AS three_attempts_10,
      SUM(g.three_makes_pbp) OVER last_10 AS three_makes_10,
      SUM(g.assisted_fg_makes) OVER last_10 AS assisted_10,
      SUM(g.unassisted_fg_makes) OVER last_10 AS unassisted_10,
      SUM(g.described_makes) OVER last_10 AS described_makes_10,
      SUM(g.paint_attempts) OVER last_20 AS paint_attempts_20,
      SUM(g.paint_makes) OVER last_20 AS paint_makes_20,
      MIN(g.game_date) OVER last_10 AS first_day_10,
      STRING_AGG(g.day_text, ',') OVER last_10 AS days_10,
      MIN(g.team_abbr) OVER last_10 <> MAX(g.team_abbr) OVER last_10 AS has_two_teams,
      SUM(g.paint_attempts + g.mid_range_attempts + g.three_attempts_pbp) OVER last_20 AS shots_20
    FROM games AS g
    WINDOW
      player AS (PARTITION BY g.player_lookup, g.season_year ORDER BY g.game_date),
      last_10 AS (player ROWS BETWEEN 9 PRECEDING AND CURRENT ROW),
      last_20 AS (player ROWS BETWEEN 19 PRECEDING AND CURRENT ROW)
  ),
  counted AS (
    SELECT s.*, s.paint_attempts_10 + s.mid_range_attempts_10 + s.three_attempts_10 AS shots_10
    FROM sums AS s
    WHERE s.games_10 = 10
  ),
  -- Rounded here already, since the main zone is decided on what is stored.
  rates AS (
    SELECT
      c.*,
      round_half_up(SAFE_DIVIDE(100 * c.paint_attempts_10, c.shots_10), 2) AS paint_rate,
      round_half_up(SAFE_DIVIDE(100 * c.mid_range_attempts_10, c.shots_10), 2) AS mid_range_rate,
      round_half_up(SAFE_DIVIDE(100 * c.three_attempts_10, c.shots_10), 2) AS three_rate
    FROM counted AS c
  ),
  profiles AS (
    SELECT
      r.player_lookup,
      r.universal_player_id,
      r.season_year,
      r.as_of,
      r.next_game_date,
      r.shots_10 AS total_shots_last_10,
      r.paint_rate AS paint_rate_last_10,
      r.mid_range_rate AS mid_range_rate_last_10,
      r.three_rate AS three_pt_rate_last_10,
      SAFE_DIVIDE(r.paint_makes_10, r.paint_attempts_10) AS paint_pct_last_10,
      SAFE_DIVIDE(r.mid_range_makes_10, r.mid_range_attempts_10) AS mid_range_pct_last_10,
      SAFE_DIVIDE(r.three_makes_10, r.three_attempts_10) AS three_pt_pct_last_10,
      SAFE_DIVIDE(r.paint_attempts_10, r.games_10) AS paint_attempts_per_game,
      SAFE_DIVIDE(r.mid_range_attempts_10, r.games_10) AS mid_range_attempts_per_game,
      SAFE_DIVIDE(r.three_attempts_10, r.games_10) AS three_pt_attempts_per_game,
      SAFE_DIVIDE(100 * r.assisted_10, r.described_makes_10) AS assisted_rate_last_10,
      SAFE_DIVIDE(100 * r.unassisted_10, r.described_makes_10) AS unassisted_rate_last_10,
      IF(r.games_20 >= 15, SAFE_DIVIDE(100 * r.paint_attempts_20, r.shots_20), NULL) AS paint_rate_last_20,
      IF(r.games_20 >= 15, SAFE_DIVIDE(r.paint_makes_20, r.paint_attempts_20), NULL) AS paint_pct_last_20,
      r.games_10 AS games_in_sample_10,
      r.games_20 AS games_in_sample_20,
      DATE_DIFF(r.as_of, r.first_day_10, DAY) AS span_days,
      TO_HEX(MD5(r.days_10)) AS dates_hash,
      r.has_two_teams,
      CASE
        WHEN r.games_20 >= 20 THEN 'excellent'
        WHEN r.games_20 >= 14 THEN 'good'
        ELSE 'limited'
      END AS sample_quality_20,
      CASE
        WHEN r.paint_rate IS NULL THEN NULL
        WHEN r.paint_rate >= 40 THEN 'paint'
        WHEN r.three_rate >= 40 THEN 'perimeter'
        WHEN r.mid_range_rate >= 35 THEN 'mid_range'
        ELSE 'balanced'
      END AS primary_scoring_zone
    FROM rates AS r
  ),
  sides AS (
    SELECT s.season_year, s.game_date, IF(is_home_side, s.home_team, s.away_team) AS team_abbr
    FROM schedule AS s
    CROSS JOIN UNNEST([TRUE, FALSE]) AS is_home_side
    WHERE s.status = 'final'
  ),
  team_games AS (
    SELECT
      t.season_year,
      t.team_abbr,
      t.game_date,
      ROW_NUMBER() OVER team AS game_no,
      LEAD(t.game_date, 1, DATE '9999-12-31') OVER team AS next_game_date
    FROM sides AS t
    WINDOW team AS (PARTITION BY t.team_abbr, t.season_year ORDER BY t.game_date)
  ),
  -- The final games of his team from each game of a player to his next one: he missed all but the
  -- first.
  roll_call AS (
    SELECT
      p.player_lookup,
      p.season_year,
      p.team_abbr,
      p.as_of AS last_game_date,
      t.game_date AS as_of,
      LEAST(t.next_game_date, p.next_game_date) AS next_as_of,
      t.game_no,
      IF(t.game_date = p.as_of, 1, 0) AS was_there
    FROM sums AS p
    JOIN team_games AS t
      ON t.team_abbr = p.team_abbr
      AND t.season_year = p.season_year
      AND t.game_date >= p.as_of
      AND t.game_date < p.next_game_date
  ),
  -- Expected and actual games of the last 10 of his team, as of each of these games.
  attendance AS (
    SELECT
      a.player_lookup,
      a.season_year,
      a.last_game_date,
      a.as_of,
      a.next_as_of,
      LEAST(a.game_no, 10) AS expected_games,
      SUM(a.was_there) OVER (
        PARTITION BY a.player_lookup, a.season_year, a.team_abbr
        ORDER BY a.game_no
        RANGE BETWEEN 9 PRECEDING AND CURRENT ROW
      ) AS actual_games
    FROM roll_call AS a
  ),
  dated AS (
    SELECT
      q.partition_date,
      is_bootstrap_mode(q.partition_date, q.period_start) AS is_bootstrap,
      p.*,
      COALESCE(a.expected_games, 0) AS expected_games,
      COALESCE(a.actual_games, 0) AS actual_games,
      completeness_of(a.actual_games, a.expected_games) AS completeness
    FROM partitions AS q
    JOIN profiles AS p
      ON p.season_year = CAST(q.period AS INT64)
      AND p.as_of < q.partition_date
      AND q.partition_date <= p.next_game_date
    LEFT JOIN attendance AS a
      ON a.player_lookup = p.player_lookup
      AND a.season_year = p.season_year
      AND a.last_game_date = p.as_of
      AND a.as_of < q.partition_date
      AND q.partition_date <= a.next_as_of
    WHERE past_bootstrap(q.partition_date, q.period_start)
  )
SELECT
  p.partition_date AS analysis_date,
  p.player_lookup,
  p.universal_player_id,
  p.season_year,
  p.total_shots_last_10,
  p.paint_rate_last_10,
  p.mid_range_rate_last_10,
  p.three_pt_rate_last_10,
  p.paint_pct_last_10,
  p.mid_range_pct_last_10,
  p.three_pt_pct_last_10,
  p.paint_attempts_per_game,
  p.mid_range_attempts_per_game,
  p.three_pt_attempts_per_game,
  p.assisted_rate_last_10,
  p.unassisted_rate_last_10,
  p.paint_rate_last_20,
  p.paint_pct_last_20,
  p.games_in_sample_10,
  p.games_in_sample_20,
  -- Constant by construction: a row needs all 10 games.
  'excellent' AS sample_quality_10,
  p.sample_quality_20,
  p.primary_scoring_zone,
  'high' AS data_quality_tier,
  quality_tier_of(p.completeness) AS quality_tier,
  p.expected_games AS expected_games_count,
  p.actual_games AS actual_games_count,
  p.completeness AS completeness_percentage,
  p.expected_games - p.actual_games AS missing_games_count,
  p.actual_games >= p.expected_games AS is_complete,
  is_window_ready(p.completeness, p.span_days, 90) AS is_production_ready,
  issue_list(
    ARRAY_TO_STRING(
      [
        IF(p.has_two_teams, 'changed_team', NULL),
        completeness_issue(p.completeness, 90, 70),
        span_issue(p.span_days, 21)
      ],
      ','
    )
  ) AS data_quality_issues,
  is_season_boundary(p.partition_date) AS season_boundary_detected,
  p.is_bootstrap AS backfill_bootstrap_mode,
  decision_of(p.completeness, 70) AS processing_decision_reason,
  p.span_days AS window_span_days,
  p.dates_hash AS window_dates_hash
FROM dated AS p
