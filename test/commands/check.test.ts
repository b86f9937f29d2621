import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type CheckOptions, runCheck } from '../../engine/commands/check.ts';
import { DAYS, gamesProject, LINES } from '../checks/games-project.ts';
import { GLOBALS, type TestProject } from '../support/project.ts';

const CHECKS = `
- { range: { column: points, max: 150 } }
- { condition: NOT is_odd(points), name: even, severity: warn }
- { relationship: { column: team, to: members.team }, severity: warn }
- { row_count: { per: games, min: 2, max: 2 } }
- { sql: 'SELECT t.day, t.team FROM this AS t WHERE is_odd(t.game_id) AND t.points > 150', name: odd_games }
`;

interface CheckDocument {
  readonly checks: readonly {
    readonly asset: string;
    readonly check: string;
    readonly partitions: number;
    readonly failed: number;
    readonly rows: number;
    readonly failures: readonly { readonly partition: string; readonly sample: unknown }[];
  }[];
}

async function check(project: TestProject, options: Partial<CheckOptions & typeof GLOBALS> = {}) {
  const out: string[] = [];
  const effects = { ...project.effects(), stdout: (text: string) => void out.push(text) };
  const code = await runCheck({ ...GLOBALS, selection: [], exclude: [], ...options }, effects);
  return { code, text: out.join('') };
}

async function documentOf(project: TestProject, options: Partial<CheckOptions> = {}) {
  const { code, text } = await check(project, options);
  return { code, checks: (JSON.parse(text) as CheckDocument).checks };
}

/** Sound when it was made; then somebody changed published rows of two days. */
async function tampered(): Promise<TestProject> {
  const project = gamesProject(CHECKS);
  await project.materialize();
  await project.tamper(
    `UPDATE reports.scores SET points = 999 WHERE day = '${DAYS[2]}' AND team = 'aaa'`,
    `DELETE FROM reports.scores WHERE day = '${DAYS[3]}' AND team = 'bbb'`,
  );
  return project;
}

