import { expect, test } from 'vitest';
import { LeagueOptionError, simulateLeague } from '../../../assets/nba/league/index.ts';
import { contentHashes, FILES, tinyLeague } from './tiny-league.ts';

test('the same seed writes the same rows in the same order', async () => {
  await using first = await tinyLeague({ seed: 11 });
  await using second = await tinyLeague({ seed: 11 });
  expect(await contentHashes(second)).toEqual(await contentHashes(first));
});

test('another seed changes every file but the teams', async () => {
  await using first = await tinyLeague({ seed: 11 });
  await using second = await tinyLeague({ seed: 12 });
  const [a, b] = [await contentHashes(first), await contentHashes(second)];
  const same = FILES.filter((name) => a[name] === b[name]);
  expect(same).toEqual(['teams']);
});

test('a league cut off at a date is the beginning of the whole league', async () => {
  const through = '2023-11-20';
  await using whole = await tinyLeague({ seasons: 1 });
  await using cut = await tinyLeague({ seasons: 1, throughDate: through });
  for (const table of ['schedule', 'player_box', 'shots', 'closing_lines', 'player_pra_lines']) {
    const query = `SELECT * FROM ${table} WHERE game_date <= DATE '${through}'`;
    expect(await cut.rows(`SELECT * FROM ${table}`)).toEqual(await whole.rows(query));
  }
  expect(cut.summary.lastDate).toBe(through);
});

test('games to come are in the schedule alone, without a score', async () => {
  const [through, scheduled] = ['2023-11-20', '2023-11-24'];
  await using whole = await tinyLeague({ seasons: 1 });
  await using cut = await tinyLeague({
    seasons: 1,
    throughDate: through,
    scheduledThrough: scheduled,
  });
  for (const table of ['player_box', 'shots', 'closing_lines', 'player_pra_lines']) {
    const query = `SELECT * FROM ${table} WHERE game_date <= DATE '${through}'`;
    expect(await cut.rows(`SELECT * FROM ${table}`)).toEqual(await whole.rows(query));
  }
  const played = `game_date <= DATE '${through}'`;
  expect(await cut.rows(`SELECT * FROM schedule WHERE ${played}`)).toEqual(
    await whole.rows(`SELECT * FROM schedule WHERE ${played}`),
  );
  const coming = await cut.rows(`SELECT * FROM schedule WHERE NOT (${played})`);
  expect(coming.length).toBeGreaterThan(0);
  const without = 'NULL::INT AS home_score, NULL::INT AS away_score, NULL::INT AS periods';
  expect(coming).toEqual(
    await whole.rows(`SELECT * REPLACE ('scheduled' AS status, ${without}, NULL AS score_source) FROM schedule
      WHERE NOT (${played}) AND game_date <= DATE '${scheduled}'`),
  );
});

test('several seasons keep the players and age the league on', async () => {
  await using league = await tinyLeague({ seasons: 2 });
  const [row] = await league.rows(`
    SELECT count(*) FILTER (seasons = 2)::INT AS stayed, count(*) FILTER (seasons = 1)::INT AS other
    FROM (SELECT count(DISTINCT season_year) AS seasons FROM player_box GROUP BY player_id)`);
  expect(row?.['stayed']).toBeGreaterThan(60);
  expect(row?.['other']).toBeGreaterThan(10);
});

test('the summary counts the rows of each file', async () => {
  await using league = await tinyLeague();
  for (const name of FILES) {
    const [row] = await league.rows(`SELECT count(*)::INT AS n FROM ${name}`);
    expect(league.summary.rows[name]).toBe(row?.['n']);
  }
});

test.for([
  [{ teams: 7 }, 'teams must be even, got 7'],
  [{ teams: 32 }, 'teams must be a whole number from 4 to 30, got 32'],
  [{ gamesPerTeam: 100 }, 'gamesPerTeam must be a whole number from 2 to 82, got 100'],
  [{ seasons: 0.5 }, 'seasons must be a whole number from 1 to 30, got 0.5'],
  [{ throughDate: '2023-02-30' }, 'throughDate must be YYYY-MM-DD, got 2023-02-30'],
  [
    { throughDate: '2023-11-20', scheduledThrough: 'tomorrow' },
    'scheduledThrough must be YYYY-MM-DD, got tomorrow',
  ],
] as const)('an option out of range is refused: %j', async ([wrong, message]) => {
  const options = { seed: 1, firstSeason: 2023, seasons: 1, outDir: '/nonexistent', ...wrong };
  await expect(simulateLeague(options)).rejects.toThrow(new LeagueOptionError(message));
});
