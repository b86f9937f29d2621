import { tableOf } from '../assets/batch.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { Day } from '../partitions/date.ts';
import { ZERO_HASH } from '../partitions/hash64.ts';
import type { MaterializationRow } from '../warehouse/warehouse.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import type { RunContext } from './context.ts';
import type { FoundFailures } from './find-failures.ts';
import { definitionOf } from './restore.ts';

/** What is to be made visible of a settled batch. */
export interface PublishBatch {
  readonly asset: CompiledAsset;
  /** Where its rows are staged. */
  readonly stage: string;
  readonly outcomes: readonly PartitionOutcome[];
  readonly replacesAll: boolean;
  /** `--force`: write rows again even if their content came out the same; somebody may have changed them. */
  readonly rewrites: boolean;
  /** Partitions that are unchanged without staged rows. */
  readonly kept: ReadonlySet<Day>;
  /** Who is expected and has no row; absent for an asset without a universe. */
  readonly failures: FoundFailures | undefined;
}

/**
 * Publishes the good partitions of a batch in one transaction with their materialization rows. Unless forced,
 * rows whose content came out the same are not written again; failed partitions keep what they had.
 */
export async function publishBatch(context: RunContext, batch: PublishBatch): Promise<void> {
  const { asset, outcomes, kept } = batch;
  const materializations = outcomes.flatMap(materializationRow);
  if (materializations.length === 0) return;
  const replace = outcomes
    .filter(
      ({ type, day }) =>
        type === 'materialized' ||
        type === 'expected_empty' ||
        (type === 'unchanged' && batch.rewrites && !kept.has(day)),
    )
    .map((outcome) => outcome.day);
  const isComplete = kept.size === 0 && outcomes.every(({ type }) => type !== 'failed');
  const isChanged = batch.rewrites || outcomes.some((outcome) => outcome.type === 'materialized');
  context.confirmLease();
  await context.warehouse.publish(
    {
      table: tableOf(asset),
      stage: batch.stage,
      asset: asset.name,
      runId: context.runId,
      codeVersion: asset.codeVersion,
      at: context.now(),
      replace,
      materializations,
      replacesAll: batch.replacesAll && isComplete && isChanged,
      definition: definitionOf(asset),
      source: context.sources.get(asset.name)?.observation,
      failures: failuresToRecord(batch, materializations),
    },
    { signal: context.signal, onCost: context.onCost },
  );
}

/** Partitions that are good now and whose failures are others than before. */
function failuresToRecord(
  { failures, kept }: PublishBatch,
  good: readonly MaterializationRow[],
): readonly Day[] {
  const changed = new Set(failures?.changed);
  return good.map((row) => row.day).filter((day) => changed.has(day) && !kept.has(day));
}

function materializationRow(outcome: PartitionOutcome): MaterializationRow[] {
  if (outcome.type === 'failed' || outcome.type === 'blocked') return [];
  const isEmpty = outcome.type === 'expected_empty';
  return [
    {
      day: outcome.day,
      rows: isEmpty ? 0 : outcome.rows,
      data: isEmpty ? ZERO_HASH : outcome.data,
      input: outcome.input,
      inputs: outcome.inputs,
      reason: isEmpty ? outcome.reason : undefined,
    },
  ];
}
