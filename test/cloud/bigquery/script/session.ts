import type { DuckDBConnection } from '@duckdb/node-api';
import { ApiError } from '../../http/api-error.ts';
import type { Catalog, Table } from '../catalog.ts';
import { fieldOfDuckdb, quoted } from '../field-types.ts';
import type { Field, QueryConfiguration } from '../resources.ts';
import { checkResult } from '../row-values.ts';
import type { Resolved, Scope, Translator } from '../sql/translate.ts';
import { relation, type Store } from '../store.ts';
import { billedBytes, type ResultRows } from './outcome.ts';

/** What the statements of one job share: a connection, a transaction, temporary tables. */
export class ScriptSession {
  readonly store: Store;
  readonly translator: Translator;
  readonly connection: DuckDBConnection;
  readonly #configuration: QueryConfiguration;
  readonly #location: string;
  readonly #temporary = new Set<string>();
  /** Tables changed in the open transaction; undefined outside of one. */
  #changed: Set<Table> | undefined;
  /** When the open transaction began, as the locks count. */
  #began = 0;
  #rowCount = 0;
  #isCancelled = false;

  private constructor(
    store: Store,
    translator: Translator,
    connection: DuckDBConnection,
    configuration: QueryConfiguration,
    location: string,
  ) {
    this.store = store;
    this.translator = translator;
    this.connection = connection;
    this.#configuration = configuration;
    this.#location = location;
  }

  static async open(
    store: Store,
    translator: Translator,
    configuration: QueryConfiguration,
    location: string,
  ): Promise<ScriptSession> {
    const connection = await store.connect();
    const dataset = configuration.defaultDataset?.datasetId;
    if (dataset !== undefined) {
      store.catalog.dataset(dataset);
      await connection.run(`SET schema = '${dataset}'`);
    }
    return new ScriptSession(store, translator, connection, configuration, location);
  }

  get catalog(): Catalog {
    return this.store.catalog;
  }

  get isInTransaction(): boolean {
    return this.#changed !== undefined;
  }

  get defaultDataset(): string | undefined {
    return this.#configuration.defaultDataset?.datasetId;
  }

  close(): void {
    this.connection.closeSync();
  }

  /** Stops what runs now and what would follow. */
  cancel(): void {
    this.#isCancelled = true;
    this.connection.interrupt();
  }

