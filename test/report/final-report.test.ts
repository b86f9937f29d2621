import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../engine/events.ts';
import { unsafeAssetName } from '../../engine/ids.ts';
import { parseDay, UNPARTITIONED } from '../../engine/partitions/date.ts';
import { groupFailures } from '../../engine/report/failure-groups.ts';
import { renderFinalReport, retryCommand } from '../../engine/report/final-report.ts';
import { runResultJson } from '../../engine/report/json.ts';
import { categoryHint } from '../../engine/report/messages.ts';
import { paintFor } from '../../engine/report/text.ts';
import { assetResult, FAILED, failure, runResult } from './run-fixture.ts';

const SCOPE = { file: undefined, target: undefined };

function report(result: RunResult, quiet = false): string {
  return renderFinalReport(result, { scope: SCOPE, paint: paintFor(false), quiet });
}

test('a run that succeeded ends with its totals and its rate', () => {
  expect(report(runResult())).toContain(
    'Run 20240210T0800-ab12 succeeded: 4 materialized in 2.0 s, 2.0 partitions/s, 1,200 rows.',
  );
});

test('what failed as a whole is in the result line, what failed in a partition is not there twice', () => {
  const whole = { ...failure('box', '2024-01-02'), day: UNPARTITIONED };
  const untold = runResult({ status: 'failed', failures: [whole] });
  expect(report(untold)).toContain('4 materialized and 1 asset failed as a whole in 2.0 s');
  const counted = runResult({
    status: 'failed',
    failures: [whole],
    assets: [assetResult('box', { failed: 1 })],
  });
  expect(report(counted)).toContain('failed: 1 failed in 2.0 s');
});

test('several assets get a line of totals', () => {
  const lines = report(FAILED).split('\n');
  expect(lines[0]).toMatch(/^asset +materialized +unchanged +skipped +expected-empty +failed/);
  expect(lines[3]).toMatch(/^total +4 +0 +0 +0 +3 +3 +1,200 +2\.0$/);
});

test('failures that differ only in their dates are one group with merged ranges', () => {
  const text = report(FAILED);
  expect(text).toContain(
    'failed box 2024-01-02..2024-01-03 (2)\n  EMPTY_RESULT: no rows for 2024-01-02 (and others like it)',
  );
  expect(text).toContain('failed box 2024-01-06\n  CHECK_FAILED: points_add_up: 2 rows');
  expect(text).toContain('blocked summary 2024-01-02..2024-01-03 (2)');
});

test('with the days of the calendar, neighbours merge across days off', () => {
  const days = Int32Array.of(19724, 19727);
  const failures = [failure('box', '2024-01-02'), failure('box', '2024-01-03')].map((each, at) => ({
    ...each,
    day: days[at] ?? 0,
  }));
  const text = renderFinalReport(runResult({ status: 'failed', failures }), {
    scope: SCOPE,
    paint: paintFor(false),
    quiet: false,
    daysOf: () => days,
  });
  expect(text).toContain('failed box 2024-01-02..2024-01-05 (2)');
});

test('a category is explained once, however many groups have it', () => {
  const failures = [failure('box', '2024-01-02'), failure('summary', '2024-01-02')];
  const text = report(runResult({ status: 'failed', failures }));
  expect(text.split(categoryHint('EMPTY_RESULT') ?? '')).toHaveLength(2);
});

test('failed groups come before blocked ones', () => {
  const types = groupFailures([...FAILED.failures].reverse()).map((group) => group.type);
  expect(types).toEqual(['failed', 'failed', 'blocked']);
});

test.each([
  [
    'what failed, with what waits for it, over the days of both',
    FAILED.failures,
    'fastbreak materialize box+ --partitions 2024-01-02..2024-01-06',
  ],
  [
    'what failed alone',
    [failure('box', '2024-01-02')],
    'fastbreak materialize box --partitions 2024-01-02',
  ],
  [
    'all upstream when the cause lies outside of the run',
    [failure('box', '2024-01-02', { type: 'blocked' })],
    'fastbreak materialize +box',
  ],
  ['nothing', [], undefined],
])('the command that retries names %s', (_what, failures, command) => {
  expect(retryCommand(runResult({ failures }), SCOPE)).toBe(command);
});

