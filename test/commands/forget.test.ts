import { beforeEach, expect, test } from 'vitest';
import { runExport } from '../../engine/commands/export.ts';
import { runRuns } from '../../engine/commands/runs.ts';
import { expectAgreement } from '../support/agreement.ts';
import { leagueProject } from '../support/league.ts';
import { GLOBALS, type TestProject } from '../support/project.ts';
import { errorOf, jsonOf, runCommand } from '../support/run-command.ts';

const LINE = 'forget daily --partitions 2023-10-25..2023-10-28';

let project: TestProject;
beforeEach(async () => {
  project = leagueProject();
  expect((await project.materialize()).code).toBe(0);
});

test('without --yes it says what would go and what comes of it, and changes nothing', async () => {
  const before = await project.allVersions();
  const { code, out } = await runCommand(project, LINE);
  expect(code).toBe(2);
  expect(out).toContain(
    'This would remove 3 partitions (2023-10-25..2023-10-28 (3)) of daily with 3 rows.',
  );
  expect(out).toContain('downstream best_before: 4 partitions blocked');
  expect(out).toContain(`To do it: fastbreak ${LINE} --yes`);
  expect(await project.allVersions()).toEqual(before);
  expect((await project.reader()).runs('local', 5)).toHaveLength(1);
});

test('with --yes rows and record are gone together, downstream is what was said', async () => {
  const asked = await jsonOf<{ downstream: object }>(project, LINE);
  const done = await jsonOf<{ downstream: object; done: boolean; rows: number }>(
    project,
    `${LINE} --yes`,
  );
  expect(done).toMatchObject({ done: true, rows: 3, downstream: asked.downstream });
  expect(await project.status('daily')).toMatchObject({
    '2023-10-24': 'current',
    '2023-10-25': 'missing',
    '2023-10-28': 'missing',
    '2023-11-02': 'current',
  });
  const blocked = Object.values(await project.status('best_before'));
  expect(blocked.filter((status) => status === 'blocked')).toHaveLength(4);
  await expectAgreement(project);
});

test('history says that they were removed, and by which run', async () => {
  const { run_id: run } = await jsonOf<{ run_id: string }>(project, `${LINE} --yes`);
  const { out } = await runCommand(project, 'why daily 2023-10-25');
  expect(out).toMatch(new RegExp(`removed .*${run}.*forgotten on request`));
  const reader = await project.reader();
  expect(reader.run(run)).toMatchObject({ command: 'forget', status: 'succeeded' });
});

test('why and stale say that it was forgotten, and not that it was never made', async () => {
  const { run_id: run } = await jsonOf<{ run_id: string }>(project, `${LINE} --yes`);
  const { out } = await runCommand(project, 'why daily 2023-10-25');
  expect(out).toContain(
    `daily 2023-10-25 is missing: forgotten on request (run ${run}), nothing stands in its way.\n`,
  );
  const below = await runCommand(project, 'why best_before 2023-10-27');
  expect(below.out).toContain(`daily 2023-10-25 forgotten on request (run ${run})`);
  const story = await jsonOf<{ causes: object[] }>(project, 'why daily 2023-10-25');
  expect(story.causes).toMatchObject([{ kind: 'removed' }]);
  // Dates that were not removed are as they were.
  await project.materialize({ selection: ['daily'] });
  expect((await runCommand(project, 'why daily 2023-10-25')).out).toContain('is current');
});

test('export of an asset that was forgotten says so', async () => {
  const everything = 'forget daily --partitions ..2023-11-03 --yes';
  const { run_id: run } = await jsonOf<{ run_id: string }>(project, everything);
  const request = { asset: 'daily', format: 'csv', out: 'daily.csv' } as const;
  await expect(runExport({ ...GLOBALS, ...request }, project.effects())).rejects.toMatchObject({
    code: 'NOT_MATERIALIZED',
    message: `daily has no rows in target local: forgotten on request (run ${run})`,
    hint: 'fastbreak materialize +daily',
  });
});

test('the run that removed them is not said to have had nothing to do', async () => {
  await runCommand(project, `${LINE} --yes`);
  const out: string[] = [];
  const effects = { ...project.effects(), stdout: (text: string) => void out.push(text) };
  await runRuns({ ...GLOBALS, json: false, limit: 20, show: 'last' }, effects);
  expect(out.join('')).toMatch(
    /^command {2}forget$[^]*^no steps; what it did: fastbreak logs \S+$/m,
  );
});

test('the next run makes them again, the same, and downstream with them is untouched', async () => {
  const before = await project.allVersions();
  await runCommand(project, `${LINE} --yes`);
  const { document } = await project.materialize();
  expect(document.assets.find((asset) => asset.name === 'daily')?.materialized).toBe(3);
  expect(document.assets.find((asset) => asset.name === 'best_before')?.materialized).toBe(0);
  expect(await project.allVersions()).toEqual(before);
});

test('partitions of the asset that makes the calendar are read again', async () => {
  const before = await project.allVersions();
  await runCommand(project, 'forget games --partitions 2023-11-03 --yes');
  expect((await project.materialize()).code).toBe(0);
  expect(await project.allVersions()).toEqual(before);
});

test.each([
  ['forget daily', 'MISSING_OPTION'],
  ['forget dayly --partitions 2023-10-25', 'UNKNOWN_ASSET'],
  ['forget daily --partitions 2023-10-26', 'NOTHING_RECORDED'],
  ['forget daily --partitions 2023-10-26 --yes', 'NOTHING_RECORDED'],
])('%s is refused: %s', async (line, code) => {
  expect(await errorOf(project, line)).toMatchObject({ code, exitCode: 2 });
});
