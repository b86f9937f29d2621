import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { PipelineError } from '../errors.ts';
import type { Day } from '../partitions/date.ts';
import { quoteTable, quoteText } from '../sql/quote.ts';
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
  dayExpression,
  duckdbType,
  MATERIALIZATIONS,
  offendingCountsQuery,
  offendingRowsQuery,
  partitionCondition,
  q,
  STAGING_PREFIX,
  stagingName,
  tableName,
  versionsQuery,
} from './duckdb-sql.ts';
import type {
  CheckedPartition,
  CheckedRows,
  MarkRequest,
  PublishRequest,
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
  readonly capabilities: WarehouseCapabilities = { dialect: 'duckdb', parallelSteps: false };
  readonly #session: DuckdbSession;
  readonly #path: string;
  /** Names of the tables that have a staged relation now: a temporary one, or a table of the file. */
  readonly #temporaryStages = new Set<string>();
  readonly #persistentStages = new Set<string>();
  /** Tables that were compared with their declaration: nobody else can write to the file while it is open. */
  readonly #ensured = new Set<string>();
  readonly #functions = new Set<string>();
  readonly #datasets = new Set<string>();
  /** Code versions that are known to be kept. */
  readonly #definitions = new Set<string>();

  constructor(session: DuckdbSession, path: string) {
    this.#session = session;
    this.#path = path;
  }

  fingerprint(): string | undefined {
    return duckdbFingerprint(this.#path);
  }

  async ensureTable(table: TableSpec): Promise<void> {
    const name = tableName(table);
    if (this.#ensured.has(name)) return;
    await this.#compareTable(table);
    this.#ensured.add(name);
  }

  async #compareTable(table: TableSpec): Promise<void> {
    await this.#ensureDataset(table.dataset);
    const existing = await this.#columnsOf(table);
    if (existing.size === 0) {
      await this.#session.run(
        `CREATE TABLE IF NOT EXISTS ${tableName(table)} (${columnDefinitions(table.columns)})`,
      );
      return;
    }
    for (const column of table.columns) {
      const type = existing.get(column.name);
      if (type === undefined) {
        await this.#session.run(
          `ALTER TABLE ${tableName(table)} ADD COLUMN ${q(column.name)} ${duckdbType(column.type)}`,
        );
      } else if (type !== duckdbType(column.type)) throw driftError(table, column.name, type);
    }
    const declared = new Set(table.columns.map((column) => column.name));
    for (const name of existing.keys()) {
      if (!declared.has(name)) throw driftError(table, name, undefined);
    }
  }

  async stage(
    request: StageRequest,
    options: StatementOptions,
  ): Promise<readonly StagedPartition[]> {
    const { table } = request;
    await this.discard(table);
    await this.#defineFunctions(request.functions);
    let relation = stagingName(table);
    if (request.replacesAll) {
      await this.#ensureDataset(table.dataset);
      relation = `${q(table.dataset)}.${q(relation)}`;
    }
    (request.replacesAll ? this.#persistentStages : this.#temporaryStages).add(table.name);
    const kind = request.replacesAll ? 'TABLE' : 'TEMP TABLE';
    await this.#session.run(`CREATE OR REPLACE ${kind} ${relation} AS ${request.select}`, options);
    const rows = await this.#session.rows(versionsQuery(table, relation, request.checks), options);
    return rows
      .map((row) => stagedPartition(row, request.checks.length))
      .filter((partition) => partition.rows > 0)
      .sort((a, b) => a.day - b.day);
  }

  stagedRelation(table: TableSpec): string {
    const name = q(stagingName(table));
    return this.#persistentStages.has(table.name) ? `${q(table.dataset)}.${name}` : `temp.${name}`;
  }

  async loadRows(
    table: TableSpec,
    rows: readonly Readonly<Record<string, unknown>>[],
  ): Promise<string> {
    const relation = q(`_rows__${table.name}`);
    await this.#session.run(
      `CREATE OR REPLACE TEMP TABLE ${relation} (${columnDefinitions(table.columns)})`,
    );
    await this.#session.append(`_rows__${table.name}`, table.columns, rows);
    return `temp.${relation}`;
  }

  publishedRelation(table: TableSpec, days: readonly Day[]): string {
    return `(SELECT * FROM ${tableName(table)} WHERE ${partitionCondition(table, days)})`;
  }

  async countOffending(
    { table, relation = this.stagedRelation(table), checks }: CheckedRows,
    options: StatementOptions,
  ): Promise<readonly CheckedPartition[]> {
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
    const { table, relation = this.stagedRelation(table) } = request;
    const sql = offendingRowsQuery(table, relation, definition, sample);
    const { columns, rows } = await this.#session.query(sql);
    const names = columns.slice(1).map((column) => column.name);
    const byDay = new Map<Day, Record<string, unknown>[]>();
    for (const [day, ...values] of rows) {
      const row = Object.fromEntries(names.map((name, index) => [name, values[index]]));
      byDay.set(Number(day), [...(byDay.get(Number(day)) ?? []), row]);
    }
    return byDay;
  }

  async publish(request: PublishRequest, options: StatementOptions): Promise<void> {
    const { table } = request;
    const isSwap = request.replacesAll && this.#persistentStages.has(table.name);
    if (!isSwap) await this.ensureTable(table);
    await this.#session.run('BEGIN TRANSACTION');
    try {
      if (isSwap) await this.#swap(request, options);
      else await this.#replaceRows(request, options);
      await writeLedger(this.#session, request);
      await this.#keepDefinition(request.definition);
      await this.#session.run('COMMIT');
    } catch (error) {
      await this.#session.run('ROLLBACK').catch(() => undefined);
      this.#definitions.clear();
      throw error;
    }
    if (isSwap) this.#persistentStages.delete(table.name);
    await this.discard(table);
  }

  async discard(table: TableSpec): Promise<void> {
    const name = stagingName(table);
    if (this.#persistentStages.delete(table.name)) {
      await this.#session.run(`DROP TABLE IF EXISTS ${q(table.dataset)}.${q(name)}`);
    }
    if (this.#temporaryStages.delete(table.name)) {
      await this.#session.run(`DROP TABLE IF EXISTS temp.${q(name)}`);
    }
  }

  async readMaterializations(): Promise<readonly RecordedMaterialization[]> {
    return readLedger(this.#session);
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
    await this.#session.run('BEGIN TRANSACTION');
    try {
      await markInLedger(this.#session, request);
      await writeDefinition(this.#session, request.definition);
      await this.#session.run('COMMIT');
    } catch (error) {
      await this.#session.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async countRows(table: TableSpec): Promise<ReadonlyMap<Day, number> | undefined> {
    if ((await this.#columnsOf(table)).size === 0) return undefined;
    const rows = await this.#session.rows(
      `SELECT ${dayExpression(table)} AS day, CAST(COUNT(*) AS DOUBLE) AS rows FROM ${tableName(table)} GROUP BY ALL HAVING COUNT(*) > 0`,
    );
    return new Map(rows.map((row) => [Number(row['day']), Number(row['rows'])]));
  }

  async remove(table: TableSpec, asset: string, days: readonly Day[]): Promise<void> {
    if (days.length === 0) return;
    const exists = (await this.#columnsOf(table)).size > 0;
    await this.#session.run('BEGIN TRANSACTION');
    try {
      if (exists) {
        await this.#session.run(
          `DELETE FROM ${tableName(table)} WHERE ${partitionCondition(table, days)}`,
        );
      }
      await this.#session.run(
        `DELETE FROM ${MATERIALIZATIONS} WHERE asset = ${quoteText(asset, 'duckdb')} AND day IN (${days.join(', ')})`,
      );
      await this.#session.run('COMMIT');
    } catch (error) {
      await this.#session.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  async query(sql: string, options: StatementOptions): Promise<QueryResult> {
    return this.#session.query(sql, options);
  }

  async execute(sql: string, options: StatementOptions): Promise<void> {
    await this.#session.run(sql, options);
  }

  async close(): Promise<void> {
    this.#session.close();
  }

  async #ensureDataset(dataset: string): Promise<void> {
    if (this.#datasets.has(dataset)) return;
    await this.#session.run(`CREATE SCHEMA IF NOT EXISTS ${q(dataset)}`);
    this.#datasets.add(dataset);
  }

  async #defineFunctions(functions: readonly string[]): Promise<void> {
    for (const statement of functions) {
      if (this.#functions.has(statement)) continue;
      await this.#session.run(statement);
      this.#functions.add(statement);
    }
  }

  /** The staged relation takes the table's place: nothing is copied. */
  async #swap(request: PublishRequest, options: StatementOptions): Promise<void> {
    const { table } = request;
    await this.#session.run(`DROP TABLE IF EXISTS ${tableName(table)}`, options);
    await this.#session.run(
      `ALTER TABLE ${q(table.dataset)}.${q(stagingName(table))} RENAME TO ${q(table.name)}`,
      options,
    );
  }

  async #replaceRows(request: PublishRequest, options: StatementOptions): Promise<void> {
    const { table, replace } = request;
    if (replace.length === 0) return;
    await this.#session.run(
      `DELETE FROM ${tableName(table)} WHERE ${partitionCondition(table, replace)}`,
      options,
    );
    const columns = columnList(table.columns);
    await this.#session.run(
      `INSERT INTO ${tableName(table)} (${columns}) SELECT ${columns} FROM ${this.stagedRelation(table)} WHERE ${dayCondition(table, replace)}`,
      options,
    );
  }

  /** Once per session: a statement of its own for every publish would cost as much as small publishes do. */
  async #keepDefinition(definition: RecordedDefinition | undefined): Promise<void> {
    if (!definition) return;
    const key = `${definition.asset} ${definition.codeVersion}`;
    if (this.#definitions.has(key)) return;
    await writeDefinition(this.#session, definition);
    this.#definitions.add(key);
  }

  async #columnsOf(table: TableSpec): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#session.rows(
      `SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = ${quoteText(table.dataset, 'duckdb')} AND table_name = ${quoteText(table.name, 'duckdb')} ORDER BY column_index`,
    );
    return new Map(rows.map((row) => [String(row['column_name']), String(row['data_type'])]));
  }
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

function driftError(table: TableSpec, column: string, type: string | undefined): PipelineError {
  const found = type === undefined ? 'which is not declared' : `with type ${type}, not as declared`;
  return new PipelineError(
    `${table.dataset}.${table.name} in the warehouse has a column ${column} ${found}`,
    {
      code: 'SCHEMA_DRIFT',
      exitCode: 1,
      hint: `materialize all of its partitions in one statement, which replaces the table (its \`batch\` must not be less than they are): fastbreak materialize ${table.name} --force`,
    },
  );
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
