import { describe, expect, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { good, readings, readingsProject } from '../run/readings-project.ts';
import { gamesWith, leagueProject, setGames } from '../support/league.ts';
import type { RunOutcome, RunRequest, TestProject } from '../support/project.ts';

/** How many partitions a run says it was asked for, per asset. */
function accountedFor(outcome: RunOutcome): Record<string, number> {
  return Object.fromEntries(
    outcome.document.assets.map((each) => [
      each.name,
      each.materialized +
        each.unchanged +
        each.skipped +
        each.expected_empty +
        each.failed +
        each.blocked,
    ]),
  );
}

/** Every partition of a run's steps has one event, and the events are what the run counted. */
async function expectOneOutcomeEach(project: TestProject, outcome: RunOutcome): Promise<void> {
  const reader = await project.reader();
  const runId = unsafeRunId(outcome.document.run_id ?? 'none');
  const events = reader.eventsOfRun(runId).filter((event) => event.type !== 'removed');
  const keys = events.map((event) => `${event.asset} ${formatDay(event.day)}`);
  expect(new Set(keys).size).toBe(keys.length);
  for (const asset of outcome.document.assets) {
    const count = (type: string): number =>
      events.filter((event) => event.asset === asset.name && event.type === type).length;
    expect({ asset: asset.name, ...countsByType(count) }).toEqual({
      asset: asset.name,
      materialized: asset.materialized,
      unchanged: asset.unchanged,
      failed: asset.failed,
      blocked: asset.blocked,
    });
    const inSteps = reader.steps(runId).filter((step) => step.asset === asset.name);
    for (const step of inSteps) expect(step.status).not.toBe('running');
  }
  const failed = outcome.document.assets.reduce((sum, each) => sum + each.failed + each.blocked, 0);
  expect(outcome.document.failures).toHaveLength(failed);
  for (const failure of outcome.document.failures) {
    expect(failure.category).toMatch(/^[A-Z_]+$/);
    expect(failure.message).not.toBe('');
    if (failure.status === 'blocked') expect(failure.message).toMatch(/^needs \w+ of /);
  }
}

function countsByType(count: (type: string) => number) {
  return {
    materialized: count('materialized'),
    unchanged: count('unchanged'),
    failed: count('failed'),
    blocked: count('blocked'),
  };
}

async function expectAllAccounted(
  project: TestProject,
  request: RunRequest,
  expected: Record<string, number>,
): Promise<void> {
  const outcome = await project.materialize(request);
  expect(accountedFor(outcome)).toEqual(expected);
  if (outcome.document.run_id !== null) await expectOneOutcomeEach(project, outcome);
}

const ALL = { readings: 8, numbers: 8, doubled: 8, before: 8 };

describe('every partition that a run was asked for is counted exactly once', () => {
  test('in a first run', () => expectAllAccounted(readingsProject(good(8)), {}, ALL));

  test('where some fail and others are blocked by them', async () => {
    const project = readingsProject(good(8).with(2, 'n/a').with(5, '9999'));
    await expectAllAccounted(project, {}, ALL);
  });

  test('in a run after that, which has mended some', async () => {
    const project = readingsProject(good(8).with(2, 'n/a').with(5, '9999'));
    await project.materialize();
    project.write('data/readings.csv', readings(good(8).with(5, '9999')));
    await expectAllAccounted(project, {}, ALL);
  });

  test('in a run by force, after some failed', async () => {
    const project = readingsProject(good(8).with(2, 'n/a'));
    await project.materialize();
    await expectAllAccounted(project, { force: true }, ALL);
  });

  test('in a range, whatever the calendar asset did besides', async () => {
    const project = readingsProject(good(8).with(2, 'n/a'));
    const request = { selection: ['numbers', 'doubled'], partitions: '2024-01-02..2024-01-04' };
    await project.materialize({ selection: ['readings'] });
    await expectAllAccounted(project, request, { numbers: 3, doubled: 3 });
  });

  test('in a range of which nothing is to be done', async () => {
    const project = readingsProject(good(8));
    await project.materialize();
    const range = { partitions: '2024-01-02..2024-01-04' };
    await expectAllAccounted(project, range, { readings: 3, numbers: 3, doubled: 3, before: 3 });
  });

  test('in a range with something to be done elsewhere', async () => {
    const project = readingsProject(good(8));
    await project.materialize();
    project.edit('assets/reports/doubled.sql', '* 2', '* 3');
    const range = { partitions: '2024-01-02..2024-01-04' };
    await expectAllAccounted(project, range, { readings: 3, numbers: 3, doubled: 3, before: 3 });
  });

  test('with only some statuses asked for', async () => {
    const project = readingsProject(good(8).with(2, 'n/a'));
    await project.materialize();
    await expectAllAccounted(project, { only: ['failed'] }, ALL);
  });

  test('with --fail-fast', async () => {
    await expectAllAccounted(readingsProject(good(8).with(2, 'n/a')), { failFast: true }, ALL);
  });

  test('where the calendar and its rules leave some empty', async () => {
    const project = leagueProject();
    const all = { games: 8, daily: 8, best_before: 8, season_so_far: 8 };
    await expectAllAccounted(project, {}, all);
    setGames(project, gamesWith(4, { points: 555 }));
    await expectAllAccounted(project, {}, all);
  });
});

test('a source whose file is gone is a failure, not a success with nothing to do', async () => {
  const project = leagueProject();
  await project.materialize();
  project.edit('pipeline.yaml', 'data/games.csv', 'data/lost.csv');
  const outcome = await project.materialize();
  expect(outcome.code).toBe(1);
  expect(outcome.document.failures[0]).toMatchObject({
    asset: 'games',
    category: 'SOURCE_MISSING',
  });
});

test('a source that cannot be read at all on a first run is a failure of the asset', async () => {
  const project = leagueProject();
  project.write('data/games.csv', 'nothing,of,this\n1,2,3\n');
  const outcome = await project.materialize();
  expect(outcome.code).toBe(1);
  expect(outcome.document.failures).toMatchObject([{ asset: 'games', partition: 'all' }]);
});
