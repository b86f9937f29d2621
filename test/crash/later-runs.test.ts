import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Game, GAMES, leagueFiles, setGames } from '../support/league.ts';
import { copyOf, keptProject, type TestProject } from '../support/project.ts';
import { atInstants, crashBefore, expectRecovery, findInstant, instantsOf } from './crash.ts';

/** One date more, one less, one with another value. */
const LATER: readonly Game[] = [
  ...GAMES.filter((game) => game.id !== 6).map((game) =>
    game.id === 4 ? { ...game, points: 141 } : game,
  ),
  { id: 11, date: '2023-11-05', points: 118 },
];

let made: TestProject;
let instants: readonly string[];
let undisturbed: Record<string, Record<string, string>>;

beforeAll(async () => {
  made = keptProject(leagueFiles());
  await made.materialize();
  setGames(made, LATER);
  const whole = keptProject(leagueFiles());
  try {
    await whole.materialize();
    setGames(whole, LATER);
    instants = await instantsOf(whole);
    undisturbed = await whole.allVersions();
  } finally {
    rmSync(whole.root, { recursive: true });
  }
});
afterAll(() => rmSync(made.root, { recursive: true }));

async function crashAndRecover(instant: number): Promise<void> {
  const project = copyOf(made);
  await crashBefore(project, instant);
  await expectRecovery(project, undisturbed);
}

describe('a run on changed sources that is killed', () => {
  const PUBLISH = 'BEGIN TRANSACTION';
  test.each([
    ['before it begins', ['INSERT INTO runs']],
    [
      'after the new files are observed and before they are read',
      ['INTO observations', 'sqlite COMMIT'],
    ],
    [
      'after rows of a date that left are removed and before that is recorded',
      [PUBLISH, 'DELETE FROM "raw"."games"', 'duckdb COMMIT', 'sqlite BEGIN'],
    ],
    [
      'between deleting rows and inserting the new ones',
      ['DELETE FROM "reports"."daily"', 'INSERT INTO "reports"."daily"'],
    ],
    ['at the commit of new rows', ['INSERT INTO "reports"."daily"', 'duckdb COMMIT']],
    [
      'after the publish and before it is recorded',
      ['INSERT INTO "reports"."daily"', 'duckdb COMMIT', 'INSERT INTO events'],
    ],
    ['before the new calendar is recorded', ['INSERT OR REPLACE INTO calendars']],
  ])('%s recovers', async (_, path) => {
    await crashAndRecover(findInstant(instants, path));
  });

  test('at any instant recovers', async () => {
    await atInstants(instants, { some: 4, seed: 7 }, crashAndRecover);
  }, 900_000);
});
