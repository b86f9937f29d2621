import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

import type { StateStore } from '../../state/store.ts';
import { openStateStore } from '../../state/sqlite.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { EventListener } from '../events.ts';
import type { PipelineError } from '../errors.ts';
import { type AssetName, type RunId, unsafeRunId } from '../ids.ts';
import { reconcile } from '../run/reconcile.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import type { Effects, Project } from './context.ts';
import { holdLease, lostError } from './lease.ts';
import { holdSharedLease, type SharedLeaseRequest } from './shared-lease.ts';

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
  readonly command: string;
  /** Ends the run, as soon as its statements are cancelled, with an error: its target is another's by now. */
  readonly abandon: (error: PipelineError) => void;
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
    const abandoned = new AbortController();
    const held: HeldTarget = {
      project,
      effects,
      store,
      runId,
      command,
      signal: AbortSignal.any([effects.signal, lease.lost, abandoned.signal]),
      confirmLease: lease.confirm,
      abandon: (error) => abandoned.abort(error),
    };
    const throwIfLost = (): void => {
      if (lease.lost.aborted) throw lostError(target, runId, store.leaseHolder(target));
      abandoned.signal.throwIfAborted();
    };
    try {
      const result = await work(held).catch((error: unknown) => {
        throwIfLost();
        throw lease.explain(error);
      });
      throwIfLost();
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
  const recorded = store.warehouseFingerprint(target);
  // The run that has the target by now, should this one have slept, has not crashed.
  held.confirmLease();
  const crashed = store.closeCrashedRuns(target, runId, effects.now());
  // The driver is imported only here.
  const { openToWrite } = await import('./open-target.ts');
  const { warehouse, found, close } = await openToWrite(project, effects);
  let isInOrder = false;
  let release: (() => Promise<void>) | undefined;
  try {
    release = warehouse.lease && (await holdSharedLease(warehouse.lease, sharedRequest(held)));
    // Asked once the target is ours alone.
    const isAsLeft = recorded !== undefined && recorded === (await found());
    // Until it is closed properly nobody can tell by its fingerprint what is in it.
    store.saveWarehouseFingerprint(target, null);
    if (!isAsLeft || crashed.length > 0) await bringTogether(held, { warehouse, crashed, emit });
    const result = await work(warehouse);
    held.confirmLease();
    isInOrder = true;
    return result;
  } finally {
    await release?.();
    const left = await close();
    // After a bug, or what another run wrote meanwhile, the next run must compare record and warehouse.
    if (isInOrder) store.saveWarehouseFingerprint(target, left ?? null);
  }
}

function sharedRequest(held: HeldTarget): SharedLeaseRequest {
  const { project, runId, command, abandon } = held;
  const host = hostname();
  return { target: project.target.name, runId, host, command, onLost: abandon };
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
export function newRunId(now: number): RunId {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return unsafeRunId(`${time}-${randomBytes(2).toString('hex')}`);
}
