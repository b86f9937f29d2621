import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { GAMES, gamesWith, leagueProject, setGames } from '../support/league.ts';
import { countsOf, type TestProject } from '../support/project.ts';

/** The league with one more asset. */
function leagueWith(yaml: string, sql: Readonly<Record<string, string>>): TestProject {
  const project = leagueProject(
    GAMES,
    Object.fromEntries(
      Object.entries(sql).map(([name, text]) => [`assets/reports/${name}.sql`, text]),
    ),
  );
  project.edit('pipeline.yaml', 'assets:\n', `assets:\n${yaml}`);
  return project;
}

describe('an asset with a partition per month', () => {
  const MONTHLY = `  monthly:
    group: reports
    description: Dates of the month before.
    partitions: months
    upstream: { daily: { before: { days: 31 } } }
    columns: [game_date, { dates: { type: INT64, description: Dates } }]
    expected_empty:
      - condition: NOT EXISTS (SELECT 1 FROM daily AS d WHERE DATE_DIFF(partitions.partition_date, d.game_date, DAY) BETWEEN 1 AND 31)
        reason: no games in the month before
  by_month:
    group: reports
    description: Every date with the newest month.
    upstream: { daily: same, monthly: { window: latest, optional: true } }
    columns: [game_date, { dates: { type: INT64, description: Dates } }]
`;
  const SQL = {
    monthly: `SELECT p.partition_date AS game_date, COUNT(*) AS dates
FROM partitions AS p JOIN daily AS d ON DATE_DIFF(p.partition_date, d.game_date, DAY) BETWEEN 1 AND 31
GROUP BY p.partition_date
`,
    by_month: `SELECT d.game_date AS game_date, MAX(m.dates) AS dates
FROM daily AS d LEFT JOIN monthly AS m ON m.game_date <= d.game_date GROUP BY d.game_date
`,
  };

  function monthlyProject(): TestProject {
    const project = leagueWith(MONTHLY, SQL);
    const sets = '  game_dates: { calendar: game_dates }\n';
    project.edit(
      'pipeline.yaml',
      sets,
      `${sets}  months: { every: month, calendar: game_dates }\n`,
    );
    return project;
  }

  test('has one for every month of the calendar, each counting as its first day', async () => {
    const project = monthlyProject();
    expect((await project.materialize()).code).toBe(0);
    expect(await project.status('monthly')).toEqual({
      '2023-03-01': 'expected-empty',
      '2023-10-01': 'expected-empty',
      '2023-11-01': 'current',
    });
    expect(await project.query('FROM reports.monthly')).toEqual([['2023-11-01', '4']]);
    await expectAgreement(project);
  });

  test('is read by dates through the newest month up to each of them', async () => {
    const project = monthlyProject();
    await project.materialize();
    const rows = await project.query(
      `FROM reports.by_month WHERE game_date >= '2023-10-28' ORDER BY 1`,
    );
    expect(rows).toEqual([
      ['2023-10-28', null],
      ['2023-11-02', '4'],
      ['2023-11-03', '4'],
    ]);
  });

  test('is made again when a date in its window changes, and then what reads that month', async () => {
    const project = monthlyProject();
    await project.materialize();
    setGames(project, gamesWith(6, undefined));
    const outcome = await project.materialize({ prune: true });
    expect(countsOf(outcome, 'monthly')).toEqual({ materialized: 1, expected_empty: 2 });
    expect(await project.query('FROM reports.monthly')).toEqual([['2023-11-01', '3']]);
    expect(
      await project.query(`SELECT dates FROM reports.by_month WHERE game_date = '2023-11-03'`),
    ).toEqual([['3']]);
  });
});

describe('an asset with a partition per day', () => {
  const EVERY_DAY = `  counted:
    group: reports
    description: Games so far, every day.
    partitions: days
    upstream: { daily: { before: all } }
    columns: [game_date, { games: { type: INT64, description: Games } }]
`;
  const SQL = {
    counted: `SELECT p.partition_date AS game_date, COALESCE(SUM(d.games), 0) AS games
FROM partitions AS p LEFT JOIN daily AS d ON d.game_date < p.partition_date GROUP BY p.partition_date
`,
  };

  test('gets one more with every day that passes', async () => {
    const project = leagueWith(EVERY_DAY, SQL);
    const sets = '  game_dates: { calendar: game_dates }\n';
    project.edit('pipeline.yaml', sets, `${sets}  days: { every: day, from: 2023-11-01 }\n`);
    const noon = (date: string) => (): number => Date.parse(`${date}T12:00:00Z`);
    const first = await project.materialize({ now: noon('2023-11-03') });
    expect(countsOf(first, 'counted')).toEqual({ materialized: 3 });
    const second = await project.materialize({ now: noon('2023-11-05') });
    expect(countsOf(second, 'counted')).toEqual({ materialized: 2, skipped: 3 });
    expect(await project.query('SELECT games FROM reports.counted ORDER BY game_date')).toEqual([
      ['8'],
      ['8'],
      ['9'],
      ['10'],
      ['10'],
    ]);
  });
});

