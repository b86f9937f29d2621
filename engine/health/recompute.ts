import { tableOf } from '../assets/batch.ts';
import { moduleSelect } from '../assets/module-asset.ts';
import { sqlAssetSelect } from '../assets/sql-asset.ts';
import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import { WarehouseError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import type { PartitionRecords } from '../partitions/records.ts';
import { functionsOf } from '../run/stage.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import { windowInputs } from '../staleness/window-inputs.ts';
import type { StagedPartition, StageRequest, Warehouse } from '../warehouse/warehouse.ts';

/** What partitions are made again with; nothing is written, so the warehouse may be open read-only. */
export interface RecomputeContext {
  readonly pipeline: CompiledPipeline;
  readonly assets: ReadonlyMap<AssetName, CompiledAsset>;
  readonly warehouse: Warehouse;
  readonly signal: AbortSignal;
  /** What is recorded of an asset. */
  readonly recordsOf: (asset: AssetName) => PartitionRecords;
}

/** What is staged of a group of partitions: what the table holds, and what they are when made alone. */
export const STAGES = { inTable: 'in_table', alone: 'alone' } as const;

/** Stages rows to have them counted and hashed by the code that a run counts and hashes with. */
export async function stageRows(
  context: RecomputeContext,
  asset: CompiledAsset,
  { stage, select }: { readonly stage: string; readonly select: string },
): Promise<ReadonlyMap<Day, StagedPartition>> {
  const request: StageRequest = {
    table: tableOf(asset),
    stage,
    select,
    functions: functionsOf(context, asset),
    checks: [],
    replacesAll: false,
  };
  const timeoutMs = asset.timeoutSeconds * 1000;
  const partitions = await context.warehouse.stage(request, { signal: context.signal, timeoutMs });
  return new Map(partitions.map((partition) => [partition.day, partition]));
}

/** One statement for several partitions, each in a subquery that has nothing but its own window. */
export async function selectAlone(
  context: RecomputeContext,
  evaluation: AssetEvaluation,
  indexes: readonly number[],
): Promise<string> {
  const selects: string[] = [];
  for (const index of indexes) {
    const select = await selectOne(context, evaluation, index);
    selects.push(indexes.length === 1 ? select : `(${select})`);
  }
  return selects.join('\nUNION ALL\n');
}

async function selectOne(
  context: RecomputeContext,
  evaluation: AssetEvaluation,
  index: number,
): Promise<string> {
  const { pipeline, assets, warehouse, signal, recordsOf } = context;
  const { asset } = evaluation;
  const batch = { evaluation, indexes: [index] };
  const { dialect } = warehouse.capabilities;
  if (asset.kind === 'sql') return sqlAssetSelect(batch, assets, dialect);
  const { select, failed } = await moduleSelect({
    batch,
    stage: STAGES.alone,
    assets,
    dialect,
    warehouse,
    root: pipeline.root,
    inputs: windowInputs(evaluation.edges, recordsOf),
    log: () => undefined,
    progress: () => undefined,
    now: () => 0,
    signal: AbortSignal.any([signal, AbortSignal.timeout(asset.timeoutSeconds * 1000)]),
  });
  const [fault] = failed.values();
  if (fault === undefined) return select;
  const { category, message } = fault;
  throw new WarehouseError(message, { kind: 'data', category });
}
