import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { PipelineError } from '../errors.ts';
import type { Day } from '../partitions/date.ts';
import { quoteTable, quoteText } from '../sql/quote.ts';
import type { ColumnarRows, ColumnBatch, ColumnsQuery } from './columns.ts';
import {
  countRecordedFailures,
  publishFailures,
  readRecordedFailures,
  removeFailures,
  stageFailures,
} from './duckdb-failures.ts';
import { duckdbFingerprint } from './duckdb-fingerprint.ts';
import {
  markInLedger,
  prepareLedger,
  readCalendars,
  readDefinitions,
  readLedger,
  writeCalendar,
  writeDefinition,
  writeLedger,
} from './duckdb-ledger.ts';
import { type DuckdbOptions, DuckdbSession } from './duckdb-session.ts';
import {
  columnDefinitions,
  columnList,
  dayCondition,
  MATERIALIZATIONS,
  offendingCountsQuery,
  offendingRowsQuery,
  partitionCondition,
  q,
  rowCountsQuery,
  STAGING_PREFIX,
  tableName,
  versionsQuery,
} from './duckdb-sql.ts';
import type { DuckdbStatements } from './duckdb-statements.ts';
import { DuckdbTables } from './duckdb-tables.ts';
import { DuckdbStages } from './duckdb-stages.ts';
import type { FailureCount, FailureFilter, RecordedFailure, StagedFailures } from './failures.ts';
import type {
  CheckedPartition,
  CheckedRows,
  FailuresRequest,
  FileCopy,
  MarkRequest,
  PublishRequest,
  QueryOptions,
  QueryResult,
  RecordedCalendar,
  RecordedDefinition,
  RecordedMaterialization,
  StagedPartition,
  StageRequest,
  StatementOptions,
  TableSpec,
  Warehouse,
  WarehouseCapabilities,
} from './warehouse.ts';

/** Opens a DuckDB file as a warehouse, creating it and its folder unless it is opened to read. */
export async function openDuckdbWarehouse(options: DuckdbOptions): Promise<Warehouse> {
  if (options.path !== ':memory:' && !options.readOnly) makeFolder(dirname(options.path));
  const session = await DuckdbSession.open(options);
  if (!options.readOnly) {
    await prepareLedger(session);
    await dropLeftStages(session);
  }
  return new DuckdbWarehouse(session, options.path);
}

/** Drops what a crash left between staging and publishing. */
async function dropLeftStages(session: DuckdbSession): Promise<void> {
  const left = await session.rows(
    `SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary AND starts_with(table_name, ${quoteText(STAGING_PREFIX, 'duckdb')})`,
  );
  for (const { schema_name: dataset, table_name: name } of left) {
    await session.run(`DROP TABLE ${quoteTable(String(dataset), String(name), 'duckdb')}`);
  }
}

class DuckdbWarehouse implements Warehouse {
  readonly capabilities: WarehouseCapabilities = { dialect: 'duckdb' };
  readonly #session: DuckdbSession;
  readonly #path: string;
  readonly #stages = new DuckdbStages();
  readonly #tables: DuckdbTables;
  readonly #functions = new Set<string>();
  /** Code versions that are known to be kept. */
  readonly #definitions = new Set<string>();

  constructor(session: DuckdbSession, path: string) {
    this.#session = session;
    this.#tables = new DuckdbTables(session);
    this.#path = path;
  }

  async fingerprint(): Promise<string | undefined> {
    return duckdbFingerprint(this.#path);
  }

  ensureTable(table: TableSpec): Promise<void> {
    return this.#tables.ensure(table);
  }

  async stage(
    request: StageRequest,
    options: StatementOptions,
  ): Promise<readonly StagedPartition[]> {
    const { table, stage, replacesAll } = request;
    await this.#defineFunctions(request.functions);
    if (replacesAll) await this.#tables.ensureDataset(table.dataset);
    const relation = this.#stages.begin(table, stage, { isPersistent: replacesAll });
    const kind = replacesAll ? 'TABLE' : 'TEMP TABLE';
    await this.#session.run(`CREATE OR REPLACE ${kind} ${relation} AS ${request.select}`, options);
    const rows = await this.#session.rows(versionsQuery(table, relation, request.checks), options);
    return rows
      .map((row) => stagedPartition(row, request.checks.length))
      .filter((partition) => partition.rows > 0)
      .sort((a, b) => a.day - b.day);
  }

  stagedRelation(table: TableSpec, stage: string): string {
    return this.#stages.relation(table, stage);
  }

  async loadRows(
    table: TableSpec,
    stage: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    batches: readonly ColumnBatch[] = [],
  ): Promise<string> {
    const name = this.#stages.beginRows(table, stage);
    const relation = `temp.${q(name)}`;
    await this.#session.run(
      `CREATE OR REPLACE TEMP TABLE ${relation} (${columnDefinitions(table.columns)})`,
    );
    await this.#session.append(name, table.columns, rows, batches);
    return relation;
  }

