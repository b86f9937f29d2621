import { expect, test } from 'vitest';
import { GAMES, leagueProject, setGames } from '../support/league.ts';
import { jsonOf, runCommand } from '../support/run-command.ts';

const NEW = '2023-11-05';

test('a date that the changed files may bring is not just called a day off', async () => {
  const project = leagueProject();
  await project.materialize();
  const before = await runCommand(project, `why daily ${NEW}`);
  expect(before.out).toContain(`daily ${NEW} is not a partition`);
  expect(before.out).not.toContain('Next:');

  setGames(project, [...GAMES, { id: 11, date: NEW, points: 90 }]);
  const { out } = await runCommand(project, `why daily ${NEW}`);
  expect(out).toContain('games, which the calendar is read from, is not current');
  expect(out).toContain('Next: fastbreak materialize +games');
  const story = await jsonOf<{ fix: string }>(project, `why daily ${NEW}`);
  expect(story.fix).toBe('fastbreak materialize +games');

  expect((await runCommand(project, 'materialize +games --quiet')).code).toBe(0);
  expect((await runCommand(project, `why daily ${NEW}`)).out).toContain('is missing');
});
