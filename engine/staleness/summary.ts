import type { AssetName } from '../ids.ts';
import { type Day, UNPARTITIONED } from '../partitions/date.ts';
import { CONTENT } from '../partitions/records.ts';
import { type AssetEvaluation, STATUS } from './status.ts';

/** How many of an asset's expected partitions have which status. */
export interface AssetSummary {
  readonly name: AssetName;
  readonly group: string;
  readonly kind: string;
  readonly expected: number;
  readonly current: number;
  readonly stale: number;
  readonly missing: number;
  readonly failed: number;
  readonly blocked: number;
  readonly expectedEmpty: number;
  readonly running: number;
  /** Current partitions whose upstream is to be made and may come out different. */
  readonly mayChange: number;
  /** The newest partition that has rows. */
  readonly newest: Day | undefined;
  readonly rows: number;
}

export function summarizeAsset(evaluation: AssetEvaluation): AssetSummary {
  const { asset, expected, status } = evaluation;
  const counts = new Array<number>(7).fill(0);
  let mayChange = 0;
  for (const [index, code] of status.entries()) {
    counts[code] = (counts[code] ?? 0) + 1;
    if (code === STATUS.current) mayChange += evaluation.mayChange[index] ?? 0;
  }
  return {
    name: asset.name,
    group: asset.group,
    kind: asset.kind,
    expected: expected.days.length,
    current: counts[STATUS.current] ?? 0,
    stale: counts[STATUS.stale] ?? 0,
    missing: counts[STATUS.missing] ?? 0,
    failed: counts[STATUS.failed] ?? 0,
    blocked: counts[STATUS.blocked] ?? 0,
    expectedEmpty: counts[STATUS.expectedEmpty] ?? 0,
    running: counts[STATUS.running] ?? 0,
    mayChange: asset.freeze === 'once' ? 0 : mayChange,
    newest: evaluation.daysWithRows.at(-1),
    rows: rowsOf(evaluation),
  };
}

/** The statuses that call for work, over all assets. */
export function openPartitions(summaries: readonly AssetSummary[]): number {
  return summaries.reduce(
    (sum, asset) => sum + asset.stale + asset.missing + asset.failed + asset.blocked,
    0,
  );
}

/** Whether an asset has the one partition of those that have none. */
export function isUnpartitioned(evaluation: AssetEvaluation): boolean {
  return evaluation.expected.days[0] === UNPARTITIONED;
}

function rowsOf({ records }: AssetEvaluation): number {
  return records.rows.reduce(
    (sum, rows, index) => sum + (records.content[index] === CONTENT.materialized ? rows : 0),
    0,
  );
}
