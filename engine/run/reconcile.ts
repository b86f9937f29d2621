import { tableOf } from '../assets/batch.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { type AssetName, unsafeAssetName, unsafeCodeVersion, unsafeRunId } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import { CONTENT, NO_RECORDS } from '../partitions/records.ts';
import type { RecordedMaterialization, Warehouse } from '../warehouse/warehouse.ts';
import type { StateSnapshot, StateStore, WarehouseMaterialization } from '../../state/store.ts';

export interface ReconcileContext {
  readonly assets: ReadonlyMap<AssetName, CompiledAsset>;
  readonly warehouse: Warehouse;
  readonly store: StateStore;
  readonly target: string;
  readonly runId: string;
  readonly now: () => number;
}

export interface Reconciled {
  /** Partitions whose record was corrected from the warehouse. */
  readonly adopted: number;
  /** Partitions that were recorded, but whose rows are not in the warehouse. */
  readonly removed: number;
}

/**
 * Brings the record into agreement with the warehouse (invariant 1): what the warehouse's own table says counts,
 * provided that the rows are really there. A crash between publishing and recording, a warehouse file that was
 * deleted, replaced or edited: the same comparison mends them all.
 */
export async function reconcile(
  context: ReconcileContext,
  snapshot: StateSnapshot,
): Promise<Reconciled> {
  const truth = new Map<AssetName, Map<Day, RecordedMaterialization>>();
  for (const row of await context.warehouse.readMaterializations()) {
    const asset = unsafeAssetName(row.asset);
    const byDay = truth.get(asset) ?? new Map<Day, RecordedMaterialization>();
    truth.set(asset, byDay.set(row.day, row));
  }
  let adopted = 0;
  let removed = 0;
  for (const asset of context.assets.values()) {
    const rows = truth.get(asset.name) ?? new Map<Day, RecordedMaterialization>();
    await dropUnbacked(context, asset, rows);
    const wrong = findWrong(snapshot, asset.name, rows);
    const adopt = [...rows.values()].filter((row) => wrong.changed.has(row.day));
    if (adopt.length > 0) {
      context.store.adoptMaterializations(context.target, adopt.map(toMaterialization));
    }
    if (wrong.gone.length > 0) forget(context, asset.name, wrong.gone);
    adopted += adopt.length;
    removed += wrong.gone.length;
  }
  return { adopted, removed };
}

/** Takes out of the truth what the table does not bear out: another count of rows than was written. */
async function dropUnbacked(
  context: ReconcileContext,
  asset: CompiledAsset,
  rows: Map<Day, RecordedMaterialization>,
): Promise<void> {
  if (rows.size === 0) return;
  const table = tableOf(asset);
  const counts = await context.warehouse.countRows(table);
  const unbacked = [...rows.values()]
    .filter((row) => (counts?.get(row.day) ?? 0) !== row.rows)
    .map((row) => row.day);
  if (unbacked.length === 0) return;
  await context.warehouse.remove(table, asset.name, unbacked);
  for (const day of unbacked) rows.delete(day);
}

function findWrong(
  snapshot: StateSnapshot,
  asset: AssetName,
  rows: ReadonlyMap<Day, RecordedMaterialization>,
): { readonly changed: ReadonlySet<Day>; readonly gone: readonly Day[] } {
  const records = snapshot.records.get(asset) ?? NO_RECORDS;
  const changed = new Set(rows.keys());
  const gone: Day[] = [];
  for (const [index, day] of records.days.entries()) {
    if (records.content[index] === CONTENT.none) continue;
    const row = rows.get(day);
    if (!row) gone.push(day);
    else if (
      row.rows === records.rows[index] &&
      row.data.hi === records.dataHi[index] &&
      row.data.lo === records.dataLo[index] &&
      row.input.hi === records.inputHi[index] &&
      row.input.lo === records.inputLo[index]
    ) {
      changed.delete(day);
    }
  }
  return { changed, gone };
}

function forget(context: ReconcileContext, asset: AssetName, days: readonly Day[]): void {
  context.store.removePartitions({
    target: context.target,
    asset,
    days,
    runId: unsafeRunId(context.runId),
    at: context.now(),
    reason: 'its rows are not in the warehouse',
  });
}

function toMaterialization(row: RecordedMaterialization): WarehouseMaterialization {
  return {
    asset: unsafeAssetName(row.asset),
    day: row.day,
    rows: row.rows,
    data: row.data,
    input: row.input,
    inputs: row.inputs,
    codeVersion: unsafeCodeVersion(row.codeVersion),
    runId: unsafeRunId(row.runId),
    at: row.at,
  };
}
