import type { AssetName } from '../ids.ts';
import type { Check } from './check.ts';
import type { HealthRules, ValidationRules } from './health-rules.ts';
import type { ReportRules } from './report-rules.ts';
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

/** Who is expected in every partition of an asset, and why somebody may have no row (universe = rows + failures). */
export interface Universe {
  readonly from:
    /** The rows of an upstream of the same date, or of one without partitions. */
    | { readonly type: 'relation'; readonly relation: string }
    /** A GoogleSQL SELECT with the asset's partition column and the entity. */
    | { readonly type: 'sql'; readonly sql: string };
  /** Columns of the universe and of the asset that tell who it is. */
  readonly entity: readonly string[];
  /** GoogleSQL condition on the row `expected`. */
  readonly where?: string;
  /** GoogleSQL expressions that are kept with a failure. */
  readonly counts: {
    readonly expected?: string;
    readonly actual?: string;
    readonly missingDates?: string;
  };
  /** Of the check `universe`: whoever is untracked or has a row without being expected. */
  readonly severity: 'error' | 'warn';
  readonly blocking: boolean;
  /** The first that applies counts; the last one, UNTRACKED, is everybody else. */
  readonly failures: readonly FailureRule[];
}

/** Why an expected entity has no row. */
export interface FailureRule extends FailureClass {
  readonly category: string;
  /** A GoogleSQL condition over `expected`, `partitions` and the bounded upstreams; absent: always. */
  readonly when?: string;
  readonly reason: string;
  /** What a recorded failure starts as: nothing to be done about it, or nobody knows yet what. */
  readonly resolution: 'UNRESOLVED' | 'PERMANENT' | 'INVESTIGATING';
}

/** What is to be made of a failure. */
export interface FailureClass {
  /** As it should be: nobody has to look at it. */
  readonly isExpected: boolean;
  /** Better data could mend it. */
  readonly isCorrectable: boolean;
  /** Making the partition again may help by itself. */
  readonly canRetry: boolean;
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
  /** Without files every partition is expected to be empty; absent: files are missed. */
  readonly optional?: true;
}

/** A plain JSON value of `settings:`. */
export type SettingValue =
  | string
  | number
  | boolean
  | null
  | readonly SettingValue[]
  | { readonly [key: string]: SettingValue };

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
  /** What a module is told; part of its code. */
  readonly settings?: Readonly<Record<string, SettingValue>>;
  /** Files that a module reads, relative to the pipeline's folder; part of its code. */
  readonly files?: readonly string[];
  /** Name of a partition set; absent for an unpartitioned asset. */
  readonly partitionSet?: string;
  readonly partitionColumn?: string;
  readonly upstream: readonly Upstream[];
  readonly columns: readonly Column[];
  /** Columns that identify a row. */
  readonly key: readonly string[];
  readonly expectedEmpty: readonly ExpectedEmptyRule[];
  /** Absent: nobody in particular is expected. */
  readonly universe?: Universe;
  readonly checks: readonly Check[];
  readonly retry: RetryPolicy;
  readonly timeoutSeconds: number;
  /** Largest number of partitions per statement. */
  readonly batch: number;
  /** Bytes that a step may bill, where the warehouse bills them; absent for the target's limit. */
  readonly maxBytesBilled?: number;
  readonly freeze: 'never' | 'once';
  /** Its columns are profiled after every run that materialized some of it. */
  readonly profile?: boolean;
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

/** One relation over several assets: all that carry one of its tags. */
export interface Union {
  readonly name: string;
  readonly tags: readonly string[];
  /** `same`: every member has all its columns; `all`: what a member does not have is NULL in its rows. */
  readonly columns: 'same' | 'all';
  readonly members: readonly AssetName[];
}

/** What a run begins nothing new after; without a number it goes on with whatever does not need what failed. */
export interface StopAfter {
  /** Partitions that fail, or fail a check of severity `error`. */
  readonly failures?: number | undefined;
  /** Steps that end one after the other in a timeout. */
  readonly timeoutsInARow?: number | undefined;
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
  /** No part of any code version. */
  readonly stopAfter?: StopAfter | undefined;
  readonly assets: readonly Asset[];
  /** What `validate` expects; no part of any code version. */
  readonly validation: ValidationRules;
  /** How `health` scores a date; no part of any code version. */
  readonly health: HealthRules;
  /** What `report` makes; no part of any code version. */
  readonly reports: readonly ReportRules[];
}
