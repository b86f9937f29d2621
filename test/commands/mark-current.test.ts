import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openStateStore } from '../../state/sqlite.ts';
import { expectAgreement } from '../support/agreement.ts';
import { leagueProject } from '../support/league.ts';
import type { TestProject } from '../support/project.ts';
import { errorOf, jsonOf, runCommand } from '../support/run-command.ts';

const LINE = 'mark-current daily --partitions 2023-10-24..2023-11-02';

let project: TestProject;
beforeEach(async () => {
  project = leagueProject();
  expect((await project.materialize()).code).toBe(0);
  project.edit('assets/reports/daily.sql', 'MAX(g.points)', 'MAX(g.points) + 1');
});

test('without --yes it says what would be declared and what it overrules, and changes nothing', async () => {
  const { code, out } = await runCommand(project, LINE);
  expect(code).toBe(2);
  expect(out).toContain('This would declare 5 partitions (2023-10-24..2023-11-02 (5)) of daily');
  expect(out).toContain('code changed: SQL (5 partitions)');
  expect(out).toContain(`To do it: fastbreak ${LINE} --yes`);
  expect(await project.status('daily')).toMatchObject({ '2023-10-24': 'stale' });
});

test('with --yes they are current, the rest stays stale, and no row or downstream partition changes', async () => {
  const before = await project.allVersions();
  const done = await jsonOf(project, `${LINE} --yes`);
  expect(done).toMatchObject({ done: true, rows: 5, already_current: 0 });
  expect(await project.status('daily')).toMatchObject({
    '2023-03-02': 'stale',
    '2023-10-24': 'current',
    '2023-11-02': 'current',
    '2023-11-03': 'stale',
  });
  expect(Object.values(await project.status('best_before'))).not.toContain('stale');
  expect(await project.allVersions()).toEqual(before);
  await expectAgreement(project);
});

test('materialize leaves them alone, and makes the others', async () => {
  await runCommand(project, `${LINE} --yes`);
  const { document } = await project.materialize({ selection: ['daily'] });
  expect(document.assets[0]).toMatchObject({ materialized: 3, skipped: 5 });
});

test('why and the history say that they were marked, and by which run', async () => {
  const { run_id: run } = await jsonOf<{ run_id: string }>(project, `${LINE} --yes`);
  const { out } = await runCommand(project, 'why daily 2023-10-25');
  expect(out).toMatch(new RegExp(`is current: 1 row, declared current .* by run ${run}`));
  expect(out).toMatch(/marked .*declared current, not made again/);
  expect(out).toContain('materialized');
});

test('a later change makes them stale again, and the cause is that change alone', async () => {
  await runCommand(project, `${LINE} --yes`);
  project.edit('data/games.csv', ',101', ',102');
  await project.materialize({ selection: ['games'] });
  const story = await jsonOf<{ causes: { detail: string }[] }>(project, 'why daily 2023-10-25');
  expect(story.causes.map((cause) => cause.detail)).toEqual([
    'games changed: 2023-10-25 (1 rows, other values)',
  ]);
});

test('neither comparing record and warehouse nor rebuilding the record undoes it', async () => {
  const { run_id: run } = await jsonOf<{ run_id: string }>(project, `${LINE} --yes`);
  const status = await project.status('daily');
  const store = openStateStore(join(project.home, 'state.sqlite'));
  store.saveWarehouseFingerprint('local', null);
  store.close();
  await project.materialize({ selection: ['games'] });
  expect(await project.status('daily')).toEqual(status);
  rmSync(join(project.home, 'state.sqlite'));
  await runCommand(project, 'state rebuild');
  expect(await project.status('daily')).toEqual(status);
  const { out } = await runCommand(project, 'why daily 2023-10-25');
  expect(out).toMatch(new RegExp(`declared current .* by run ${run}`));
});

test('partitions without good rows are refused by name, and nothing is marked', async () => {
  await runCommand(project, 'forget daily --partitions 2023-10-25 --yes');
  const error = await errorOf(project, `${LINE} --yes`);
  expect(error).toMatchObject({ code: 'NOT_MARKABLE', exitCode: 2 });
  expect(error.message).toContain('found in daily: 2023-10-25 (missing)');
  expect(await project.status('daily')).toMatchObject({ '2023-10-24': 'stale' });
});

test('a source counts as read from the files of today', async () => {
  await project.materialize();
  project.edit('data/games.csv', ',101', ',202');
  await runCommand(project, 'mark-current games --partitions ..2023-11-03 --yes');
  expect((await project.materialize()).document.status).toBe('nothing-to-do');
});

test('a changed declaration of the source that makes the calendar can be declared current too', async () => {
  await project.materialize();
  project.edit('pipeline.yaml', 'season: { type: STRING', 'season: { nullable: true, type: STRING');
  await runCommand(project, 'mark-current games --partitions ..2023-11-03 --yes');
  expect((await project.materialize()).document.status).toBe('nothing-to-do');
});

test('a stale partition that was found to be empty is left stale, and named', async () => {
  await project.materialize();
  project.edit('assets/reports/best_before.sql', 'MAX(r.best)', 'MAX(r.best) + 0');
  const line = 'mark-current best_before --partitions ..2023-11-03 --yes';
  const { out } = await runCommand(project, line);
  expect(out).toContain(
    'Declared 7 partitions (2023-03-02..2023-11-03 (7)) of best_before current',
  );
  expect(out).toContain('Left stale, since without rows: 1 partition (2023-03-01).');
});

test('where nothing is stale there is nothing to declare', async () => {
  await project.materialize();
  const { code, out } = await runCommand(project, LINE);
  expect([code, out]).toEqual([0, 'Nothing to declare: 5 partitions of daily current already.\n']);
});
