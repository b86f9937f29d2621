import type { DuckDBConnection, DuckDBDataChunk, DuckDBResultReader } from '@duckdb/node-api';

import { WarehouseError } from '../errors.ts';
import type { ColumnBatch } from './columns.ts';
import { appendColumns } from './duckdb-columns.ts';
import { duckdbFault } from './duckdb-faults.ts';
import { appendValue } from './duckdb-values.ts';
import { interrupted } from './gate.ts';
import type { StatementOptions, TableColumn } from './warehouse.ts';

/**
 * The statements of one connection; every fault leaves as a WarehouseError. Only one may run at a time, since a
 * timeout or a Ctrl-C interrupts whatever the connection is doing: `DuckdbSession` sees to that.
 */
export class DuckdbStatements {
  readonly connection: DuckDBConnection;

  constructor(connection: DuckDBConnection) {
    this.connection = connection;
  }

  /** Runs a statement; interrupted when the signal aborts or the time is over. */
  async run(sql: string, options: StatementOptions = {}): Promise<void> {
    await this.#guarded(options, () => this.connection.run(sql));
  }

  /** Runs a statement and reads all of its rows. */
  async read(sql: string, options: StatementOptions = {}): Promise<DuckDBResultReader> {
    return this.#guarded(options, () => this.connection.runAndReadAll(sql));
  }

  /** Runs a statement and returns its rows as the driver has them. */
  async chunks(sql: string, options: StatementOptions = {}): Promise<DuckDBDataChunk[]> {
    return this.#guarded(options, async () => (await this.connection.run(sql)).fetchAllChunks());
  }

  /**
   * Appends rows given as objects of JSON values, and others given as columns, to a temporary table, converting each
   * value to its column's type.
   */
  async append(
    table: string,
    columns: readonly TableColumn[],
    rows: readonly Readonly<Record<string, unknown>>[],
    batches: readonly ColumnBatch[],
  ): Promise<void> {
    const appender = await this.connection.createAppender(table, undefined, 'temp');
    try {
      for (const row of rows) {
        for (const column of columns) appendValue(appender, column, row[column.name]);
        appender.endRow();
      }
      appender.flushSync();
      for (const batch of batches) appendColumns(appender, columns, batch);
    } finally {
      appender.closeSync();
    }
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

function timedOut(timeoutMs: number, cause: unknown): WarehouseError {
  return new WarehouseError(`the statement ran longer than its timeout of ${timeoutMs / 1000} s`, {
    kind: 'timeout',
    category: 'TIMEOUT',
    cause,
  });
}
