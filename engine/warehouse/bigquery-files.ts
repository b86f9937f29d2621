import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { quoteText } from '../sql/quote.ts';
import type { ColumnBatch } from './columns.ts';
import type { JobRows } from './bigquery-jobs.ts';
import type { Field } from './bigquery-values.ts';
import { columnDefinitions, duckdbType, q } from './duckdb-sql.ts';
import { DuckdbSession } from './duckdb-session.ts';
import type { FileCopy, QueryResult, StatementOptions, TableSpec } from './warehouse.ts';

interface LoadedRows {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly batches: readonly ColumnBatch[];
}

/**
 * Reads local files, and writes what is to be loaded as Parquet: with DuckDB, so that a value of a file becomes the
 * same typed value whatever the target. Opened with the first use.
 */
export class FileEngine {
  #session: Promise<DuckdbSession> | undefined;
  #folder: string | undefined;
  #count = 0;

  async query(sql: string, options: StatementOptions): Promise<QueryResult> {
    const session = await this.#open();
    return session.query(sql, options);
  }

  /** Writes what a SELECT returns, which are the table's columns, to a Parquet file of its own. */
  async writeSelect(table: TableSpec, select: string, options: StatementOptions): Promise<string> {
    const session = await this.#open();
    const path = this.#path();
    // Parquet's times without a zone would be loaded as DATETIME.
    const columns = table.columns.map(({ name, type }) =>
      type === 'TIMESTAMP' ? `CAST(${q(name)} AS TIMESTAMPTZ) AS ${q(name)}` : q(name),
    );
    await session.run(
      `COPY (SELECT ${columns.join(', ')} FROM (${select})) TO ${quoteText(path, 'duckdb')} (FORMAT parquet)`,
      options,
    );
    return path;
  }

  /** Writes rows given as objects and as columns, each value converted to its column's type, to a Parquet file. */
  async writeRows(
    table: TableSpec,
    rows: readonly Readonly<Record<string, unknown>>[],
    batches: readonly ColumnBatch[] = [],
  ): Promise<string> {
    return this.#withRows(table, { rows, batches }, (select) =>
      this.writeSelect(table, select, {}),
    );
  }

  /** Writes the rows of a result, which are the table's, to a file: as texts that DuckDB converts, so that none is rounded. */
  async copyRows({ table, path, options }: FileCopy, { fields, rows }: JobRows): Promise<void> {
    const session = await this.#open();
    const types = new Map(table.columns.map(({ name, type }) => [name, duckdbType(type)]));
    const columns = fields.map((field) => ({ name: field.name, ...asText(field), nullable: true }));
    const typed = columns.map(
      ({ name }) => `CAST(${q(name)} AS ${types.get(name) ?? 'VARCHAR'}) AS ${q(name)}`,
    );
    const objects = rows.map((row) =>
      Object.fromEntries(columns.map(({ name }, at) => [name, textOf(row[at])])),
    );
    await this.#withRows({ columns }, { rows: objects, batches: [] }, (relation) =>
      session.run(
        `COPY (SELECT ${typed.join(', ')} FROM (${relation})) TO ${quoteText(path, 'duckdb')} (${options})`,
      ),
    );
  }

  async #withRows<T>(
    table: Pick<TableSpec, 'columns'>,
    { rows, batches }: LoadedRows,
    work: (select: string) => Promise<T>,
  ): Promise<T> {
    const session = await this.#open();
    const name = `_rows_${++this.#count}`;
    await session.run(`CREATE TEMP TABLE ${q(name)} (${columnDefinitions(table.columns)})`);
    try {
      await session.append(name, table.columns, rows, batches);
      return await work(`SELECT * FROM temp.${q(name)}`);
    } finally {
      await session.run(`DROP TABLE temp.${q(name)}`);
    }
  }

  async close(): Promise<void> {
    const session = await this.#session;
    session?.close();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #open(): Promise<DuckdbSession> {
    this.#session ??= DuckdbSession.open({
      path: ':memory:',
      memoryLimit: '1GB',
      threads: undefined,
      readOnly: false,
    });
    return this.#session;
  }

  #path(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'fastbreak-load-'));
    return join(this.#folder, `${++this.#count}.parquet`);
  }
}

function asText({ isRepeated }: Field): { readonly type: string; readonly description: string } {
  return { type: isRepeated ? 'ARRAY<STRING>' : 'STRING', description: '' };
}

/** A JSON value, or a list of them, as DuckDB's casts read it. */
function textOf(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? value.map(String) : String(value);
}
