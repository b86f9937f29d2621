import { describe, expect, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { GAMES, gamesCsv, gamesWith, LEAGUE_SQL, leagueProject } from '../support/league.ts';
import type { TestProject } from '../support/project.ts';

const FIRST_HIT = '2023-10-27';

async function rowsUpTo(project: TestProject, table: string, date: string): Promise<unknown> {
  return project.query(`FROM ${table} WHERE game_date <= '${date}' ORDER BY ALL`);
}

/** The league with absurd games from a date on, or without any from then on. */
function poisoned(from: string): string {
  return gamesCsv(GAMES.map((game) => (game.date < from ? game : { ...game, points: 1_000_000 })));
}

describe('absurd upstream rows on and after a date', () => {
  test.each(['reports.best_before', 'reports.season_so_far'])(
    'change nothing of %s up to and including the date',
    async (table) => {
      const clean = leagueProject();
      await clean.materialize();
      const other = leagueProject(GAMES, { 'data/games.csv': poisoned(FIRST_HIT) });
      await other.materialize();
      expect(await rowsUpTo(other, table, FIRST_HIT)).toEqual(
        await rowsUpTo(clean, table, FIRST_HIT),
      );
      expect(await rowsUpTo(other, table, '2023-10-28')).not.toEqual(
        await rowsUpTo(clean, table, '2023-10-28'),
      );
    },
  );

  test('make nothing up to the date run again when they arrive', async () => {
    const project = leagueProject();
    await project.materialize();
    project.write('data/games.csv', poisoned(FIRST_HIT));
    await project.materialize();
    const reader = await project.reader();
    const [run] = reader.runs('local', 1);
    const touched = reader
      .eventsOfRun(run?.id ?? unsafeRunId('none'))
      .filter((event) => ['best_before', 'season_so_far'].includes(event.asset))
      .map((event) => new Date(event.day * 86_400_000).toISOString().slice(0, 10));
    expect(touched.toSorted()[0]).toBe('2023-10-28');
  });

  test('and no rows from then on at all come to the same', async () => {
    const clean = leagueProject();
    await clean.materialize();
    const cut = leagueProject(GAMES.filter((game) => game.date <= FIRST_HIT));
    await cut.materialize();
    for (const table of ['reports.best_before', 'reports.season_so_far']) {
      expect(await rowsUpTo(cut, table, FIRST_HIT)).toEqual(
        await rowsUpTo(clean, table, FIRST_HIT),
      );
    }
  });
});

/** SQL that asks for everything, whatever the window says. */
const GREEDY = `SELECT p.partition_date AS game_date, MAX(d.best) AS best
FROM partitions AS p CROSS JOIN daily AS d GROUP BY p.partition_date
`;

describe('SQL that reads beyond its window', () => {
  const windows = [
    ['{ before: { partitions: 3 } }', '2023-10-28', '120'],
    ['{ before: { partitions: 1 } }', '2023-10-28', '99'],
    ['{ before: { days: 3 } }', '2023-10-28', '101'],
    ['{ before: all }', '2023-10-25', '120'],
    ['{ before: season }', '2023-10-27', '120'],
    ['same', '2023-10-25', '101'],
    ['latest', '2023-10-27', '99'],
    ['latest_before', '2023-10-27', '101'],
  ] as const;
  test.each(windows)(
    'with window %s gets only what the window holds',
    async (window, date, best) => {
      const project = leagueProject(GAMES, { 'assets/reports/best_before.sql': GREEDY });
      project.edit('pipeline.yaml', '{ before: { partitions: 3 } }', window);
      await project.materialize({ selection: ['daily', 'games'] });
      await project.materialize({ selection: ['best_before'], partitions: date });
      expect(await project.query('FROM reports.best_before')).toEqual([[date, best]]);
    },
  );
});

test('a season window does not reach into the season before', async () => {
  const project = leagueProject(gamesWith(2, { points: 500 }), {
    'assets/reports/season_so_far.sql': LEAGUE_SQL['assets/reports/season_so_far.sql'].replace(
      'd.game_date >= p.period_start AND ',
      'p.period_start IS NOT NULL AND ',
    ),
  });
  await project.materialize({ selection: ['+daily'] });
  await project.materialize({ selection: ['season_so_far'], partitions: '2023-10-25..' });
  expect(await project.query('SELECT MAX(average) FROM reports.season_so_far')).toEqual([[220]]);
});

test('a condition that excuses empty partitions sees no more than the window either', async () => {
  const project = leagueProject(GAMES, {
    'assets/reports/best_before.sql': LEAGUE_SQL['assets/reports/best_before.sql'].replace(
      '<= 3',
      '<= 0',
    ),
  });
  project.edit(
    'pipeline.yaml',
    'NOT EXISTS (SELECT 1 FROM daily AS d WHERE d.game_date < partitions.partition_date)',
    'NOT EXISTS (SELECT 1 FROM daily AS d WHERE d.best >= 120)',
  );
  await project.materialize({ selection: ['+daily'] });
  const request = { selection: ['best_before'] };
  // 120 points were scored on 2023-10-24: four dates before 2023-11-02, one before 2023-10-25.
  const early = await project.materialize({ ...request, partitions: '2023-10-25' });
  expect(early.document.failures).toMatchObject([{ category: 'EMPTY_RESULT' }]);
  const before = await project.materialize({ ...request, partitions: '2023-10-24' });
  expect(before.document.assets).toMatchObject([{ expected_empty: 1, failed: 0 }]);
});