test('the command that retries repeats file and target', () => {
  const scope = { file: 'other.yaml', target: 'prod' };
  expect(retryCommand(runResult({ failures: [failure('box', '2024-01-02')] }), scope)).toMatch(
    / --file other\.yaml --target prod$/,
  );
});

test('quiet leaves failures and the result', () => {
  const text = report(FAILED, true);
  expect(text).not.toContain('expected-empty');
  expect(text).toMatch(/^failed box[^]*Run .* failed: 4 materialized, 3 failed and 3 blocked in/);
});

test('nothing to do and an interruption say how to go on', () => {
  const nothing = runResult({ runId: undefined, status: 'nothing-to-do', assets: [] });
  expect(report(nothing)).toBe('Nothing to do: everything asked for is current in local.\n');
  expect(report({ ...nothing, only: ['missing', 'failed'] })).toBe(
    'Nothing to do: nothing asked for is missing or failed in local.\n',
  );
  expect(report(runResult({ status: 'interrupted' }))).toMatch(
    /was interrupted: .*\nRun the same command again to carry on\.\n$/,
  );
});

describe('partitions that are no longer expected', () => {
  const left = (count: number): RunResult =>
    runResult({
      assets: Array.from({ length: count }, (_, at) =>
        assetResult(`asset_${at}`, { materialized: 1, noLongerExpected: 2 }),
      ),
    });

  test('are removed by a command that names their assets', () => {
    expect(report(left(2))).toContain(
      '4 partitions of 2 assets no longer expected; to remove them: fastbreak materialize asset_0 asset_1 --prune\n',
    );
    expect(report(left(5))).toContain('asset_3 asset_4 --prune\n');
  });

  test('of many assets are told with the first of them, and need no list', () => {
    expect(report(left(50))).toContain(
      '100 partitions of 50 assets no longer expected (asset_0, asset_1, asset_2 and 47 more); ' +
        'to remove them: the same command with --prune\n',
    );
  });
});

test('the JSON document has the shape that scripts rely on', () => {
  expect(
    runResultJson(runResult({ seconds: 1.23456, failures: [failure('box', '2024-01-02')] })),
  ).toEqual({
    run_id: '20240210T0800-ab12',
    target: 'local',
    status: 'succeeded',
    seconds: 1.235,
    assets: [
      {
        name: 'box',
        materialized: 4,
        unchanged: 0,
        skipped: 0,
        expected_empty: 0,
        failed: 0,
        blocked: 0,
        frozen: 0,
        pruned: 0,
        no_longer_expected: 0,
        rows: 1200,
        seconds: 1.5,
      },
    ],
    failures: [
      {
        asset: 'box',
        partition: '2024-01-02',
        status: 'failed',
        category: 'EMPTY_RESULT',
        message: 'no rows for 2024-01-02',
      },
    ],
    checks: [],
  });
  expect(assetResult('x').name).toBe('x');
});

describe('failed checks whose rows were published', () => {
  const found = {
    asset: unsafeAssetName('box'),
    check: 'range_points',
    blocking: false,
    days: [parseDay('2024-01-02') ?? 0, parseDay('2024-01-03') ?? 0],
    rows: 3,
    message: 'check "range_points" failed: 2 offending row(s), e.g. [{"points":-1}]',
  } as const;
  const options = { scope: SCOPE, paint: paintFor(false), quiet: true };

  test('are told with their dates, and the command that shows them again', () => {
    const result = runResult({ status: 'failed', checks: [{ ...found, severity: 'error' }] });
    const text = renderFinalReport(result, options);
    expect(text).toContain(
      'check error box 2024-01-02..2024-01-03 (2)\n  check "range_points" failed: 2 offending row(s), e.g. [{"points":-1}] (2024-01-02)\n',
    );
    expect(text).toContain('fastbreak check box --partitions 2024-01-02..2024-01-03');
  });

  test('are left out of a quiet report when they only warn', () => {
    const result = runResult({ checks: [{ ...found, severity: 'warn' }] });
    expect(renderFinalReport(result, options)).not.toContain('range_points');
    expect(renderFinalReport(result, { ...options, quiet: false })).toContain('check warn box');
  });

  test('are not told twice when they kept the rows out', () => {
    const blocking = { ...found, severity: 'error', blocking: true } as const;
    expect(renderFinalReport(runResult({ checks: [blocking] }), options)).not.toContain(
      'check error',
    );
  });
});
