import {
  type Batch,
  type BatchEvaluation,
  boundRelations,
  boundTable,
  partitionRows,
  tableOf,
  upstreamOf,
} from '../assets/batch.ts';
import type { CheckPlan } from '../checks/definition.ts';
import { historyDays, partitionsBefore } from '../checks/history.ts';
import type { CheckEdge, CheckScope } from '../checks/scope.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { AssetName } from '../ids.ts';
import { CONTENT, type PartitionRecords } from '../partitions/records.ts';
import type { SqlDialect } from '../sql/quote.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/** What the checks of a batch may read: its own rows in a relation, and its upstreams within their windows. */
export function checkScope(
  batch: Batch,
  assets: ReadonlyMap<AssetName, CompiledAsset>,
  {
    dialect,
    rows,
    history,
  }: {
    readonly dialect: SqlDialect;
    readonly rows: string;
    readonly history?: string | undefined;
  },
): CheckScope {
  const { asset, edges } = batch.evaluation;
  return {
    dialect,
    asset,
    rows,
    history,
    partitions: partitionRows(batch),
    relations: boundRelations(batch, assets),
    edges: edges.map((edge) => checkEdge(edge, batch, upstreamOf(edge, assets))),
  };
}

function checkEdge(
  edge: BatchEvaluation['edges'][number],
  { evaluation, indexes }: Batch,
  source: CompiledAsset,
): CheckEdge {
  const { relation, window } = edge.upstream;
  const isWhole = [evaluation.asset, source].some((asset) => asset.partitionSet === undefined);
  const table = boundTable(edge, source, indexes);
  const columns = new Set(source.columns.map(({ name }) => name));
  const read = { relation, table, columns };
  if (isWhole || window.type === 'all') return { ...read, window: 'whole' };
  if (window.type === 'same') return { ...read, window: 'same' };
  const rows = indexes.map((index) => ({
    day: evaluation.expected.days[index] ?? 0,
    lo: edge.ranges.lo[index] ?? 0,
    hi: edge.ranges.hi[index] ?? 0,
  }));
  return { ...read, window: rows };
}

/** The published rows that the checks of a batch compare it with besides its own, as SQL names them. */
export function historyRelation(
  { evaluation: { asset, expected }, indexes }: Batch,
  checks: readonly CheckPlan[],
  of: {
    readonly records: PartitionRecords;
    readonly warehouse: Pick<Warehouse, 'publishedRelation'>;
  },
): string | undefined {
  const before = partitionsBefore(checks);
  if (before === 0) return undefined;
  const { days, content } = of.records;
  const materialized = [...days].filter((_, at) => content[at] === CONTENT.materialized);
  const batch = indexes.map((index) => expected.days[index] ?? 0);
  const found = historyDays(
    batch,
    materialized.sort((a, b) => a - b),
    before,
  );
  return found.length === 0 ? undefined : of.warehouse.publishedRelation(tableOf(asset), found);
}
