import type { CheckSpec } from './check-spec.ts';
import type { HealthSpec, ValidationSpec } from './health-spec.ts';
import type { ColumnType } from './pipeline.ts';
import type { ReportSpec } from './report-spec.ts';

/** pipeline.yaml as the JSON Schema lets it be: shapes are right, names and meaning unchecked. */
export interface PipelineSpec {
  readonly name?: string;
  readonly description?: string;
  readonly timezone?: string;
  readonly default_target?: string;
  readonly targets?: SpecMap<TargetSpec>;
  readonly groups?: SpecMap<GroupSpec>;
  readonly calendars?: SpecMap<CalendarSpec>;
  readonly partition_sets?: SpecMap<PartitionSetSpec>;
  readonly functions?: SpecMap<FunctionSpec>;
  readonly unions?: SpecMap<UnionSpec>;
  readonly pools?: SpecMap<PoolSpec>;
  readonly stop_after?: { readonly failures?: number; readonly timeouts_in_a_row?: number };
  readonly failure_categories?: SpecMap<FailureCategorySpec>;
  readonly columns?: SpecMap<ColumnSpec>;
  readonly defaults?: AssetSettingsSpec;
  readonly assets?: SpecMap<AssetSpec>;
  readonly validation?: ValidationSpec;
  readonly health?: HealthSpec;
  readonly reports?: SpecMap<ReportSpec>;
}

export type SpecMap<T> = Readonly<Record<string, T>>;

export interface TargetSpec {
  readonly warehouse: 'duckdb' | 'bigquery';
  readonly path?: string;
  readonly memory_limit?: string;
  readonly threads?: number;
  readonly project?: string;
  readonly location?: string;
  readonly dataset_prefix?: string;
  readonly max_parallel?: number;
  readonly state_dataset?: string;
  readonly max_bytes_billed?: string | number;
  readonly price_per_tib?: number;
}

export interface GroupSpec {
  readonly dataset?: string;
  readonly defaults?: AssetSettingsSpec;
}

export interface CalendarSpec {
  readonly asset: string;
  readonly date: string;
  readonly where?: string;
  readonly period?: { readonly name?: string; readonly column: string; readonly start?: string };
}

export interface PartitionSetSpec {
  readonly calendar?: string;
  readonly every?: 'day' | 'month';
  readonly from?: string;
  readonly to?: string;
}

export interface FunctionSpec {
  readonly description?: string;
  readonly arguments: SpecMap<ColumnType>;
  readonly sql: string;
}

/** Either of both says whose rows it has. */
export interface UnionSpec {
  readonly tag?: string;
  readonly tags?: readonly string[];
  readonly columns?: 'same' | 'all';
}

/** The limit alone, or with a description. */
export type PoolSpec = number | { readonly limit: number; readonly description?: string };

export interface ColumnSpec {
  readonly type?: ColumnType;
  readonly description?: string;
  readonly unit?: string;
  readonly nullable?: boolean;
  readonly round?: number;
  readonly references?: string;
  readonly from?: string;
}

/** A name from the dictionary, or a map with one entry. */
export type ColumnEntrySpec = string | SpecMap<ColumnSpec | null>;

export type WindowSpec =
  | 'same'
  | 'latest'
  | 'latest_before'
  | 'all'
  | { readonly before: string | { readonly days?: number; readonly partitions?: number } };

export type UpstreamSpec = WindowSpec | WindowLongSpec;

export interface WindowLongSpec {
  readonly window: WindowSpec;
  /** Of a union also the tags of the members that may be absent. */
  readonly optional?: boolean | readonly string[];
}

export interface ExpectedEmptySpec {
  readonly first_days_of_period?: number;
  readonly condition?: string;
  readonly reason: string;
}

/** Who is expected in every partition: an upstream's rows, or those of a SELECT. */
export interface UniverseSpec {
  readonly relation?: string;
  readonly sql?: string;
  readonly entity: readonly string[];
  readonly where?: string;
  readonly counts?: {
    readonly expected?: string;
    readonly actual?: string;
    readonly missing_dates?: string;
  };
  readonly severity?: 'error' | 'warn';
  readonly blocking?: boolean;
}

/** Why an expected entity has no row. */
export interface FailureSpec {
  readonly category: string;
  readonly when?: string;
  readonly reason: string;
  readonly expected?: boolean;
  readonly correctable?: boolean;
  readonly retry?: boolean;
}

export interface FailureCategorySpec {
  readonly expected: boolean;
  readonly correctable: boolean;
  readonly retry?: boolean;
  readonly description?: string;
}

export interface RetrySpec {
  readonly attempts?: number;
  readonly base_delay?: string;
  readonly max_delay?: string;
}

/** What defaults, groups and assets can all say. */
export interface AssetSettingsSpec {
  readonly partitions?: string;
  readonly partition_column?: string;
  readonly upstream?: SpecMap<UpstreamSpec>;
  readonly columns?: readonly ColumnEntrySpec[];
  readonly key?: readonly string[];
  readonly expected_empty?: readonly ExpectedEmptySpec[];
  readonly universe?: UniverseSpec;
  readonly failures?: readonly FailureSpec[];
  readonly checks?: readonly CheckSpec[];
  readonly retry?: RetrySpec;
  readonly timeout?: string;
  readonly batch?: number;
  readonly freeze?: 'never' | 'once';
  readonly profile?: boolean;
  readonly tags?: readonly string[];
  readonly owner?: string;
  readonly pool?: string;
  readonly max_bytes_billed?: string | number;
}

export interface AssetSpec extends AssetSettingsSpec {
  readonly group: string;
  readonly description?: string;
  readonly sql?: string;
  readonly module?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly files?: readonly string[];
  readonly source?: {
    readonly path: string;
    readonly format?: 'parquet' | 'csv' | 'json';
    readonly optional?: boolean;
  };
}
