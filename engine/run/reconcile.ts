import { tableOf } from '../assets/batch.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { type AssetName, unsafeAssetName, unsafeCodeVersion, unsafeRunId } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import { CONTENT, NO_RECORDS, type PartitionRecords } from '../partitions/records.ts';
import type { RecordedMaterialization, Warehouse } from '../warehouse/warehouse.ts';
import { restoreFacts } from './restore.ts';
import type { StateSnapshot, StateStore, WarehouseMaterialization } from '../../state/store.ts';

export interface ReconcileContext {
  readonly assets: ReadonlyMap<AssetName, CompiledAsset>;
  readonly warehouse: Warehouse;
  readonly store: StateStore;
  readonly target: string;
  readonly runId: string;
  readonly now: () => number;
}

const NO_COUNTS: ReadonlyMap<Day, number> = new Map();

export interface Reconciled {
  /** Partitions whose record was corrected from the warehouse. */
  readonly adopted: number;
  /** Partitions that were recorded, but whose rows are not in the warehouse. */
  readonly removed: number;
}

/**
 * Brings the record into agreement with the warehouse (invariant 1): what the warehouse's own table says counts,
 * provided that the rows are really there, and rows that it does not know of are none of ours. A crash between
 * publishing and recording, a record that was lost, a warehouse file that was deleted, replaced or edited: the same
 * comparison mends them all.
 */
export async function reconcile(
  context: ReconcileContext,
  snapshot: StateSnapshot,
): Promise<Reconciled> {
  const recorded = await context.warehouse.readMaterializations();
  const truth = byAssetAndDay(recorded);
  const counts = await context.warehouse.countRows([...context.assets.values()].map(tableOf));
  for (const asset of context.assets.values()) {
    const rows = truth.get(asset.name) ?? new Map<Day, RecordedMaterialization>();
    truth.set(asset.name, rows);
    const records = snapshot.records.get(asset.name) ?? NO_RECORDS;
    await dropUnbacked(context, asset, rows, counts.get(asset.name) ?? NO_COUNTS);
    await dropUnexplained(context, asset, rows, findWrong(records, rows).changed);
  }
  return takeOver(context, snapshot, { recorded, truth });
}

/**
 * Makes the record say what the warehouse's own table says, and changes nothing in the warehouse: how a machine learns
 * what others did to a target that they share.
 */
export async function pullRecord(
  context: ReconcileContext,
  snapshot: StateSnapshot,
): Promise<Reconciled> {
  const recorded = await context.warehouse.readMaterializations();
  return takeOver(context, snapshot, { recorded, truth: byAssetAndDay(recorded) });
}

type Truth = Map<AssetName, Map<Day, RecordedMaterialization>>;

function byAssetAndDay(recorded: readonly RecordedMaterialization[]): Truth {
  const truth: Truth = new Map();
  for (const row of recorded) {
    const asset = unsafeAssetName(row.asset);
    const byDay = truth.get(asset) ?? new Map<Day, RecordedMaterialization>();
    truth.set(asset, byDay.set(row.day, row));
  }
  return truth;
}

async function takeOver(
  context: ReconcileContext,
  snapshot: StateSnapshot,
  {
    recorded,
    truth,
  }: { readonly recorded: readonly RecordedMaterialization[]; readonly truth: Truth },
): Promise<Reconciled> {
  const adopt: RecordedMaterialization[] = [];
  let removed = 0;
  for (const asset of context.assets.values()) {
    const rows = truth.get(asset.name) ?? new Map<Day, RecordedMaterialization>();
    const records = snapshot.records.get(asset.name) ?? NO_RECORDS;
    const wrong = findWrong(records, rows);
    adopt.push(...[...rows.values()].filter((row) => wrong.changed.has(row.day)));
    if (wrong.gone.length > 0) forget(context, asset.name, wrong.gone);
    removed += wrong.gone.length;
  }
  // In the order in which it happened: what changed upstream after a partition was made is told by that.
  const inOrder = adopt.toSorted((a, b) => writtenAt(a) - writtenAt(b));
  if (adopt.length > 0) {
    context.store.adoptMaterializations(context.target, inOrder.map(toMaterialization));
  }
  await restoreFacts(context, snapshot, recorded);
  return { adopted: adopt.length, removed };
}

/**
 * Takes out of the truth, and out of the warehouse, what the table does not bear out: another count of rows than
 * was written, and rows that nobody recorded.
 */
async function dropUnbacked(
  context: ReconcileContext,
  asset: CompiledAsset,
  rows: Map<Day, RecordedMaterialization>,
  counts: ReadonlyMap<Day, number>,
): Promise<void> {
  const claimed = [...rows.values()].filter((row) => (counts.get(row.day) ?? 0) !== row.rows);
  const unclaimed = [...counts.keys()].filter((day) => !rows.has(day));
  await drop(context, asset, rows, [...claimed.map((row) => row.day), ...unclaimed]);
}

function writtenAt({ at, marked }: RecordedMaterialization): number {
  return marked?.at ?? at;
}

/**
 * Older warehouses do not keep why a partition was expected to be empty: where the record does not know it either,
 * the partition must be looked at again.
 */
async function dropUnexplained(
  context: ReconcileContext,
  asset: CompiledAsset,
  rows: Map<Day, RecordedMaterialization>,
  changed: ReadonlySet<Day>,
): Promise<void> {
  const unexplained = [...changed].filter((day) => {
    const row = rows.get(day);
    return row?.rows === 0 && row.reason === undefined;
  });
  await drop(context, asset, rows, unexplained);
}

async function drop(
  context: ReconcileContext,
  asset: CompiledAsset,
  rows: Map<Day, RecordedMaterialization>,
  days: readonly Day[],
): Promise<void> {
  if (days.length === 0) return;
  await context.warehouse.remove(tableOf(asset), asset.name, days);
  for (const day of days) rows.delete(day);
}

function findWrong(
  records: PartitionRecords,
  rows: ReadonlyMap<Day, RecordedMaterialization>,
): { readonly changed: ReadonlySet<Day>; readonly gone: readonly Day[] } {
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
    reason: row.reason,
    marked: row.marked && { runId: unsafeRunId(row.marked.runId), at: row.marked.at },
  };
}
