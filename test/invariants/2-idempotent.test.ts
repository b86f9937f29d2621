import { expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { leagueProject } from '../support/league.ts';
import { type Cell, countsOf, type TestProject } from '../support/project.ts';

async function rowsOf(project: TestProject): Promise<Record<string, Cell[][]>> {
  const tables = ['raw.games', 'reports.daily', 'reports.best_before', 'reports.season_so_far'];
  const rows: Record<string, Cell[][]> = {};
  for (const table of tables) rows[table] = await project.query(`FROM ${table} ORDER BY ALL`);
  return rows;
}

test('materializing again does nothing at all, and writes no run', async () => {
  const project = leagueProject();
  await project.materialize();
  const before = await rowsOf(project);
  const again = await project.materialize();
  expect(again.document).toMatchObject({ status: 'nothing-to-do', run_id: null });
  expect(countsOf(again, 'daily')).toEqual({ skipped: 8 });
  expect(await rowsOf(project)).toEqual(before);
  expect((await project.reader()).runs('local', 10)).toHaveLength(1);
});

test('materializing again by force gives the same rows, each once, and says unchanged', async () => {
  const project = leagueProject();
  await project.materialize();
  const before = await rowsOf(project);
  const again = await project.materialize({ force: true });
  expect(again.code).toBe(0);
  expect(countsOf(again, 'games')).toEqual({ unchanged: 8 });
  expect(countsOf(again, 'daily')).toEqual({ unchanged: 8 });
  expect(countsOf(again, 'best_before')).toEqual({ unchanged: 7, expected_empty: 1 });
  expect(await rowsOf(project)).toEqual(before);
  await expectAgreement(project);
});

test('one partition by force leaves the others and their rows alone', async () => {
  const project = leagueProject();
  await project.materialize();
  const before = await rowsOf(project);
  const request = { force: true, selection: ['daily'], partitions: '2023-10-25' };
  const again = await project.materialize(request);
  expect(countsOf(again, 'daily')).toEqual({ unchanged: 1 });
  expect(await rowsOf(project)).toEqual(before);
});

test('the order of the rows in the source makes no difference to any data version', async () => {
  const project = leagueProject();
  await project.materialize();
  const before = await project.allVersions();
  const [head = '', ...lines] = project.read('data/games.csv').trim().split('\n');
  project.write('data/games.csv', `${[head, ...lines.reverse()].join('\n')}\n`);
  const again = await project.materialize();
  expect(countsOf(again, 'games')).toEqual({ unchanged: 8 });
  expect(countsOf(again, 'daily')).toEqual({ skipped: 8 });
  expect(await project.allVersions()).toEqual(before);
});

test('one duplicate row makes another data version', async () => {
  const project = leagueProject();
  project.edit('pipeline.yaml', '    key: [game_id]\n', '    key: []\n');
  await project.materialize();
  const { games: before } = await project.allVersions();
  project.write('data/games.csv', `${project.read('data/games.csv')}5,2023-10-25,2023,101\n`);
  await project.materialize();
  const { games: after } = await project.allVersions();
  expect(after?.['2023-10-25']).not.toBe(before?.['2023-10-25']);
  expect({ ...after, '2023-10-25': '' }).toEqual({ ...before, '2023-10-25': '' });
});

test('force writes rows that somebody changed behind its back as they should be', async () => {
  const project = leagueProject();
  await project.materialize();
  const before = await rowsOf(project);
  await project.tamper('UPDATE raw.games SET points = points + 1');
  expect(await rowsOf(project)).not.toEqual(before);
  await project.materialize({ force: true });
  expect(await rowsOf(project)).toEqual(before);
  await expectAgreement(project);
});
