import { DuckDBInstance, type DuckDBConnection, type DuckDBResultReader } from '@duckdb/node-api';
import type { Catalog, Table } from './catalog.ts';
import { duckdbType, quoted } from './field-types.ts';
import type { Field, TableResource } from './resources.ts';
import { TableLocks } from './script/table-locks.ts';
import { MACROS } from './sql/macros.ts';

/** The rows of all tables, in DuckDB: a schema per dataset. */
export class Store {
  readonly catalog: Catalog;
  readonly locks: TableLocks;
  readonly #instance: DuckDBInstance;
  readonly #own: DuckDBConnection;

  private constructor(catalog: Catalog, instance: DuckDBInstance, own: DuckDBConnection) {
    this.catalog = catalog;
    this.locks = new TableLocks(catalog.project);
    this.#instance = instance;
    this.#own = own;
  }

  /** Opens the file, or memory. */
  static async open(catalog: Catalog, path: string): Promise<Store> {
    const instance = await DuckDBInstance.create(path);
    const own = await instance.connect();
    await own.run("SET TimeZone = 'UTC'");
    return new Store(catalog, instance, own);
  }

  /** A connection with GoogleSQL's functions; close it when the job is done. */
  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    for (const macro of MACROS) await connection.run(`CREATE OR REPLACE TEMP MACRO ${macro}`);
    return connection;
  }

  /** Reads with DuckDB's own SQL, for assertions. */
  async read(sql: string): Promise<DuckDBResultReader> {
    return this.#own.runAndReadAll(sql);
  }

  async run(sql: string): Promise<void> {
    await this.#own.run(sql);
  }

  async createTable(
    dataset: string,
    name: string,
    fields: readonly Field[],
    resource: TableResource,
  ): Promise<Table> {
    await this.#own.run(createStatement(dataset, name, fields));
    return this.catalog.putTable(dataset, name, fields, resource);
  }

  async dropTable(dataset: string, name: string): Promise<void> {
    await this.#own.run(`DROP TABLE IF EXISTS ${relation(dataset, name)}`);
    this.catalog.removeTable(dataset, name);
  }

  async countRows(table: Table): Promise<number> {
    const reader = await this.read(
      `SELECT count(*)::DOUBLE FROM ${relation(table.dataset, table.name)}`,
    );
    return Number(reader.getRows()[0]?.[0] ?? 0);
  }

  /** Rows times the width of a row: the estimate that stands for BigQuery's bytes. */
  async countBytes(table: Table): Promise<number> {
    const width = table.fields.reduce((sum, field) => sum + widthOf(field), 0);
    return (await this.countRows(table)) * width;
  }

  close(): void {
    this.#own.closeSync();
    this.#instance.closeSync();
  }
}

/** A table as DuckDB names it. */
export function relation(dataset: string, name: string): string {
  return `${quoted(dataset)}.${quoted(name)}`;
}

/** The statement that makes the table in DuckDB. */
export function createStatement(dataset: string, name: string, fields: readonly Field[]): string {
  const columns = fields.map((field) => {
    const isRequired = field.mode === 'REQUIRED' ? ' NOT NULL' : '';
    return `${quoted(field.name)} ${duckdbType(field)}${isRequired}`;
  });
  // DuckDB has no tables without columns, BigQuery has.
  const list = columns.length === 0 ? ['"_no_columns" INTEGER'] : columns;
  return `CREATE TABLE ${relation(dataset, name)} (${list.join(', ')})`;
}

const WIDTHS: Readonly<Record<string, number>> = { BOOLEAN: 1, STRING: 16, BYTES: 16, JSON: 32 };

function widthOf(field: Field): number {
  const one =
    field.fields === undefined
      ? (WIDTHS[field.type] ?? 8)
      : field.fields.reduce((sum, each) => sum + widthOf(each), 0);
  return field.mode === 'REPEATED' ? one * 4 : one;
}
