import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { CompiledAsset } from '../compile/compiled.ts';
import {
  isPipelineError,
  isWarehouseError,
  messageOf,
  PipelineError,
  WarehouseError,
} from '../errors.ts';
import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import { boundSelect } from '../sql/bound.ts';
import type { SqlDialect } from '../sql/quote.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Batch, partitionRows, tableOf } from './batch.ts';
import { errorPlace } from './error-place.ts';
import { type ModuleFault, type ModuleProgress, moduleContext } from './make-module-context.ts';
import type { MaterializeFunction, ModuleInput } from './module-context.ts';
import { ModuleRows } from './module-rows.ts';

/** The part of a warehouse that module assets need. */
export type ModuleWarehouse = Pick<Warehouse, 'query' | 'loadRows' | 'readColumns'>;

export interface ModuleRun {
  readonly batch: Batch;
  /** The stage that its rows are for. */
  readonly stage: string;
  readonly assets: ReadonlyMap<AssetName, CompiledAsset>;
  readonly dialect: SqlDialect;
  readonly warehouse: ModuleWarehouse;
  /** Absolute path of the pipeline's folder. */
  readonly root: string;
  /** What the windows of partitions, given as positions, hold together. */
  readonly inputs: (indexes: readonly number[]) => readonly ModuleInput[];
  readonly log: (message: string) => void;
  readonly progress: (progress: ModuleProgress) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What a module made of a batch. */
export interface ModuleResult {
  /** The statement that selects what it wrote, typed and rounded. */
  readonly select: string;
  /** Partitions that it says have failed. */
  readonly failed: ReadonlyMap<Day, ModuleFault>;
}

/** Runs a module for a batch; throws WarehouseError or PipelineError when it fails as a whole. */
export async function moduleSelect(run: ModuleRun): Promise<ModuleResult> {
  const { asset } = run.batch.evaluation;
  const materialize = await importMaterialize(run);
  const rows = new ModuleRows(asset);
  const failed = new Map<Day, ModuleFault>();
  try {
    await untilAborted(materialize(moduleContext(run, rows, failed)), run.signal);
  } catch (error) {
    throw moduleFault(error, run);
  }
  const relation = await loadRows(run, rows);
  const select = boundSelect({
    dialect: run.dialect,
    statement: `SELECT * FROM ${relation}`,
    columns: asset.columns,
    partitionColumn: asset.partitionColumn,
    relations: [],
    partitions: partitionRows(run.batch),
  });
  return { select, failed };
}

/** A value that its column cannot hold is a fault of the module's, which knows better than the warehouse where it is. */
async function loadRows(run: ModuleRun, { rows, batches }: ModuleRows): Promise<string> {
  const { asset } = run.batch.evaluation;
  try {
    return await run.warehouse.loadRows(tableOf(asset), run.stage, rows, batches);
  } catch (error) {
    if (!isWarehouseError(error) || error.kind !== 'data') throw error;
    const { kind, category, message } = error;
    throw new WarehouseError(`${asset.file ?? asset.name}: ${message}`, {
      kind,
      category,
      cause: error,
    });
  }
}

/** A module that throws fails its partitions; halving the batch then finds out which of them. */
export function moduleFault(
  error: unknown,
  run: Pick<ModuleRun, 'batch' | 'root' | 'signal'>,
): unknown {
  const { asset } = run.batch.evaluation;
  const file = asset.file ?? '';
  if (run.signal.aborted) {
    return isTimeout(run.signal)
      ? new WarehouseError(`${file} ran longer than its timeout of ${asset.timeoutSeconds} s`, {
          kind: 'timeout',
          category: 'TIMEOUT',
          cause: error,
        })
      : new WarehouseError(`${file} was interrupted`, {
          kind: 'interrupted',
          category: 'INTERRUPTED',
          cause: error,
        });
  }
  if (isWarehouseError(error) || isPipelineError(error)) return error;
  const place = errorPlace(error, run.root);
  return new WarehouseError(`${file} threw: ${messageOf(error)}${place}`, {
    kind: 'data',
    category: 'MODULE_ERROR',
    cause: error,
  });
}

function isTimeout({ reason }: AbortSignal): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}

/** Waits for a module, but no longer than its signal lets it: it may not listen to the signal itself. */
export async function untilAborted<T>(work: Promise<T> | T, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new Error('aborted'));
  signal.addEventListener('abort', stop, { once: true });
  // A module may wait for something that does not keep the process alive; neither does a signal's timer.
  const alive = setInterval(() => undefined, 1000);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearInterval(alive);
    signal.removeEventListener('abort', stop);
  }
}

async function importMaterialize(run: ModuleRun): Promise<MaterializeFunction> {
  const file = run.batch.evaluation.asset.file ?? '';
  const module = await importModule(run.root, file);
  if (typeof module === 'object' && module !== null && 'materialize' in module) {
    // The module is the user's; that it is a function is all that can be checked here.
    if (typeof module.materialize === 'function') return module.materialize as MaterializeFunction;
  }
  throw new PipelineError(`expected ${file} to export a function \`materialize\`, found none`, {
    code: 'MODULE_WITHOUT_MATERIALIZE',
    hint: 'export async function materialize(context) { … }',
  });
}

/**
 * Loads a file of the pipeline's folder.
 * @throws {WarehouseError} syntax errors, imports that are not there, and what the module's first lines throw
 */
export async function importModule(root: string, file: string): Promise<unknown> {
  try {
    return (await import(pathToFileURL(join(root, file)).href)) as unknown;
  } catch (error) {
    const place = errorPlace(error, root);
    throw new WarehouseError(`${file} cannot be loaded: ${messageOf(error)}${place}`, {
      kind: 'statement',
      category: 'MODULE_ERROR',
      cause: error,
    });
  }
}