  readColumns(query: ColumnsQuery, options: StatementOptions): Promise<ColumnarRows> {
    return this.#session.columns(query, options);
  }

  publishedRelation(table: TableSpec, days: readonly Day[]): string {
    return `(SELECT * FROM ${tableName(table)} WHERE ${partitionCondition(table, days)})`;
  }

  async countOffending(
    request: CheckedRows,
    options: StatementOptions,
  ): Promise<readonly CheckedPartition[]> {
    const { table, checks } = request;
    const relation = this.#stages.checkedRelation(request);
    await this.#defineFunctions(request.functions ?? []);
    const rows = await this.#session.rows(offendingCountsQuery(table, relation, checks), options);
    return rows.map((row) => checkedPartition(row, checks.length));
  }

  async sampleOffending(
    request: CheckedRows,
    check: number,
    sample: { readonly days: readonly Day[]; readonly rowsPerDay: number },
  ): Promise<ReadonlyMap<Day, readonly Record<string, unknown>[]>> {
    const definition = request.checks[check];
    if (!definition) return new Map();
    const relation = this.#stages.checkedRelation(request);
    await this.#defineFunctions(request.functions ?? []);
    const sql = offendingRowsQuery(request.table, relation, definition, sample);
    const { columns, rows } = await this.#session.query(sql);
    const names = columns.slice(1).map((column) => column.name);
    const byDay = new Map<Day, Record<string, unknown>[]>();
    for (const [day, ...values] of rows) {
      const row = Object.fromEntries(names.map((name, index) => [name, values[index]]));
      byDay.set(Number(day), [...(byDay.get(Number(day)) ?? []), row]);
    }
    return byDay;
  }

  async stageFailures(
    request: FailuresRequest,
    options: StatementOptions,
  ): Promise<StagedFailures> {
    await this.#defineFunctions(request.functions);
    const relation = this.#stages.beginFailures(request.table, request.stage);
    return stageFailures(this.#session, { request, relation }, options);
  }

  async publish(request: PublishRequest, options: StatementOptions): Promise<void> {
    const { table, stage } = request;
    const isSwap = request.replacesAll && this.#stages.isPersistent(table, stage);
    if (!isSwap) await this.ensureTable(table);
    const definition = this.#definitionToKeep(request);
    await this.#session.transaction(options, async (statements) => {
      if (isSwap) await this.#swap(statements, request, options);
      else await this.#replaceRows(statements, request, options);
      await writeLedger(statements, request);
      await publishFailures(statements, request, this.#stages.failuresRelation(table, stage));
      if (definition) await writeDefinition(statements, definition);
    });
    if (definition) this.#definitions.add(definitionKey(definition));
    if (isSwap) this.#stages.tookOver(table, stage);
    await this.discard(table, stage);
  }

  async discard(table: TableSpec, stage: string): Promise<void> {
    for (const relation of this.#stages.end(table, stage)) {
      await this.#session.run(`DROP TABLE IF EXISTS ${relation}`);
    }
  }

