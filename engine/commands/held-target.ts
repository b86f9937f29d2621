import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

import type { StateStore } from '../../state/store.ts';
import { openStateStore } from '../../state/sqlite.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { EventListener } from '../events.ts';
import { type AssetName, type RunId, unsafeRunId } from '../ids.ts';
import { reconcile } from '../run/reconcile.ts';
import { duckdbFingerprint } from '../warehouse/duckdb-fingerprint.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, openWarehouse, type Project } from './context.ts';
import { holdLease, lostError } from './lease.ts';
import { warehousePath } from './warehouse-path.ts';

/** The right to write to a target: its record, open, and its lease. */
export interface HeldTarget {
  readonly project: Project;
  readonly effects: Effects;
  readonly store: StateStore;
  readonly runId: RunId;
  /** Aborted by Ctrl-C, and when the lease was lost to another run. */
  readonly signal: AbortSignal;
  /** Throws when another run holds the target by now; to be called before anything is written. */
  readonly confirmLease: () => void;
}

/** Takes the target's lease for as long as the work goes on; exit code 3 when it is not to be had, or gets lost. */
export async function holdTarget<Result>(
  project: Project,
  request: { readonly effects: Effects; readonly command: string },
  work: (held: HeldTarget) => Promise<Result>,
): Promise<Result> {
  const { effects, command } = request;
  const target = project.target.name;
  const store = openStateStore(project.statePath);
  try {
    const runId = newRunId(effects.now());
    const now = effects.now;
    const lease = holdLease(store, { target, runId, host: hostname(), command, now });
    const signal = AbortSignal.any([effects.signal, lease.lost]);
    const held = { project, effects, store, runId, signal, confirmLease: lease.confirm };
    try {
      const result = await work(held).catch((error: unknown) => {
        throw lease.lost.aborted ? lostError(target, runId, store.leaseHolder(target)) : error;
      });
      if (lease.lost.aborted) throw lostError(target, runId, store.leaseHolder(target));
      return result;
    } finally {
      lease.release();
    }
  } finally {
    store.close();
  }
}

/** Opens the warehouse in agreement with the record, and leaves it so. */
export async function withWarehouse<Result>(
  held: HeldTarget,
  emit: EventListener,
  work: (warehouse: Warehouse) => Promise<Result>,
): Promise<Result> {
  const { project, effects, store, runId } = held;
  const target = project.target.name;
  const path = warehousePath(project, effects);
  const recorded = store.warehouseFingerprint(target);
  const isAsLeft = recorded !== undefined && recorded === duckdbFingerprint(path);
  const crashed = store.closeCrashedRuns(target, runId, effects.now());
  const warehouse = await openWarehouse(project, effects, 'write');
  let isInOrder = false;
  try {
    // Until it is closed properly nobody can tell by its fingerprint what is in it.
    store.saveWarehouseFingerprint(target, null);
    if (!isAsLeft || crashed.length > 0) await bringTogether(held, { warehouse, crashed, emit });
    const result = await work(warehouse);
    held.confirmLease();
    isInOrder = true;
    return result;
  } finally {
    await warehouse.close();
    // After a bug, or what another run wrote meanwhile, the next run must compare record and warehouse.
    if (isInOrder) store.saveWarehouseFingerprint(target, duckdbFingerprint(path) ?? null);
  }
}

export function assetsByName({ pipeline }: Project): ReadonlyMap<AssetName, CompiledAsset> {
  return new Map(pipeline.assets.map((asset) => [asset.name, asset]));
}

async function bringTogether(
  held: HeldTarget,
  found: {
    readonly warehouse: Warehouse;
    readonly crashed: readonly RunId[];
    readonly emit: EventListener;
  },
): Promise<void> {
  const { project, store, effects, runId } = held;
  const { warehouse, crashed: crashedRuns, emit } = found;
  const target = project.target.name;
  held.confirmLease();
  const context = { assets: assetsByName(project), warehouse, store, target, runId };
  const snapshot = store.snapshot(target);
  const { adopted, removed } = await reconcile({ ...context, now: effects.now }, snapshot);
  if (adopted + removed + crashedRuns.length === 0) return;
  emit({ type: 'reconciled', crashedRuns, adopted, removed });
}

/** Sorts by start: the UTC time, then four random digits for runs of one second. */
function newRunId(now: number): RunId {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return unsafeRunId(`${time}-${randomBytes(2).toString('hex')}`);
}
