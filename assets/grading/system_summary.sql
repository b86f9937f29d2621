-- How each system did up to the date, in the last 7 and 30 days, the month and the season before it (domain.md 6.5).
-- Spans end the day before the date and lie within its season.
WITH
  spans AS (
    SELECT
      q.partition_date AS game_date,
      s.span,
      CASE s.span
        WHEN 'last_7_days' THEN DATE_DIFF(q.partition_date, q.period_start, DAY) <= 7
        WHEN 'last_30_days' THEN DATE_DIFF(q.partition_date, q.period_start, DAY) <= 30
        ELSE FALSE
      END AS is_cut,
      CASE s.span WHEN 'last_7_days' THEN 7 WHEN 'last_30_days' THEN 30 ELSE 1000 END AS days,
      q.period_start AS season_start
    FROM partitions AS q
    CROSS JOIN UNNEST([STRUCT('last_7_days' AS span), STRUCT('last_30_days' AS span), STRUCT('month' AS span),
      STRUCT('season' AS span)]) AS s
  ),
  placed AS (
    SELECT
      p.game_date,
      p.span,
      p.is_cut,
      d.system_id,
      d.game_date AS day,
      d.predictions_count,
      d.void_count,
      d.mae * d.predictions_count AS absolute_errors,
      d.avg_bias * d.predictions_count AS errors,
      d.within_3_count,
      d.within_5_count,
      d.correct_count,
      d.incorrect_count,
      d.high_confidence_count
    FROM spans AS p
    JOIN system_daily_performance AS d
      ON d.game_date >= p.season_start
      AND d.game_date < p.game_date
      AND DATE_DIFF(p.game_date, d.game_date, DAY) <= p.days
      AND (
        p.span != 'month'
        OR FORMAT_DATE('%Y-%m', d.game_date) = FORMAT_DATE('%Y-%m', p.game_date)
      )
  ),
  summed AS (
    SELECT
      w.game_date,
      w.system_id,
      w.span,
      LOGICAL_OR(w.is_cut) AS is_cut,
      COUNT(*) AS dates_count,
      MIN(w.day) AS first_date,
      MAX(w.day) AS last_date,
      SUM(w.predictions_count) AS predictions_count,
      SUM(w.void_count) AS void_count,
      SUM(w.absolute_errors) AS absolute_errors,
      SUM(w.errors) AS errors,
      SUM(w.within_3_count) AS within_3_count,
      SUM(w.within_5_count) AS within_5_count,
      SUM(w.correct_count) AS correct_count,
      SUM(w.incorrect_count) AS incorrect_count,
      SUM(w.high_confidence_count) AS high_confidence_count
    FROM placed AS w
    GROUP BY 1, 2, 3
  )
SELECT
  s.game_date,
  s.system_id,
  s.span,
  s.is_cut,
  s.dates_count,
  s.first_date,
  s.last_date,
  s.predictions_count,
  s.void_count,
  SAFE_DIVIDE(s.absolute_errors, s.predictions_count) AS mae,
  SAFE_DIVIDE(s.errors, s.predictions_count) AS avg_bias,
  SAFE_DIVIDE(100 * s.within_3_count, s.predictions_count) AS within_3_pct,
  SAFE_DIVIDE(100 * s.within_5_count, s.predictions_count) AS within_5_pct,
  s.correct_count,
  s.incorrect_count,
  SAFE_DIVIDE(s.correct_count, s.correct_count + s.incorrect_count) AS win_rate,
  s.high_confidence_count
FROM summed AS s
