import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyLeague, type League } from './tiny-league.ts';

let league: League;

beforeAll(async () => {
  league = await tinyLeague({ seed: 5, seasons: 2, teams: 30, gamesPerTeam: 82, playoffs: false });
});

afterAll(async () => {
  await league[Symbol.asyncDispose]();
});

async function figures(sql: string): Promise<Readonly<Record<string, number>>> {
  const [row = {}] = await league.rows(sql);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}

const HISTORY = `
  SELECT *, avg(pts) OVER past AS own_average, count(*) OVER past AS earlier,
         game_date - lag(game_date) OVER season AS rest
  FROM player_box
  WINDOW season AS (PARTITION BY player_id, season_year ORDER BY game_date),
         past AS (PARTITION BY player_id, season_year ORDER BY game_date
                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;

test('the season average of a player is much better than the league mean', async () => {
  const { r, own, mean } = await figures(`
    SELECT corr(own_average, pts) AS r, avg(abs(pts - own_average)) AS own,
           avg(abs(pts - (SELECT avg(pts) FROM player_box))) AS mean
    FROM (${HISTORY}) WHERE earlier >= 5`);
  expect(r).toBeGreaterThan(0.6);
  expect(r).toBeLessThan(0.85);
  expect(own).toBeLessThan(0.75 * (mean as number));
});

test('home teams win 52 to 62 percent and some games need overtime', async () => {
  const { home, overtime } = await figures(`
    SELECT avg((home_score > away_score)::INT) AS home, avg((periods > 4)::INT) AS overtime
    FROM schedule`);
  expect(home).toBeGreaterThan(0.52);
  expect(home).toBeLessThan(0.62);
  expect(overtime).toBeGreaterThan(0.01);
  expect(overtime).toBeLessThan(0.1);
});

test('starters score less than their average on the second day of a back-to-back', async () => {
  const { tired, rested } = await figures(`
    SELECT avg(pts - own_average) FILTER (rest = 1) AS tired,
           avg(pts - own_average) FILTER (rest IN (2, 3)) AS rested
    FROM (${HISTORY}) WHERE earlier >= 5 AND starter`);
  expect((rested as number) - (tired as number)).toBeGreaterThan(0.2);
  expect((rested as number) - (tired as number)).toBeLessThan(2);
});

test('what a defence allowed in the first half of the season tells of the second', async () => {
  const { r } = await figures(`
    WITH allowed AS (
      SELECT opponent, avg(pts) FILTER (game_date < DATE '2024-01-15') AS early,
             avg(pts) FILTER (game_date >= DATE '2024-01-15') AS late
      FROM player_box WHERE season_year = 2023 GROUP BY opponent)
    SELECT corr(early, late) AS r FROM allowed`);
  expect(r).toBeGreaterThan(0.3);
});

test('closing lines and player lines know more than nothing and less than all', async () => {
  const { spread, pra } = await figures(`
    SELECT (SELECT corr(-spread_home, home_score - away_score)
            FROM closing_lines JOIN schedule USING (game_id)) AS spread,
           (SELECT corr(line, pts + reb + ast)
            FROM player_pra_lines JOIN player_box USING (game_id, player_id)
            WHERE bookmaker = 'BetMGM') AS pra`);
  expect(spread).toBeGreaterThan(0.2);
  expect(spread).toBeLessThan(0.6);
  expect(pra).toBeGreaterThan(0.6);
  expect(pra).toBeLessThan(0.9);
});

test('team averages look like those of the real league', async () => {
  const average = await figures(`
    SELECT avg(pts) AS pts, avg(fga) AS fga, avg(fg3a) AS fg3a, avg(fta) AS fta, avg(reb) AS reb,
           avg(ast) AS ast, avg(blk) AS blk, avg(stl) AS stl, avg(tov) AS tov, avg(pf) AS pf
    FROM (SELECT sum(COLUMNS(c -> c IN ('pts', 'fga', 'fg3a', 'fta', 'reb', 'ast', 'blk', 'stl', 'tov', 'pf')))
          FROM player_box GROUP BY game_id, team)`);
  const real = { pts: 113, fga: 88, fg3a: 35, fta: 22, reb: 44, ast: 25.5, blk: 5, stl: 7.5 };
  for (const [name, value] of Object.entries({ ...real, tov: 13, pf: 19 })) {
    expect(Math.abs((average[name] as number) / value - 1), name).toBeLessThan(0.12);
  }
});
