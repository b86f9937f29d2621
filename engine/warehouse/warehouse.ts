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
  /** The columns that tell an offending row from others; absent for all. */
  readonly columns?: readonly string[];
}

/** Rows to hold against checks, staged unless another relation is named. */
export interface CheckedRows {
  readonly table: TableSpec;
  readonly relation?: string;
  readonly checks: readonly StagedCheck[];
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

/** What the checks found in one partition. Partitions without rows do not appear. */
export interface CheckedPartition {
  readonly day: Day;
  readonly rows: number;
  /** Offending rows per check, in the order of the request. */
  readonly offending: readonly number[];
}

/** What was found out about one staged partition. */
export interface StagedPartition extends CheckedPartition {
  readonly data: Hash64;
}

/** One row of the warehouse's own table `_fastbreak_materializations`. */
export interface MaterializationRow {
  readonly day: Day;
  readonly rows: number;
  readonly data: Hash64;
  readonly input: Hash64;
  readonly inputs: Uint8Array;
  /** Why the partition has no rows, where a rule says that it has none. */
  readonly reason?: string | undefined;
}

/** A source's files as they were when it was read. */
export interface SourceFiles {
  readonly quick: string;
  readonly content: string;
}

/** The parts of a code version, kept beside the rows so that the record can be rebuilt. */
export interface RecordedDefinition {
  readonly asset: string;
  readonly codeVersion: string;
  /** JSON. */
  readonly parts: string;
  readonly upstream: readonly string[];
}

/** A calendar as it was read last; the document is the caller's. */
export interface RecordedCalendar {
  readonly name: string;
  readonly document: string;
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
  /** What the code version stands for. */
  readonly definition?: RecordedDefinition | undefined;
  /** For a source, its files. */
  readonly source?: SourceFiles | undefined;
}

export interface RecordedMaterialization extends MaterializationRow {
  readonly asset: string;
  readonly codeVersion: string;
  readonly runId: string;
  readonly at: number;
  readonly source?: SourceFiles | undefined;
  /** The run that declared the rows current without making them again, and when. */
  readonly marked?: { readonly runId: string; readonly at: number } | undefined;
}

/** Partitions whose rows stay, and that count from now on as made from today's inputs. */
export interface MarkRequest {
  readonly asset: string;
  readonly runId: string;
  readonly codeVersion: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly partitions: readonly Pick<MaterializationRow, 'day' | 'input' | 'inputs'>[];
  readonly definition: RecordedDefinition;
  readonly source: SourceFiles | undefined;
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
  /** The published rows of some partitions, as a relation that SQL can read from. */
  publishedRelation(table: TableSpec, days: readonly Day[]): string;
  /** Counts rows and offending rows per partition, in one grouped query. */
  countOffending(
    rows: CheckedRows,
    options: StatementOptions,
  ): Promise<readonly CheckedPartition[]>;
  /** Some offending rows of each day, as objects, in one statement; for messages. */
  sampleOffending(
    request: CheckedRows,
    check: number,
    sample: { readonly days: readonly Day[]; readonly rowsPerDay: number },
  ): Promise<ReadonlyMap<Day, readonly Record<string, unknown>[]>>;
  publish(request: PublishRequest, options: StatementOptions): Promise<void>;
  /** Drops what `stage` made; called after publish and after failures alike. */
  discard(table: TableSpec): Promise<void>;
  readMaterializations(): Promise<readonly RecordedMaterialization[]>;
  /** The code versions that ever published rows. */
  readDefinitions(): Promise<readonly RecordedDefinition[]>;
  /** Keeps a calendar beside the rows that it was read from. */
  saveCalendar(calendar: RecordedCalendar): Promise<void>;
  readCalendars(): Promise<readonly RecordedCalendar[]>;
  /** Gives materialization rows new inputs, in one transaction; no row of an asset is touched. */
  mark(request: MarkRequest): Promise<void>;
  /** Rows per day of a table, to compare with the record; undefined when the table does not exist. */
  countRows(table: TableSpec): Promise<ReadonlyMap<Day, number> | undefined>;
  /** Removes partitions: rows and materialization rows in one transaction. */
  remove(table: TableSpec, asset: string, days: readonly Day[]): Promise<void>;
  query(sql: string, options: StatementOptions): Promise<QueryResult>;
  /** Runs a statement for its effect, e.g. COPY or CREATE MACRO. */
  execute(sql: string, options: StatementOptions): Promise<void>;
  close(): Promise<void>;
}
