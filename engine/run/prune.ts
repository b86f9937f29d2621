import { tableOf } from '../assets/batch.ts';
import type { Day } from '../partitions/date.ts';
import { type AssetEvaluation, daysThatLeft } from '../staleness/status.ts';
import type { RunContext } from './context.ts';

/** Removes the rows and the record of partitions whose date left the calendar; returns how many. */
export async function pruneAsset(
  context: RunContext,
  evaluation: AssetEvaluation,
): Promise<number> {
  const days = daysThatLeft(evaluation);
  if (days.length > 0) await removeDays(context, evaluation, days);
  return days.length;
}

async function removeDays(
  context: RunContext,
  { asset }: AssetEvaluation,
  days: readonly Day[],
): Promise<void> {
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
