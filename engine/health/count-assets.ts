import type { CompiledAsset } from '../compile/compiled.ts';
import { isWarehouseError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import type { DayRange } from '../partitions/window.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import {
  type AssetCounts,
  countsQuery,
  type Measure,
  measureKey,
  NO_COUNTS,
  readCounts,
} from './counts.ts';

/** What is to be counted, by asset. */
export type MeasuresByAsset = ReadonlyMap<AssetName, readonly Measure[]>;

export interface CountedAssets {
  readonly byAsset: ReadonlyMap<AssetName, AssetCounts>;
  /** Assets whose query failed, with what the warehouse said. */
  readonly failed: ReadonlyMap<AssetName, string>;
}

export interface CountRequest {
  readonly warehouse: Pick<Warehouse, 'query' | 'capabilities'>;
  readonly evaluations: ReadonlyMap<AssetName, AssetEvaluation>;
  readonly measures: MeasuresByAsset;
  readonly range: DayRange;
  readonly signal: AbortSignal;
}

/** Counts with one statement per asset; a statement that fails is named and does not end the others. */
export async function countAssets(request: CountRequest): Promise<CountedAssets> {
  const byAsset = new Map<AssetName, AssetCounts>();
  const failed = new Map<AssetName, string>();
  for (const [name, measures] of request.measures) {
    const evaluation = request.evaluations.get(name);
    if (evaluation === undefined) continue;
    try {
      byAsset.set(name, await countAsset(evaluation, distinctMeasures(measures), request));
    } catch (error) {
      if (!isWarehouseError(error) || error.kind === 'interrupted') throw error;
      failed.set(name, error.message);
    }
  }
  return { byAsset, failed };
}

async function countAsset(
  evaluation: AssetEvaluation,
  measures: readonly Measure[],
  { warehouse, range, signal }: CountRequest,
): Promise<AssetCounts> {
  // What was never made has no table, which is no failure of the query.
  if (evaluation.daysWithRows.length === 0) return NO_COUNTS;
  const sql = countsQuery(evaluation.asset, measures, range, warehouse.capabilities.dialect);
  return readCounts(measures, await warehouse.query(sql, { signal, purpose: 'health' }));
}

/** Adds measures of an asset to those that are there. */
export function addMeasures(
  to: Map<AssetName, Measure[]>,
  asset: CompiledAsset | AssetName,
  measures: readonly Measure[],
): void {
  const name = typeof asset === 'string' ? asset : asset.name;
  to.set(name, [...(to.get(name) ?? []), ...measures]);
}

function distinctMeasures(measures: readonly Measure[]): readonly Measure[] {
  return [...new Map(measures.map((measure) => [measureKey(measure), measure])).values()];
}
