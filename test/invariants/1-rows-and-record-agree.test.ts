import { copyFileSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { gamesWith, leagueProject, setGames } from '../support/league.ts';
import { countsOf, type TestProject } from '../support/project.ts';

async function madeLeague(): Promise<TestProject> {
  const project = leagueProject();
  await project.materialize();
  return project;
}

/** What the warehouse must hold after the next run: what it held when it was made. */
async function expectMended(project: TestProject, before: Record<string, unknown>): Promise<void> {
  const outcome = await project.materialize();
  expect(outcome.code).toBe(0);
  expect(await project.allVersions()).toEqual(before);
  await expectAgreement(project);
}

test('after a first run every recorded partition has its rows, and no other has any', async () => {
  await expectAgreement(await madeLeague());
});

describe('the next run brings record and warehouse together when', () => {
  test('the warehouse file was deleted', async () => {
    const project = await madeLeague();
    const before = await project.allVersions();
    rmSync(project.warehouseFile);
    await expectMended(project, before);
  });

  test('the warehouse file was deleted, and a first attempt to mend it was cut short', async () => {
    const project = await madeLeague();
    const before = await project.allVersions();
    rmSync(project.warehouseFile);
    project.edit('pipeline.yaml', 'memory_limit: 512MB', 'memory_limit: 7 potatoes');
    await expect(project.materialize()).rejects.toThrow();
    project.edit('pipeline.yaml', 'memory_limit: 7 potatoes', 'memory_limit: 512MB');
    await expectMended(project, before);
  });

  test('the state file was deleted', async () => {
    const project = await madeLeague();
    const before = await project.allVersions();
    const status = await project.status('best_before');
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(`${project.home}/state.sqlite${suffix}`, { force: true });
    }
    const outcome = await project.materialize();
    expect(outcome.code).toBe(0);
    expect(countsOf(outcome, 'daily')).toEqual({ skipped: 8 });
    expect(await project.allVersions()).toEqual(before);
    expect(await project.status('best_before')).toEqual(status);
    await expectAgreement(project);
  });

  test('the warehouse file was replaced by an older one', async () => {
    const project = await madeLeague();
    copyFileSync(project.warehouseFile, project.path('older.duckdb'));
    setGames(project, gamesWith(5, { points: 77 }));
    await project.materialize();
    const before = await project.allVersions();
    copyFileSync(project.path('older.duckdb'), project.warehouseFile);
    await expectMended(project, before);
  });

  test('a whole table was dropped', async () => {
    const project = await madeLeague();
    const before = await project.allVersions();
    await project.tamper('DROP TABLE reports.daily');
    await expectMended(project, before);
  });

  test('rows of some partitions were deleted', async () => {
    const project = await madeLeague();
    const before = await project.allVersions();
    await project.tamper(`DELETE FROM raw.games WHERE game_id IN (3, 5)`);
    await expectMended(project, before);
  });

  test('rows were added to a partition', async () => {
    const project = await madeLeague();
    const before = await project.allVersions();
    await project.tamper(`INSERT INTO reports.daily VALUES ('2023-10-25', 9, 9, 9)`);
    await expectMended(project, before);
  });

  test('rows were added to a partition that nobody made', async () => {
    const project = await madeLeague();
    const before = await project.allVersions();
    await project.tamper(`INSERT INTO reports.daily VALUES ('2023-10-26', 9, 9, 9)`);
    await expectMended(project, before);
  });

  test('the claims of partitions were deleted, but not their rows', async () => {
    const project = await madeLeague();
    const before = await project.allVersions();
    await project.tamper(
      `DELETE FROM _fastbreak_materializations WHERE asset = 'daily' AND day % 2 = 0`,
    );
    await expectMended(project, before);
  });
});

test('a partition that is expected to be empty is known as that when the record is made anew', async () => {
  const project = await madeLeague();
  rmSync(`${project.home}/state.sqlite`, { force: true });
  await project.materialize();
  const { '2023-03-01': status } = await project.status('best_before');
  expect(status).toBe('expected-empty');
});
