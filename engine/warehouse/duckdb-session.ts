import { DuckDBInstance, type DuckDBConnection, type DuckDBResultReader } from '@duckdb/node-api';

import { PipelineError } from '../errors.ts';
import { quoteText } from '../sql/quote.ts';
import type { ColumnarRows, ColumnBatch, ColumnsQuery } from './columns.ts';
import { columnsOfChunks, columnsSelect } from './duckdb-columns.ts';
import { duckdbFault } from './duckdb-faults.ts';
import { DuckdbStatements } from './duckdb-statements.ts';
import { plainValue } from './duckdb-values.ts';
import { Gate } from './gate.ts';
import type { QueryResult, StatementOptions, TableColumn } from './warehouse.ts';

export interface DuckdbOptions {
  /** File, or `:memory:`. */
  readonly path: string;
  readonly memoryLimit: string;
  readonly threads: number | undefined;
  readonly readOnly: boolean;
}

const MEMORY = ':memory:';

/** The catalog of the file: a name that no dataset has, since `dataset.table` must not read as `catalog.table`. */
const CATALOG = '_warehouse';

/**
 * How rows are kept. The oldest format that has one dictionary for repeated texts, much of what writing them costs: the
 * file can be read by DuckDB from this version on. Row groups are what threads share: of the usual 122,880 rows a table of
 * a few seasons is one group, which a single thread reads and compresses.
 */
const FORMAT = "STORAGE_VERSION 'v1.3.0', ROW_GROUP_SIZE 24576";

/**
 * One DuckDB file and one connection to it. Steps that run at once share the connection, so their statements take
 * turns: a transaction has the connection alone from beginning to end, and an interrupt, which stops whatever the
 * connection is doing, can only hit the statement that it is meant for. What runs at once beside a statement is
 * what modules, downloads and hashing do. The timeout of a statement counts from its turn, not from the wait for it.
 */
export class DuckdbSession {
  readonly #instance: DuckDBInstance;
  readonly #statements: DuckdbStatements;
  readonly #gate = new Gate();

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#statements = new DuckdbStatements(connection);
  }

  /** Opens the file; throws PipelineError when it is locked by another process, damaged or unwritable. */
  static async open(options: DuckdbOptions): Promise<DuckdbSession> {
    try {
      const isFile = options.path !== MEMORY;
      const instance = await DuckDBInstance.create(MEMORY, {
        memory_limit: options.memoryLimit,
        ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
        ...(isFile ? { temp_directory: `${options.path}.tmp` } : {}),
      });
      try {
        const connection = await instance.connect();
        if (isFile) await attach(connection, options);
        await connection.run("SET TimeZone = 'UTC'");
        return new DuckdbSession(instance, connection);
      } catch (error) {
        // Else the file stays locked until the instance is collected.
        instance.closeSync();
        throw error;
      }
    } catch (error) {
      throw openError(options.path, error);
    }
  }

  /** Runs a statement; interrupted when the signal aborts or the time is over. */
  async run(sql: string, options: StatementOptions = {}): Promise<void> {
    await this.#gate.alone(options.signal, () => this.#statements.run(sql, options));
  }

  /** Runs a statement and reads all of its rows. */
  async read(sql: string, options: StatementOptions = {}): Promise<DuckDBResultReader> {
    return this.#gate.alone(options.signal, () => this.#statements.read(sql, options));
  }

  /** Rows as objects of plain numbers and texts; for small results whose columns are cast to DOUBLE or VARCHAR. */
  async rows(sql: string, options: StatementOptions = {}): Promise<Record<string, unknown>[]> {
    const reader = await this.read(sql, options);
    return reader.getRowObjectsJS();
  }

  /** Appends rows given as objects and as columns to a temporary table: see `DuckdbStatements`. */
  async append(
    table: string,
    columns: readonly TableColumn[],
    rows: readonly Readonly<Record<string, unknown>>[],
    batches: readonly ColumnBatch[] = [],
  ): Promise<void> {
    await this.#gate.alone(undefined, () => this.#statements.append(table, columns, rows, batches));
  }

  /** Rows as columns, for modules that calculate. */
  async columns(query: ColumnsQuery, options: StatementOptions = {}): Promise<ColumnarRows> {
    const sql = columnsSelect(query);
    const chunks = await this.#gate.alone(options.signal, () =>
      this.#statements.chunks(sql, options),
    );
    return columnsOfChunks(chunks, query.columns);
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

  /** All or nothing, and nobody else's statement in between: the work's statements are those it is given. */
  async transaction(
    { signal }: StatementOptions,
    work: (statements: DuckdbStatements) => Promise<void>,
  ): Promise<void> {
    const statements = this.#statements;
    await this.#gate.alone(signal, async () => {
      await statements.run('BEGIN TRANSACTION');
      try {
        await work(statements);
        await statements.run('COMMIT');
      } catch (error) {
        await statements.run('ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  close(): void {
    this.#statements.connection.disconnectSync();
    this.#instance.closeSync();
  }
}

/** Makes the file the only database of the instance; only a file that is attached can be told its format. */
async function attach(
  connection: DuckDBConnection,
  { path, readOnly }: DuckdbOptions,
): Promise<void> {
  const how = readOnly ? 'READ_ONLY' : FORMAT;
  await connection.run(`ATTACH ${quoteText(path, 'duckdb')} AS ${CATALOG} (${how})`);
  await connection.run(`USE ${CATALOG}`);
  await connection.run('DETACH memory');
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
