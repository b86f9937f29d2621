import { type Batch, partitionRows, tableOf } from '../assets/batch.ts';
import { moduleSelect } from '../assets/module-asset.ts';
import { sourceSelect } from '../assets/source-asset.ts';
import { sqlAssetSelect } from '../assets/sql-asset.ts';
import { type CheckPlan, stagedChecks } from '../checks/definition.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { WarehouseError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import { CONTENT, NO_RECORDS } from '../partitions/records.ts';
import { quoteName } from '../sql/quote.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import { windowInputs } from '../staleness/window-inputs.ts';
import type { StagedPartition, StageRequest, Warehouse } from '../warehouse/warehouse.ts';
import type { RunContext } from './context.ts';
import { explainSourceFault } from './source-fault.ts';

/** A batch with its staged rows counted. */
export interface Staged {
  readonly request: StageRequest;
  readonly partitions: readonly StagedPartition[];
  /** Partitions that a module says have failed, whatever was staged of them. */
  readonly failed?: ReadonlyMap<Day, { readonly category: string; readonly message: string }>;
}

export interface StageOptions {
  readonly evaluation: AssetEvaluation;
  /** The name of the staged relation, unique within the run. */
  readonly stage: string;
  /** Absent: every row of a source, whatever its partition. */
  readonly indexes: readonly number[] | undefined;
  readonly checks: readonly CheckPlan[];
  /** Nothing but these partitions is in the table. */
  readonly replacesAll: boolean;
  readonly stepId: number;
}

/** Computes partitions into the asset's staging relation, and counts rows, versions and offending rows. */
export async function stageBatch(context: RunContext, options: StageOptions): Promise<Staged> {
  const { asset } = options.evaluation;
  await ensureUpstreamTables(context, asset);
  if (asset.kind === 'source') return stageSource(context, options);
  if (asset.kind === 'module') return stageModule(context, options);
  const batch: Batch = { evaluation: options.evaluation, indexes: options.indexes ?? [] };
  const { dialect } = context.warehouse.capabilities;
  return stageSelect(context, options, sqlAssetSelect(batch, context.assets, dialect));
}

async function stageSelect(
  context: RunContext,
  options: StageOptions,
  select: string,
): Promise<Staged> {
  const { asset } = options.evaluation;
  const request: StageRequest = {
    table: tableOf(asset),
    stage: options.stage,
    select,
    functions: functionsOf(context, asset),
    checks: stagedChecks(options.checks),
    maxBytesBilled: asset.maxBytesBilled,
    replacesAll: options.replacesAll,
  };
  const partitions = await context.warehouse.stage(request, {
    signal: context.signal,
    onCost: context.onCost,
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
export function functionsOf(
  {
    pipeline,
    warehouse,
  }: Pick<RunContext, 'pipeline'> & { readonly warehouse: Pick<Warehouse, 'capabilities'> },
  asset: CompiledAsset,
): string[] {
  const isGoogle = warehouse.capabilities.dialect === 'bigquery';
  const statements = isGoogle ? pipeline.googleFunctions : pipeline.duckdbFunctions;
  return (asset.sql?.functions ?? []).map((name) => {
    const statement = statements[name];
    if (statement === undefined) throw new Error(`Internal error: no function ${name}`);
    return statement;
  });
}

/** Runs a module and stages what it wrote. */
async function stageModule(context: RunContext, options: StageOptions): Promise<Staged> {
  const { evaluation, stepId } = options;
  const { asset } = evaluation;
  const indexes = options.indexes ?? [];
  const dayAt = (index: number | undefined): Day => evaluation.expected.days[index ?? 0] ?? 0;
  const span = { firstDay: dayAt(indexes[0]), lastDay: dayAt(indexes.at(-1)) };
  const recordsOf = (name: AssetName) => context.live.records.get(name) ?? NO_RECORDS;
  const { select, failed } = await moduleSelect({
    batch: { evaluation, indexes },
    stage: options.stage,
    assets: context.assets,
    dialect: context.warehouse.capabilities.dialect,
    warehouse: context.warehouse,
    root: context.pipeline.root,
    inputs: windowInputs(evaluation.edges, recordsOf),
    log: (message) => context.emit({ type: 'log', asset: asset.name, message }),
    progress: (progress) =>
      context.emit({ type: 'step-progress', stepId, asset: asset.name, ...span, ...progress }),
    now: context.now,
    // From here on: what came before may have waited for the statements of other steps.
    signal: AbortSignal.any([context.signal, AbortSignal.timeout(asset.timeoutSeconds * 1000)]),
  });
  return { ...(await stageSelect(context, options, select)), failed };
}

async function stageSource(context: RunContext, options: StageOptions): Promise<Staged> {
  const { asset } = options.evaluation;
  const source = context.sources.get(asset.name);
  if (!source) throw notObserved(context, asset);
  const paths = await context.localFiles(source);
  const batch: Batch = { evaluation: options.evaluation, indexes: options.indexes ?? [] };
  const partitions = options.indexes && partitionRows(batch);
  try {
    const rows = await sourceSelect(asset, paths, partitions);
    const relation = await context.warehouse.loadFiles(tableOf(asset), options.stage, rows, {
      signal: context.signal,
      onCost: context.onCost,
      timeoutMs: asset.timeoutSeconds * 1000,
    });
    return await stageSelect(context, options, selectColumns(context, asset, relation));
  } catch (error) {
    const days = partitions?.map((partition) => partition.day);
    throw await explainSourceFault(context, { asset, source, paths, days }, error);
  }
}

/** The columns of an asset from a relation that has them as declared. */
function selectColumns(
  { warehouse }: Pick<RunContext, 'warehouse'>,
  asset: CompiledAsset,
  relation: string,
): string {
  const { dialect } = warehouse.capabilities;
  const columns = asset.columns.map((column) => quoteName(column.name, dialect));
  return `SELECT ${columns.join(', ')} FROM ${relation} AS _files`;
}

function notObserved(context: RunContext, asset: CompiledAsset): WarehouseError {
  const problem = context.unobserved.get(asset.name);
  return new WarehouseError(problem?.message ?? `${asset.name} was not observed`, {
    kind: 'unavailable',
    category: problem?.category ?? 'SOURCE_MISSING',
  });
}
