/** What must hold between the tables; a query finds the rows that break it. */
export interface Identity {
  readonly title: string;
  readonly offenders: string;
}

const PLAYED = 'nba_analytics.player_game_summary';
const OFFENSE = 'nba_analytics.team_offense_game_summary';
const DEFENSE = 'nba_analytics.team_defense_game_summary';
const FEATURES = 'nba_precompute.ml_feature_store_v2';
const PREDICTIONS = 'nba_predictions.player_prop_predictions';

const ANALYTICS: readonly Identity[] = [
  {
    title: 'the points of a team are the points of its players',
    offenders: `SELECT t.game_id, t.team_abbr FROM ${OFFENSE} AS t LEFT JOIN ${PLAYED} AS p
      ON p.game_id = t.game_id AND p.team_abbr = t.team_abbr GROUP BY ALL
      HAVING SUM(p.points) IS DISTINCT FROM ANY_VALUE(t.points_scored)
      OR SUM(p.fg_attempts) IS DISTINCT FROM ANY_VALUE(t.fg_attempts)
      OR SUM(p.ft_attempts) IS DISTINCT FROM ANY_VALUE(t.ft_attempts)
      OR SUM(p.turnovers) IS DISTINCT FROM ANY_VALUE(t.turnovers)`,
  },
  {
    title: 'the points of a team are its score in the schedule',
    offenders: `SELECT t.game_id FROM ${OFFENSE} AS t LEFT JOIN nba_raw.schedule AS s
      ON s.game_id = t.nba_game_id
      WHERE t.points_scored IS DISTINCT FROM IF(t.home_game, s.home_score, s.away_score)`,
  },
  {
    title: 'every game of the schedule has two rows of offence and two of defence',
    offenders: `SELECT s.game_id FROM nba_raw.schedule AS s WHERE 2 <>
        (SELECT COUNT(*) FROM ${OFFENSE} AS t WHERE t.nba_game_id = s.game_id)
      OR 2 <> (SELECT COUNT(*) FROM ${DEFENSE} AS d WHERE d.nba_game_id = s.game_id)`,
  },
  {
    // Minutes are stored to a tenth, which is what the tolerance is for.
    title: 'the shares of possessions that players use add up to 100 %',
    offenders: `SELECT t.game_id, t.team_abbr FROM ${OFFENSE} AS t JOIN ${PLAYED} AS p
      ON p.game_id = t.game_id AND p.team_abbr = t.team_abbr GROUP BY ALL
      HAVING ABS(SUM(p.usage_rate * p.minutes_played) / (48 + 5 * ANY_VALUE(t.overtime_periods)) - 100) > 2`,
  },
  {
    // A shot chart may have one attempt more or less than the box score.
    title: 'the zones of a game with whole play-by-play add up to its field goals',
    offenders: `SELECT t.game_id, t.team_abbr FROM ${OFFENSE} AS t
      WHERE t.nba_game_id IN (SELECT game_id FROM nba_raw.shots GROUP BY 1 HAVING BOOL_AND(has_pbp))
      AND (ABS(t.team_paint_attempts + t.team_mid_range_attempts + t.three_pt_attempts - t.fg_attempts) > 1
      OR ABS(t.team_paint_makes + t.team_mid_range_makes + t.three_pt_makes - t.fg_makes) > 1)`,
  },
  {
    title: 'the zones of a team are the zones of its players',
    offenders: `SELECT t.game_id, t.team_abbr FROM ${OFFENSE} AS t JOIN ${PLAYED} AS p
      ON p.game_id = t.game_id AND p.team_abbr = t.team_abbr GROUP BY ALL
      HAVING SUM(p.paint_attempts) <> ANY_VALUE(t.team_paint_attempts)
      OR SUM(p.mid_range_makes) <> ANY_VALUE(t.team_mid_range_makes)`,
  },
  {
    title: 'the defence of a team is the offence of its opponent',
    offenders: `SELECT d.game_id FROM ${DEFENSE} AS d LEFT JOIN ${OFFENSE} AS o
      ON o.game_id = d.game_id AND o.team_abbr = d.opponent_team_abbr
      WHERE (d.points_allowed, d.opp_fg_attempts, d.turnovers_forced, d.defensive_rating, d.opponent_pace)
      IS DISTINCT FROM (o.points_scored, o.fg_attempts, o.turnovers, o.offensive_rating, o.pace)
      OR d.margin_of_victory <> -o.margin_of_victory OR d.win_flag = o.win_flag`,
  },
  {
    title: 'a game id names its date and its two teams',
    offenders: `SELECT t.game_id FROM ${OFFENSE} AS t WHERE t.game_id <>
      strftime(t.game_date, '%Y%m%d') || '_' || IF(t.home_game, t.opponent_team_abbr, t.team_abbr)
      || '_' || IF(t.home_game, t.team_abbr, t.opponent_team_abbr)`,
  },
  {
    title: 'of two opponents one has the other spread and the same total',
    offenders: `SELECT c.game_id FROM nba_analytics.upcoming_team_game_context AS c
      JOIN nba_analytics.upcoming_team_game_context AS o
      ON o.game_id = c.game_id AND o.team_abbr = c.opponent_team_abbr
      WHERE c.game_spread <> -o.game_spread OR c.game_total IS DISTINCT FROM o.game_total`,
  },
];

