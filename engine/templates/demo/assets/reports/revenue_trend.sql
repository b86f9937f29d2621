-- Many dates are made by one statement, so each is joined to its own week here: a batch must give
-- exactly what date by date gives.
SELECT
  p.partition_date AS trend_date,
  d.category,
  COUNT(*) AS days,
  AVG(d.revenue) AS revenue_7d_avg,
  MAX(d.revenue) AS revenue_7d_max
FROM partitions AS p
JOIN daily_revenue AS d
  ON DATE_DIFF(p.partition_date, d.order_date, DAY) BETWEEN 1 AND 7
GROUP BY p.partition_date, d.category
