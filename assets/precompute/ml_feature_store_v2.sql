-- The 25 features of each player of the slate, with the source of each value and a quality score
-- (domain.md 4.5). Precomputed values come first, then those from games or the context, then a
-- constant. In the first 14 days of a season there are placeholders without features.
WITH
  -- What is calculated from the player's games, as of each of them.
  form AS (
    SELECT
      g.player_lookup,
      g.season_year,
      g.game_date AS last_game_date,
      AVG(g.minutes_played) OVER season AS minutes_season,
      SUM(g.points) OVER last_2 AS points_sum_2,
      SUM(g.points) OVER last_5 AS points_sum_5,
      SUM(g.points) OVER last_10 AS points_sum_10,
      SUM(g.ft_makes) OVER last_10 AS ft_makes_10
    FROM player_game_summary AS g
    WINDOW
      player AS (PARTITION BY g.player_lookup, g.season_year ORDER BY g.game_date),
      last_2 AS (player ROWS BETWEEN 1 PRECEDING AND CURRENT ROW),
      last_5 AS (player ROWS BETWEEN 4 PRECEDING AND CURRENT ROW),
      last_10 AS (player ROWS BETWEEN 9 PRECEDING AND CURRENT ROW),
      season AS (player ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  ),
  -- Players with too few games for the cache: the mean of the season, and of the last 60 days.
  newcomers AS (
    SELECT
      c.game_date,
      c.player_lookup,
      AVG(g.points) AS points_season,
      AVG(IF(DATE_DIFF(c.game_date, g.game_date, DAY) <= 60, g.points, NULL)) AS points_60_days
    FROM upcoming_player_game_context AS c
    JOIN player_game_summary AS g
      ON g.player_lookup = c.player_lookup
      AND g.season_year = c.season_year
      AND g.game_date < c.game_date
    WHERE c.season_games_before < 5
    GROUP BY 1, 2
  ),
  inputs AS (
    SELECT
      c.game_date,
      c.player_lookup,
      c.universal_player_id,
      c.game_id,
      c.season_year,
      c.team_abbr,
      c.opponent_team_abbr,
      c.home_game,
      c.days_rest,
      c.opponent_days_rest,
      c.back_to_back AS is_back_to_back,
      c.game_type,
      c.player_status,
      c.season_games_before,
      c.games_in_last_7_days AS context_games_7,
      NOT past_bootstrap(q.partition_date, q.period_start) AS is_placeholder,
      p.player_lookup IS NOT NULL AS has_cache,
      p.points_avg_last_5 AS cache_points_5,
      p.points_avg_last_10 AS cache_points_10,
      p.points_avg_season AS cache_points_season,
      p.points_std_last_10 AS cache_points_std,
      p.games_in_last_7_days AS cache_games_7,
      p.team_pace_last_10,
      p.team_off_rating_last_10,
      -- Who is not in the cache has fewer than 10 games: all of them are his last 10.
      COALESCE(p.minutes_avg_last_10, f.minutes_season) AS minutes_10,
      c.l10_games_used,
      w.l10_expected_games AS expected_games,
      w.l10_actual_games AS actual_games,
      completeness_of(w.l10_actual_games, w.l10_expected_games) AS completeness,
      w.window_has_two_teams,
      w.window_span_days,
      w.window_dates_hash,
      is_bootstrap_mode(q.partition_date, q.period_start) AS is_bootstrap,
      COALESCE(p.is_production_ready, FALSE) AS cache_ready,
      COALESCE(k.is_production_ready, FALSE) AS factors_ready,
      LEAST(tier_floor(p.quality_tier), tier_floor(k.quality_tier)) AS input_quality,
      k.player_lookup IS NOT NULL AS has_factors,
      k.fatigue_score,
      k.shot_zone_mismatch_score,
      k.pace_score,
      k.usage_spike_score,
      d.defensive_rating_last_15,
      d.opponent_pace AS defense_pace,
      z.paint_rate_last_10,
      z.mid_range_rate_last_10,
      z.three_pt_rate_last_10,
      t.team_win_pct,
      f.minutes_season,
      f.points_sum_2,
      f.points_sum_5,
      f.points_sum_10,
      f.ft_makes_10,
      n.points_season,
      n.points_60_days
    FROM upcoming_player_game_context AS c
    JOIN partitions AS q ON q.partition_date = c.game_date
    LEFT JOIN player_game_windows AS w
      ON w.game_date = c.game_date AND w.player_lookup = c.player_lookup
    LEFT JOIN player_daily_cache AS p
      ON p.cache_date = c.game_date AND p.player_lookup = c.player_lookup
    LEFT JOIN player_composite_factors AS k
      ON k.game_date = c.game_date AND k.player_lookup = c.player_lookup
    LEFT JOIN player_shot_zone_analysis AS z
      ON z.analysis_date = c.game_date AND z.player_lookup = c.player_lookup
    LEFT JOIN team_defense_zone_analysis AS d
      ON d.analysis_date = c.game_date AND d.team_abbr = c.opponent_team_abbr
    LEFT JOIN upcoming_team_game_context AS t
      ON t.game_date = c.game_date AND t.team_abbr = c.team_abbr
    LEFT JOIN form AS f
      ON f.player_lookup = c.player_lookup
      AND f.season_year = c.season_year
      AND f.last_game_date = c.last_game_date
    LEFT JOIN newcomers AS n ON n.game_date = c.game_date AND n.player_lookup = c.player_lookup
  ),
  -- Every feature as far as it is known: NULL is what a constant will replace.
  known AS (
    SELECT
      i.*,
      COALESCE(i.cache_points_10, round_half_up(i.points_60_days, 4)) AS known_points_10,
      COALESCE(i.cache_points_season, round_half_up(i.points_season, 4)) AS known_points_season,
      COALESCE(i.cache_games_7, i.context_games_7) AS known_games_7,
      clamp(i.days_rest - i.opponent_days_rest, -2, 2) AS known_rest_advantage,
      CASE i.player_status
        WHEN 'probable' THEN 1
        WHEN 'questionable' THEN 2
        WHEN 'doubtful' THEN 3
        WHEN 'out' THEN 3
        ELSE 0
      END AS known_injury_risk,
      -- Mean of the newest two games minus the three before, times six to stay in whole numbers.
      IF(i.season_games_before >= 5, 3 * i.points_sum_2 - 2 * (i.points_sum_5 - i.points_sum_2), NULL)
        AS trend_times_6,
      IF(
        i.minutes_10 > 0 AND i.minutes_season > 0,
        round_half_up(SAFE_DIVIDE(i.minutes_10 - i.minutes_season, i.minutes_season), 6),
        NULL
      ) AS minutes_ratio,
      IF(i.home_game, 1, 0) AS known_home,
      IF(i.is_back_to_back, 1, 0) AS known_back_to_back,
      IF(i.game_type = 'playoff', 1, 0) AS known_playoff,
      IF(
        i.l10_games_used >= 5 AND i.points_sum_10 > 0,
        clamp(SAFE_DIVIDE(i.ft_makes_10, i.points_sum_10), 0, 0.5e0),
        NULL
      ) AS known_free_throw
    FROM inputs AS i
  ),
  graded AS (
    SELECT
      k.*,
      CASE
        WHEN k.trend_times_6 IS NULL THEN NULL
        WHEN k.trend_times_6 >= 30 THEN 2
        WHEN k.trend_times_6 >= 12 THEN 1
        WHEN k.trend_times_6 <= -30 THEN -2
        WHEN k.trend_times_6 <= -12 THEN -1
        ELSE 0
      END AS known_trend,
      CASE
        WHEN k.minutes_ratio IS NULL THEN NULL
        WHEN k.minutes_ratio >= 0.20e0 THEN 2
        WHEN k.minutes_ratio >= 0.10e0 THEN 1
        WHEN k.minutes_ratio <= -0.20e0 THEN -2
        WHEN k.minutes_ratio <= -0.10e0 THEN -1
        ELSE 0
      END AS known_minutes_change
    FROM known AS k
  ),
  valued AS (
    SELECT
      g.game_date,
      g.player_lookup,
      g.universal_player_id,
      g.game_id,
      g.season_year,
      g.team_abbr,
      g.opponent_team_abbr,
      g.home_game,
      g.days_rest,
      g.season_games_before,
      g.expected_games,
      g.actual_games,
      g.completeness,
      g.window_has_two_teams,
      g.window_span_days,
      g.window_dates_hash,
      g.is_bootstrap,
      g.has_cache,
      g.cache_ready,
      g.factors_ready,
      g.input_quality,
      g.is_placeholder,
      IF(g.is_placeholder, NULL, COALESCE(g.cache_points_5, 10.0e0)) AS points_avg_last_5,
      IF(g.is_placeholder, NULL, COALESCE(g.known_points_10, 10.0e0)) AS points_avg_last_10,
      IF(g.is_placeholder, NULL, COALESCE(g.known_points_season, 10.0e0)) AS points_avg_season,
      IF(g.is_placeholder, NULL, COALESCE(g.cache_points_std, 5.0e0)) AS points_std_last_10,
      IF(g.is_placeholder, NULL, COALESCE(g.known_games_7, 3)) AS games_in_last_7_days,
      IF(g.is_placeholder, NULL, COALESCE(g.fatigue_score, 50)) AS fatigue_score,
      IF(g.is_placeholder, NULL, COALESCE(g.shot_zone_mismatch_score, 0.0e0)) AS shot_zone_mismatch_score,
      IF(g.is_placeholder, NULL, COALESCE(g.pace_score, 0.0e0)) AS pace_score,
      IF(g.is_placeholder, NULL, COALESCE(g.usage_spike_score, 0.0e0)) AS usage_spike_score,
      IF(g.is_placeholder, NULL, COALESCE(g.known_rest_advantage, 0.0e0)) AS rest_advantage,
      IF(g.is_placeholder, NULL, COALESCE(g.known_injury_risk, 0.0e0)) AS injury_risk,
      IF(g.is_placeholder, NULL, COALESCE(g.known_trend, 0.0e0)) AS recent_trend,
      IF(g.is_placeholder, NULL, COALESCE(g.known_minutes_change, 0.0e0)) AS minutes_change,
      IF(g.is_placeholder, NULL, COALESCE(g.defensive_rating_last_15, 112.0e0)) AS opponent_def_rating,
      IF(g.is_placeholder, NULL, COALESCE(g.defense_pace, 100.0e0)) AS opponent_pace,
      IF(g.is_placeholder, NULL, COALESCE(g.known_home, 0.0e0)) AS home_away,
      IF(g.is_placeholder, NULL, COALESCE(g.known_back_to_back, 0.0e0)) AS back_to_back,
      IF(g.is_placeholder, NULL, COALESCE(g.known_playoff, 0.0e0)) AS playoff_game,
      IF(g.is_placeholder, NULL, COALESCE(g.paint_rate_last_10 / 100, 0.30e0)) AS pct_paint,
      IF(g.is_placeholder, NULL, COALESCE(g.mid_range_rate_last_10 / 100, 0.20e0)) AS pct_mid_range,
      IF(g.is_placeholder, NULL, COALESCE(g.three_pt_rate_last_10 / 100, 0.35e0)) AS pct_three,
      IF(g.is_placeholder, NULL, COALESCE(g.known_free_throw, 0.15e0)) AS pct_free_throw,
      IF(g.is_placeholder, NULL, COALESCE(g.team_pace_last_10, 100.0e0)) AS team_pace,
      IF(g.is_placeholder, NULL, COALESCE(g.team_off_rating_last_10, 112.0e0)) AS team_off_rating,
      IF(g.is_placeholder, NULL, COALESCE(g.team_win_pct, 0.500e0)) AS team_win_pct,
      feature_source(g.cache_points_5, 'phase4') AS points_avg_last_5_source,
      IF(g.has_cache, 'phase4', feature_source(g.known_points_10, 'phase3')) AS points_avg_last_10_source,
      IF(g.has_cache, 'phase4', feature_source(g.known_points_season, 'phase3')) AS points_avg_season_source,
      feature_source(g.cache_points_std, 'phase4') AS points_std_last_10_source,
      IF(g.has_cache, 'phase4', 'phase3') AS games_in_last_7_days_source,
      feature_source(g.fatigue_score, 'phase4') AS fatigue_score_source,
      feature_source(g.shot_zone_mismatch_score, 'phase4') AS shot_zone_mismatch_score_source,
      feature_source(g.pace_score, 'phase4') AS pace_score_source,
      feature_source(g.usage_spike_score, 'phase4') AS usage_spike_score_source,
      feature_source(g.known_rest_advantage, 'calculated') AS rest_advantage_source,
      'calculated' AS injury_risk_source,
      feature_source(g.known_trend, 'calculated') AS recent_trend_source,
      feature_source(g.known_minutes_change, 'calculated') AS minutes_change_source,
      feature_source(g.defensive_rating_last_15, 'phase4') AS opponent_def_rating_source,
      feature_source(g.defense_pace, 'phase4') AS opponent_pace_source,
      'phase3' AS home_away_source,
      feature_source(g.days_rest, 'phase3') AS back_to_back_source,
      'phase3' AS playoff_game_source,
      feature_source(g.paint_rate_last_10, 'phase4') AS pct_paint_source,
      feature_source(g.mid_range_rate_last_10, 'phase4') AS pct_mid_range_source,
      feature_source(g.three_pt_rate_last_10, 'phase4') AS pct_three_source,
      feature_source(g.known_free_throw, 'calculated') AS pct_free_throw_source,
      feature_source(g.team_pace_last_10, 'phase4') AS team_pace_source,
      feature_source(g.team_off_rating_last_10, 'phase4') AS team_off_rating_source,
      feature_source(g.team_win_pct, 'calculated') AS team_win_pct_source
    FROM graded AS g
  ),
  counted AS (
    SELECT
      v.*,
      is_source(v.points_avg_last_5_source, 'default')
        + is_source(v.points_avg_last_10_source, 'default')
        + is_source(v.points_avg_season_source, 'default')
        + is_source(v.points_std_last_10_source, 'default')
        + is_source(v.games_in_last_7_days_source, 'default')
        + is_source(v.fatigue_score_source, 'default')
        + is_source(v.shot_zone_mismatch_score_source, 'default')
        + is_source(v.pace_score_source, 'default')
        + is_source(v.usage_spike_score_source, 'default')
        + is_source(v.rest_advantage_source, 'default')
        + is_source(v.recent_trend_source, 'default')
        + is_source(v.minutes_change_source, 'default')
        + is_source(v.opponent_def_rating_source, 'default')
        + is_source(v.opponent_pace_source, 'default')
        + is_source(v.back_to_back_source, 'default')
        + is_source(v.pct_paint_source, 'default')
        + is_source(v.pct_mid_range_source, 'default')
        + is_source(v.pct_three_source, 'default')
        + is_source(v.pct_free_throw_source, 'default')
        + is_source(v.team_pace_source, 'default')
        + is_source(v.team_off_rating_source, 'default')
        + is_source(v.team_win_pct_source, 'default') AS from_default,
      is_source(v.points_avg_last_10_source, 'phase3')
        + is_source(v.points_avg_season_source, 'phase3')
        + is_source(v.games_in_last_7_days_source, 'phase3')
        + is_source(v.home_away_source, 'phase3')
        + is_source(v.back_to_back_source, 'phase3')
        + is_source(v.playoff_game_source, 'phase3') AS from_phase3,
      is_source(v.rest_advantage_source, 'calculated')
        + is_source(v.injury_risk_source, 'calculated')
        + is_source(v.recent_trend_source, 'calculated')
        + is_source(v.minutes_change_source, 'calculated')
        + is_source(v.pct_free_throw_source, 'calculated')
        + is_source(v.team_win_pct_source, 'calculated') AS from_calculation
    FROM valued AS v
  ),
  -- A precomputed or calculated value counts in full, one from games or context 75 %, a constant
  -- 40 %.
  scored AS (
    SELECT
      c.*,
      25 - c.from_default - c.from_phase3 - c.from_calculation AS from_phase4,
      IF(c.is_placeholder, 0, round_half_up((2500 - 25 * c.from_phase3 - 60 * c.from_default) / 25, 2))
        AS quality
    FROM counted AS c
  )
SELECT
  s.game_date,
  s.player_lookup,
  s.universal_player_id,
  s.game_id,
  s.season_year,
  s.team_abbr,
  s.opponent_team_abbr,
  s.home_game AS is_home,
  s.days_rest,
  s.points_avg_last_5,
  s.points_avg_last_10,
  s.points_avg_season,
  s.points_std_last_10,
  s.games_in_last_7_days,
  s.fatigue_score,
  s.shot_zone_mismatch_score,
  s.pace_score,
  s.usage_spike_score,
  s.rest_advantage,
  s.injury_risk,
  s.recent_trend,
  s.minutes_change,
  s.opponent_def_rating,
  s.opponent_pace,
  s.home_away,
  s.back_to_back,
  s.playoff_game,
  s.pct_paint,
  s.pct_mid_range,
  s.pct_three,
  s.pct_free_throw,
  s.team_pace,
  s.team_off_rating,
  s.team_win_pct,
  IF(
    s.is_placeholder,
    NULL,
    [
      s.points_avg_last_5, s.points_avg_last_10, s.points_avg_season, s.points_std_last_10,
      s.games_in_last_7_days, s.fatigue_score, s.shot_zone_mismatch_score, s.pace_score,
      s.usage_spike_score, s.rest_advantage, s.injury_risk, s.recent_trend, s.minutes_change,
      s.opponent_def_rating, s.opponent_pace, s.home_away, s.back_to_back, s.playoff_game, s.pct_paint,
      s.pct_mid_range, s.pct_three, s.pct_free_throw, s.team_pace, s.team_off_rating, s.team_win_pct
    ]
  ) AS features,
  [
    'points_avg_last_5', 'points_avg_last_10', 'points_avg_season', 'points_std_last_10',
    'games_in_last_7_days', 'fatigue_score', 'shot_zone_mismatch_score', 'pace_score', 'usage_spike_score',
    'rest_advantage', 'injury_risk', 'recent_trend', 'minutes_change', 'opponent_def_rating', 'opponent_pace',
    'home_away', 'back_to_back', 'playoff_game', 'pct_paint', 'pct_mid_range', 'pct_three', 'pct_free_throw',
    'team_pace', 'team_off_rating', 'team_win_pct'
  ] AS feature_names,
  IF(
    s.is_placeholder,
    NULL,
    [
      s.points_avg_last_5_source, s.points_avg_last_10_source, s.points_avg_season_source,
      s.points_std_last_10_source, s.games_in_last_7_days_source, s.fatigue_score_source,
      s.shot_zone_mismatch_score_source, s.pace_score_source, s.usage_spike_score_source,
      s.rest_advantage_source, s.injury_risk_source, s.recent_trend_source, s.minutes_change_source,
      s.opponent_def_rating_source, s.opponent_pace_source, s.home_away_source, s.back_to_back_source,
      s.playoff_game_source, s.pct_paint_source, s.pct_mid_range_source, s.pct_three_source,
      s.pct_free_throw_source, s.team_pace_source, s.team_off_rating_source, s.team_win_pct_source
    ]
  ) AS feature_sources,
  25 AS feature_count,
  'v1_baseline_25' AS feature_version,
  s.quality AS feature_quality_score,
  IF(s.is_placeholder, NULL, s.from_default) AS default_feature_count,
  CASE
    WHEN s.is_placeholder THEN 'early_season'
    WHEN s.from_phase4 >= 22.5e0 THEN 'phase4'
    WHEN s.from_phase4 >= 12.5e0 THEN 'phase4_partial'
    WHEN s.from_phase3 >= 12.5e0 THEN 'phase3'
    ELSE 'mixed'
  END AS data_source,
  quality_tier_of(LEAST(s.quality, s.input_quality)) AS quality_tier,
  s.expected_games AS expected_games_count,
  s.actual_games AS actual_games_count,
  s.completeness AS completeness_percentage,
  s.expected_games - s.actual_games AS missing_games_count,
  s.actual_games >= s.expected_games AS is_complete,
  NOT s.is_placeholder
    AND s.quality >= 70
    AND s.cache_ready
    AND s.factors_ready
    AND is_window_ready(s.completeness, s.window_span_days, 90) AS is_production_ready,
  issue_list(
    ARRAY_TO_STRING(
      [
        IF(s.window_has_two_teams, 'changed_team', NULL),
        IF(s.is_placeholder OR s.factors_ready, NULL, 'composite_factors_not_ready'),
        CASE
          WHEN s.is_placeholder OR s.cache_ready THEN NULL
          WHEN s.has_cache THEN 'daily_cache_not_ready'
          ELSE 'daily_cache_missing'
        END,
        IF(s.quality >= 70, NULL, 'feature_quality_below_70'),
        IF(s.is_placeholder, 'placeholder', NULL),
        completeness_issue(s.completeness, 90, 70),
        span_issue(s.window_span_days, 21)
      ],
      ','
    )
  ) AS data_quality_issues,
  is_season_boundary(s.game_date) AS season_boundary_detected,
  s.is_bootstrap AS backfill_bootstrap_mode,
  s.window_span_days,
  s.window_dates_hash,
  s.is_placeholder AS early_season_flag,
  CASE
    WHEN s.is_placeholder THEN 'early_season_skip_first_14_days'
    WHEN s.season_games_before < 5 THEN 'fewer than 5 games of the season'
    ELSE NULL
  END AS insufficient_data_reason,
  IF(s.is_placeholder, 'early_season_placeholder', decision_of(s.completeness, 70)) AS processing_decision_reason
FROM scored AS s
