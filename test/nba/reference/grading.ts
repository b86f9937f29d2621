import type { PlayerGame } from './player-games.ts';
import type { Prediction } from './predictions.ts';
import { mean, r, ratio, rn } from './rounding.ts';

/** One row of prediction_accuracy (domain.md 6.5). */
export type Graded = ReturnType<typeof gradedRow>;

/** One row of system_daily_performance (domain.md 6.5). */
export type DailyPerformance = ReturnType<typeof performanceRow>;

/** Players without a row of the day did not play: void, not graded (domain.md 6.5). */
export function gradePredictions(
  predictions: readonly Prediction[],
  playerGames: readonly PlayerGame[],
): Graded[] {
  const actuals = new Map(playerGames.map((row) => [`${row.game_date}|${row.player_lookup}`, row]));
  return predictions.flatMap((prediction) => {
    const actual = actuals.get(`${prediction.game_date}|${prediction.player_lookup}`);
    return actual === undefined ? [] : [gradedRow(prediction, actual)];
  });
}

/** NULL unless there is a side, a line, and no push (domain.md 6.5). */
export function isCorrect(call: {
  readonly recommendation: string;
  readonly line: number | null;
  readonly actual: number;
}): boolean | null {
  const { recommendation, line, actual } = call;
  if (recommendation !== 'OVER' && recommendation !== 'UNDER') return null;
  if (line === null || actual === line) return null;
  return actual > line === (recommendation === 'OVER');
}

export function confidenceDecile(confidence: number): number {
  return Math.min(10, Math.floor(r(confidence * 10, 6)) + 1);
}

function gradedRow(prediction: Prediction, actual: PlayerGame) {
  // The stored prediction is graded, so both tables always agree (domain.md 11, item 45).
  const signed = r(prediction.predicted_points - actual.points, 6);
  const line = prediction.current_points_line ?? prediction.estimated_line_value;
  return {
    player_lookup: prediction.player_lookup,
    universal_player_id: prediction.universal_player_id,
    game_date: prediction.game_date,
    game_id: prediction.game_id,
    system_id: prediction.system_id,
    season_year: prediction.season_year,
    team_abbr: actual.team_abbr,
    opponent_team_abbr: actual.opponent_team_abbr,
    predicted_points: prediction.predicted_points,
    actual_points: actual.points,
    minutes_played: actual.minutes_played,
    absolute_error: Math.abs(signed),
    signed_error: signed,
    within_3: Math.abs(signed) <= 3,
    within_5: Math.abs(signed) <= 5,
    recommendation: prediction.recommendation,
    confidence_score: prediction.confidence_score,
    confidence_decile: confidenceDecile(prediction.confidence_score),
    line_value: line,
    line_source: prediction.line_source,
    has_prop_line: prediction.has_prop_line,
    predicted_margin: line === null ? null : r(prediction.predicted_points - line, 6),
    actual_margin: line === null ? null : actual.points - line,
    prediction_correct: isCorrect({
      recommendation: prediction.recommendation,
      line,
      actual: actual.points,
    }),
  };
}

/** Per date and system; only real prop lines count for betting (domain.md 6.5). */
export function computePerformance(graded: readonly Graded[]): DailyPerformance[] {
  const groups = Map.groupBy(graded, (row) => `${row.game_date}|${row.system_id}`);
  return [...groups.values()].flatMap((rows) => {
    const first = rows[0];
    return first === undefined ? [] : [performanceRow(first, rows)];
  });
}

/** Decided bets on real lines: how many, how many right, and the share. */
function betting(rows: readonly Graded[]) {
  const decided = rows.filter((row) => row.has_prop_line && row.prediction_correct !== null);
  const correct = decided.filter((row) => row.prediction_correct === true).length;
  return { decided: decided.length, correct, rate: rn(ratio(correct, decided.length), 6) };
}

function performanceRow(first: Graded, rows: readonly Graded[]) {
  const overs = rows.filter((row) => row.recommendation === 'OVER');
  const unders = rows.filter((row) => row.recommendation === 'UNDER');
  const confident = rows.filter((row) => row.confidence_score >= 0.7);
  const within = (pick: (row: Graded) => boolean): number => rows.filter(pick).length;
  const within3 = within((row) => row.within_3);
  const within5 = within((row) => row.within_5);
  const all = betting(rows);
  return {
    game_date: first.game_date,
    system_id: first.system_id,
    predictions_count: rows.length,
    recommendations_count: overs.length + unders.length,
    correct_count: all.correct,
    incorrect_count: all.decided - all.correct,
    pass_count: within((row) => row.recommendation === 'PASS'),
    win_rate: all.rate,
    mae: rn(mean(rows.map((row) => row.absolute_error)), 6),
    avg_bias: rn(mean(rows.map((row) => row.signed_error)), 6),
    over_count: overs.length,
    over_correct: betting(overs).correct,
    over_win_rate: betting(overs).rate,
    under_count: unders.length,
    under_correct: betting(unders).correct,
    under_win_rate: betting(unders).rate,
    within_3_count: within3,
    within_3_pct: r((100 * within3) / rows.length, 6),
    within_5_count: within5,
    within_5_pct: r((100 * within5) / rows.length, 6),
    avg_confidence: rn(mean(rows.map((row) => row.confidence_score)), 6),
    high_confidence_count: confident.length,
    high_confidence_correct: betting(confident).correct,
    high_confidence_win_rate: betting(confident).rate,
  };
}
