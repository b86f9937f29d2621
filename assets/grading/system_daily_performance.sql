-- How each system did on a date: error, bias and, on real lines, how its recommendations fared
-- (domain.md 6.5).
WITH
  counted AS (
    SELECT
      a.game_date,
      a.system_id,
      COUNT(IF(NOT a.is_void, 1, NULL)) AS predictions_count,
      COUNT(IF(a.is_void, 1, NULL)) AS void_count,
      COUNT(IF(a.recommendation IN ('OVER', 'UNDER'), 1, NULL)) AS recommendations_count,
      COUNT(IF(a.recommendation = 'PASS', 1, NULL)) AS pass_count,
      COUNT(IF(a.recommendation = 'OVER', 1, NULL)) AS over_count,
      COUNT(IF(a.recommendation = 'UNDER', 1, NULL)) AS under_count,
      COUNT(a.prediction_correct) AS graded_bets,
      COUNT(IF(a.prediction_correct, 1, NULL)) AS correct_count,
      COUNT(IF(NOT a.prediction_correct, 1, NULL)) AS incorrect_count,
      COUNT(IF(a.prediction_correct AND a.recommendation = 'OVER', 1, NULL)) AS over_correct,
      COUNT(IF(a.prediction_correct AND a.recommendation = 'UNDER', 1, NULL)) AS under_correct,
      COUNT(IF(a.prediction_correct IS NOT NULL AND a.recommendation = 'OVER', 1, NULL)) AS over_graded,
      COUNT(IF(a.prediction_correct IS NOT NULL AND a.recommendation = 'UNDER', 1, NULL)) AS under_graded,
      AVG(a.absolute_error) AS mean_absolute_error,
      AVG(a.signed_error) AS mean_signed_error,
      COUNT(IF(a.within_3, 1, NULL)) AS within_3_count,
      COUNT(IF(a.within_5, 1, NULL)) AS within_5_count,
      AVG(a.confidence_score) AS mean_confidence,
      COUNT(IF(a.confidence_score >= 0.70e0, 1, NULL)) AS high_confidence_count,
      COUNT(IF(a.confidence_score >= 0.70e0 AND a.prediction_correct, 1, NULL)) AS high_confidence_correct,
      COUNT(IF(a.confidence_score >= 0.70e0 AND a.prediction_correct IS NOT NULL, 1, NULL))
        AS high_confidence_graded
    FROM prediction_accuracy AS a
    GROUP BY 1, 2
  )
SELECT
  c.game_date,
  c.system_id,
  c.predictions_count,
  c.void_count,
  c.recommendations_count,
  c.pass_count,
  c.correct_count,
  c.incorrect_count,
  SAFE_DIVIDE(c.correct_count, c.graded_bets) AS win_rate,
  c.mean_absolute_error AS mae,
  c.mean_signed_error AS avg_bias,
  c.over_count,
  c.over_correct,
  SAFE_DIVIDE(c.over_correct, c.over_graded) AS over_win_rate,
  c.under_count,
  c.under_correct,
  SAFE_DIVIDE(c.under_correct, c.under_graded) AS under_win_rate,
  c.within_3_count,
  SAFE_DIVIDE(100 * c.within_3_count, c.predictions_count) AS within_3_pct,
  c.within_5_count,
  SAFE_DIVIDE(100 * c.within_5_count, c.predictions_count) AS within_5_pct,
  c.mean_confidence AS avg_confidence,
  c.high_confidence_count,
  c.high_confidence_correct,
  SAFE_DIVIDE(c.high_confidence_correct, c.high_confidence_graded) AS high_confidence_win_rate
FROM counted AS c
