import { describe, expect, test } from 'vitest';
import { formatDay } from '../../engine/partitions/date.ts';
import { unsafeRunId } from '../../engine/ids.ts';
import { gamesWith, LEAGUE_SQL, leagueProject, setGames } from '../support/league.ts';
import { countsOf, type RunOutcome, type TestProject } from '../support/project.ts';

const DAILY = 'assets/reports/daily.sql';
const BEST = 'assets/reports/best_before.sql';

async function madeLeague(): Promise<TestProject> {
  const project = leagueProject();
  await project.materialize();
  return project;
}

/** What a run wrote or looked at, as `date type` by asset; what it skipped is not there. */
async function eventsOf(
  project: TestProject,
  outcome: RunOutcome,
): Promise<Record<string, string[]>> {
  const reader = await project.reader();
  const events = reader.eventsOfRun(unsafeRunId(outcome.document.run_id ?? 'none'));
  const byAsset: Record<string, string[]> = {};
  for (const { asset, day, type } of events.toReversed()) {
    byAsset[asset] = [...(byAsset[asset] ?? []), `${formatDay(day)} ${type}`];
  }
  return byAsset;
}

describe('nothing downstream is stale', () => {
  test('after upstream was materialized to the same content', async () => {
    const project = await madeLeague();
    await project.materialize({ selection: ['games', 'daily'], force: true });
    expect(new Set(Object.values(await project.status('season_so_far')))).toEqual(
      new Set(['current', 'expected-empty']),
    );
    expect((await project.materialize()).document.status).toBe('nothing-to-do');
  });

  test('after the source file was written again with the same bytes, a day later', async () => {
    const project = await madeLeague();
    setGames(project, gamesWith(0, {}));
    const later = Date.parse('2024-06-01T00:00:00Z');
    const outcome = await project.materialize({ now: () => later });
    expect(outcome.document.status).toBe('nothing-to-do');
  });

  test.each([
    ['other white space and line breaks', LEAGUE_SQL[BEST].replaceAll(/\s+/g, '\n   ')],
    ['a comment', `-- The best of three dates.\n${LEAGUE_SQL[BEST]} /* done */`],
    [
      'key words in lower case',
      LEAGUE_SQL[BEST].replaceAll(/\b(SELECT|FROM|WHERE|JOIN|ON|AS|WITH|GROUP BY)\b/g, (word) =>
        word.toLowerCase(),
      ),
    ],
    ['a CTE by another name', LEAGUE_SQL[BEST].replaceAll('ranked', 'numbered')],
  ])('after its SQL got %s', async (_, sql) => {
    const project = await madeLeague();
    project.write(BEST, sql);
    expect((await project.materialize()).document.status).toBe('nothing-to-do');
  });

  test('after descriptions, tags, checks or the order of assets changed', async () => {
    const project = await madeLeague();
    project.edit('pipeline.yaml', 'One row per date.', 'A row for each date.');
    project.edit(
      'pipeline.yaml',
      '  daily:\n    group: reports',
      '  daily:\n    group: reports\n    tags: [new]\n    checks: [{ range: { column: games, min: 1 } }]',
    );
    expect((await project.materialize()).document.status).toBe('nothing-to-do');
  });
});

test('other SQL with the same result makes its own partitions anew and nothing behind them', async () => {
  const project = await madeLeague();
  project.edit(DAILY, 'SUM(g.points)', 'SUM(g.points + 1) - COUNT(*)');
  const outcome = await project.materialize();
  expect(countsOf(outcome, 'daily')).toEqual({ unchanged: 8 });
  expect(countsOf(outcome, 'best_before')).toEqual({ skipped: 7, expected_empty: 1 });
  expect(countsOf(outcome, 'season_so_far')).toEqual({ skipped: 6, expected_empty: 2 });
});

test('a changed value runs the partitions whose window holds it, and only what came out different goes on', async () => {
  const project = await madeLeague();
  // The lesser game of the date: its sum changes, its best does not.
  setGames(project, gamesWith(8, { points: 81 }));
  const outcome = await project.materialize();
  const events = await eventsOf(project, outcome);
  expect(countsOf(outcome, 'games')).toEqual({ materialized: 1, unchanged: 7 });
  expect(events['daily']).toEqual(['2023-10-28 materialized']);
  expect(events['best_before']).toEqual(['2023-11-02 unchanged', '2023-11-03 unchanged']);
  expect(events['season_so_far']).toEqual(['2023-11-02 materialized', '2023-11-03 materialized']);
});

test('a change that comes out the same one step later stops there', async () => {
  const project = leagueProject();
  project.edit(
    'pipeline.yaml',
    'assets:\n',
    `assets:\n  echo:
    group: reports
    description: The best, again.
    upstream: { best_before: same }
    columns: [game_date, { best: { type: INT64, description: Most points } }]
    expected_empty: [{ condition: NOT EXISTS (SELECT 1 FROM best_before AS b WHERE b.best > 0), reason: none }]
`,
  );
  project.write(
    'assets/reports/echo.sql',
    'SELECT b.game_date AS game_date, b.best AS best FROM best_before AS b',
  );
  await project.materialize();
  setGames(project, gamesWith(8, { points: 81 }));
  const outcome = await project.materialize();
  expect(countsOf(outcome, 'best_before')).toMatchObject({ unchanged: 2 });
  expect(countsOf(outcome, 'echo')).toEqual({ skipped: 7, expected_empty: 1 });
});

test('a value changed back is as if nothing had happened', async () => {
  const project = await madeLeague();
  const before = await project.allVersions();
  setGames(project, gamesWith(5, { points: 1 }));
  await project.materialize();
  expect(await project.allVersions()).not.toEqual(before);
  setGames(project, gamesWith(0, {}));
  await project.materialize();
  expect(await project.allVersions()).toEqual(before);
});

test('a changed value that nobody materialized yet makes nothing stale, only possibly so', async () => {
  const project = await madeLeague();
  setGames(project, gamesWith(8, { points: 81 }));
  const { steps } = await project.dryRun();
  const reasons = Object.fromEntries(steps.map((step) => [step.asset, step.reasons]));
  expect(reasons['games']).toMatchObject({ stale: 8 });
  expect(reasons['daily']).toMatchObject({ stale: 0, may_change: 8 });
  expect(new Set(Object.values(await project.status('daily')))).toEqual(new Set(['current']));
});

test('an optional upstream that arrives late makes stale what ran without it', async () => {
  const project = leagueProject();
  project.edit(
    'pipeline.yaml',
    'assets:\n',
    `assets:\n  notes:
    group: raw
    description: Notes on dates.
    source: { path: data/notes.csv }
    columns: [game_date, { note: { type: STRING, description: A note } }]
  noted:
    group: reports
    description: Dates with their notes.
    upstream: { daily: same, notes: { window: same, optional: true } }
    columns: [game_date, { note: { type: STRING, description: A note } }]
`,
  );
  project.write(
    'assets/reports/noted.sql',
    'SELECT d.game_date AS game_date, n.note AS note FROM daily AS d LEFT JOIN notes AS n ON n.game_date = d.game_date',
  );
  project.write('data/notes.csv', 'game_date,note\n2023-10-24,opening\n');
  await project.materialize();
  expect(await project.status('noted')).toMatchObject({ '2023-10-25': 'current' });
  project.write('data/notes.csv', 'game_date,note\n2023-10-24,opening\n2023-10-25,late\n');
  const outcome = await project.materialize();
  expect((await eventsOf(project, outcome))['noted']).toEqual(['2023-10-25 materialized']);
});
