-- Predicts from the player's most similar recent games: opponent's defence, rest, venue and form
-- (domain.md 6.2). Similarity scores 70 or more of 100 count, the best 20 of the last 30 games; 5
-- are needed.
WITH
  numbered AS (
    SELECT
      g.player_lookup,
      g.season_year,
      g.game_date,
      g.points,
      g.home_game,
      ROW_NUMBER() OVER player AS game_no,
      LEAD(g.game_date, 1, DATE '9999-12-31') OVER player AS next_game_date,
      DATE_DIFF(g.game_date, LAG(g.game_date) OVER player, DAY) - 1 AS days_rest,
      -- Form as it was before the game, from the cache's means of 5 and of up to 82 games.
      AVG(g.points) OVER (player ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING) AS points_5,
      AVG(g.points) OVER (player ROWS BETWEEN 82 PRECEDING AND 1 PRECEDING) AS points_season,
      g.opponent_team_abbr
    FROM player_game_summary AS g
    WINDOW player AS (PARTITION BY g.player_lookup, g.season_year ORDER BY g.game_date)
  ),
  -- The context of every past game, in small numbers.
  past AS (
    SELECT
      n.player_lookup,
      n.season_year,
      n.game_date,
      n.game_no,
      n.next_game_date,
      n.points,
      n.home_game,
      defense_tier(COALESCE(d.defensive_rating_last_15, 112)) AS tier,
      LEAST(COALESCE(n.days_rest, 1), 3) AS rest,
      IF(
        n.game_no > 5,
        form_of(round_half_up(round_half_up(n.points_5, 4) - round_half_up(n.points_season, 4), 4)),
        0
      ) AS form
    FROM numbered AS n
    LEFT JOIN team_defense_zone_analysis AS d
      ON d.analysis_date = n.game_date AND d.team_abbr = n.opponent_team_abbr
  ),
  questions AS (
    SELECT
      -- A number is cheaper to group and to sort by than a date with a name.
      ROW_NUMBER() OVER (ORDER BY f.game_date, f.player_lookup) AS question_no,
      f.game_date,
      f.player_lookup,
      f.season_year,
      h.game_no AS games_before,
      f.home_away = 1 AS home_game,
      defense_tier(f.opponent_def_rating) AS tier,
      LEAST(COALESCE(f.days_rest, 1), 3) AS rest,
      form_of(round_half_up(f.points_avg_last_5 - f.points_avg_season, 4)) AS form
    FROM ml_feature_store_v2 AS f
    JOIN past AS h
      ON h.player_lookup = f.player_lookup
      AND h.season_year = f.season_year
      AND h.game_date < f.game_date
      AND f.game_date <= h.next_game_date
    WHERE f.feature_quality_score >= 70
  ),
  candidates AS (
    SELECT
      q.question_no,
      p.game_no,
      p.points,
      CASE ABS(q.tier - p.tier) WHEN 0 THEN 40 WHEN 1 THEN 20 ELSE 0 END
        + CASE ABS(q.rest - p.rest) WHEN 0 THEN 30 WHEN 1 THEN 15 ELSE 0 END
        + IF(q.home_game = p.home_game, 15, 0)
        + IF(q.form = p.form, 15, 5) AS score
    FROM questions AS q
    JOIN past AS p
      ON p.player_lookup = q.player_lookup
      AND p.season_year = q.season_year
      AND p.game_no BETWEEN q.games_before - 29 AND q.games_before
      AND DATE_DIFF(q.game_date, p.game_date, DAY) <= 90
  ),
  ranked AS (
    SELECT
      c.question_no,
      c.points,
      c.score,
      ROW_NUMBER() OVER (PARTITION BY c.question_no ORDER BY c.score DESC, c.game_no DESC) AS place
    FROM candidates AS c
    WHERE c.score >= 70
  ),
  matched AS (
    SELECT
      r.question_no,
      COUNT(*) AS games,
      AVG(r.score) AS mean_score,
      SAFE_DIVIDE(SUM(r.score * r.points), SUM(r.score)) AS baseline,
      round_half_up(STDDEV_POP(r.points), 6) AS spread
    FROM ranked AS r
    WHERE r.place <= 20
    GROUP BY 1
    HAVING COUNT(*) >= 5
  ),
  adjusted AS (
    SELECT
      f.game_date,
      f.player_lookup,
      f.game_id,
      f.season_year,
      m.games,
      m.mean_score,
      m.baseline,
      0.015e0 * (f.fatigue_score - 70) AS fatigue,
      0.4e0 * f.shot_zone_mismatch_score AS shot_zone,
      0.8e0 * f.pace_score AS pace,
      0.8e0 * f.usage_spike_score AS usage_spike,
      IF(f.home_away = 1, 0.8e0, -0.5e0) AS venue,
      clamp(
        50
        + CASE WHEN m.games >= 15 THEN 20 WHEN m.games >= 10 THEN 15 WHEN m.games >= 7 THEN 10 ELSE -15 END
        + CASE WHEN m.mean_score >= 85 THEN 20 WHEN m.mean_score >= 75 THEN 15 ELSE 10 END
        + CASE WHEN m.spread < 4 THEN 15 WHEN m.spread < 6 THEN 8 WHEN m.spread < 8 THEN 3 ELSE -5 END,
        0,
        100
      ) AS certainty
    FROM ml_feature_store_v2 AS f
    JOIN questions AS q ON q.game_date = f.game_date AND q.player_lookup = f.player_lookup
    JOIN matched AS m ON m.question_no = q.question_no
  ),
  predicted AS (
    SELECT
      a.*,
      clamp(a.baseline + a.fatigue + a.shot_zone + a.pace + a.usage_spike + a.venue, 0, 60)
        AS predicted_points
    FROM adjusted AS a
  ),
  compared AS (
    SELECT p.*, round_half_up(p.predicted_points - l.points_line, 6) AS edge
    FROM predicted AS p
    LEFT JOIN betting_lines AS l ON l.game_date = p.game_date AND l.player_lookup = p.player_lookup
  )
SELECT
  c.game_date,
  c.player_lookup,
  c.game_id,
  c.season_year,
  'similarity_balanced_v1' AS system_id,
  c.predicted_points AS prediction,
  c.certainty AS confidence,
  recommend(c.edge, ABS(c.edge) < 2 OR c.certainty < 65) AS recommendation,
  c.fatigue AS fatigue_adjustment,
  c.shot_zone AS shot_zone_adjustment,
  c.pace AS pace_adjustment,
  c.usage_spike AS usage_spike_adjustment,
  c.venue AS home_away_adjustment,
  c.games AS similar_games_count,
  c.mean_score AS avg_similarity_score
FROM compared AS c
