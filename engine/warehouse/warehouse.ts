import type { Day } from '../partitions/date.ts';
import type { Hash64 } from '../partitions/hash64.ts';

export type Dialect = 'duckdb' | 'bigquery';

export interface TableColumn {
  readonly name: string;
  /** GoogleSQL type, e.g. `FLOAT64` or `ARRAY<STRING>`. */
  readonly type: string;
  readonly nullable: boolean;
  readonly description: string;
}

/** A table as the pipeline declares it. */
export interface TableSpec {
  /** Schema (DuckDB) or dataset (BigQuery). */
  readonly dataset: string;
  readonly name: string;
  readonly columns: readonly TableColumn[];
  /** Absent for an unpartitioned asset. */
  readonly partitionColumn: string | undefined;
  /** Columns that identify a row. */
  readonly key: readonly string[];
}

/** A condition that counts offending rows of a staged relation; SQL in the warehouse's own dialect. */
export interface StagedCheck {
  readonly name: string;
  /** True for a row that offends; `unique` checks count rows beyond the first of each key instead. */
  readonly offends: string | { readonly uniqueOver: readonly string[] };
}

export interface StageRequest {
  readonly table: TableSpec;
  /** A SELECT that returns the table's columns, typed and rounded, for the wanted partitions only. */
  readonly select: string;
  /** Statements that define the project's functions that the SELECT calls. */
  readonly functions: readonly string[];
  readonly checks: readonly StagedCheck[];
  /** True when nothing but the staged partitions is in the table: the staged relation may take its place. */
  readonly replacesAll: boolean;
}

/** What was found out about one staged partition. Partitions without rows do not appear. */
export interface StagedPartition {
  readonly day: Day;
  readonly rows: number;
  readonly data: Hash64;
  /** Offending rows per check, in the order of the request. */
  readonly offending: readonly number[];
}

/** One row of the warehouse's own table `_fastbreak_materializations`. */
export interface MaterializationRow {
  readonly day: Day;
  readonly rows: number;
  readonly data: Hash64;
  readonly input: Hash64;
  readonly inputs: Uint8Array;
}

export interface PublishRequest {
  readonly table: TableSpec;
  readonly asset: string;
  readonly runId: string;
  readonly codeVersion: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Days whose rows are replaced by the staged ones (or by nothing, where none were staged). */
  readonly replace: readonly Day[];
  /** One per partition that is now good, also those whose content came out the same. */
  readonly materializations: readonly MaterializationRow[];
  readonly replacesAll: boolean;
}

export interface RecordedMaterialization extends MaterializationRow {
  readonly asset: string;
  readonly codeVersion: string;
  readonly runId: string;
  readonly at: number;
}

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Dates as `YYYY-MM-DD`, 64-bit integers as numbers when safe, else strings; NULL as null. */
  readonly rows: readonly (readonly unknown[])[];
}

export interface StatementOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface WarehouseCapabilities {
  readonly dialect: Dialect;
  /** Whether several steps may run at once. */
  readonly parallelSteps: boolean;
}

/**
 * Where tables live. `stage` computes rows into a relation of its own and counts them; `publish` makes them
 * visible in one transaction together with their materialization rows; a staged relation that is not published
 * leaves no trace. One stage is open per asset at a time.
 */
export interface Warehouse {
  readonly capabilities: WarehouseCapabilities;
  /** Text that identifies the warehouse's state cheaply (a file's size and time); undefined if there is none. */
  fingerprint(): string | undefined;
  /** Creates dataset and table where missing, adds declared columns; refuses other differences. */
  ensureTable(table: TableSpec): Promise<void>;
  stage(request: StageRequest, options: StatementOptions): Promise<readonly StagedPartition[]>;
  /** The staged relation as SQL names it, to be queried between `stage` and `publish`. */
  stagedRelation(table: TableSpec): string;
  /** Writes rows that a module computed into a relation of its own; returns how SQL names it. */
  loadRows(table: TableSpec, rows: readonly Readonly<Record<string, unknown>>[]): Promise<string>;
  /** Some offending rows of each day of a staged relation, as objects, in one statement; for messages. */
  sampleOffending(
    request: StageRequest,
    check: number,
    sample: { readonly days: readonly Day[]; readonly rowsPerDay: number },
  ): Promise<ReadonlyMap<Day, readonly Record<string, unknown>[]>>;
  publish(request: PublishRequest, options: StatementOptions): Promise<void>;
  /** Drops what `stage` made; called after publish and after failures alike. */
  discard(table: TableSpec): Promise<void>;
  readMaterializations(): Promise<readonly RecordedMaterialization[]>;
  /** Rows per day of a table, to compare with the record; undefined when the table does not exist. */
  countRows(table: TableSpec): Promise<ReadonlyMap<Day, number> | undefined>;
  /** Removes partitions: rows and materialization rows in one transaction. */
  remove(table: TableSpec, asset: string, days: readonly Day[]): Promise<void>;
  query(sql: string, options: StatementOptions): Promise<QueryResult>;
  /** Runs a statement for its effect, e.g. COPY or CREATE MACRO. */
  execute(sql: string, options: StatementOptions): Promise<void>;
  close(): Promise<void>;
}
