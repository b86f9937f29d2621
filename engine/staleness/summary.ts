import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
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
  const count = (wanted: number): number =>
    status.reduce((sum, code) => sum + Number(code === wanted), 0);
  const mayChange = status.reduce(
    (sum, code, index) =>
      sum + Number(code === STATUS.current && evaluation.mayChange[index] === 1),
    0,
  );
  return {
    name: asset.name,
    group: asset.group,
    kind: asset.kind,
    expected: expected.days.length,
    current: count(STATUS.current),
    stale: count(STATUS.stale),
    missing: count(STATUS.missing),
    failed: count(STATUS.failed),
    blocked: count(STATUS.blocked),
    expectedEmpty: count(STATUS.expectedEmpty),
    running: count(STATUS.running),
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

function rowsOf({ records }: AssetEvaluation): number {
  return records.rows.reduce(
    (sum, rows, index) => sum + (records.content[index] === CONTENT.materialized ? rows : 0),
    0,
  );
}
