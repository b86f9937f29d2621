-- Four adjustments for each player of the slate: fatigue, shot-zone mismatch, pace and usage spike
-- (domain.md 4.3).
WITH
  inputs AS (
    SELECT
      c.game_date,
      c.player_lookup,
      c.universal_player_id,
      c.game_id,
      c.season_year,
      c.days_rest,
      c.pace_differential,
      c.projected_usage_rate,
      c.avg_usage_rate_last_7_games,
      c.games_in_last_7_days,
      c.minutes_in_last_7_days,
      c.back_to_backs_last_14_days,
      COALESCE(c.days_rest, 1) AS rest,
      COALESCE(c.back_to_back, FALSE) AS is_back_to_back,
      COALESCE(c.avg_minutes_per_game_last_7, 30) AS minutes_per_game,
      COALESCE(c.player_age, 25) AS age,
      z.player_lookup IS NOT NULL AS has_shot_zones,
      d.team_abbr IS NOT NULL AS has_defense,
      COALESCE(z.is_production_ready, FALSE) AS shot_zones_ready,
      COALESCE(d.is_production_ready, FALSE) AS defense_ready,
      -- The worst of the inputs that are there; an absent one lowers the share of known inputs.
      LEAST(tier_floor(c.quality_tier), tier_floor(z.quality_tier), tier_floor(d.quality_tier))
        AS input_quality,
      w.l10_expected_games AS expected_games,
      w.l10_actual_games AS actual_games,
      completeness_of(w.l10_actual_games, w.l10_expected_games) AS completeness,
      w.window_has_two_teams,
      w.window_span_days,
      w.window_dates_hash,
      is_bootstrap_mode(q.partition_date, q.period_start) AS is_bootstrap,
      -- The zone the player lives from, how much he uses it, and how the opponent defends it.
      CASE z.primary_scoring_zone
        WHEN 'perimeter' THEN z.three_pt_rate_last_10
        WHEN 'mid_range' THEN z.mid_range_rate_last_10
        ELSE z.paint_rate_last_10
      END AS zone_rate,
      CASE z.primary_scoring_zone
        WHEN 'perimeter' THEN d.three_pt_defense_vs_league_avg
        WHEN 'mid_range' THEN d.mid_range_defense_vs_league_avg
        ELSE d.paint_defense_vs_league_avg
      END AS zone_defense
    FROM upcoming_player_game_context AS c
    JOIN partitions AS q ON q.partition_date = c.game_date
    LEFT JOIN player_game_windows AS w
      ON w.game_date = c.game_date AND w.player_lookup = c.player_lookup
    LEFT JOIN player_shot_zone_analysis AS z
      ON z.analysis_date = c.game_date AND z.player_lookup = c.player_lookup
    LEFT JOIN team_defense_zone_analysis AS d
      ON d.analysis_date = c.game_date AND d.team_abbr = c.opponent_team_abbr
    WHERE past_bootstrap(q.partition_date, q.period_start)
  ),
  parts AS (
    SELECT
      i.*,
      -- 100 is fresh, 0 exhausted.
      clamp(
        100
        + CASE WHEN i.is_back_to_back THEN -15 WHEN i.rest >= 3 THEN 5 ELSE 0 END
        + IF(i.games_in_last_7_days >= 4, -10, 0)
        + IF(i.minutes_in_last_7_days > 240, -10, 0)
        + IF(i.minutes_per_game > 35, -8, 0)
        + CASE
          WHEN i.back_to_backs_last_14_days >= 2 THEN -12
          WHEN i.back_to_backs_last_14_days = 1 THEN -5
          ELSE 0
        END
        + CASE WHEN i.age >= 35 THEN -10 WHEN i.age >= 30 THEN -5 ELSE 0 END,
        0,
        100
      ) AS fatigue,
      IF(
        i.has_shot_zones AND i.has_defense,
        COALESCE(i.zone_defense, 0) * LEAST(COALESCE(i.zone_rate, 50) / 50, 1),
        0
      ) AS plain_mismatch,
      clamp(COALESCE(i.pace_differential, 0) / 2, -3, 3) AS pace,
      -- Without a projection or a baseline there is no spike to speak of.
      IF(
        i.avg_usage_rate_last_7_games = 0,
        0,
        COALESCE(clamp(0.3e0 * (i.projected_usage_rate - i.avg_usage_rate_last_7_games), -3, 3), 0)
      ) AS usage_spike
    FROM inputs AS i
  ),
  adjusted AS (
    SELECT
      p.*,
      (p.fatigue - 100) / 20 AS fatigue_points,
      clamp(p.plain_mismatch * IF(ABS(p.plain_mismatch) > 5, 1.2e0, 1), -10, 10) AS mismatch
    FROM parts AS p
  ),
  totals AS (
    SELECT
      a.*,
      a.fatigue_points + a.mismatch + a.pace + a.usage_spike AS total,
      IF(a.days_rest IS NULL, 0, 20)
        + IF(a.projected_usage_rate IS NULL, 0, 20)
        + IF(a.pace_differential IS NULL, 0, 20)
        + IF(a.has_shot_zones, 20, 0)
        + IF(a.has_defense, 20, 0) AS known_inputs
    FROM adjusted AS a
  )
