import { CONTENT } from '../partitions/records.ts';
import { type AssetEvaluation, STATUS } from '../staleness/status.ts';

/**
 * Whether a partition is expected to have no rows: by a rule, or because that was found when it was last made. A stale
 * one, as after a change of code, lacks nothing until the next run finds otherwise; that it is stale is told as such.
 */
export function isEmptyAsExpected(
  { status, records, recordIndex }: Pick<AssetEvaluation, 'status' | 'records' | 'recordIndex'>,
  index: number,
): boolean {
  if (status[index] === STATUS.expectedEmpty) return true;
  const isToBeMadeAgain = status[index] === STATUS.stale || status[index] === STATUS.running;
  return isToBeMadeAgain && records.content[recordIndex[index] ?? -1] === CONTENT.expectedEmpty;
}