describe('an unpartitioned asset', () => {
  const TOTAL = `  total:
    group: reports
    description: All points.
    partitions: none
    key: []
    upstream: { daily: all }
    columns: [{ points: { type: INT64, description: Points } }]
  share:
    group: reports
    description: The share of each date.
    upstream: { daily: same, total: all }
    columns: [game_date, { share: { type: FLOAT64, round: 4, description: Share } }]
`;
  const SQL = {
    total: 'SELECT SUM(d.points) AS points FROM daily AS d\n',
    share:
      'SELECT d.game_date AS game_date, d.points / t.points AS share FROM daily AS d CROSS JOIN total AS t\n',
  };

  test('has one partition, and what reads it changes with it', async () => {
    const project = leagueWith(TOTAL, SQL);
    await project.materialize();
    expect(await project.status('total')).toEqual({ all: 'current' });
    setGames(project, gamesWith(8, { points: 90 }));
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'total')).toEqual({ materialized: 1 });
    expect(countsOf(outcome, 'share')).toEqual({ materialized: 8 });
    await expectAgreement(project);
  });

  test('is made by a run on a range too, since a range says nothing of it', async () => {
    const project = leagueWith(TOTAL, SQL);
    await project.materialize({ selection: ['+daily'] });
    const outcome = await project.materialize({ partitions: '2023-10-25' });
    expect(countsOf(outcome, 'total')).toEqual({ materialized: 1 });
    expect(countsOf(outcome, 'share')).toEqual({ materialized: 1 });
  });
});

describe('an asset that is frozen once it is made', () => {
  const FROZEN = `  called:
    group: reports
    description: What was known before the date.
    freeze: once
    upstream: { best_before: same }
    columns: [game_date, { best: { type: INT64, description: Most points } }]
    expected_empty:
      - condition: NOT EXISTS (SELECT 1 FROM best_before AS b WHERE b.game_date = partitions.partition_date)
        reason: nothing is known
`;
  const SQL = {
    called: 'SELECT b.game_date AS game_date, b.best AS best FROM best_before AS b\n',
  };

  test('keeps what it was when its upstream or its code changes', async () => {
    const project = leagueWith(FROZEN, SQL);
    await project.materialize();
    const before = await project.versions('called');
    setGames(project, gamesWith(7, { points: 400 }));
    project.edit('assets/reports/called.sql', 'b.best AS best', 'b.best + 1 AS best');
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'best_before')).toMatchObject({ materialized: 2 });
    expect(countsOf(outcome, 'called')).toEqual({ skipped: 7, expected_empty: 1 });
    expect(await project.versions('called')).toEqual(before);
  });

  test('is made where it is missing', async () => {
    const project = leagueWith(FROZEN, SQL);
    await project.materialize();
    setGames(project, [...GAMES, { id: 11, date: '2023-11-09', points: 1 }]);
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'called')).toEqual({ materialized: 1, skipped: 7, expected_empty: 1 });
  });
});

test('a required upstream of which nothing was ever made blocks a reader of the latest, by name', async () => {
  const yaml = `  echo:
    group: reports
    description: The newest best.
    upstream: { best_before: latest }
    columns: [game_date, { best: { type: INT64, description: Most points } }]
`;
  const project = leagueWith(yaml, {
    echo: 'SELECT p.partition_date AS game_date, MAX(b.best) AS best FROM partitions AS p CROSS JOIN best_before AS b GROUP BY p.partition_date\n',
  });
  await project.materialize({ selection: ['+daily'] });
  const outcome = await project.materialize({ selection: ['echo'], partitions: '2023-10-25' });
  expect(outcome.document.failures).toMatchObject([
    { asset: 'echo', partition: '2023-10-25', status: 'blocked' },
  ]);
  expect(outcome.document.failures[0]?.message).toBe(
    'needs best_before of 2023-10-25 or before, which is missing',
  );
});

test('an asset whose columns changed is made anew as a whole', async () => {
  const project = leagueProject();
  await project.materialize();
  project.edit(
    'pipeline.yaml',
    '      - best: { type: INT64, description: Most points of a game }\n  best_before',
    '      - top: { type: STRING, description: Most points }\n  best_before',
  );
  project.edit(
    'pipeline.yaml',
    'upstream: { daily: { before: { partitions: 3 } } }',
    'upstream: { games: { before: { partitions: 3 } } }',
  );
  project.edit(
    'pipeline.yaml',
    'FROM daily AS d WHERE d.game_date <',
    'FROM games AS d WHERE d.game_date <',
  );
  project.edit(
    'assets/reports/daily.sql',
    'MAX(g.points) AS best',
    'CAST(MAX(g.points) AS STRING) AS top',
  );
  project.edit('assets/reports/best_before.sql', 'd.best AS best', 'd.points AS best');
  project.edit('assets/reports/best_before.sql', 'JOIN daily AS d', 'JOIN games AS d');
  const outcome = await project.materialize();
  expect(outcome.document.failures).toEqual([]);
  expect(await project.query('SELECT MIN(top) FROM reports.daily')).toEqual([['101']]);
  await expectAgreement(project);
});
