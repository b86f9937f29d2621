import { expect, test } from 'vitest';
import { parseDay } from '../../engine/partitions/date.ts';
import { unsafeAssetName } from '../../engine/ids.ts';
import { expectAgreement } from '../support/agreement.ts';
import { gamesWith, LEAGUE_SQL, leagueProject, setGames } from '../support/league.ts';
import { countsOf, type TestProject } from '../support/project.ts';

const DAILY = 'assets/reports/daily.sql';
const ONLY_HIGH = LEAGUE_SQL[DAILY].replace('GROUP BY', 'WHERE g.points > 100\nGROUP BY');

async function reasonOf(project: TestProject, asset: string, date: string): Promise<unknown> {
  const day = parseDay(date) ?? 0;
  const events = (await project.reader()).eventsOfPartition('local', unsafeAssetName(asset), day);
  return [events[0]?.type, events[0]?.message];
}

test('no rows where rows are expected is a failure with its own category, and ends with 1', async () => {
  const project = leagueProject();
  project.write(DAILY, ONLY_HIGH);
  const outcome = await project.materialize();
  expect(outcome.code).toBe(1);
  expect(countsOf(outcome, 'daily')).toEqual({ materialized: 5, failed: 3 });
  const failed = outcome.document.failures.filter((each) => each.status === 'failed');
  expect(failed.map((each) => [each.partition, each.category])).toEqual([
    ['2023-03-01', 'EMPTY_RESULT'],
    ['2023-03-02', 'EMPTY_RESULT'],
    ['2023-10-27', 'EMPTY_RESULT'],
  ]);
  await expectAgreement(project);
});

test('a partition that lost all its rows fails and keeps the rows it had, which stay readable', async () => {
  const project = leagueProject();
  await project.materialize();
  project.write(DAILY, ONLY_HIGH);
  await project.materialize();
  expect(await project.status('daily')).toMatchObject({ '2023-10-27': 'failed' });
  const kept = await project.query(
    `SELECT points FROM reports.daily WHERE game_date = '2023-10-27'`,
  );
  expect(kept).toEqual([['99']]);
  await expectAgreement(project);
});

test('dates that the calendar says are empty are not tried, and count as expected-empty', async () => {
  const project = leagueProject();
  const outcome = await project.materialize();
  expect(countsOf(outcome, 'season_so_far')).toEqual({ materialized: 6, expected_empty: 2 });
  const status = await project.status('season_so_far');
  expect(status).toMatchObject({ '2023-03-01': 'expected-empty', '2023-10-24': 'expected-empty' });
});

test('a rule on the data gives its reason, and the partition does not block what needs it', async () => {
  const project = leagueProject();
  project.edit(
    'pipeline.yaml',
    'assets:\n',
    `assets:\n  after:
    group: reports
    description: One row per date that has a best before.
    upstream: { best_before: same, daily: same }
    columns: [game_date, { best: { type: INT64, description: Most points } }]
`,
  );
  project.write(
    'assets/reports/after.sql',
    'SELECT d.game_date AS game_date, COALESCE(b.best, 0) AS best FROM daily AS d LEFT JOIN best_before AS b ON b.game_date = d.game_date',
  );
  const outcome = await project.materialize();
  expect(outcome.code).toBe(0);
  expect(countsOf(outcome, 'best_before')).toEqual({ materialized: 7, expected_empty: 1 });
  expect(countsOf(outcome, 'after')).toEqual({ materialized: 8 });
  expect(await reasonOf(project, 'best_before', '2023-03-01')).toEqual([
    'expected_empty',
    'no game was played before',
  ]);
});

test('what was expected to be empty is looked at again when its inputs change, and only then', async () => {
  const project = leagueProject();
  await project.materialize();
  const again = await project.materialize({ selection: ['best_before'] });
  expect(again.document.status).toBe('nothing-to-do');
  setGames(project, [
    { id: 99, date: '2023-02-20', season: '2022', points: 140 },
    ...gamesWith(0, {}),
  ]);
  const outcome = await project.materialize();
  expect(outcome.code).toBe(0);
  const status = await project.status('best_before');
  expect(status).toMatchObject({ '2023-02-20': 'expected-empty', '2023-03-01': 'current' });
  expect(await project.query(`FROM reports.best_before WHERE game_date = '2023-03-01'`)).toEqual([
    ['2023-03-01', '140'],
  ]);
  await expectAgreement(project);
});

test('a rule on the data does not excuse partitions that it does not hold for', async () => {
  const project = leagueProject();
  project.write(
    'assets/reports/best_before.sql',
    LEAGUE_SQL['assets/reports/best_before.sql'].replace('<= 3', '<= 3 AND r.best > 100'),
  );
  const outcome = await project.materialize();
  expect(outcome.document.failures.map((each) => [each.partition, each.category])).toEqual([
    ['2023-03-02', 'EMPTY_RESULT'],
    ['2023-10-24', 'EMPTY_RESULT'],
  ]);
});

test('an unpartitioned asset without rows fails too', async () => {
  const project = leagueProject();
  project.edit(
    'pipeline.yaml',
    'assets:\n',
    `assets:\n  champions:
    group: reports
    description: Games with very many points.
    partitions: none
    key: [game_id]
    upstream: { games: all }
    columns: [{ game_id: { type: INT64, description: Number of the game } }]
`,
  );
  project.write(
    'assets/reports/champions.sql',
    'SELECT g.game_id AS game_id FROM games AS g WHERE g.points > 500',
  );
  const outcome = await project.materialize();
  expect(outcome.document.failures).toMatchObject([
    { asset: 'champions', partition: 'all', category: 'EMPTY_RESULT' },
  ]);
  project.edit('assets/reports/champions.sql', '500', '125');
  expect((await project.materialize()).code).toBe(0);
  expect(await project.query('FROM reports.champions')).toEqual([['7']]);
  await expectAgreement(project);
});
