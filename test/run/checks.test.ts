import { describe, expect, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { runLogs } from '../../engine/commands/logs.ts';
import { runRuns } from '../../engine/commands/runs.ts';
import { DAYS, gamesProject, LINES } from '../checks/games-project.ts';
import { expectAgreement } from '../support/agreement.ts';
import { countsOf, GLOBALS, type TestProject } from '../support/project.ts';

/** One line of day 2 is out of range, and one of day 4. */
const BAD = LINES.map((line, index) =>
  index === 2 || index === 7 ? line.replace(/\d+$/, '999') : line,
);

const RANGE = '- { range: { column: points, max: 150 }, blocking: true }';

function write(project: TestProject, lines: readonly string[]): void {
  project.write('data/lines.csv', `day,game_id,team,points\n${lines.join('\n')}\n`);
}

async function printed(
  project: TestProject,
  run: typeof runLogs | typeof runRuns,
  options: object,
): Promise<string> {
  const out: string[] = [];
  const effects = { ...project.effects(), stdout: (text: string) => void out.push(text) };
  const all = { ...GLOBALS, quiet: false, json: false, id: 'last', limit: 9, show: 'last' };
  await run({ ...all, ...options }, effects);
  return out.join('');
}

describe('a check that blocks', () => {
  test.each([
    ['a row condition', RANGE],
    ['a number of rows', '- { row_count: { per: games, min: 2 }, blocking: true }'],
    ['SQL', "- { sql: 'SELECT day, points FROM this WHERE points > 150', blocking: true }"],
    ['a relationship', '- { relationship: { column: team, to: teams.team }, blocking: true }'],
  ])('keeps exactly its partitions from being published: %s', async (_, check) => {
    const moved = BAD.map((line) => line.replace(/,\d,(\w+),999/, ',9,zzz,999'));
    const project = gamesProject(check, { lines: moved });
    const outcome = await project.materialize();
    expect(outcome.code).toBe(1);
    expect(countsOf(outcome, 'scores')).toEqual({ materialized: 3, failed: 2 });
    expect(outcome.document.failures).toMatchObject(
      [DAYS[1], DAYS[3]].map((partition) => ({ partition, category: 'CHECK_FAILED' })),
    );
    const rows = await project.query(
      'SELECT DISTINCT CAST(day AS VARCHAR) FROM reports.scores ORDER BY 1',
    );
    expect(rows).toEqual([[DAYS[0]], [DAYS[2]], [DAYS[4]]]);
    await expectAgreement(project);
  });

  test('leaves the older rows readable, and lets the new ones in once they are right', async () => {
    const project = gamesProject(RANGE);
    await project.materialize();
    write(project, BAD);
    await project.materialize();
    const points = `SELECT MAX(points), COUNT(*) FROM reports.scores`;
    expect(await project.query(points)).toEqual([['100', '10']]);
    expect(await project.status('scores')).toMatchObject({
      [DAYS[0]]: 'current',
      [DAYS[1]]: 'failed',
    });
    write(
      project,
      BAD.map((line) => line.replace(/999$/, '149')),
    );
    expect((await project.materialize()).code).toBe(0);
    expect(await project.query(points)).toEqual([['149', '10']]);
    await expectAgreement(project);
  });

  test('names all checks that failed, with rows of the first', async () => {
    const checks = `${RANGE}\n- { condition: points < 500, name: sane, blocking: true }`;
    const outcome = await gamesProject(checks, { lines: BAD }).materialize();
    expect(outcome.document.failures[0]?.message).toMatch(
      /^check "range_points" failed: 1 offending row\(s\), e\.g\. \[\{.*"points":999\}\]; so did "sane"$/,
    );
  });
});

describe('a check that does not block', () => {
  test('publishes the rows, and makes the run exit with 1', async () => {
    const project = gamesProject(RANGE.replace(', blocking: true', ''), { lines: BAD });
    const outcome = await project.materialize();
    expect(outcome.code).toBe(1);
    expect(outcome.document).toMatchObject({
      status: 'failed',
      failures: [],
      checks: [
        {
          asset: 'scores',
          check: 'range_points',
          severity: 'error',
          blocking: false,
          partitions: [DAYS[1], DAYS[3]],
          rows: 2,
        },
      ],
    });
    expect(await project.query('SELECT MAX(points) FROM reports.scores')).toEqual([['999']]);
    expect(new Set(Object.values(await project.status('scores')))).toEqual(new Set(['current']));
    await expectAgreement(project);
  });

  test('and only warns leaves the exit code at 0', async () => {
    const check = RANGE.replace('blocking: true', 'severity: warn');
    const outcome = await gamesProject(check, { lines: BAD }).materialize();
    expect(outcome.code).toBe(0);
    expect(outcome.document).toMatchObject({ status: 'succeeded', checks: [{ rows: 2 }] });
  });
});

test('what failed is recorded with rows, and shown by runs, logs and the report', async () => {
  const project = gamesProject(RANGE.replace('blocking: true', 'severity: warn'), { lines: BAD });
  const { document } = await project.materialize();
  const recorded = (await project.reader()).checks(unsafeRunId(document.run_id ?? ''));
  expect(recorded).toMatchObject([
    { asset: 'scores', check: 'range_points', severity: 'warn', blocking: false, failures: 1 },
    { failures: 1 },
  ]);
  expect(JSON.parse(recorded[0]?.sample ?? '')).toEqual([
    { day: DAYS[1], game_id: 2, team: 'aaa', points: 999 },
  ]);
  expect(await printed(project, runRuns, {})).toMatch(
    /scores +range_points +warn +2 +2 +2024-01-02: \[\{.*"points":999\}\]/,
  );
  expect(await printed(project, runLogs, {})).toMatch(
    /scores {2}check range_points \(warn\): 2 rows in 2 partitions, e\.g\. 2024-01-02: \[\{/,
  );
  const logged = JSON.parse(await printed(project, runLogs, { json: true })) as {
    readonly events: readonly object[];
  };
  expect(logged.events).toContainEqual(
    expect.objectContaining({
      type: 'check_failed',
      check: 'range_points',
      partitions: [DAYS[1], DAYS[3]],
      rows: 2,
    }),
  );
});

test('an asset without partitions is checked as a whole', async () => {
  const project = gamesProject('- not_null: team', { teams: ['aaa', 'bbb', 'bbb'] });
  project.edit(
    'pipeline.yaml',
    '    columns: [team]\n',
    `    columns: [team]
    checks:
      - { unique: [team], blocking: true }
      - { sql: 'SELECT team FROM this GROUP BY team HAVING COUNT(*) > 1', name: twice, severity: warn }
      - { row_count: { max: 2 }, severity: warn }
`,
  );
  const outcome = await project.materialize({ selection: ['teams'] });
  expect(outcome.code).toBe(1);
  expect(outcome.document).toMatchObject({
    failures: [{ asset: 'teams', partition: 'all', category: 'CHECK_FAILED' }],
    checks: [
      { check: 'unique_team', partitions: ['all'] },
      { check: 'twice', partitions: ['all'], rows: 1 },
      { check: 'row_count', partitions: ['all'], rows: 1 },
    ],
  });
});

test('SQL of a check that fails on some rows fails these partitions, and says which check it is', async () => {
  const lines = LINES.with(2, `${DAYS[1]},2,n/a,100`);
  const check = "- { sql: 'SELECT day FROM this WHERE CAST(team AS INT64) < 0', name: numeric }";
  const outcome = await gamesProject(check, {
    lines: lines.map((line) => line.replace(/,(aaa|bbb),/, ',1,')),
  }).materialize();
  expect(countsOf(outcome, 'scores')).toEqual({ materialized: 4, failed: 1 });
  expect(outcome.document.failures).toMatchObject([{ partition: DAYS[1], category: 'DATA_ERROR' }]);
  expect(outcome.document.failures[0]?.message).toContain('check "numeric" could not be run: ');
});
