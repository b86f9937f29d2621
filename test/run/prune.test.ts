import { beforeEach, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { gamesWith, leagueProject, setGames } from '../support/league.ts';
import type { TestProject } from '../support/project.ts';
import { jsonOf, runCommand } from '../support/run-command.ts';

/** The only game of 2023-10-25 is played five days later. */
const POSTPONED = gamesWith(5, { date: '2023-10-30' });

interface StatusDocument {
  readonly assets: readonly { readonly name: string; readonly no_longer_expected: number }[];
}

interface DryRun {
  readonly prune: readonly object[];
}

let project: TestProject;
beforeEach(async () => {
  project = leagueProject();
  expect((await project.materialize()).code).toBe(0);
});

async function leftByAsset(): Promise<Record<string, number>> {
  const { assets } = await jsonOf<StatusDocument>(project, 'status');
  return Object.fromEntries(assets.map((asset) => [asset.name, asset.no_longer_expected]));
}

test('a postponed game leaves nothing behind after a run with --prune', async () => {
  setGames(project, POSTPONED);
  const { code } = await project.materialize({ prune: true });
  expect(code).toBe(0);
  const fresh = leagueProject(POSTPONED);
  await fresh.materialize();
  expect(await project.allVersions()).toEqual(await fresh.allVersions());
  expect(await project.status('daily')).toEqual(await fresh.status('daily'));
  await expectAgreement(project);
  expect((await project.materialize()).document.status).toBe('nothing-to-do');
});

test('the result says how many partitions were removed, even when it says nothing else', async () => {
  setGames(project, POSTPONED);
  const { out } = await runCommand(project, 'materialize --prune --quiet');
  expect(out).toMatch(/^Run \S+ succeeded: .* and 4 removed in /m);
});

test('a game postponed to a date that has one already does too', async () => {
  const games = gamesWith(5, { date: '2023-10-28' });
  setGames(project, games);
  await project.materialize({ prune: true });
  const fresh = leagueProject(games);
  await fresh.materialize();
  expect(await project.allVersions()).toEqual(await fresh.allVersions());
});

test('without --prune the run keeps the rows, and says how many there are and how to remove them', async () => {
  setGames(project, POSTPONED);
  const { document } = await project.materialize();
  const daily = document.assets.find((asset) => asset.name === 'daily');
  expect(daily).toMatchObject({ no_longer_expected: 1, pruned: 0 });
  expect(await leftByAsset()).toEqual({ games: 0, daily: 1, best_before: 1, season_so_far: 1 });
  expect(await project.query(`FROM reports.daily WHERE game_date = '2023-10-25'`)).toHaveLength(1);
});

test('status and why tell of partitions that are no longer expected', async () => {
  setGames(project, POSTPONED);
  await project.materialize();
  const { out } = await runCommand(project, 'status');
  expect(out).toContain('3 partitions of 3 assets are no longer expected');
  const why = await runCommand(project, 'why daily 2023-10-25');
  expect(why.out).toContain('1 row of it is still there: it is no longer expected.');
  expect(why.out).toContain('fastbreak materialize daily --partitions 2023-10-25 --prune');
  const story = await jsonOf<{ history: object[] }>(project, 'why daily 2023-10-25');
  expect(story).toMatchObject({ no_longer_expected: true, rows: 1 });
  expect(story.history).toHaveLength(1);
});

test('--dry-run shows what would go before the schedule was even read', async () => {
  setGames(project, POSTPONED);
  const before = await project.allVersions();
  const { prune } = await jsonOf<DryRun>(project, 'materialize --prune --dry-run');
  const gone = { partitions: ['2023-10-25'], rows: 1, removed: true };
  expect(prune).toEqual(
    ['games', 'daily', 'best_before', 'season_so_far'].map((asset) => ({ asset, ...gone })),
  );
  const { out } = await runCommand(project, 'materialize --dry-run');
  expect(out).toContain('1 partition of daily, 1 row: no longer expected, --prune removes them');
  expect(await project.allVersions()).toEqual(before);
});

test('--partitions limits what is removed', async () => {
  setGames(project, POSTPONED);
  await project.materialize();
  await project.materialize({ prune: true, partitions: '2023-11-02' });
  expect(await leftByAsset()).toMatchObject({ daily: 1 });
  const { document } = await project.materialize({ prune: true, partitions: '2023-10-25..' });
  const daily = document.assets.find((asset) => asset.name === 'daily');
  expect(daily).toMatchObject({ pruned: 1, no_longer_expected: 0 });
  expect(await leftByAsset()).toMatchObject({ daily: 0, best_before: 0 });
});

test('history says that the partition was removed, and why', async () => {
  setGames(project, POSTPONED);
  await project.materialize({ prune: true });
  const { out } = await runCommand(project, 'why daily 2023-10-25 --json');
  expect(out).toContain('the date left the calendar');
});
