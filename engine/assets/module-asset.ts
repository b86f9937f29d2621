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
import { formatDay } from '../partitions/date.ts';
import { boundSelect, withRelations } from '../sql/bound.ts';
import type { SqlDialect } from '../sql/quote.ts';
import type { QueryResult, TableSpec } from '../warehouse/warehouse.ts';
import { type Batch, boundRelations, partitionRows, tableOf } from './batch.ts';

/** One partition that a module is asked for. */
export interface ModulePartition {
  /** `YYYY-MM-DD`, or `all` for an unpartitioned asset. */
  readonly date: string;
  readonly period: string | undefined;
  /** `YYYY-MM-DD` of the period's start. */
  readonly periodStart: string | undefined;
}

export type ModuleRow = Readonly<Record<string, unknown>>;

/** What a module asset gets: its partitions, its upstream cut to their windows, and a place for its rows. */
export interface ModuleContext {
  readonly partitions: readonly ModulePartition[];
  /** Reads an upstream relation, cut to the union of the partitions' windows, column by column. */
  readonly read: (
    relation: string,
    columns?: readonly string[],
  ) => Promise<Readonly<Record<string, readonly unknown[]>>>;
  /** Adds rows; may be called often. Dates as `YYYY-MM-DD`. */
  readonly write: (rows: readonly ModuleRow[]) => void;
  readonly log: (message: string) => void;
  /** Aborted at Ctrl-C and at the asset's timeout. */
  readonly signal: AbortSignal;
}

/** The function that a module asset exports as `materialize`. */
export type MaterializeFunction = (context: ModuleContext) => Promise<void> | void;

/** The part of a warehouse that module assets need. */
export interface ModuleWarehouse {
  query(sql: string, options: { readonly signal?: AbortSignal | undefined }): Promise<QueryResult>;
  loadRows(table: TableSpec, stage: string, rows: readonly ModuleRow[]): Promise<string>;
}

export interface ModuleRun {
  readonly batch: Batch;
  /** The stage that its rows are for. */
  readonly stage: string;
  readonly assets: ReadonlyMap<AssetName, CompiledAsset>;
  readonly dialect: SqlDialect;
  readonly warehouse: ModuleWarehouse;
  /** Absolute path of the module. */
  readonly file: string;
  readonly log: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Runs a module for a batch; returns the statement that selects what it wrote, typed and rounded. */
export async function moduleSelect(run: ModuleRun): Promise<string> {
  const { asset } = run.batch.evaluation;
  const materialize = await importMaterialize(run);
  const rows: ModuleRow[] = [];
  try {
    const work = materialize({
      partitions: modulePartitions(run.batch),
      read: (relation, columns) => readRelation(run, relation, columns),
      write: (added) => {
        for (const row of added) rows.push(row);
      },
      log: run.log,
      signal: run.signal,
    });
    await untilAborted(work, run.signal);
  } catch (error) {
    throw moduleFault(error, run);
  }
  const relation = await run.warehouse.loadRows(tableOf(asset), run.stage, rows);
  return boundSelect({
    dialect: run.dialect,
    statement: `SELECT * FROM ${relation}`,
    columns: asset.columns,
    partitionColumn: asset.partitionColumn,
    relations: [],
    partitions: partitionRows(run.batch),
  });
}

/** A module that throws fails its partitions; halving the batch then finds out which of them. */
function moduleFault(error: unknown, run: ModuleRun): unknown {
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
  return new WarehouseError(`${file} threw: ${messageOf(error)}`, {
    kind: 'data',
    category: 'MODULE_ERROR',
    cause: error,
  });
}

function isTimeout({ reason }: AbortSignal): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}

/** Waits for a module, but no longer than its signal lets it: it may not listen to the signal itself. */
async function untilAborted(work: Promise<void> | void, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(new Error('aborted'));
  signal.addEventListener('abort', stop, { once: true });
  // A module may wait for something that does not keep the process alive; neither does a signal's timer.
  const alive = setInterval(() => undefined, 1000);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearInterval(alive);
    signal.removeEventListener('abort', stop);
  }
}

async function importMaterialize(run: ModuleRun): Promise<MaterializeFunction> {
  const file = run.batch.evaluation.asset.file ?? run.file;
  const module = await importModule(run.file, file);
  if (typeof module === 'object' && module !== null && 'materialize' in module) {
    // The module is the user's; that it is a function is all that can be checked here.
    if (typeof module.materialize === 'function') return module.materialize as MaterializeFunction;
  }
  throw new PipelineError(`expected ${file} to export a function \`materialize\`, found none`, {
    code: 'MODULE_WITHOUT_MATERIALIZE',
    hint: 'export async function materialize(context) { … }',
  });
}

/** Syntax errors, imports that are not there, and what the module's first lines throw. */
async function importModule(path: string, file: string): Promise<unknown> {
  try {
    return (await import(pathToFileURL(path).href)) as unknown;
  } catch (error) {
    throw new WarehouseError(`${file} cannot be loaded: ${messageOf(error)}`, {
      kind: 'statement',
      category: 'MODULE_ERROR',
      cause: error,
    });
  }
}

function modulePartitions(batch: Batch): ModulePartition[] {
  const rows = partitionRows(batch);
  if (!rows) return [{ date: 'all', period: undefined, periodStart: undefined }];
  return rows.map((row) => ({
    date: formatDay(row.day),
    period: row.period,
    periodStart: row.periodStart === undefined ? undefined : formatDay(row.periodStart),
  }));
}

async function readRelation(
  run: ModuleRun,
  name: string,
  columns: readonly string[] | undefined,
): Promise<Readonly<Record<string, readonly unknown[]>>> {
  const relations = boundRelations(run.batch, run.assets);
  const relation = relations.find((each) => each.name === name);
  if (!relation) {
    throw new PipelineError(
      `${run.batch.evaluation.asset.name} reads "${name}", which is not among its upstream`,
      {
        code: 'UNDECLARED_UPSTREAM',
        hint: `declared: ${relations.map((each) => each.name).join(', ') || 'none'}`,
      },
    );
  }
  const wanted = columns?.map((column) => `_rows.${column}`).join(', ') ?? '_rows.*';
  const bound = withRelations({
    dialect: run.dialect,
    relations: [relation],
    partitions: partitionRows(run.batch),
  });
  const result = await run.warehouse.query(`${bound}\nSELECT ${wanted} FROM ${name} AS _rows`, {
    signal: run.signal,
  });
  return Object.fromEntries(
    result.columns.map((column, index) => [column.name, result.rows.map((row) => row[index])]),
  );
}