/** Rows by date on one side and not on the other. */
function sameKeys(one: string, other: string): string {
  return `(SELECT * FROM (${one}) EXCEPT ALL SELECT * FROM (${other}))
    UNION ALL (SELECT * FROM (${other}) EXCEPT ALL SELECT * FROM (${one}))`;
}

const PRECOMPUTE: readonly Identity[] = [
  {
    title: 'the feature store has the players of the slate, no more and no fewer',
    offenders: sameKeys(
      `SELECT game_date, player_lookup, game_id, team_abbr FROM ${FEATURES}`,
      'SELECT game_date, player_lookup, game_id, team_abbr FROM nba_analytics.player_slate',
    ),
  },
  {
    title: 'every player of a processed slate has composite factors',
    offenders: sameKeys(
      'SELECT game_date, player_lookup FROM nba_precompute.player_composite_factors',
      `SELECT game_date, player_lookup FROM ${FEATURES} WHERE data_source <> 'early_season'`,
    ),
  },
  {
    title: 'every player with five earlier games is in the cache of a processed slate',
    offenders: sameKeys(
      'SELECT cache_date, player_lookup FROM nba_precompute.player_daily_cache',
      `SELECT c.game_date, c.player_lookup FROM nba_analytics.upcoming_player_game_context AS c
        JOIN ${FEATURES} AS f USING (game_date, player_lookup)
        WHERE c.season_games_before >= 5 AND f.data_source <> 'early_season'`,
    ),
  },
  {
    title: 'placeholders have no features, and nothing else lacks them',
    offenders: `SELECT * FROM ${FEATURES} WHERE (features IS NULL) <> early_season_flag
      OR (data_source = 'early_season') <> early_season_flag
      OR len(features) <> 25 OR len(feature_sources) <> 25 OR len(feature_names) <> 25`,
  },
  {
    title: 'the array of features has the values of the columns, in order of their names',
    offenders: `SELECT * FROM ${FEATURES} WHERE features[1] <> points_avg_last_5
      OR features[14] <> opponent_def_rating OR features[25] <> team_win_pct
      OR feature_names[1] <> 'points_avg_last_5' OR feature_names[14] <> 'opponent_def_rating'
      OR feature_names[25] <> 'team_win_pct'`,
  },
  {
    title: 'a score of the features is the mean weight of their sources',
    offenders: `SELECT * FROM ${FEATURES} WHERE features IS NOT NULL AND ABS(feature_quality_score -
      list_avg(list_transform(feature_sources, lambda s: CASE s WHEN 'phase3' THEN 75.0 WHEN 'default' THEN 40.0
        ELSE 100.0 END))) > 0.005 + 1e-9`,
  },
];

const RULES = `('expert_rule_v1', 'moving_average_baseline_v1', 'similarity_balanced_v1', 'zone_matchup_v1')`;
const ENSEMBLES = `('ensemble_v1', 'ensemble_v2')`;

