-- Combines trained and base systems with fixed weights: trained systems far above the rules, so that
-- these decide only where no model takes part. At least two must have predicted.
WITH
  -- Each system has a power of two: the sum over a player's systems says which they are.
  systems AS (
    SELECT
      d.system_id,
      CAST(ROUND(POW(2, ROW_NUMBER() OVER (ORDER BY d.system_id) - 1)) AS INT64) AS bit,
      CASE d.system_id
        WHEN 'points_lineups_v1' THEN 80
        WHEN 'points_v1' THEN 15
        WHEN 'boosted_21_v1' THEN 5
        ELSE 1
      END AS weight
    FROM (SELECT DISTINCT m.system_id FROM single_systems AS m) AS d
  ),
  combined AS (
    SELECT
      m.game_date,
      m.player_lookup,
      ANY_VALUE(m.game_id) AS game_id,
      ANY_VALUE(m.season_year) AS season_year,
      COUNT(*) AS members,
      -- Summed in whole billionths, which no order of the systems can change in the last digit.
      SAFE_DIVIDE(SUM(y.weight * ROUND(m.prediction * 1e9)), 1e9 * SUM(y.weight)) AS mean_prediction,
      SAFE_DIVIDE(SUM(y.weight * ROUND(m.confidence * 1e6)), 1e6 * SUM(y.weight)) AS mean_confidence,
      STDDEV_POP(m.prediction) AS spread,
      SUM(IF(m.recommendation = 'OVER', y.weight, 0)) AS overs,
      SUM(IF(m.recommendation = 'UNDER', y.weight, 0)) AS unders,
      SUM(y.weight) AS weights,
      SUM(y.bit) AS bits
    FROM single_systems AS m
    JOIN systems AS y ON y.system_id = m.system_id
    GROUP BY 1, 2
    HAVING COUNT(*) >= 2
  ),
  contributors AS (
    SELECT c.bits, STRING_AGG(y.system_id, ',' ORDER BY y.system_id) AS names
    FROM (SELECT DISTINCT k.bits FROM combined AS k) AS c
    JOIN systems AS y ON MOD(DIV(c.bits, y.bit), 2) = 1
    GROUP BY 1
  )
SELECT
  c.game_date,
  c.player_lookup,
  c.game_id,
  c.season_year,
  'ensemble_v2' AS system_id,
  clamp(c.mean_prediction, 0, 60) AS prediction,
  c.mean_confidence AS confidence,
  -- More than half of the weight must recommend a side.
  CASE
    WHEN l.points_line IS NULL THEN 'NO_LINE'
    WHEN 2 * c.overs > c.weights THEN 'OVER'
    WHEN 2 * c.unders > c.weights THEN 'UNDER'
    ELSE 'PASS'
  END AS recommendation,
  c.members AS systems_valid,
  c.spread AS prediction_psd,
  agreement_of(c.spread) AS system_agreement_score,
  n.names AS contributing_systems
FROM combined AS c
JOIN contributors AS n ON n.bits = c.bits
LEFT JOIN betting_lines AS l ON l.game_date = c.game_date AND l.player_lookup = c.player_lookup
