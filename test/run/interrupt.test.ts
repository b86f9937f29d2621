import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../support/agreement.ts';
import { leagueProject } from '../support/league.ts';
import { countsOf, type RunOutcome, type TestProject } from '../support/project.ts';
import { good, readingsProject } from './readings-project.ts';
import { afterEvery, beforeEvery, transientFault } from './warehouse-spy.ts';

/** Runs until something aborts it. */
async function interrupted(project: TestProject, controller: AbortController): Promise<RunOutcome> {
  const outcome = await project.materialize({ signal: controller.signal });
  expect(outcome.code).toBe(130);
  expect(outcome.document.status).toBe('interrupted');
  expect((await project.reader()).runs('local', 1)).toMatchObject([{ status: 'interrupted' }]);
  expect((await project.reader()).leaseHolder('local')).toBeUndefined();
  await expectAgreement(project);
  return outcome;
}

async function expectResumable(project: TestProject, whole: TestProject): Promise<void> {
  const outcome = await project.materialize();
  expect(outcome.code).toBe(0);
  await whole.materialize();
  expect(await project.allVersions()).toEqual(await whole.allVersions());
  await expectAgreement(project);
}

describe('an interruption', () => {
  test('while rows are computed rolls the step back, and the next run carries on', async () => {
    const project = leagueProject();
    const controller = new AbortController();
    await beforeEvery('stage', (call) => {
      if (call === 3) controller.abort();
    });
    const outcome = await interrupted(project, controller);
    expect(countsOf(outcome, 'daily')).toEqual({ materialized: 8 });
    expect(outcome.document.failures).toEqual([]);
    await expectResumable(project, leagueProject());
  });

  test('while rows are published leaves none of them', async () => {
    const project = leagueProject();
    const controller = new AbortController();
    await beforeEvery('publish', (call) => {
      if (call === 2) controller.abort();
    });
    await interrupted(project, controller);
    expect(await project.status('daily')).toMatchObject({ '2023-10-25': 'missing' });
    await expectResumable(project, leagueProject());
  });

  test('right after rows were published keeps them and records them', async () => {
    const project = leagueProject();
    const controller = new AbortController();
    await afterEvery('publish', (call) => {
      if (call === 2) controller.abort();
    });
    const outcome = await interrupted(project, controller);
    expect(countsOf(outcome, 'daily')).toEqual({ materialized: 8 });
    await expectResumable(project, leagueProject());
  });

  test('between the parts of a split batch records the parts that were published', async () => {
    const project = readingsProject(good(8).with(6, 'n/a'));
    const controller = new AbortController();
    await afterEvery('publish', (call) => {
      if (call === 2) controller.abort();
    });
    const outcome = await interrupted(project, controller);
    expect(countsOf(outcome, 'numbers')).toMatchObject({ materialized: 4 });
    project.edit('data/readings.csv', 'n/a', '7');
    await expectResumable(project, readingsProject(good(8)));
  });

  test('while a failed attempt waits to be tried again does not make partitions failed', async () => {
    const project = leagueProject();
    project.edit(
      'pipeline.yaml',
      'base_delay: 1ms, max_delay: 2ms',
      'base_delay: 1m, max_delay: 1m',
    );
    const controller = new AbortController();
    await beforeEvery('stage', (call) => {
      if (call !== 2) return;
      setTimeout(() => controller.abort(), 10);
      throw transientFault();
    });
    const outcome = await interrupted(project, controller);
    expect(outcome.document.failures).toEqual([]);
    project.edit(
      'pipeline.yaml',
      'base_delay: 1m, max_delay: 1m',
      'base_delay: 1ms, max_delay: 2ms',
    );
    await expectResumable(project, leagueProject());
  });

  test('counts every partition that it kept from running as skipped', async () => {
    const project = leagueProject();
    await project.materialize({ selection: ['games'] });
    const controller = new AbortController();
    await beforeEvery('stage', () => controller.abort());
    const outcome = await interrupted(project, controller);
    expect(countsOf(outcome, 'games')).toEqual({ skipped: 8 });
    expect(countsOf(outcome, 'daily')).toEqual({ skipped: 8 });
    expect(countsOf(outcome, 'season_so_far')).toEqual({ skipped: 6, expected_empty: 2 });
  });
});

test('with --fail-fast nothing new begins after a failure, and what was not tried counts as skipped', async () => {
  const project = readingsProject(good(8).with(3, 'n/a'));
  const outcome = await project.materialize({ failFast: true });
  expect(outcome.code).toBe(1);
  expect(countsOf(outcome, 'numbers')).toEqual({ materialized: 7, failed: 1 });
  expect(countsOf(outcome, 'doubled')).toEqual({ skipped: 8 });
  expect(countsOf(outcome, 'before')).toEqual({ skipped: 8 });
  await expectAgreement(project);
});

/** Billions of rows to count: longer than any test waits. */
const SLOW = `SELECT p.partition_date AS day, MAX(a * b * c) AS value
FROM partitions AS p, UNNEST(GENERATE_ARRAY(1, 3000)) AS a, UNNEST(GENERATE_ARRAY(1, 3000)) AS b, UNNEST(GENERATE_ARRAY(1, 3000)) AS c
WHERE EXISTS (SELECT 1 FROM readings AS r WHERE r.day = p.partition_date)
GROUP BY p.partition_date
`;

describe('a statement that takes too long', () => {
  test('is stopped at its timeout, and its partitions say so', async () => {
    const project = readingsProject(good(2));
    project.write('assets/reports/numbers.sql', SLOW);
    project.edit('pipeline.yaml', '  retry:', '  timeout: 300ms\n  retry:');
    const started = performance.now();
    const outcome = await project.materialize();
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(outcome.document.failures.slice(0, 2)).toMatchObject([
      { asset: 'numbers', category: 'TIMEOUT' },
      { asset: 'numbers', category: 'TIMEOUT' },
    ]);
    await expectAgreement(project);
  });

  test('is stopped by Ctrl-C at once, and its partitions stay missing', async () => {
    const project = readingsProject(good(2));
    project.write('assets/reports/numbers.sql', SLOW);
    const controller = new AbortController();
    await beforeEvery('stage', (call) => {
      if (call === 2) setTimeout(() => controller.abort(), 100);
    });
    const started = performance.now();
    await interrupted(project, controller);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(await project.status('numbers')).toEqual({
      '2024-01-01': 'missing',
      '2024-01-02': 'missing',
    });
  });
});