describe('check', () => {
  test('says of every check how many partitions it holds for, from what is published', async () => {
    const { code, checks } = await documentOf(await tampered(), { selection: ['scores'] });
    expect(code).toBe(1);
    expect(checks.map((each) => [each.check, each.partitions, each.failed, each.rows])).toEqual([
      ['range_points', 5, 1, 1],
      ['even', 5, 1, 1],
      ['relationship_team', 5, 1, 2],
      ['row_count_per_games', 5, 1, 1],
      ['odd_games', 5, 1, 1],
    ]);
    expect(checks[0]?.failures).toMatchObject([
      {
        partition: DAYS[2],
        rows: 1,
        sample: [{ day: DAYS[2], game_id: 3, team: 'aaa', points: 999 }],
        message: expect.stringContaining(
          'check "range_points" failed: 1 offending row(s), e.g. ',
        ) as string,
      },
    ]);
  });

  test('looks at the wanted partitions only', async () => {
    const project = await tampered();
    const { code, checks } = await documentOf(project, {
      selection: ['scores'],
      partitions: `${DAYS[0]}..${DAYS[1]}`,
    });
    expect(code).toBe(0);
    expect(checks.filter((each) => each.failed > 0).map((each) => each.check)).toEqual([
      'relationship_team',
    ]);
    expect(new Set(checks.map((each) => each.partitions))).toEqual(new Set([2]));
  });

  test('ends with 0 when only warnings fail, and with 1 for an error', async () => {
    const project = gamesProject(CHECKS);
    await project.materialize();
    expect((await check(project)).code).toBe(0);
    expect((await check(await tampered(), { exclude: ['scores'] })).code).toBe(0);
    expect((await check(await tampered())).code).toBe(1);
  });

  test('writes neither rows nor record', async () => {
    const project = await tampered();
    const before = [project.warehouseFile, `${project.home}/state.sqlite`].map((file) =>
      readFileSync(file),
    );
    await check(project);
    expect(
      [project.warehouseFile, `${project.home}/state.sqlite`].map((file) => readFileSync(file)),
    ).toEqual(before);
  });

  test('checks rows that are stale as they are', async () => {
    const project = gamesProject(CHECKS);
    await project.materialize();
    project.edit('assets/reports/scores.sql', 'l.points\n', 'l.points + 100 AS points\n');
    const { code } = await documentOf(project, { selection: ['scores'] });
    expect(code).toBe(0);
  });

  test('prints a table, what failed where, and a verdict', async () => {
    const { text } = await check(await tampered(), {
      json: false,
      quiet: false,
      selection: ['scores'],
    });
    expect(text).toMatch(/asset +check +severity +partitions +failed +rows\n/);
    expect(text).toMatch(/scores +range_points +error +5 +1 +1\n/);
    expect(text).toContain(
      `check error scores ${DAYS[2]}\n  check "range_points" failed: 1 offending row(s), e.g. [{`,
    );
    expect(text).toMatch(/5 of 5 checks of 1 asset failed: 3 errors and 2 warnings\.\n$/);
    const quiet = await check(await tampered(), { json: false, selection: ['scores'] });
    expect(quiet.text).not.toContain('severity');
  });

  test('says so when everything holds', async () => {
    const project = gamesProject('- { row_count: { min: 2 } }', { lines: LINES });
    await project.materialize();
    const { code, text } = await check(project, { json: false });
    expect(code).toBe(0);
    expect(text).toMatch(/^All well: \d+ checks of \d+ assets hold\.\n$/);
  });

  test('refuses when nothing of what is asked for was ever made', async () => {
    const project = gamesProject(CHECKS);
    await expect(check(project)).rejects.toMatchObject({ code: 'NOT_MATERIALIZED', exitCode: 1 });
    await project.materialize({ selection: ['+games'] });
    await expect(check(project, { selection: ['scores'] })).rejects.toMatchObject({
      code: 'NOT_MATERIALIZED',
      hint: 'fastbreak materialize scores',
    });
  });

  test('says that dates outside of all partitions are none, instead of what to materialize', async () => {
    const project = gamesProject(CHECKS);
    await project.materialize();
    await expect(check(project, { partitions: '2030-01-01..' })).rejects.toMatchObject({
      code: 'EMPTY_RANGE',
      message: 'none of the dates asked for has a partition',
      hint: expect.stringContaining(`from ${DAYS[0]} to ${DAYS.at(-1)};`) as unknown,
      exitCode: 1,
    });
  });

  test('ends with 130 when it is interrupted, without a hint about columns', async () => {
    const project = gamesProject(CHECKS);
    await project.materialize();
    const effects = { ...project.effects(), signal: AbortSignal.abort() };
    const stopped = runCheck({ ...GLOBALS, selection: ['scores'], exclude: [] }, effects);
    await expect(stopped).rejects.toMatchObject({
      message: 'the checks ended early, at scores: it was interrupted',
      hint: undefined,
      exitCode: 130,
    });
  });

  test('names the remedy when a column was declared after the table was made', async () => {
    const project = gamesProject(CHECKS);
    await project.materialize();
    await project.tamper('ALTER TABLE reports.scores DROP COLUMN points');
    await expect(check(project, { selection: ['scores'] })).rejects.toMatchObject({
      message:
        'scores could not be checked: its table was made before the column points was declared',
      hint: 'it has to be made first: fastbreak materialize +scores',
      exitCode: 1,
    });
  });

  test('checks the others all the same, and ends with 1', async () => {
    const project = gamesProject(CHECKS);
    await project.materialize();
    const all = await documentOf(project);
    await project.tamper('ALTER TABLE reports.scores DROP COLUMN points');
    const { code, text } = await check(project);
    const document = JSON.parse(text) as CheckDocument & { readonly not_checked: object[] };
    expect(document.not_checked).toEqual([
      {
        asset: 'scores',
        message:
          'scores could not be checked: its table was made before the column points was declared',
        hint: 'it has to be made first: fastbreak materialize +scores',
      },
    ]);
    const others = all.checks.filter(({ asset }) => asset !== 'scores');
    expect(others.length).toBeGreaterThan(0);
    expect(document.checks).toEqual(others);
    expect([all.code, code]).toEqual([0, 1]);
    const { text: told } = await check(project, { json: false });
    expect(told).toContain('declared\n  it has to be made first: fastbreak materialize +scores\n');
    expect(told).toMatch(/\d checks of \d assets? hold; 1 asset not checked\.\n$/);
  });
});
