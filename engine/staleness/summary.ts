import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import { CONTENT } from '../partitions/records.ts';
import { hasOtherInputs } from './causes.ts';
import {
  type AssetEvaluation,
  daysNoLongerExpected,
  isFrozenAt,
  STATUS,
  STATUS_NAMES,
} from './status.ts';

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
  /** Current partitions that keep their first rows, and those of them that would be made from other inputs now. */
  readonly frozen: number;
  readonly frozenDiffers: number;
  /** Partitions with content whose dates left the calendar. */
  readonly noLongerExpected: number;
}

export function summarizeAsset(evaluation: AssetEvaluation): AssetSummary {
  const { asset, expected, status } = evaluation;
  const counts = new Int32Array(STATUS_NAMES.length);
  let mayChange = 0;
  for (let index = 0; index < status.length; index++) {
    const code = status[index] ?? 0;
    counts[code] = (counts[code] ?? 0) + 1;
    if (code === STATUS.current && evaluation.mayChange[index] === 1) mayChange++;
  }
  const count = (wanted: number): number => counts[wanted] ?? 0;
  const isFreezing = asset.freeze === 'once';
  const frozen = isFreezing ? [...status.keys()].filter((at) => isFrozenAt(evaluation, at)) : [];
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
    mayChange,
    newest: evaluation.daysWithRows.at(-1),
    rows: rowsOf(evaluation),
    frozen: frozen.length,
    frozenDiffers: frozen.filter((index) => hasOtherInputs(evaluation, index)).length,
    noLongerExpected: daysNoLongerExpected(evaluation).length,
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
  let sum = 0;
  for (let index = 0; index < records.rows.length; index++) {
    if (records.content[index] === CONTENT.materialized) sum += records.rows[index] ?? 0;
  }
  return sum;
}
