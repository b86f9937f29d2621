import type { AssetName } from '../ids.ts';
import type { Window } from '../partitions/window.ts';

/** Column types of GoogleSQL that assets may declare. */
export type ColumnType =
  | 'STRING'
  | 'INT64'
  | 'FLOAT64'
  | 'BOOL'
  | 'DATE'
  | 'TIMESTAMP'
  | 'ARRAY<STRING>'
  | 'ARRAY<INT64>'
  | 'ARRAY<FLOAT64>';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
  /** Unit of the values, e.g. `minutes`, `percent`, `fraction`. */
  readonly unit?: string;
  readonly nullable: boolean;
  /** Decimals that the stored value is rounded to; required for FLOAT64 (design 5). */
  readonly round?: number;
  /** `asset.column` whose values these must be. */
  readonly references?: string;
  /** Name of the column in a source's files when it differs. */
  readonly from?: string;
}

/** A partition without rows is fine when a rule says so, and the rule says why (design 6). */
export type ExpectedEmptyRule =
  | { readonly type: 'first_days_of_period'; readonly days: number; readonly reason: string }
  /** A GoogleSQL condition over `partitions` and the asset's bounded upstreams. */
  | { readonly type: 'condition'; readonly condition: string; readonly reason: string };

export type Check = {
  readonly name: string;
  readonly severity: 'error' | 'warn';
  /** Keeps the partition's rows from being published. */
  readonly blocking: boolean;
} & (
  | { readonly type: 'unique'; readonly columns: readonly string[] }
  /** `threshold`: percent of the partition's rows that have a value; default all. */
  | { readonly type: 'not_null'; readonly column: string; readonly threshold?: number }
  | {
      readonly type: 'accepted_values';
      readonly column: string;
      readonly values: readonly (string | number | boolean)[];
    }
  | {
      readonly type: 'range';
      readonly column: string;
      readonly min?: number;
      readonly max?: number;
    }
  /** A GoogleSQL condition that every row must meet. */
  | { readonly type: 'condition'; readonly condition: string }
  /** How many rows a partition has, or how many for each row of an upstream in the same partition. */
  | {
      readonly type: 'row_count';
      readonly min?: number;
      readonly max?: number;
      readonly per?: RowCountPer;
    }
  /** Values that an upstream must have in its window. */
  | {
      readonly type: 'relationship';
      readonly column: string;
      readonly to: { readonly relation: string; readonly column: string };
    }
  /** A GoogleSQL SELECT over `this`, the upstreams and `partitions` that returns offending rows. */
  | { readonly type: 'sql'; readonly sql: string }
);

export interface RowCountPer {
  readonly relation: string;
  /** How rows belong together: own column to the upstream's. */
  readonly on: Readonly<Record<string, string>>;
}

export interface RetryPolicy {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  readonly baseDelaySeconds: number;
  readonly maxDelaySeconds: number;
}

export interface Upstream {
  readonly asset: AssetName;
  /** The name that the SQL reads: the asset's own, or that of a union. */
  readonly relation: string;
  readonly window: Window;
  readonly optional: boolean;
}

export interface SourceFiles {
  /** File, folder or `gs://` address; may hold `${NAME}` or `${NAME:-default}`. */
  readonly path: string;
  readonly format: 'parquet' | 'csv' | 'json';
}

export type AssetKind = 'sql' | 'module' | 'source';

export interface Asset {
  readonly name: AssetName;
  readonly group: string;
  /** Schema of the warehouse that holds the table, e.g. `nba_analytics`. */
  readonly dataset: string;
  readonly description: string;
  readonly kind: AssetKind;
  /** Path of the SQL file or module, relative to the pipeline's folder; absent for sources. */
  readonly file?: string;
  readonly source?: SourceFiles;
  /** Name of a partition set; absent for an unpartitioned asset. */
  readonly partitionSet?: string;
  readonly partitionColumn?: string;
  readonly upstream: readonly Upstream[];
  readonly columns: readonly Column[];
  /** Columns that identify a row. */
  readonly key: readonly string[];
  readonly expectedEmpty: readonly ExpectedEmptyRule[];
  readonly checks: readonly Check[];
  readonly retry: RetryPolicy;
  readonly timeoutSeconds: number;
  /** Largest number of partitions per statement. */
  readonly batch: number;
  /** Bytes that a step may bill, where the warehouse bills them; absent for the target's limit. */
  readonly maxBytesBilled?: number;
  readonly freeze: 'never' | 'once';
  readonly tags: readonly string[];
  readonly owner?: string;
  /** The pool that its steps run in; absent: they are limited by the target alone. */
  readonly pool?: string;
}

/** The dates on which assets are expected to have rows, read from the rows of one asset. */
export interface Calendar {
  readonly name: string;
  readonly asset: AssetName;
  readonly dateColumn: string;
  /** GoogleSQL condition that a row must meet to make its date a calendar date. */
  readonly where?: string;
  /** Column whose values name the periods (seasons); absent for a calendar without periods. */
  readonly periodColumn?: string;
  /** What the pipeline calls a period, e.g. `season`. */
  readonly periodName: string;
  /** GoogleSQL condition that picks the rows whose first date starts the period; default all. */
  readonly periodStartWhere?: string;
}

export type PartitionSet =
  /** Every date of a calendar. */
  | { readonly name: string; readonly type: 'calendar'; readonly calendar: string }
  /** Every day from `from` to `to`, or to today. */
  | {
      readonly name: string;
      readonly type: 'days';
      readonly from: string;
      readonly to?: string;
    }
  /** The months that hold a date of the calendar; keyed by their first day. */
  | { readonly name: string; readonly type: 'months'; readonly calendar: string };

/** Steps that use one thing: at most so many of them run at once. */
export interface Pool {
  readonly name: string;
  readonly limit: number;
  readonly description: string;
}

export type Target =
  | {
      readonly name: string;
      readonly warehouse: 'duckdb';
      /** Default: `warehouse.duckdb` in FASTBREAK_HOME. */
      readonly path?: string;
      readonly memoryLimit: string;
      readonly threads?: number;
      /** How many steps run at once. */
      readonly maxParallel: number;
    }
  | {
      readonly name: string;
      readonly warehouse: 'bigquery';
      readonly project: string;
      readonly location: string;
      readonly datasetPrefix: string;
      /** How many steps run at once. */
      readonly maxParallel: number;
      /** Dataset of the engine's own tables. */
      readonly stateDataset: string;
      /** Bytes that one step may bill; absent for no limit. */
      readonly maxBytesBilled?: number;
      /** What a TiB read costs, for estimates. */
      readonly pricePerTib: number;
    };

export interface SqlFunction {
  readonly name: string;
  readonly arguments: readonly { readonly name: string; readonly type: ColumnType }[];
  /** A GoogleSQL expression over the arguments. */
  readonly sql: string;
  readonly description: string;
}

/** One relation over several assets of one shape: all that carry a tag. */
export interface Union {
  readonly name: string;
  readonly tag: string;
  readonly members: readonly AssetName[];
}

/** pipeline.yaml checked and with every default applied; nothing downstream handles "maybe missing". */
export interface Pipeline {
  readonly name: string;
  readonly description: string;
  readonly timezone: string;
  readonly defaultTarget: string;
  readonly targets: readonly Target[];
  readonly calendars: readonly Calendar[];
  readonly partitionSets: readonly PartitionSet[];
  readonly functions: readonly SqlFunction[];
  readonly unions: readonly Union[];
  readonly pools: readonly Pool[];
  readonly assets: readonly Asset[];
}
