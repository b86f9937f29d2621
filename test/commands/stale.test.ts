import { expect, test } from 'vitest';
import { runStale } from '../../engine/commands/stale.ts';
import { leagueProject } from '../support/league.ts';
import { GLOBALS, type TestProject } from '../support/project.ts';
import { runCommand } from '../support/run-command.ts';

/** What `fastbreak status` advises: the last words of its lines. */
async function advice(project: TestProject, words: string): Promise<string[]> {
  const { out } = await runCommand(project, `status ${words}`.trim());
  return [...out.matchAll(/^(?:To see why|To mend it|Next): fastbreak (.*)$/gm)].map(
    ([, command = '']) => command,
  );
}

test('so does what status advises, and also where the calendar comes from an asset outside', async () => {
  const project = leagueProject();
  expect(await advice(project, 'daily')).toEqual(['materialize +daily']);
  expect(await advice(project, '+daily')).toEqual(['materialize +daily']);
  expect(await advice(project, 'games --exclude best_before')).toEqual([
    'materialize games --exclude best_before',
  ]);
  await project.materialize();
  await runCommand(project, 'forget games --partitions 2023-10-25 --yes');
  // daily is blocked by a date that nobody selected; nothing of best_before is.
  expect(await advice(project, 'daily')).toEqual(['materialize +daily']);
  expect(await advice(project, '--exclude best_before')).toEqual([
    'materialize --exclude best_before',
  ]);
  project.edit('data/games.csv', '112', '113');
  expect(await advice(project, '--exclude best_before')).toEqual([
    'stale --exclude best_before',
    'materialize --exclude best_before',
  ]);
  expect((await runCommand(project, 'status games --exclude games')).out).toBe(
    'Nothing to tell of: no asset is selected.\n',
  );
});

/** The command at the end of what `fastbreak stale` prints. */
async function mending(
  project: TestProject,
  selection: readonly string[],
  exclude: readonly string[] = [],
): Promise<string | undefined> {
  const out: string[] = [];
  const effects = { ...project.effects(), stdout: (text: string) => void out.push(text) };
  await runStale({ ...GLOBALS, json: false, selection, exclude }, effects);
  return /^To mend it: (.*)$/m.exec(out.join(''))?.[1];
}

test('the command that mends repeats the selection, with all upstream where that is what is missing', async () => {
  const project = leagueProject();
  await project.materialize();
  await runCommand(project, 'forget games --partitions 2023-10-25 --yes');
  expect(await mending(project, [])).toBe('fastbreak materialize');
  expect(await mending(project, [], ['best_before'])).toBe(
    'fastbreak materialize --exclude best_before',
  );
  expect(await mending(project, ['games'])).toBe('fastbreak materialize games');
  expect(await mending(project, ['daily'])).toBe('fastbreak materialize +daily');
  expect(await mending(project, ['group:reports', 'daily,1+season_so_far'])).toBe(
    'fastbreak materialize +group:reports +daily,+season_so_far',
  );
  expect(await mending(project, ['1+daily'])).toBe('fastbreak materialize 1+daily');
  expect(await mending(project, ['+daily'])).toBe('fastbreak materialize +daily');
  const { code } = await runCommand(project, 'materialize +daily --quiet');
  expect([code, await mending(project, ['daily'])]).toEqual([0, undefined]);
});
