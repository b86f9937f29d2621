import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runExport } from '../../engine/commands/export.ts';
import { countsOf, GLOBALS, newProject, type TestProject } from '../support/project.ts';
import { runCommand } from '../support/run-command.ts';

const YAML = `name: reports
timezone: UTC
default_target: local
targets: { local: { warehouse: duckdb, memory_limit: 256MB, threads: 1 } }
groups: { raw: { dataset: raw } }
calendars: { game_dates: { asset: games, date: day } }
partition_sets: { game_dates: { calendar: game_dates } }
defaults: { partitions: game_dates, partition_column: day }
assets:
  games:
    group: raw
    source: { path: data/games.csv }
    key: [game]
    columns: [game: { type: INT64 }, day: { type: DATE }]
  reports:
    group: raw
    source: { path: data/reports.csv, optional: true }
    key: [day, player]
    columns: [day: { type: DATE }, player: { type: INT64 }, share: { type: FLOAT64, round: 2 }]
    expected_empty:
      - { condition: 'TRUE', reason: nothing was reported }
  news:
    group: raw
    sql: assets/news.sql
    upstream: { games: same, reports: same }
    key: [game]
    columns: [game: { type: INT64 }, day: { type: DATE }, reported: { type: INT64 }]
`;

const NEWS = `SELECT g.game, g.day, COUNT(r.player) AS reported FROM games AS g
LEFT JOIN reports AS r ON r.day = g.day GROUP BY 1, 2
`;

const NO_FILE = 'there is no file at data/reports.csv';

function reportsProject(): TestProject {
  return newProject({
    'pipeline.yaml': YAML,
    'assets/news.sql': NEWS,
    'data/games.csv': 'game,day\n1,2024-01-01\n2,2024-01-02\n3,2024-01-03\n',
  });
}

/** The reason that is recorded for each date without rows. */
async function reasonsOf(project: TestProject): Promise<readonly (string | null)[]> {
  const { evaluation } = await project.evaluate();
  const of = [...evaluation.assets.values()].find((each) => each.asset.name === 'reports');
  const days = [...(of?.expected.days ?? [])];
  const details = (await project.reader()).details('local', of?.asset.name ?? fail(), days);
  return days.map((day) => details.get(day)?.message ?? null);
}

function fail(): never {
  throw new Error('no asset reports');
}

test('without a file every date is expected to be empty and what reads it is made', async () => {
  const project = reportsProject();
  const outcome = await project.materialize();
  expect(outcome.document.failures).toEqual([]);
  expect(outcome.code).toBe(0);
  expect(countsOf(outcome, 'reports')).toEqual({ expected_empty: 3 });
  expect(await reasonsOf(project)).toEqual([NO_FILE, NO_FILE, NO_FILE]);
  expect(await project.query('SELECT game, reported FROM raw.news ORDER BY 1')).toEqual([
    ['1', '0'],
    ['2', '0'],
    ['3', '0'],
  ]);
  // Nothing to do is nothing to look at again.
  expect(countsOf(await project.materialize(), 'reports')).toEqual({ expected_empty: 3 });
  expect(new Set(Object.values(await project.status('reports')))).toEqual(
    new Set(['expected-empty']),
  );
});

test('a file that appears makes the dates that it is about, one that goes takes them away', async () => {
  const project = reportsProject();
  await project.materialize();
  project.write('data/reports.csv', 'day,player,share\n2024-01-02,7,0.5\n2024-01-02,8,0.25\n');
  const came = await project.materialize();
  expect(came.code).toBe(0);
  expect(countsOf(came, 'reports')).toEqual({ materialized: 1, expected_empty: 2 });
  expect(countsOf(came, 'news')).toEqual({ materialized: 1, skipped: 2 });
  expect(await reasonsOf(project)).toEqual(['nothing was reported', null, 'nothing was reported']);

  rmSync(project.path('data/reports.csv'));
  const went = await project.materialize();
  expect(went.code).toBe(0);
  expect(countsOf(went, 'reports')).toEqual({ expected_empty: 3 });
  expect(countsOf(went, 'news')).toEqual({ materialized: 1, skipped: 2 });
  expect(await project.query('SELECT COUNT(*)::INT FROM raw.reports')).toEqual([[0]]);
  expect(await reasonsOf(project)).toEqual([NO_FILE, NO_FILE, NO_FILE]);
});

test('when even the folder of the file is gone the path is wrong: the rows are kept', async () => {
  const project = reportsProject();
  project.edit('pipeline.yaml', 'path: data/reports.csv', "path: '${REPORTS:-data}/reports.csv'");
  project.write('data/reports.csv', 'day,player,share\n2024-01-02,7,0.5\n');
  await project.materialize();
  const elsewhere = { env: { ...project.effects().env, REPORTS: 'dta' } };
  const lost = await runCommand(project, 'materialize --quiet', elsewhere);
  expect(lost.code).toBe(1);
  expect(lost.out).toContain('SOURCE_MISSING: files were read from ${REPORTS:-data}/reports.csv');
  expect(lost.out).toContain('now even its folder is not there');
  expect(await project.query('SELECT player FROM raw.reports')).toEqual([['7']]);
  const back = await project.materialize();
  expect([back.code, countsOf(back, 'news')]).toEqual([0, { skipped: 3 }]);
});

test('an export of partitions that are all expected to be empty does not ask for a run', async () => {
  const project = reportsProject();
  await project.materialize();
  const options = { asset: 'reports', format: 'csv', out: 'reports-out.csv' } as const;
  await expect(runExport({ ...GLOBALS, ...options }, project.effects())).rejects.toMatchObject({
    message: 'reports has no rows: all of its 3 partitions are expected to be empty',
    hint: 'fastbreak why reports DATE gives the reason',
    exitCode: 1,
  });
});

test('only the absence of files is excused: an empty or a damaged one is a fault', async () => {
  const project = reportsProject();
  project.write('data/reports.csv', '');
  const empty = await project.materialize();
  expect(empty.document.failures[0]).toMatchObject({ asset: 'reports', category: 'SOURCE_EMPTY' });
  project.write('data/reports.csv', 'day,player\n2024-01-02,7\n');
  const damaged = await project.materialize();
  expect(damaged.document.failures[0]).toMatchObject({
    asset: 'reports',
    category: 'SCHEMA_MISMATCH',
  });
});

test('a source that is not optional is missed', async () => {
  const project = reportsProject();
  project.edit('pipeline.yaml', ', optional: true', '');
  const { document } = await project.materialize();
  expect(document.failures[0]).toMatchObject({ asset: 'reports', category: 'SOURCE_MISSING' });
});
