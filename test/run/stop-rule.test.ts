import { describe, expect, test } from 'vitest';
import type { CheckFinding } from '../../engine/checks/evaluate.ts';
import { unsafeAssetName } from '../../engine/ids.ts';
import { StopRule } from '../../engine/run/stop-rule.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import { rosterProject } from '../failures/roster-project.ts';
import { expectAgreement } from '../support/agreement.ts';
import { countsOf } from '../support/project.ts';
import { dateOf, good, readingsProject } from './readings-project.ts';

const BOX = unsafeAssetName('box');

const failed = (day: number, category = 'DATA_ERROR'): PartitionOutcome => ({
  type: 'failed',
  day,
  category,
  message: 'bad luck',
});
const blocked = (day: number): PartitionOutcome => ({
  type: 'blocked',
  day,
  upstream: BOX,
  upstreamDay: day,
  message: 'needs box',
});
const EMPTY: PartitionOutcome = {
  type: 'expected_empty',
  day: 1,
  reason: 'a holiday',
  input: { hi: 0, lo: 0 },
  inputs: new Uint8Array(0),
};

function finding(day: number, parts: Partial<CheckFinding> = {}): CheckFinding {
  const check = { asset: BOX, day, check: 'positive', severity: 'error', blocking: false } as const;
  return { ...check, failures: 1, sample: null, message: 'check failed', ...parts };
}

/** The reason after each of some steps. */
function reasons(
  rule: StopRule,
  ...steps: readonly (readonly (PartitionOutcome | CheckFinding)[])[]
): readonly (string | undefined)[] {
  return steps.map((step) => {
    const outcomes = step.filter((each) => 'type' in each);
    rule.stepEnded(BOX, { outcomes, findings: step.filter((each) => 'check' in each) });
    return rule.reason;
  });
}

const SKIPPED = 'what it did not get to was skipped';

describe('without limits', () => {
  test('a run goes on whatever fails', () => {
    const rule = new StopRule({ failFast: false });
    expect(reasons(rule, [failed(1, 'TIMEOUT'), blocked(2), finding(3)])).toEqual([undefined]);
    rule.assetFailed(BOX, 'TIMEOUT');
    expect(rule.reason).toBeUndefined();
  });
});

describe('to fail fast', () => {
  const after = (...step: readonly (PartitionOutcome | CheckFinding)[]) =>
    reasons(new StopRule({ failFast: true }), step)[0];

  test('is to stop at what fails, what is blocked, and a failed check of severity error', () => {
    expect(after(failed(1))).toBe(`a partition failed and the run was to fail fast: ${SKIPPED}`);
    expect(after(blocked(1))).toContain('a partition failed');
    expect(after(finding(1))).toBe(`a check failed and the run was to fail fast: ${SKIPPED}`);
    expect(after(EMPTY, finding(1, { severity: 'warn' }))).toBeUndefined();
    const rule = new StopRule({ failFast: true });
    rule.assetFailed(BOX, 'FILE_MISSING');
    expect(rule.reason).toContain('a partition failed');
  });
});

describe('after some failures', () => {
  test('counts partitions over all steps, once each, and none that is only blocked', () => {
    const rule = new StopRule({ failFast: false, failures: 4 });
    expect(
      reasons(
        rule,
        [failed(1), finding(1, { blocking: true }), blocked(2), blocked(3)],
        [finding(4), finding(4, { check: 'other' }), finding(5, { severity: 'warn' })],
        [failed(6)],
      ),
    ).toEqual([undefined, undefined, undefined]);
    rule.assetFailed(BOX, 'FILE_MISSING');
    expect(rule.reason).toBe(`4 partition(s) failed, and stop_after: has failures: 4: ${SKIPPED}`);
    // The first reason stays.
    expect(reasons(rule, [failed(7)])[0]).toMatch(/^4 partition/);
  });
});