/** Players of whom an ensemble does not say what its members said. */
function notCombined(ensemble: string, members: string): string {
  return `SELECT e.game_date, e.player_lookup FROM ${PREDICTIONS} AS e JOIN ${PREDICTIONS} AS s
    ON s.game_date = e.game_date AND s.player_lookup = e.player_lookup AND s.system_id ${members}
    WHERE e.system_id = '${ensemble}' GROUP BY e.game_date, e.player_lookup
    HAVING COUNT(*) <> ANY_VALUE(e.systems_valid) OR COUNT(*) < 2
    OR ANY_VALUE(e.contributing_systems) <> STRING_AGG(s.system_id, ',' ORDER BY s.system_id)
    OR ANY_VALUE(e.predicted_points_raw) > MAX(s.predicted_points_raw) + 1e-6
    OR ANY_VALUE(e.predicted_points_raw) < MIN(s.predicted_points_raw) - 1e-6`;
}

const GRADED: readonly Identity[] = [
  {
    // Trained models have features of their own.
    title: 'no rule predicts more than the players whose features reach quality 70',
    offenders: `SELECT * FROM (SELECT game_date, system_id, COUNT(*) AS predicted FROM ${PREDICTIONS}
        WHERE system_id IN ${RULES} GROUP BY ALL) AS p
      LEFT JOIN (SELECT game_date, COUNT(*) AS usable FROM ${FEATURES} WHERE feature_quality_score >= 70 GROUP BY ALL)
      AS f USING (game_date) WHERE p.predicted > COALESCE(f.usable, 0)`,
  },
  {
    title: 'the moving average predicts all of these players',
    offenders: sameKeys(
      `SELECT game_date, player_lookup FROM ${PREDICTIONS} WHERE system_id = 'moving_average_baseline_v1'`,
      `SELECT game_date, player_lookup FROM ${FEATURES} WHERE feature_quality_score >= 70`,
    ),
  },
  {
    title: 'the ensemble of rules combines at least two, all that predicted, and names them',
    offenders: notCombined('ensemble_v1', `IN ${RULES}`),
  },
  {
    title: 'the ensemble of all combines at least two, all that predicted, and names them',
    offenders: notCombined('ensemble_v2', `NOT IN ${ENSEMBLES}`),
  },
  {
    title: 'the quantiles of a prediction are in order, around its median and within its bounds',
    offenders: `SELECT * FROM ${PREDICTIONS} WHERE (predicted_p10 IS NULL) <> (model_cut_off IS NULL)
      OR NOT (0 <= predicted_p10 AND predicted_p10 <= predicted_p50 AND predicted_p50 <= predicted_p90)
      OR model_cut_off > game_date OR model_cut_off <= game_date - 32`,
  },
  {
    title: 'there is no side without a line, and no line without a source',
    offenders: `SELECT * FROM ${PREDICTIONS} WHERE (recommendation = 'NO_LINE') <> (points_line IS NULL)
      OR (line_source IS NULL) <> (points_line IS NULL)`,
  },
  {
    title: 'every prediction is graded once, with what was predicted and scored',
    offenders: sameKeys(
      'SELECT game_date, player_lookup, system_id, predicted_points, actual_points FROM nba_predictions.prediction_accuracy',
      `SELECT p.game_date, p.player_lookup, p.system_id, p.predicted_points, g.points FROM ${PREDICTIONS} AS p
        LEFT JOIN ${PLAYED} AS g USING (game_date, player_lookup)`,
    ),
  },
  {
    title: 'nothing is right or wrong against an estimated line',
    offenders: `SELECT * FROM nba_predictions.prediction_accuracy
      WHERE prediction_correct IS NOT NULL AND line_source IS DISTINCT FROM 'ACTUAL_PROP'`,
  },
  {
    title: 'the performance of a day counts every prediction',
    offenders: sameKeys(
      'SELECT game_date, system_id, predictions_count + void_count FROM nba_predictions.system_daily_performance',
      `SELECT game_date, system_id, COUNT(*) FROM ${PREDICTIONS} GROUP BY ALL`,
    ),
  },
];

export const IDENTITIES: readonly Identity[] = [...ANALYTICS, ...PRECOMPUTE, ...GRADED];
