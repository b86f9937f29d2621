-- GoogleSQL. `partitions` holds the dates to make, often many at once: the statement returns the
-- rows of all of them. `orders` holds only what the declared window lets in.
SELECT
  p.partition_date AS order_date,
  o.category,
  COUNT(*) AS orders,
  SUM(o.quantity) AS pieces,
  SUM(o.quantity * o.unit_price) AS revenue
FROM partitions AS p
JOIN orders AS o ON o.order_date = p.partition_date
WHERE o.status = 'completed'
GROUP BY p.partition_date, o.category