describe('after some timeouts in a row', () => {
  const rule = () => new StopRule({ failFast: false, timeoutsInARow: 3 });
  const late = [failed(1, 'TIMEOUT'), failed(2, 'TIMEOUT')];

  test('counts steps, not partitions, and what is blocked between them changes nothing', () => {
    const [first, second, third, last] = reasons(rule(), late, late, [blocked(3)], late);
    expect([first, second, third]).toEqual([undefined, undefined, undefined]);
    expect(last).toBe(
      `3 step(s) in a row, the last one of box, ran longer than their timeout, and stop_after: has timeouts_in_a_row: 3: ${SKIPPED}`,
    );
  });

  test.each([
    ['of which a part was made', [...late, EMPTY]],
    ['that was made', [EMPTY]],
    ['that failed for another reason', [failed(1)]],
    ['of which a part failed for another reason', [...late, failed(3)]],
  ])('begins anew after a step %s', (_, step) => {
    const steps = [late, late, step, late, late];
    expect(reasons(rule(), ...steps).at(-1)).toBeUndefined();
    expect(reasons(rule(), ...steps, late).at(-1)).toMatch(/^3 step/);
  });
});

describe('a run', () => {
  test('with --fail-fast stops at somebody who is neither tracked nor there, although the rows are published', async () => {
    const shifts = [1, 2, 3].map((at) => ({ day: dateOf(at), worker: 'anna', hours: 8 }));
    const lost = { day: dateOf(2), worker: 'bob', hours: 8, note: 'lost' } as const;
    const project = rosterProject([...shifts, lost]);
    project.edit(
      'pipeline.yaml',
      '    description: Who is paid.',
      '    batch: 1\n    description: Paid.',
    );
    const outcome = await project.materialize({ failFast: true });
    expect(outcome.code).toBe(1);
    expect(countsOf(outcome, 'paid')).toEqual({ materialized: 2, skipped: 1 });
    expect(outcome.document.stopped).toBe(
      `a check failed and the run was to fail fast: ${SKIPPED}`,
    );
    const all = await project.materialize();
    expect(countsOf(all, 'paid')).toMatchObject({ materialized: 1 });
  });

  test('stops after so many failed partitions as the pipeline says, and the next one carries on', async () => {
    const project = readingsProject(good(8).with(1, 'n/a').with(3, 'n/a').with(5, 'n/a'));
    project.edit('pipeline.yaml', 'assets:', 'stop_after: { failures: 2 }\nassets:');
    project.edit(
      'pipeline.yaml',
      '    upstream: { readings: same }',
      '    batch: 2\n    upstream: { readings: same }',
    );
    const outcome = await project.materialize();
    expect(outcome.code).toBe(1);
    expect(countsOf(outcome, 'numbers')).toEqual({ materialized: 2, failed: 2, skipped: 4 });
    expect(countsOf(outcome, 'doubled')).toEqual({ skipped: 8 });
    expect(outcome.document.stopped).toMatch(/^2 partition\(s\) failed, and stop_after:/);
    await expectAgreement(project);
    project.edit('pipeline.yaml', 'stop_after: { failures: 2 }\n', '');
    const next = await project.materialize();
    expect(next.document.stopped).toBeUndefined();
    expect(countsOf(next, 'numbers')).toEqual({ materialized: 3, failed: 3, skipped: 2 });
  });

  test('stops after so many timeouts in a row', async () => {
    const project = readingsProject(good(6));
    project.write('assets/reports/numbers.sql', SLOW);
    project.edit('pipeline.yaml', 'assets:', 'stop_after: { timeouts_in_a_row: 3 }\nassets:');
    project.edit(
      'pipeline.yaml',
      '    upstream: { readings: same }',
      '    batch: 1\n    timeout: 300ms\n    upstream: { readings: same }',
    );
    const outcome = await project.materialize();
    expect(outcome.code).toBe(1);
    expect(countsOf(outcome, 'readings')).toEqual({ materialized: 6 });
    expect(countsOf(outcome, 'numbers')).toEqual({ failed: 3, skipped: 3 });
    expect(outcome.document.stopped).toMatch(/^3 step\(s\) in a row, the last one of numbers,/);
    expect(outcome.document.failures.map(({ category }) => category)).toEqual(
      Array.from({ length: 3 }, () => 'TIMEOUT'),
    );
    await expectAgreement(project);
  });
});

/** Billions of rows to count: longer than any test waits. */
const SLOW = `SELECT p.partition_date AS day, MAX(a * b * c) AS value
FROM partitions AS p, UNNEST(GENERATE_ARRAY(1, 3000)) AS a, UNNEST(GENERATE_ARRAY(1, 3000)) AS b, UNNEST(GENERATE_ARRAY(1, 3000)) AS c
WHERE EXISTS (SELECT 1 FROM readings AS r WHERE r.day = p.partition_date)
GROUP BY p.partition_date
`;