SELECT
  t.game_date,
  t.player_lookup,
  t.universal_player_id,
  t.game_id,
  t.season_year,
  t.game_date AS analysis_date,
  CAST(ROUND(t.fatigue) AS INT64) AS fatigue_score,
  t.mismatch AS shot_zone_mismatch_score,
  t.pace AS pace_score,
  t.usage_spike AS usage_spike_score,
  -- Deferred until a source supplies referees, schedules ahead and distances.
  CAST(0 AS FLOAT64) AS referee_favorability_score,
  CAST(0 AS FLOAT64) AS look_ahead_pressure_score,
  CAST(0 AS FLOAT64) AS travel_impact_score,
  CAST(0 AS FLOAT64) AS opponent_strength_score,
  t.total AS total_composite_adjustment,
  t.known_inputs AS data_completeness_pct,
  ARRAY_TO_STRING(
    [
      IF(t.days_rest IS NULL, 'days_rest', NULL),
      IF(t.projected_usage_rate IS NULL, 'projected_usage_rate', NULL),
      IF(t.pace_differential IS NULL, 'pace_differential', NULL),
      IF(t.has_shot_zones, NULL, 'player_shot_zone_analysis'),
      IF(t.has_defense, NULL, 'team_defense_zone_analysis')
    ],
    ','
  ) AS missing_data_fields,
  t.fatigue < 50 OR ABS(t.mismatch) > 8 OR ABS(t.total) > 12 AS has_warnings,
  NULLIF(
    ARRAY_TO_STRING(
      [
        IF(t.fatigue < 50, 'EXTREME_FATIGUE', NULL),
        IF(ABS(t.mismatch) > 8, 'EXTREME_MATCHUP', NULL),
        IF(ABS(t.total) > 12, 'EXTREME_ADJUSTMENT', NULL)
      ],
      ','
    ),
    ''
  ) AS warning_details,
  'v1_4factors' AS calculation_version,
  t.shot_zones_ready AS upstream_player_shot_ready,
  t.defense_ready AS upstream_team_defense_ready,
  t.shot_zones_ready AND t.defense_ready AS all_upstreams_ready,
  t.shot_zones_ready AND t.defense_ready AND is_window_ready(t.completeness, t.window_span_days, 90)
    AS is_production_ready,
  quality_tier_of(LEAST(t.known_inputs, t.input_quality)) AS quality_tier,
  t.expected_games AS expected_games_count,
  t.actual_games AS actual_games_count,
  t.completeness AS completeness_percentage,
  t.expected_games - t.actual_games AS missing_games_count,
  t.actual_games >= t.expected_games AS is_complete,
  issue_list(
    ARRAY_TO_STRING(
      [
        IF(t.window_has_two_teams, 'changed_team', NULL),
        IF(t.has_defense, IF(t.defense_ready, NULL, 'defense_not_ready'), 'defense_missing'),
        IF(t.has_shot_zones, IF(t.shot_zones_ready, NULL, 'shot_zones_not_ready'), 'shot_zones_missing'),
        completeness_issue(t.completeness, 90, 70),
        span_issue(t.window_span_days, 21)
      ],
      ','
    )
  ) AS data_quality_issues,
  is_season_boundary(t.game_date) AS season_boundary_detected,
  t.is_bootstrap AS backfill_bootstrap_mode,
  decision_of(t.completeness, 70) AS processing_decision_reason,
  t.window_span_days,
  t.window_dates_hash
FROM totals AS t
