import {
  type Batch,
  type BatchEvaluation,
  boundRelations,
  boundTable,
  partitionRows,
  upstreamOf,
} from '../assets/batch.ts';
import type { CheckEdge, CheckScope } from '../checks/statements.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { AssetName } from '../ids.ts';
import type { SqlDialect } from '../sql/quote.ts';

/** What the checks of a batch may read: its own rows in a relation, and its upstreams within their windows. */
export function checkScope(
  batch: Batch,
  assets: ReadonlyMap<AssetName, CompiledAsset>,
  { dialect, rows }: { readonly dialect: SqlDialect; readonly rows: string },
): CheckScope {
  const { asset, edges } = batch.evaluation;
  return {
    dialect,
    asset,
    rows,
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
  if (isWhole || window.type === 'all') return { relation, table, window: 'whole' };
  if (window.type === 'same') return { relation, table, window: 'same' };
  const rows = indexes.map((index) => ({
    day: evaluation.expected.days[index] ?? 0,
    lo: edge.ranges.lo[index] ?? 0,
    hi: edge.ranges.hi[index] ?? 0,
  }));
  return { relation, table, window: rows };
}
