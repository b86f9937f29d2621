-- The market's line on points + rebounds + assists of each player, from the last lines that the
-- books offered before tip-off. Some books offer alternate lines, far off and at lopsided prices: lines more
-- than 1.5 from the median of all books are left out, and the median of the others is the consensus.
WITH
  offered AS (
    SELECT
      s.game_date,
      s.player_lookup,
      s.game_id,
      s.season_year,
      l.bookmaker,
      l.line,
      decimal_odds(l.over_price) AS over_odds,
      decimal_odds(l.under_price) AS under_odds,
      l.snapshot_utc
    FROM player_pra_lines AS l
    -- A name that nobody could match has no id, and is left out with that.
    JOIN player_slate AS s ON s.game_date = l.game_date AND s.player_id = l.player_id
    WHERE l.line IS NOT NULL
  ),
  -- Medians are taken as window functions, for want of an aggregate that both warehouses have.
  around AS (
    SELECT o.*, PERCENTILE_CONT(o.line, 0.5e0) OVER (PARTITION BY o.game_date, o.player_lookup) AS median_line
    FROM offered AS o
  ),
  used AS (
    SELECT
      a.*,
      1 - (1 / a.over_odds) / (1 / a.over_odds + 1 / a.under_odds) AS under_chance,
      PERCENTILE_CONT(a.line, 0.5e0) OVER (PARTITION BY a.game_date, a.player_lookup) AS consensus
    FROM around AS a
    WHERE ABS(a.line - a.median_line) <= 1.5e0
  ),
  dropped AS (
    SELECT a.game_date, a.player_lookup, COUNT(IF(ABS(a.line - a.median_line) > 1.5e0, 1, NULL)) AS lines
    FROM around AS a
    GROUP BY 1, 2
  ),
  -- Bets are made at a line that somebody offers: the one nearest to the consensus, of two as near the one that more books
  -- offer, else the lower one.
  by_line AS (
    SELECT
      u.game_date,
      u.player_lookup,
      u.line,
      COUNT(*) AS books,
      ABS(u.line - MAX(u.consensus)) AS distance,
      MAX(u.over_odds) AS best_over,
      MAX(u.under_odds) AS best_under
    FROM used AS u
    GROUP BY 1, 2, 3
  ),
  nearest AS (
    SELECT
      b.*,
      ROW_NUMBER() OVER (
        PARTITION BY b.game_date, b.player_lookup ORDER BY b.distance, b.books DESC, b.line
      ) AS place
    FROM by_line AS b
  ),
  bet_at AS (
    SELECT n.* FROM nearest AS n WHERE n.place = 1
  ),
  at_that_line AS (
    SELECT
      u.*,
      PERCENTILE_CONT(1 - u.under_chance, 0.5e0) OVER (PARTITION BY u.game_date, u.player_lookup) AS over_chance
    FROM used AS u
    JOIN bet_at AS b ON b.game_date = u.game_date AND b.player_lookup = u.player_lookup AND b.line = u.line
  ),
  chances AS (
    SELECT c.game_date, c.player_lookup, MAX(c.over_chance) AS over_chance
    FROM at_that_line AS c
    GROUP BY 1, 2
  ),
  consensus AS (
    SELECT
      u.game_date,
      u.player_lookup,
      MAX(u.game_id) AS game_id,
      MAX(u.season_year) AS season_year,
      MAX(u.consensus) AS pra_line,
      COUNT(*) AS books_used,
      STRING_AGG(u.bookmaker, ', ' ORDER BY u.bookmaker) AS bookmakers,
      MAX(u.snapshot_utc) AS read_at
    FROM used AS u
    GROUP BY 1, 2
  )
SELECT
  c.game_date,
  c.player_lookup,
  c.game_id,
  c.season_year,
  c.pra_line,
  c.books_used,
  d.lines AS books_dropped,
  c.bookmakers,
  b.line AS bet_line,
  b.line = c.pra_line AS bets_at_consensus,
  b.best_over AS best_over_odds,
  b.best_under AS best_under_odds,
  h.over_chance AS market_over_probability,
  c.read_at
FROM consensus AS c
JOIN dropped AS d ON d.game_date = c.game_date AND d.player_lookup = c.player_lookup
JOIN bet_at AS b ON b.game_date = c.game_date AND b.player_lookup = c.player_lookup
JOIN chances AS h ON h.game_date = c.game_date AND h.player_lookup = c.player_lookup
