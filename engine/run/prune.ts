import { tableOf } from '../assets/batch.ts';
import type { Day } from '../partitions/date.ts';
import { describeDays } from '../partitions/subset.ts';
import { type AssetEvaluation, daysThatLeft } from '../staleness/status.ts';
import type { RunContext } from './context.ts';

/** Removes the rows and the record of partitions whose date left the calendar, or of some of them. */
export async function pruneAsset(
  context: RunContext,
  evaluation: AssetEvaluation,
  days: readonly Day[] = daysThatLeft(evaluation),
): Promise<void> {
  if (days.length === 0) return;
  await removeDays(context, evaluation, days);
  const dates = describeDays(days, new Int32Array());
  const message = `removed ${days.length} partition(s) that are no longer expected: ${dates}`;
  context.emit({ type: 'log', asset: evaluation.asset.name, message });
}

async function removeDays(
  context: RunContext,
  { asset }: AssetEvaluation,
  days: readonly Day[],
): Promise<void> {
  context.confirmLease();
  await context.warehouse.remove(tableOf(asset), asset.name, days);
  context.store.removePartitions({
    target: context.target,
    asset: asset.name,
    days,
    runId: context.runId,
    at: context.now(),
    reason: 'the date left the calendar',
  });
  context.live.remove(asset.name, new Set(days));
}
