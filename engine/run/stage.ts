import { type Batch, partitionRows, tableOf } from '../assets/batch.ts';
import { moduleSelect } from '../assets/module-asset.ts';
import { sourceSelect } from '../assets/source-asset.ts';
import { sqlAssetSelect } from '../assets/sql-asset.ts';
import { type CheckPlan, stagedChecks } from '../checks/definition.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { WarehouseError } from '../errors.ts';
import { CONTENT, NO_RECORDS } from '../partitions/records.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { StagedPartition, StageRequest } from '../warehouse/warehouse.ts';
import type { RunContext } from './context.ts';
import { explainSourceFault } from './source-fault.ts';

/** A batch with its staged rows counted. */
export interface Staged {
  readonly request: StageRequest;
  readonly partitions: readonly StagedPartition[];
}

export interface StageOptions {
  readonly evaluation: AssetEvaluation;
  /** Absent: every row of a source, whatever its partition. */
  readonly indexes: readonly number[] | undefined;
  readonly checks: readonly CheckPlan[];
  /** Nothing but these partitions is in the table. */
  readonly replacesAll: boolean;
}

/** Computes partitions into the asset's staging relation, and counts rows, versions and offending rows. */
export async function stageBatch(context: RunContext, options: StageOptions): Promise<Staged> {
  const { asset } = options.evaluation;
  const deadline = AbortSignal.timeout(asset.timeoutSeconds * 1000);
  await ensureUpstreamTables(context, asset);
  if (asset.kind === 'source') return stageSource(context, options);
  return stageSelect(context, options, await selectOf(context, options, deadline));
}

async function stageSelect(
  context: RunContext,
  options: StageOptions,
  select: string,
): Promise<Staged> {
  const { asset } = options.evaluation;
  const request: StageRequest = {
    table: tableOf(asset),
    select,
    functions: functionsOf(context, asset),
    checks: stagedChecks(options.checks),
    replacesAll: options.replacesAll,
  };
  const partitions = await context.warehouse.stage(request, {
    signal: context.signal,
    timeoutMs: asset.timeoutSeconds * 1000,
  });
  return { request, partitions };
}

/** A statement may read an upstream that has no rows yet (an optional one, or before a season's first game). */
async function ensureUpstreamTables(context: RunContext, asset: CompiledAsset): Promise<void> {
  for (const { asset: name } of asset.upstream) {
    const records = context.live.records.get(name) ?? NO_RECORDS;
    const upstream = context.assets.get(name);
    if (!upstream || records.content.includes(CONTENT.materialized)) continue;
    await context.warehouse.ensureTable(tableOf(upstream));
  }
}

/** The statements that define the project's functions which an asset's SQL calls. */
export function functionsOf(context: Pick<RunContext, 'pipeline'>, asset: CompiledAsset): string[] {
  return (asset.sql?.functions ?? []).map((name) => {
    const statement = context.pipeline.duckdbFunctions[name];
    if (statement === undefined) throw new Error(`Internal error: no function ${name}`);
    return statement;
  });
}

async function selectOf(
  context: RunContext,
  options: StageOptions,
  deadline: AbortSignal,
): Promise<string> {
  const { evaluation } = options;
  const batch: Batch = { evaluation, indexes: options.indexes ?? [] };
  const { dialect } = context.warehouse.capabilities;
  switch (evaluation.asset.kind) {
    case 'sql':
      return sqlAssetSelect(batch, context.assets, dialect);
    case 'source':
      throw new Error('Internal error: a source is staged from its files');
    case 'module':
      return moduleSelect({
        batch,
        assets: context.assets,
        dialect,
        warehouse: context.warehouse,
        file: `${context.pipeline.root}/${evaluation.asset.file ?? ''}`,
        log: (message) => context.emit({ type: 'log', asset: evaluation.asset.name, message }),
        signal: AbortSignal.any([context.signal, deadline]),
      });
  }
}

async function stageSource(context: RunContext, options: StageOptions): Promise<Staged> {
  const { asset } = options.evaluation;
  const source = context.sources.get(asset.name);
  if (!source) throw notObserved(context, asset);
  const paths = await context.localFiles(source);
  const batch: Batch = { evaluation: options.evaluation, indexes: options.indexes ?? [] };
  const partitions = options.indexes && partitionRows(batch);
  try {
    const select = await sourceSelect(asset, paths, partitions);
    return await stageSelect(context, options, select);
  } catch (error) {
    const days = partitions?.map((partition) => partition.day);
    throw await explainSourceFault(context, { asset, source, paths, days }, error);
  }
}

function notObserved(context: RunContext, asset: CompiledAsset): WarehouseError {
  const problem = context.unobserved.get(asset.name);
  return new WarehouseError(problem?.message ?? `${asset.name} was not observed`, {
    kind: 'unavailable',
    category: problem?.category ?? 'SOURCE_MISSING',
  });
}
