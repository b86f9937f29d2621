import { DuckDBInstance, type DuckDBConnection, type DuckDBResultReader } from '@duckdb/node-api';

import { PipelineError, WarehouseError } from '../errors.ts';
import { duckdbFault } from './duckdb-faults.ts';
import { appendValue, plainValue } from './duckdb-values.ts';
import type { QueryResult, StatementOptions, TableColumn } from './warehouse.ts';

export interface DuckdbOptions {
  /** File, or `:memory:`. */
  readonly path: string;
  readonly memoryLimit: string;
  readonly threads: number | undefined;
  readonly readOnly: boolean;
}

/** One DuckDB file and one connection to it; every fault leaves as a WarehouseError. */
export class DuckdbSession {
  readonly connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.connection = connection;
  }

  /** Opens the file; throws PipelineError when it is locked by another process, damaged or unwritable. */
  static async open(options: DuckdbOptions): Promise<DuckdbSession> {
    try {
      const instance = await DuckDBInstance.create(options.path, {
        memory_limit: options.memoryLimit,
        ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
        ...(options.readOnly ? { access_mode: 'READ_ONLY' } : {}),
      });
      const connection = await instance.connect();
      await connection.run("SET TimeZone = 'UTC'");
      return new DuckdbSession(instance, connection);
    } catch (error) {
      throw openError(options.path, error);
    }
  }

  /** Runs a statement; interrupted when the signal aborts or the time is over. */
  async run(sql: string, options: StatementOptions = {}): Promise<void> {
    await this.#guarded(options, () => this.connection.run(sql));
  }

  /** Runs a statement and reads all of its rows. */
  async read(sql: string, options: StatementOptions = {}): Promise<DuckDBResultReader> {
    return this.#guarded(options, () => this.connection.runAndReadAll(sql));
  }

  /** Rows as objects of plain numbers and texts; for small results whose columns are cast to DOUBLE or VARCHAR. */
  async rows(sql: string, options: StatementOptions = {}): Promise<Record<string, unknown>[]> {
    const reader = await this.read(sql, options);
    return reader.getRowObjectsJS();
  }

  /** Appends rows given as objects of JSON values to a temporary table, converting each to its column's type. */
  async append(
    table: string,
    columns: readonly TableColumn[],
    rows: readonly Readonly<Record<string, unknown>>[],
  ): Promise<void> {
    const appender = await this.connection.createAppender(table, undefined, 'temp');
    try {
      for (const row of rows) {
        for (const column of columns) appendValue(appender, column, row[column.name]);
        appender.endRow();
      }
    } finally {
      appender.closeSync();
    }
  }

  /** Rows for people and scripts: dates as text, integers as numbers when safe. */
  async query(sql: string, options: StatementOptions = {}): Promise<QueryResult> {
    const reader = await this.read(sql, options);
    const types = reader.columnTypes().map(String);
    const names = reader.columnNames();
    return {
      columns: names.map((name, index) => ({ name, type: types[index] ?? 'VARCHAR' })),
      rows: reader.getRows().map((row) => row.map(plainValue)),
    };
  }

  close(): void {
    this.connection.disconnectSync();
    this.#instance.closeSync();
  }

  async #guarded<T>(options: StatementOptions, work: () => Promise<T>): Promise<T> {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) throw interrupted();
    let isTimeout = false;
    const interrupt = (): void => this.connection.interrupt();
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            isTimeout = true;
            interrupt();
          }, timeoutMs);
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      return await work();
    } catch (error) {
      if (isTimeout) throw timedOut(timeoutMs ?? 0, error);
      throw duckdbFault(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
    }
  }
}

function interrupted(): WarehouseError {
  return new WarehouseError('interrupted', { kind: 'interrupted', category: 'INTERRUPTED' });
}

function timedOut(timeoutMs: number, cause: unknown): WarehouseError {
  return new WarehouseError(`the statement ran longer than its timeout of ${timeoutMs / 1000} s`, {
    kind: 'timeout',
    category: 'TIMEOUT',
    cause,
  });
}

function openError(path: string, error: unknown): PipelineError {
  const fault = duckdbFault(error);
  const isLocked = fault.category === 'WAREHOUSE_LOCKED';
  return new PipelineError(`the warehouse ${path} cannot be opened: ${fault.message}`, {
    code: isLocked ? 'WAREHOUSE_LOCKED' : 'WAREHOUSE_UNAVAILABLE',
    exitCode: isLocked ? 3 : 2,
    hint: isLocked
      ? 'wait for the other process, or end it'
      : 'if the file is damaged, move it away and run: fastbreak materialize (it is made anew from the sources)',
    cause: error,
  });
}
