import { beforeEach, describe, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { leagueProject } from '../support/league.ts';
import { countsOf, type TestProject } from '../support/project.ts';
import { errorOf, jsonOf, runCommand } from '../support/run-command.ts';

const DESCRIPTION = 'description: The best game of the three dates before.';

interface StatusDocument {
  readonly assets: readonly Record<string, unknown>[];
}

let project: TestProject;
beforeEach(async () => {
  project = leagueProject();
  project.edit('pipeline.yaml', DESCRIPTION, `${DESCRIPTION}\n    freeze: once`);
  expect((await project.materialize()).code).toBe(0);
});

/** The best game that best_before knew of, by date. */
async function best(date: string): Promise<unknown> {
  const [row] = await project.query(
    `SELECT best FROM reports.best_before WHERE game_date = '${date}'`,
  );
  return row?.[0];
}

async function changeBestGame(): Promise<void> {
  project.edit('data/games.csv', ',130', ',150');
  await project.materialize();
}

describe('a frozen partition', () => {
  test('stays what it was when its upstream changes, and what reads it is not touched', async () => {
    await changeBestGame();
    expect(await best('2023-11-02')).toBe('130');
    expect(await project.status('best_before')).toMatchObject({ '2023-11-02': 'current' });
    const { document } = await project.materialize();
    expect(document.status).toBe('nothing-to-do');
    await expectAgreement(project);
  });

  test('may not change, whatever is stale upstream of it', async () => {
    project.edit('assets/reports/daily.sql', 'MAX(g.points)', 'MAX(g.points) + 1');
    const { assets } = await jsonOf<StatusDocument>(project, 'status');
    const of = assets.find((asset) => asset['name'] === 'best_before');
    expect(of).toMatchObject({ current: 7, may_change: 0, frozen: 7, frozen_differ: 0 });
  });

  test('is reported by status where it would be made from other inputs now', async () => {
    await changeBestGame();
    const { assets } = await jsonOf<StatusDocument>(project, 'status best_before');
    expect(assets[0]).toMatchObject({ current: 7, stale: 0, frozen: 7, frozen_differ: 2 });
    const { out } = await runCommand(project, 'status');
    expect(out).toContain('2 frozen partitions of best_before would be made from other inputs now');
  });

  test('has a why that says whether it would differ, from which causes, and how to make it again', async () => {
    await changeBestGame();
    const { out } = await runCommand(project, 'why best_before 2023-11-02');
    expect(out).toContain('is current (frozen)');
    expect(out).toContain('made now it would be made from other inputs');
    expect(out).toContain('daily changed: 2023-10-28 (1 rows, other values)');
    expect(out).toContain(
      'fastbreak materialize best_before --partitions 2023-11-02 --force --thaw',
    );
    const same = await runCommand(project, 'why best_before 2023-10-24');
    expect(same.out).toContain('made now it would be the same');
  });

  test('is left alone by force, which says so', async () => {
    await changeBestGame();
    const { out, code } = await runCommand(project, 'materialize best_before --force');
    expect(code).toBe(0);
    expect(out).toContain(
      '7 frozen partitions left alone; to make them again: fastbreak materialize best_before --force --thaw',
    );
    const outcome = await project.materialize({ force: true });
    expect(outcome.document.assets.find((each) => each.name === 'best_before')).toMatchObject({
      frozen: 7,
      skipped: 7,
      materialized: 0,
    });
    expect(await best('2023-11-02')).toBe('130');
  });

  test('is made again by force together with thaw, in the range that was asked for', async () => {
    await changeBestGame();
    const outcome = await project.materialize({
      selection: ['best_before'],
      partitions: '2023-11-02',
      force: true,
      thaw: true,
    });
    expect(countsOf(outcome, 'best_before')).toEqual({ materialized: 1 });
    expect(await best('2023-11-02')).toBe('150');
    expect(await best('2023-11-03')).toBe('130');
    await expectAgreement(project);
  });

  test('keeps its rows when it is thawed and would be empty by now', async () => {
    const before = await project.query('SELECT * FROM reports.best_before ORDER BY ALL');
    project.edit('assets/reports/best_before.sql', 'r.place <= 3', 'r.place <= 0');
    const rule = "{ condition: 'TRUE', reason: nothing can be said }";
    project.edit(
      'pipeline.yaml',
      '    expected_empty:\n',
      `    expected_empty:\n      - ${rule}\n`,
    );
    const thaw = { selection: ['best_before'], force: true, thaw: true };
    for (const partitions of ['2023-11-02', undefined]) {
      const outcome = await project.materialize({ ...thaw, partitions });
      expect(outcome.code).toBe(0);
      expect(countsOf(outcome, 'best_before')['unchanged']).toBeGreaterThan(0);
      expect(await project.query('SELECT * FROM reports.best_before ORDER BY ALL')).toEqual(before);
      await expectAgreement(project);
    }
    expect(await project.status('best_before')).toMatchObject({ '2023-11-02': 'current' });
  });

  test('is counted by the plan of a forced run', async () => {
    const { out } = await runCommand(project, 'materialize best_before --force --dry-run');
    expect(out).toContain('7 frozen partitions left alone (--thaw)');
  });
});

test('an expected-empty partition of a frozen asset is no first version: it is made when it can be', async () => {
  project.edit('data/games.csv', '1,2023-03-01', '0,2023-02-28,2022,70\n1,2023-03-01');
  await project.materialize();
  expect(await best('2023-03-01')).toBe('70');
});

test.each(['materialize --force --thaw', 'materialize best_before --thaw'])(
  '%s is refused: thawing takes force and names',
  async (line) => {
    expect(await errorOf(project, line)).toMatchObject({ code: 'INVALID_OPTION', exitCode: 2 });
  },
);
