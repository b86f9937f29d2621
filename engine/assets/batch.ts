import type { CompiledAsset } from '../compile/compiled.ts';
import type { AssetName } from '../ids.ts';
import type { Column, Upstream } from '../config/pipeline.ts';
import { type ExpectedDays, periodAt } from '../partitions/calendar.ts';
import { unionRange, type WindowRanges } from '../partitions/window.ts';
import type { BoundRelation, BoundTable, PartitionRow } from '../sql/bound.ts';
import { unionColumns } from '../util/union-columns.ts';
import type { TableSpec } from '../warehouse/warehouse.ts';

/** The part of an asset's evaluation that a batch needs. */
export interface BatchEvaluation {
  readonly asset: CompiledAsset;
  readonly expected: ExpectedDays;
  readonly edges: readonly { readonly upstream: Upstream; readonly ranges: WindowRanges }[];
}

/** Partitions of one asset that one statement computes. */
export interface Batch {
  readonly evaluation: BatchEvaluation;
  /** Positions in the asset's expected days, ascending. */
  readonly indexes: readonly number[];
}

/** The partitions of a batch as the relation `partitions` shows them; absent for an unpartitioned asset. */
export function partitionRows(batch: Batch): PartitionRow[] | undefined {
  const { asset, expected } = batch.evaluation;
  if (asset.partitionSet === undefined) return undefined;
  return batch.indexes.map((index) => {
    const period = periodAt(expected, index);
    return {
      day: expected.days[index] ?? 0,
      period: period?.name,
      periodStart: period?.start,
    };
  });
}

/** The relations that an asset reads, each cut to the union of the batch's windows. */
export function boundRelations(
  batch: Batch,
  assets: ReadonlyMap<AssetName, CompiledAsset>,
): BoundRelation[] {
  const byRelation = Map.groupBy(batch.evaluation.edges, (edge) => edge.upstream.relation);
  return Array.from(byRelation, ([name, edges]) => {
    const isUnion = edges.some((edge) => edge.upstream.asset !== name);
    const columns = isUnion ? columnsOfRelation(edges, assets) : undefined;
    const tables = edges.map((edge) => {
      const upstream = upstreamOf(edge, assets);
      const table = boundTable(edge, upstream, batch.indexes);
      const lacks = missingFrom(upstream, columns ?? []);
      return lacks.size === 0 ? table : { ...table, lacks };
    });
    return { name, tables, columns };
  });
}

/** The columns of what the edges of one relation lead to: the asset's own, or all of the members of a union. */
export function columnsOfRelation(
  edges: BatchEvaluation['edges'],
  assets: ReadonlyMap<AssetName, CompiledAsset>,
): readonly Column[] {
  return unionColumns(edges.map((edge) => upstreamOf(edge, assets)));
}

function missingFrom({ columns }: CompiledAsset, wanted: readonly Column[]): ReadonlySet<string> {
  const own = new Set(columns.map(({ name }) => name));
  return new Set(wanted.map(({ name }) => name).filter((name) => !own.has(name)));
}

/** The table behind one edge, cut to the union of the windows of some partitions. */
export function boundTable(
  edge: BatchEvaluation['edges'][number],
  upstream: CompiledAsset,
  indexes: readonly number[],
): BoundTable {
  return {
    dataset: upstream.dataset,
    table: upstream.name,
    partitionColumn: upstream.partitionColumn,
    range: upstream.partitionSet === undefined ? undefined : unionRange(edge.ranges, indexes),
  };
}

export function upstreamOf(
  edge: BatchEvaluation['edges'][number],
  assets: ReadonlyMap<AssetName, CompiledAsset>,
): CompiledAsset {
  const upstream = assets.get(edge.upstream.asset);
  if (!upstream) throw new Error(`Internal error: no asset ${edge.upstream.asset}`);
  return upstream;
}

/** The table of an asset as the warehouse needs to know it. */
export function tableOf(asset: CompiledAsset): TableSpec {
  return {
    dataset: asset.dataset,
    name: asset.name,
    columns: asset.columns.map(({ name, type, nullable, description }) => ({
      name,
      type,
      nullable,
      description,
    })),
    partitionColumn: asset.partitionSet === undefined ? undefined : asset.partitionColumn,
    key: asset.key,
  };
}