  async readMaterializations(): Promise<readonly RecordedMaterialization[]> {
    return readLedger(this.#session);
  }

  async readFailures(filter: FailureFilter, most: number): Promise<readonly RecordedFailure[]> {
    return readRecordedFailures(this.#session, filter, most);
  }

  async countFailures(filter: FailureFilter): Promise<readonly FailureCount[]> {
    return countRecordedFailures(this.#session, filter);
  }

  async readDefinitions(): Promise<readonly RecordedDefinition[]> {
    return readDefinitions(this.#session);
  }

  async saveCalendar(calendar: RecordedCalendar): Promise<void> {
    await writeCalendar(this.#session, calendar);
  }

  async readCalendars(): Promise<readonly RecordedCalendar[]> {
    return readCalendars(this.#session);
  }

  async mark(request: MarkRequest): Promise<void> {
    await this.#session.transaction({}, async (statements) => {
      await markInLedger(statements, request);
      await writeDefinition(statements, request.definition);
    });
  }

  async countRows(
    tables: readonly TableSpec[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<Day, number>>> {
    const existing = await this.#session.rows(
      'SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary',
    );
    const names = new Set(
      existing.map((row) => JSON.stringify([row['schema_name'], row['table_name']])),
    );
    const counts = new Map<string, ReadonlyMap<Day, number>>();
    for (const table of tables) {
      if (!names.has(JSON.stringify([table.dataset, table.name]))) continue;
      const rows = await this.#session.rows(rowCountsQuery(table));
      counts.set(table.name, new Map(rows.map((row) => [Number(row['day']), Number(row['rows'])])));
    }
    return counts;
  }

  async remove(table: TableSpec, asset: string, days: readonly Day[]): Promise<void> {
    if (days.length === 0) return;
    const exists = (await this.#tables.columnsOf(table)).size > 0;
    await this.#session.transaction({}, async (statements) => {
      if (exists) {
        await statements.run(
          `DELETE FROM ${tableName(table)} WHERE ${partitionCondition(table, days)}`,
        );
      }
      await removeFailures(statements, asset, days);
      await statements.run(
        `DELETE FROM ${MATERIALIZATIONS} WHERE asset = ${quoteText(asset, 'duckdb')} AND day IN (${days.join(', ')})`,
      );
    });
  }

  async queryFiles(sql: string, options: StatementOptions): Promise<QueryResult> {
    return this.#session.query(sql, options);
  }

  async copyToFile({ select, path, options: how }: FileCopy, options: StatementOptions) {
    await this.#session.run(`COPY (${select}) TO ${quoteText(path, 'duckdb')} (${how})`, options);
  }

  /** Files are read where they are. */
  loadFiles(_table: TableSpec, _stage: string, select: string): Promise<string> {
    return Promise.resolve(`(${select})`);
  }

  async query(sql: string, options: QueryOptions): Promise<QueryResult> {
    await this.#defineFunctions(options.functions ?? []);
    return this.#session.query(sql, options);
  }

  async execute(sql: string, options: StatementOptions): Promise<void> {
    await this.#session.run(sql, options);
  }

  async close(): Promise<void> {
    this.#session.close();
  }

  async #defineFunctions(functions: readonly string[]): Promise<void> {
    for (const statement of functions) {
      if (this.#functions.has(statement)) continue;
      await this.#session.run(statement);
      this.#functions.add(statement);
    }
  }

  /** The staged relation takes the table's place: nothing is copied. */
  async #swap(
    statements: DuckdbStatements,
    request: PublishRequest,
    options: StatementOptions,
  ): Promise<void> {
    const { table } = request;
    await statements.run(`DROP TABLE IF EXISTS ${tableName(table)}`, options);
    await statements.run(
      `ALTER TABLE ${this.stagedRelation(table, request.stage)} RENAME TO ${q(table.name)}`,
      options,
    );
  }

  async #replaceRows(
    statements: DuckdbStatements,
    request: PublishRequest,
    options: StatementOptions,
  ): Promise<void> {
    const { table, replace } = request;
    if (replace.length === 0) return;
    await statements.run(
      `DELETE FROM ${tableName(table)} WHERE ${partitionCondition(table, replace)}`,
      options,
    );
    const columns = columnList(table.columns);
    await statements.run(
      `INSERT INTO ${tableName(table)} (${columns}) SELECT ${columns} FROM ${this.stagedRelation(table, request.stage)} WHERE ${dayCondition(table, replace)}`,
      options,
    );
  }

  /** Once per session: a statement of its own for every publish would cost as much as small publishes do. */
  #definitionToKeep({ definition }: PublishRequest): RecordedDefinition | undefined {
    if (!definition || this.#definitions.has(definitionKey(definition))) return undefined;
    return definition;
  }
}

function definitionKey({ asset, codeVersion }: RecordedDefinition): string {
  return `${asset} ${codeVersion}`;
}

function checkedPartition(row: Record<string, unknown>, checks: number): CheckedPartition {
  return {
    day: Number(row['day']),
    rows: Number(row['rows']),
    offending: Array.from({ length: checks }, (_, index) => Number(row[`c${index}`])),
  };
}

function stagedPartition(row: Record<string, unknown>, checks: number): StagedPartition {
  const data = { hi: Number(row['data_hi']), lo: Number(row['data_lo']) };
  return { ...checkedPartition(row, checks), data };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new PipelineError(`the folder ${folder} cannot be made: ${String(error)}`, {
      code: 'HOME_UNWRITABLE',
      hint: 'make its parent writable, or set FASTBREAK_HOME to another folder',
      cause: error,
    });
  }
}
