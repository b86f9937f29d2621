import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  atInstants,
  crashBefore,
  expectNoDoubleRecord,
  expectRecovery,
  findInstant,
  instantsOf,
} from '../crash/crash.ts';
import { leagueFiles } from '../support/league.ts';
import { copyOf, keptProject, type TestProject } from '../support/project.ts';

let fresh: TestProject;
let instants: readonly string[];
let undisturbed: Record<string, Record<string, string>>;

beforeAll(async () => {
  fresh = keptProject(leagueFiles());
  // Nothing is made yet, but the SQL is compiled: the children start faster.
  await fresh.dryRun();
  const whole = keptProject(leagueFiles());
  try {
    await whole.dryRun();
    instants = await instantsOf(whole);
    undisturbed = await whole.allVersions();
  } finally {
    rmSync(whole.root, { recursive: true });
  }
});
afterAll(() => rmSync(fresh.root, { recursive: true }));

async function crashAndRecover(instant: number): Promise<void> {
  const project = copyOf(fresh);
  await crashBefore(project, instant);
  await expectRecovery(project, undisturbed);
  await expectNoDoubleRecord(project);
}

describe('a first run that is killed', () => {
  const STEP = 'INSERT INTO steps';
  const DAILY = 'TABLE "reports"."_staging__daily__';
  test.each([
    ['before its first step is recorded', [STEP]],
    ['before the dates of the calendar are staged', ['_staging__games']],
    ['inside the first publish', ['INSERT INTO "raw"."games"']],
    [
      'after the calendar asset was published and before it is recorded',
      ['"raw"."games"', 'duckdb COMMIT', 'INSERT INTO events'],
    ],
    ['before the calendar is recorded', ['INSERT OR REPLACE INTO calendars']],
    ['after a step is recorded as started', [STEP, STEP, '_staging__daily']],
    ['after rows are staged', [DAILY, 'BEGIN TRANSACTION']],
    ['inside the publish, its table already dropped', [DAILY, 'ALTER TABLE']],
    ['inside the publish, at its commit', [DAILY, 'duckdb COMMIT']],
    [
      'after the publish and before the step is recorded as ended',
      [DAILY, 'duckdb COMMIT', 'sqlite BEGIN'],
    ],
    ['inside the record of the step', [DAILY, 'UPDATE steps']],
    ['at the commit of the record of the step', [DAILY, 'UPDATE steps', 'sqlite COMMIT']],
    ['after the step is recorded as ended', [DAILY, 'UPDATE steps', STEP]],
    ['before the run is recorded as ended', ['UPDATE runs']],
    ['before the warehouse is known to be closed', ['fingerprint', 'UPDATE runs']],
    ['before its lease is given back', ['DELETE FROM leases']],
  ])('%s recovers', async (_, path) => {
    await crashAndRecover(findInstant(instants, path));
  });
});

test('runs that are killed at any instant recover', async () => {
  await atInstants(instants, { some: 5, seed: 20_240_101 }, crashAndRecover);
}, 900_000);

test('a run that is killed over and over, each time a little later, gets there in the end', async () => {
  const project = copyOf(fresh);
  for (const part of [0.2, 0.35, 0.35, 0.4]) {
    await crashBefore(project, Math.round(instants.length * part));
  }
  await expectRecovery(project, undisturbed);
  const crashed = (await project.reader()).runs('local', 10);
  expect(crashed.filter((run) => run.status === 'crashed')).toHaveLength(4);
});
