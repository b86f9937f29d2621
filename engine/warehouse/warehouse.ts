import type { Day } from '../partitions/date.ts';
import type { Hash64 } from '../partitions/hash64.ts';
import type { ColumnarRows, ColumnBatch, ColumnsQuery } from './columns.ts';
import type {
  FailureCount,
  FailureFilter,
  FailureKind,
  RecordedFailure,
  StagedFailures,
} from './failures.ts';

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

/** Rows to hold against checks: those of a relation, or of a stage. */
export interface CheckedRows {
  readonly table: TableSpec;
  readonly relation?: string;
  /** Needed where no relation is named. */
  readonly stage?: string;
  /** Statements that define the project's functions that the checks call. */
  readonly functions?: readonly string[];
  readonly checks: readonly StagedCheck[];
}

export interface StageRequest {
  readonly table: TableSpec;
  /** Names the staged relation: `[a-z0-9_]+`, unique within the run. */
  readonly stage: string;
  /** A SELECT that returns the table's columns, typed and rounded, for the wanted partitions only. */
  readonly select: string;
  /** Statements that define the project's functions that the SELECT calls. */
  readonly functions: readonly string[];
  readonly checks: readonly StagedCheck[];
  /** Bytes that the statement may bill, where the warehouse bills them. */
  readonly maxBytesBilled?: number | undefined;
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

/** Who is expected in some partitions and has no staged row. */
export interface FailuresRequest {
  readonly table: TableSpec;
  /** The stage whose rows are compared. */
  readonly stage: string;
  readonly asset: string;
  readonly runId: string;
  readonly codeVersion: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly days: readonly Day[];
  /** Statements that define the project's functions that the SQL calls. */
  readonly functions: readonly string[];
  /**
   * A leading WITH in the warehouse's own dialect that defines `_found` (`day`, `entity`, `kind`, `expected_count`,
   * `actual_count`, `missing_dates`; each entity of a day once) and `_present` (`day`, `entity`).
   */
  readonly leading: string;
  /** What `kind` is a position in; -1 is an entity that nobody expected. */
  readonly kinds: readonly FailureKind[];
}

export interface PublishRequest {
  readonly table: TableSpec;
  /** Whose rows are published. */
  readonly stage: string;
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
  /** Days whose recorded failures are replaced by those that `stageFailures` found. */
  readonly failures?: readonly Day[] | undefined;
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

/** What a statement cost, where the warehouse says so. */
export interface StatementCost {
  readonly bytesProcessed: number;
  readonly bytesBilled: number;
  readonly slotMs: number;
}

export interface StatementOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Told of what the statement cost when it has run. */
  readonly onCost?: ((cost: StatementCost) => void) | undefined;
}

/** What is written to a local file. */
export interface FileCopy {
  readonly table: TableSpec;
  /** In the warehouse's dialect; its columns are those of the table. */
  readonly select: string;
  readonly path: string;
  /** Those of DuckDB's COPY, e.g. `FORMAT csv`. */
  readonly options: string;
}

export interface QueryOptions extends StatementOptions {
  /** Statements that define the project's functions that the query calls. */
  readonly functions?: readonly string[];
  /** What the query is for, as the warehouse's own history shows it, e.g. `check`. */
  readonly purpose?: string;
}

/** The run that holds the lease of a warehouse that several machines share. */
export interface SharedHolder {
  readonly runId: string;
  readonly host: string;
  readonly pid: number;
  readonly command: string;
  /** Milliseconds since 1970, by the warehouse's clock. */
  readonly acquiredAt: number;
  readonly silentSeconds: number;
}

/** The right to write to a warehouse that several machines share, kept in the warehouse itself. */
export interface SharedLease {
  /** Aborted when it turned out that another run holds the lease. */
  readonly lost: AbortSignal;
  /** Takes the lease; returns the holder when another run has it, undefined when it is taken. */
  acquire(request: {
    readonly runId: string;
    readonly host: string;
    readonly pid: number;
    readonly command: string;
  }): Promise<SharedHolder | undefined>;
  /** Says that the run lives; false when the lease is another run's by now. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
  /** Who holds it now, if anybody. */
  holder(): Promise<SharedHolder | undefined>;
}

export interface WarehouseCapabilities {
  readonly dialect: Dialect;
}

/**
 * Where tables live. `stage` computes rows into a relation of its own and counts them; `publish` makes them
 * visible in one transaction together with their materialization rows; a staged relation that is not published
 * leaves no trace. Several stages may be open at once, of one table too: each has a name.
 */
export interface Warehouse {
  readonly capabilities: WarehouseCapabilities;
  /** Absent where the warehouse is one machine's own. */
  readonly lease?: SharedLease;
  /** Text that identifies the warehouse's state cheaply (a file's size and time); undefined if there is none. */
  fingerprint(): Promise<string | undefined>;
  /** Creates dataset and table where missing, adds declared columns; refuses other differences. */
  ensureTable(table: TableSpec): Promise<void>;
  stage(request: StageRequest, options: StatementOptions): Promise<readonly StagedPartition[]>;
  /** The staged relation as SQL names it, to be queried between `stage` and `publish`. */
  stagedRelation(table: TableSpec, stage: string): string;
  /**
   * Writes rows that a module computed, as objects and as columns, into a relation of the stage's own; returns how SQL
   * names it.
   */
  loadRows(
    table: TableSpec,
    stage: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    batches?: readonly ColumnBatch[],
  ): Promise<string>;
  /** Reads rows column by column, for modules that calculate. */
  readColumns(query: ColumnsQuery, options: StatementOptions): Promise<ColumnarRows>;
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
  /**
   * Finds who is expected in some partitions and has no staged row, between `stage` and `publish`, and keeps it with
   * the stage. A failure that was recorded alike before stays as it was recorded; one whose entity has a row by now
   * becomes RESOLVED.
   */
  stageFailures(request: FailuresRequest, options: StatementOptions): Promise<StagedFailures>;
  publish(request: PublishRequest, options: StatementOptions): Promise<void>;
  /** Drops what `stage` and `loadRows` made; called after publish and after failures alike. */
  discard(table: TableSpec, stage: string): Promise<void>;
  readMaterializations(): Promise<readonly RecordedMaterialization[]>;
  /** Recorded failures in order of asset, day and entity, at most so many. */
  readFailures(filter: FailureFilter, most: number): Promise<readonly RecordedFailure[]>;
  /** The same counted by asset, day and fate. */
  countFailures(filter: FailureFilter): Promise<readonly FailureCount[]>;
  /** The code versions that ever published rows. */
  readDefinitions(): Promise<readonly RecordedDefinition[]>;
  /** Keeps a calendar beside the rows that it was read from. */
  saveCalendar(calendar: RecordedCalendar): Promise<void>;
  readCalendars(): Promise<readonly RecordedCalendar[]>;
  /** Gives materialization rows new inputs, in one transaction; no row of an asset is touched. */
  mark(request: MarkRequest): Promise<void>;
  /** Rows per day, by the table's name; a table that does not exist is absent. */
  countRows(tables: readonly TableSpec[]): Promise<ReadonlyMap<string, ReadonlyMap<Day, number>>>;
  /** Removes partitions: rows, failures and materialization rows in one transaction. */
  remove(table: TableSpec, asset: string, days: readonly Day[]): Promise<void>;
  query(sql: string, options: QueryOptions): Promise<QueryResult>;
  /** Runs a DuckDB statement that reads local files, whatever the warehouse's own dialect. */
  queryFiles(sql: string, options: StatementOptions): Promise<QueryResult>;
  /**
   * Makes what a DuckDB SELECT reads from local files available to `stage`; returns how SQL names it. The SELECT's
   * columns are those of the table, typed and rounded.
   */
  loadFiles(
    table: TableSpec,
    stage: string,
    select: string,
    options: StatementOptions,
  ): Promise<string>;
  /** Writes rows to a local file. */
  copyToFile(copy: FileCopy, options: StatementOptions): Promise<void>;
  /** Bytes that a SELECT would read, without running it; undefined where nobody knows or they cost nothing. */
  estimateBytes?(sql: string, functions: readonly string[]): Promise<number | undefined>;
  /** Runs a statement for its effect, e.g. COPY or CREATE MACRO. */
  execute(sql: string, options: StatementOptions): Promise<void>;
  close(): Promise<void>;
}
