import type { AssetResult, PartitionFailure, RunEvent, RunResult } from '../../engine/events.ts';
import { unsafeAssetName, unsafeRunId } from '../../engine/ids.ts';
import { parseDay } from '../../engine/partitions/date.ts';

export const RUN_ID = unsafeRunId('20240210T0800-ab12');

export function assetResult(name: string, parts: Partial<AssetResult> = {}): AssetResult {
  return {
    name: unsafeAssetName(name),
    materialized: 0,
    unchanged: 0,
    expectedEmpty: 0,
    skipped: 0,
    failed: 0,
    blocked: 0,
    rows: 0,
    seconds: 0,
    ...parts,
  };
}

export function failure(
  asset: string,
  date: string,
  parts: Partial<PartitionFailure> = {},
): PartitionFailure {
  return {
    asset: unsafeAssetName(asset),
    day: parseDay(date) ?? 0,
    type: 'failed',
    category: 'EMPTY_RESULT',
    message: `no rows for ${date}`,
    ...parts,
  };
}

export function runResult(parts: Partial<RunResult> = {}): RunResult {
  return {
    runId: RUN_ID,
    target: 'local',
    status: 'succeeded',
    seconds: 2,
    assets: [assetResult('box', { materialized: 4, rows: 1200, seconds: 1.5 })],
    failures: [],
    checks: [],
    ...parts,
  };
}

export const FAILED = runResult({
  status: 'failed',
  assets: [
    assetResult('box', { materialized: 4, failed: 3, rows: 1200, seconds: 1.5 }),
    assetResult('summary', { blocked: 3 }),
  ],
  failures: [
    failure('box', '2024-01-02'),
    failure('box', '2024-01-03'),
    failure('box', '2024-01-06', { category: 'CHECK_FAILED', message: 'points_add_up: 2 rows' }),
    failure('summary', '2024-01-02', {
      type: 'blocked',
      category: 'BLOCKED',
      message: 'box 2024-01-02 failed',
    }),
    failure('summary', '2024-01-03', {
      type: 'blocked',
      category: 'BLOCKED',
      message: 'box 2024-01-03 failed',
    }),
  ],
});

const DAY = parseDay('2024-01-02') ?? 0;

/** The events of a short run. */
export function events(): RunEvent[] {
  const asset = unsafeAssetName('box');
  const step = { stepId: 1, asset, firstDay: DAY, lastDay: DAY + 3 };
  const counts = assetResult('box', { materialized: 3, failed: 1 });
  return [
    { type: 'run-started', runId: RUN_ID, target: 'local', command: 'materialize', at: 0 },
    { type: 'planned', assets: 1, steps: 1, partitions: 8, estimateSeconds: undefined },
    { type: 'step-started', ...step, partitions: 4, at: 0 },
    {
      type: 'attempt-failed',
      stepId: 1,
      asset,
      attempt: 1,
      category: 'WAREHOUSE_LOCKED',
      message: 'locked',
      retryInMs: 1500,
    },
    { type: 'partition-failed', asset, day: DAY, category: 'EMPTY_RESULT', message: 'no rows' },
    { type: 'step-finished', ...step, counts, rows: 120, seconds: 2, at: 2000 },
    { type: 'warning', message: 'the disk is nearly full' },
    { type: 'run-finished', result: runResult() },
  ];
}
