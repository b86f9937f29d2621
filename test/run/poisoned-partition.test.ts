import { describe, expect, test } from 'vitest';
import { unsafeRunId } from '../../engine/ids.ts';
import { expectAgreement } from '../support/agreement.ts';
import { countsOf, type RunOutcome, type TestProject } from '../support/project.ts';
import { dateOf, good, readings, readingsProject } from './readings-project.ts';

/** How many statements a run's step on an asset took. */
async function statementsOf(project: TestProject, outcome: RunOutcome, asset: string) {
  const reader = await project.reader();
  const steps = reader.steps(unsafeRunId(outcome.document.run_id ?? ''));
  return steps.find((step) => step.asset === asset)?.summary?.statements ?? 0;
}

describe('a partition in the middle of a batch whose data cannot be computed', () => {
  test('fails alone and with its message, the others are published', async () => {
    const project = readingsProject(good(8).with(3, 'n/a'));
    const outcome = await project.materialize();
    expect(outcome.code).toBe(1);
    expect(countsOf(outcome, 'numbers')).toEqual({ materialized: 7, failed: 1 });
    const failed = outcome.document.failures.filter((each) => each.status === 'failed');
    expect(failed).toMatchObject([
      { asset: 'numbers', partition: dateOf(3), category: 'DATA_ERROR' },
    ]);
    expect(failed[0]?.message).toContain('n/a');
    await expectAgreement(project);
  });

  test('blocks by name what needs it, and nothing else', async () => {
    const project = readingsProject(good(8).with(3, 'n/a'));
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'doubled')).toEqual({ materialized: 7, blocked: 1 });
    expect(countsOf(outcome, 'before')).toEqual({ materialized: 5, expected_empty: 1, blocked: 2 });
    const blocked = outcome.document.failures.filter((each) => each.status === 'blocked');
    expect(blocked.map((each) => `${each.asset} ${each.partition}`).toSorted()).toEqual([
      'before 2024-01-05',
      'before 2024-01-06',
      'doubled 2024-01-04',
    ]);
    for (const { message } of blocked) {
      expect(message).toBe('needs numbers of 2024-01-04, which is failed');
    }
  });

  test('is tried again by the next run with what it blocked, and nothing else is', async () => {
    const project = readingsProject(good(8).with(3, 'n/a'));
    await project.materialize();
    project.write('data/readings.csv', readings(good(8)));
    const outcome = await project.materialize();
    expect(outcome.code).toBe(0);
    expect(countsOf(outcome, 'numbers')).toEqual({ materialized: 1, skipped: 7 });
    expect(countsOf(outcome, 'doubled')).toEqual({ materialized: 1, skipped: 7 });
    expect(countsOf(outcome, 'before')).toEqual({ materialized: 2, skipped: 5, expected_empty: 1 });
    const whole = readingsProject(good(8));
    await whole.materialize();
    expect(await project.allVersions()).toEqual(await whole.allVersions());
    await expectAgreement(project);
  });

  test('keeps the rows that it had, readable, and is reported as failed', async () => {
    const project = readingsProject(good(8));
    await project.materialize();
    project.write('data/readings.csv', readings(good(8).with(3, 'n/a')));
    await project.materialize();
    expect(await project.status('numbers')).toMatchObject({ [dateOf(3)]: 'failed' });
    const kept = await project.query(
      `SELECT value FROM reports.numbers WHERE day = '${dateOf(3)}'`,
    );
    expect(kept).toEqual([['4']]);
    await expectAgreement(project);
  });
});

test('all partitions but the bad ones are published when there are several, at both ends too', async () => {
  const values = good(12).with(0, 'x').with(5, 'y').with(11, 'z');
  const project = readingsProject(values);
  const outcome = await project.materialize();
  const failed = outcome.document.failures.filter((each) => each.status === 'failed');
  expect(failed.map((each) => each.partition)).toEqual([0, 5, 11].map(dateOf));
  for (const [at, value] of ['x', 'y', 'z'].entries()) {
    expect(failed[at]?.message).toContain(`'${value}'`);
  }
  expect(countsOf(outcome, 'numbers')).toEqual({ materialized: 9, failed: 3 });
  await expectAgreement(project);
});

test('one bad partition of many costs a number of statements that grows with the logarithm', async () => {
  const project = readingsProject(good(256).with(77, 'n/a'));
  const outcome = await project.materialize({ selection: ['+numbers'] });
  expect(countsOf(outcome, 'numbers')).toEqual({ materialized: 255, failed: 1 });
  // A whole batch counts two; halving 256 takes eight levels of two batches each.
  expect(await statementsOf(project, outcome, 'numbers')).toBeLessThanOrEqual(2 * (1 + 2 * 8));
});

test('a statement that is wrong for every partition is not tried on halves', async () => {
  const project = readingsProject(good(16));
  project.edit(
    'pipeline.yaml',
    'upstream: { readings: same }',
    'upstream: { readings: same }\n    tags: [x]',
  );
  await project.materialize({ selection: ['readings'] });
  await project.tamper('ALTER TABLE raw.readings RENAME COLUMN value TO other');
  const outcome = await project.materialize({ selection: ['numbers'] });
  expect(countsOf(outcome, 'numbers')).toEqual({ failed: 16 });
  expect(await statementsOf(project, outcome, 'numbers')).toBe(2);
});

describe('a blocking check', () => {
  test('keeps out the partitions with offending rows only, with the rows named', async () => {
    const project = readingsProject(good(6).with(2, '5000'));
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'numbers')).toEqual({ materialized: 5, failed: 1 });
    const [failure] = outcome.document.failures;
    expect(failure).toMatchObject({ partition: dateOf(2), category: 'CHECK_FAILED' });
    expect(failure?.message).toContain('5000');
    expect(await project.query('SELECT MAX(value) FROM reports.numbers')).toEqual([['6']]);
    await expectAgreement(project);
  });

  test('that warns only lets the rows in and records what it found', async () => {
    const project = readingsProject(good(6).with(2, '5000'));
    project.edit(
      'pipeline.yaml',
      '        severity: error\n        blocking: true\n',
      '        severity: warn\n',
    );
    const outcome = await project.materialize();
    expect(outcome.code).toBe(0);
    const checks = (await project.reader()).checks(unsafeRunId(outcome.document.run_id ?? ''));
    expect(checks).toMatchObject([{ asset: 'numbers', failures: 1, severity: 'warn' }]);
    await expectAgreement(project);
  });

  test('leaves the older rows of its partition where they are', async () => {
    const project = readingsProject(good(6));
    await project.materialize();
    project.write('data/readings.csv', readings(good(6).with(2, '5000')));
    const outcome = await project.materialize();
    expect(countsOf(outcome, 'numbers')).toMatchObject({ failed: 1 });
    expect(
      await project.query(`SELECT value FROM reports.numbers WHERE day = '${dateOf(2)}'`),
    ).toEqual([['3']]);
    await expectAgreement(project);
  });

  test('on the key finds rows that come twice', async () => {
    const project = readingsProject(good(4));
    project.write('data/readings.csv', `${readings(good(4))}${dateOf(1)},2\n`);
    const outcome = await project.materialize();
    expect(outcome.document.failures).toMatchObject([
      { asset: 'readings', partition: dateOf(1), category: 'CHECK_FAILED', status: 'failed' },
      { status: 'blocked' },
      { status: 'blocked' },
      { status: 'blocked' },
      { status: 'blocked' },
    ]);
    await expectAgreement(project);
  });
});
