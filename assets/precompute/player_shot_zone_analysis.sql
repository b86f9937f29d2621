-- Where each player shoots from, over his last 10 and 20 games before the date (domain.md 4.2).
-- Every player of the season with at least 10 games has a row on every date, whether or not he
-- plays.
WITH
  games AS (
    SELECT
      g.player_lookup,
      g.universal_player_id,
      g.season_year,
      g.game_date,
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
  )
SELECT
  q.partition_date AS analysis_date,
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
  'high' AS data_quality_tier
FROM partitions AS q
JOIN profiles AS p
  ON p.season_year = CAST(q.period AS INT64)
  AND p.as_of < q.partition_date
  AND q.partition_date <= p.next_game_date
WHERE past_bootstrap(q.partition_date, q.period_start)
