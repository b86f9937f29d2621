-- Combines the base systems, weighted by their confidence; at least two must have predicted
-- (domain.md 6.2).
WITH
  -- Each system has a power of two: the sum over a player's systems says which they are. Their names are put
  -- in order once for each such sum, not for each player.
  systems AS (
    SELECT d.system_id, CAST(ROUND(POW(2, ROW_NUMBER() OVER (ORDER BY d.system_id) - 1)) AS INT64) AS weight
    FROM (SELECT DISTINCT s.system_id FROM base_systems AS s) AS d
  ),
  combined AS (
    SELECT
      s.game_date,
      s.player_lookup,
      ANY_VALUE(s.game_id) AS game_id,
      ANY_VALUE(s.season_year) AS season_year,
      COUNT(*) AS systems,
      -- Summed in whole billionths, which no order of the systems can change in the last digit.
      SAFE_DIVIDE(SUM(s.confidence * ROUND(s.prediction * 1e9)), 1e9 * SUM(s.confidence)) AS mean_prediction,
      AVG(s.confidence) AS mean_confidence,
      STDDEV_POP(s.prediction) AS spread,
      COUNT(IF(s.recommendation = 'OVER', 1, NULL)) AS overs,
      COUNT(IF(s.recommendation = 'UNDER', 1, NULL)) AS unders,
      SUM(y.weight) AS weights
    FROM base_systems AS s
    JOIN systems AS y ON y.system_id = s.system_id
    GROUP BY 1, 2
    HAVING COUNT(*) >= 2
  ),
  contributors AS (
    SELECT c.weights, STRING_AGG(y.system_id, ',' ORDER BY y.system_id) AS names
    FROM (SELECT DISTINCT k.weights FROM combined AS k) AS c
    JOIN systems AS y ON MOD(DIV(c.weights, y.weight), 2) = 1
    GROUP BY 1
  ),
  agreed AS (
    SELECT
      c.*,
      clamp(c.mean_prediction, 0, 60) AS predicted_points,
      round_half_up(c.spread, 6) AS snapped_spread
    FROM combined AS c
  ),
  compared AS (
    SELECT
      a.*,
      round_half_up(a.predicted_points - l.points_line, 6) AS edge,
      clamp(
        a.mean_confidence
        + CASE
          WHEN a.snapped_spread < 2 THEN 10
          WHEN a.snapped_spread < 3 THEN 5
          WHEN a.snapped_spread < 6 THEN -5
          ELSE -10
        END
        + IF(a.systems >= 4, 5, 0),
        20,
        95
      ) AS certainty
    FROM agreed AS a
    LEFT JOIN betting_lines AS l ON l.game_date = a.game_date AND l.player_lookup = a.player_lookup
  )
SELECT
  c.game_date,
  c.player_lookup,
  c.game_id,
  c.season_year,
  'ensemble_v1' AS system_id,
  c.predicted_points AS prediction,
  c.certainty AS confidence,
  -- A majority of the systems decides the side, without one the sign of the edge.
  CASE
    WHEN c.edge IS NULL THEN 'NO_LINE'
    WHEN ABS(c.edge) < 1.5e0 OR c.certainty < 65 THEN 'PASS'
    WHEN 2 * c.overs > c.systems THEN 'OVER'
    WHEN 2 * c.unders > c.systems THEN 'UNDER'
    WHEN c.edge > 0 THEN 'OVER'
    ELSE 'UNDER'
  END AS recommendation,
  c.systems AS systems_valid,
  c.spread AS prediction_psd,
  agreement_of(c.snapped_spread) AS system_agreement_score,
  n.names AS contributing_systems
FROM compared AS c
JOIN contributors AS n ON n.weights = c.weights
