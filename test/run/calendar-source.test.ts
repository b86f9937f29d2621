import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { type Game, GAMES, gamesWith, leagueProject, setGames } from '../support/league.ts';
import { countsOf, type TestProject } from '../support/project.ts';

/** The league after its games changed once, and a league that had those games from the beginning. */
async function changedAndFresh(games: readonly Game[]): Promise<[TestProject, TestProject]> {
  const changed = leagueProject();
  await changed.materialize();
  setGames(changed, games);
  expect((await changed.materialize({ prune: true })).code).toBe(0);
  const fresh = leagueProject(games);
  await fresh.materialize();
  return [changed, fresh];
}

describe('a source that defines its own calendar comes to what a first run would make of it when', () => {
  test.each<readonly [string, readonly Game[]]>([
    ['a date is added at the end', [...GAMES, { id: 11, date: '2023-11-09', points: 120 }]],
    ['a date is added in the middle', [...GAMES, { id: 11, date: '2023-10-26', points: 190 }]],
    [
      'a date is added before all others',
      [{ id: 11, date: '2023-02-01', season: '2022', points: 9 }, ...GAMES],
    ],
    ['a date is removed', gamesWith(6, undefined)],
    ['the first date of a season is removed', GAMES.filter((game) => game.date !== '2023-10-24')],
    ['a game is moved to a date without games', gamesWith(6, { date: '2023-10-30' })],
    ['a game is moved to another date with games', gamesWith(6, { date: '2023-10-28' })],
    ['a date changes its season', gamesWith(2, { season: '2023' })],
    ['a whole season is removed', GAMES.filter((game) => game.season !== '2022')],
  ])('%s', async (_, games) => {
    const [changed, fresh] = await changedAndFresh(games);
    expect(await changed.allVersions()).toEqual(await fresh.allVersions());
    await expectAgreement(changed);
  });
});

test('a range of nothing but a date that is new in the source is made, and planned, at once', async () => {
  const project = leagueProject();
  await project.materialize();
  setGames(project, [...GAMES, { id: 11, date: '2023-11-09', points: 120 }]);
  const { steps } = await project.dryRun({ partitions: '2023-11-09' });
  expect(steps.map((step) => step.asset)).toContain('daily');
  const outcome = await project.materialize({ partitions: '2023-11-09' });
  expect(outcome.code).toBe(0);
  expect(countsOf(outcome, 'daily')).toEqual({ materialized: 1 });
  await expectAgreement(project);
});

test('one changed row gives a new data version to its date only', async () => {
  const project = leagueProject();
  await project.materialize();
  const before = await project.versions('games');
  setGames(project, gamesWith(7, { points: 131 }));
  const outcome = await project.materialize({ selection: ['games'] });
  expect(countsOf(outcome, 'games')).toEqual({ materialized: 1, unchanged: 7 });
  const after = await project.versions('games');
  expect(Object.keys(after).filter((date) => after[date] !== before[date])).toEqual(['2023-10-28']);
});

test('dates that the condition of the calendar leaves out are no partitions', async () => {
  const project = leagueProject(gamesWith(6, { season: 'preseason' }));
  project.edit(
    'pipeline.yaml',
    'date: game_date,',
    `date: game_date, where: "season != 'preseason'",`,
  );
  await project.materialize();
  expect(Object.keys(await project.status('daily'))).not.toContain('2023-10-27');
  expect(await project.query(`SELECT COUNT(*) FROM raw.games WHERE season = 'preseason'`)).toEqual([
    ['0'],
  ]);
});

test('a changed condition of the calendar brings dates in that were left out before', async () => {
  const project = leagueProject(gamesWith(6, { season: 'preseason' }));
  const where = `date: game_date, where: "season != 'preseason'",`;
  project.edit('pipeline.yaml', 'date: game_date,', where);
  await project.materialize();
  project.edit('pipeline.yaml', where, 'date: game_date,');
  const outcome = await project.materialize();
  expect(outcome.code).toBe(0);
  expect(await project.status('daily')).toMatchObject({ '2023-10-27': 'current' });
  await expectAgreement(project);
});

test('a date that belongs to two seasons is refused with the date named', async () => {
  const project = leagueProject(gamesWith(8, { season: '2024' }));
  const outcome = await project.materialize();
  expect(outcome.code).toBe(1);
  expect(outcome.document.failures).toMatchObject([
    { asset: 'games', category: 'CALENDAR_AMBIGUOUS' },
  ]);
  expect(outcome.document.failures[0]?.message).toContain('2023-10-28');
});

test('a calendar without any date is a failure', async () => {
  const project = leagueProject([]);
  const outcome = await project.materialize();
  expect(outcome.code).toBe(1);
  expect(outcome.document.failures[0]?.category).toBe('EMPTY_CALENDAR');
});

test('a selection whose calendar was never read says which asset to materialize first', async () => {
  const project = leagueProject();
  const error = await project.error({ selection: ['daily'] });
  expect(error).toMatchObject({ code: 'CALENDAR_UNKNOWN', exitCode: 2 });
  expect(error.hint).toContain('games');
});

test('a range without any expected date says what the calendar holds', async () => {
  const project = leagueProject();
  await project.materialize();
  const error = await project.error({ selection: ['daily'], partitions: '2023-12-01..2023-12-31' });
  expect(error).toMatchObject({ code: 'EMPTY_RANGE', exitCode: 2 });
  expect(error.hint).toContain('2023-03-01');
  expect(error.hint).toContain('2023-11-03');
});

test('a first run on a range reads the whole calendar, and makes the range only', async () => {
  const project = leagueProject();
  const outcome = await project.materialize({
    selection: ['+daily'],
    partitions: '2023-10-24..2023-10-25',
  });
  expect(outcome.code).toBe(0);
  expect(countsOf(outcome, 'daily')).toEqual({ materialized: 2 });
  expect(Object.keys(await project.status('daily'))).toHaveLength(8);
});