  throwIfCancelled(): void {
    if (this.#isCancelled) throw new ApiError(400, 'stopped', 'Job execution was cancelled');
  }

  /** Names and parameters resolved; also makes the relations of INFORMATION_SCHEMA that the statement reads. */
  async resolve(text: string): Promise<Resolved> {
    const scope: Scope = {
      catalog: this.catalog,
      location: this.#location,
      defaultDataset: this.defaultDataset,
      parameters: this.#configuration.queryParameters ?? [],
      rowCount: this.#rowCount,
      temporary: this.#temporary,
    };
    const resolved = this.translator.resolve(text, scope);
    for (const statement of resolved.before) await this.connection.run(statement);
    return resolved;
  }

  /** Bytes of the tables that a statement reads; refuses it when they would bill more than the job may. */
  async countBytes(tables: readonly Table[]): Promise<number> {
    let bytes = 0;
    for (const table of tables) bytes += await this.store.countBytes(table);
    const limit = this.#configuration.maximumBytesBilled;
    const billed = billedBytes(bytes);
    if (limit !== undefined && billed > Number(limit)) {
      throw new ApiError(
        400,
        'bytesBilledLimitExceeded',
        `Query exceeded limit for bytes billed: ${limit}. ${billed} or higher required.`,
      );
    }
    return bytes;
  }

  /** The rows of a DuckDB query with the fields that BigQuery would give them. */
  async select(sql: string): Promise<ResultRows> {
    const reader = await this.connection.runAndReadAll(sql);
    const types = reader.columnTypes();
    const fields = resultFields(
      reader.columnNames().map((name, index) => ({ name, type: types[index] })),
    );
    const rows = reader.getRows();
    checkResult(rows, fields);
    return { fields, rows };
  }

  /** The fields of a DuckDB query, which is not run. */
  async describe(sql: string): Promise<readonly Field[]> {
    const prepared = await this.connection.prepare(sql);
    const columns = Array.from({ length: prepared.columnCount }, (_, index) => ({
      name: prepared.columnName(index),
      type: prepared.columnType(index),
    }));
    prepared.destroySync();
    return resultFields(columns);
  }

  /** Does a statement's work in the open transaction, or in one of its own. */
  async atomically<T>(work: () => Promise<T>): Promise<T> {
    if (this.isInTransaction) return work();
    await this.connection.run('BEGIN TRANSACTION');
    try {
      const result = await work();
      await this.connection.run('COMMIT');
      return result;
    } catch (error) {
      await this.connection.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Runs DML on a table; the number of rows that it changed. Inserting does not keep others from changing rows. */
  async change(table: Table, sql: string, isInsert: boolean): Promise<number> {
    const { locks } = this.store;
    if (!isInsert && this.isInTransaction) locks.claim(table, this, this.#began);
    else if (!isInsert) await locks.wait(table, this);
    let isDone = false;
    try {
      this.throwIfCancelled();
      this.#rowCount = await this.#changeRows(table, sql);
      isDone = true;
    } finally {
      if (!this.isInTransaction) locks.release(this, isDone);
    }
    this.noteChange(table);
    return this.#rowCount;
  }

  #changeRows(table: Table, sql: string): Promise<number> {
    return this.atomically(async () => {
      const reader = await this.connection.runAndReadAll(sql);
      await this.storeArrays(table);
      return Number(reader.getRows()[0]?.[0] ?? 0);
    });
  }

  /** BigQuery stores no NULL arrays and no NULLs in arrays. */
  async storeArrays(table: Pick<Table, 'dataset' | 'name' | 'fields'>): Promise<void> {
    const name = relation(table.dataset, table.name);
    for (const field of table.fields.filter((each) => each.mode === 'REPEATED')) {
      const column = quoted(field.name);
      const bad = await this.connection.runAndReadAll(
        `SELECT 1 FROM ${name} WHERE len(${column}) > list_count(${column}) LIMIT 1`,
      );
      if (bad.currentRowCount > 0) {
        throw new ApiError(
          400,
          'invalidQuery',
          `Array cannot have a null element; error in writing field ${field.name}`,
          { location: 'query' },
        );
      }
      await this.connection.run(`UPDATE ${name} SET ${column} = [] WHERE ${column} IS NULL`);
    }
  }

  /** A table has other rows now, or will when the transaction commits. */
  noteChange(table: Table): void {
    if (this.#changed === undefined) this.catalog.touch(table);
    else this.#changed.add(table);
  }

  addTemporary(name: string): void {
    this.#temporary.add(name.toLowerCase());
  }

  async begin(): Promise<void> {
    if (this.isInTransaction) throw invalid('Transaction is already in progress');
    this.#began = this.store.locks.now();
    await this.connection.run('BEGIN TRANSACTION');
    // DuckDB takes its snapshot with the first statement.
    await this.connection.run('SELECT 1');
    this.#changed = new Set();
  }

  async commit(): Promise<void> {
    const changed = this.#changed;
    if (changed === undefined) throw invalid('There is no transaction in progress');
    await this.connection.run('COMMIT');
    this.#changed = undefined;
    this.store.locks.release(this, true);
    for (const table of changed) this.catalog.touch(table);
  }

  async rollback(): Promise<void> {
    if (!this.isInTransaction) throw invalid('There is no transaction in progress');
    this.#changed = undefined;
    await this.connection.run('ROLLBACK');
    this.store.locks.release(this, false);
  }

  /** Undoes an open transaction, as BigQuery does at the end of a script and when one fails. */
  async abandon(): Promise<void> {
    if (!this.isInTransaction) return;
    this.#changed = undefined;
    await this.connection.run('ROLLBACK').catch(() => undefined);
    this.store.locks.release(this, false);
  }
}

function resultFields(
  columns: readonly {
    readonly name: string;
    readonly type: Parameters<typeof fieldOfDuckdb>[1] | undefined;
  }[],
): readonly Field[] {
  const fields = columns.map(({ name, type }, index) => {
    if (type === undefined) throw new Error('Internal error: a column without a type');
    // What has no alias in GoogleSQL is `f0_`; DuckDB repeats the expression.
    return fieldOfDuckdb(/^\w+$/.test(name) ? name : `f${index}_`, type);
  });
  const names = fields.map(({ name }) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw invalid(
      `Duplicate column names in the result are not supported. Found duplicate(s): ${twice}`,
    );
  }
  return fields;
}

/** An error of the statement itself. */
export function invalid(message: string): ApiError {
  return new ApiError(400, 'invalidQuery', message, { location: 'query' });
}
