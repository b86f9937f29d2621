type Map<T> = Readonly<Record<string, T>>;

/** A check of pipeline.yaml as the JSON Schema lets it be: one of the kinds, and what goes with all of them. */
export interface CheckSpec {
  readonly unique?: readonly string[];
  readonly duplicate_rows?: { readonly except?: readonly string[] };
  readonly not_null?: string;
  readonly accepted_values?: {
    readonly column: string;
    readonly values: readonly (string | number | boolean)[];
  };
  readonly range?: { readonly column: string; readonly min?: number; readonly max?: number };
  readonly condition?: string;
  readonly group?: {
    readonly by?: readonly string[];
    readonly value: string;
    readonly min?: number | string;
    readonly max?: number | string;
    readonly where?: string;
    readonly min_rows?: number;
  };
  readonly mirror?: {
    readonly by: readonly string[];
    readonly columns: Map<string>;
    readonly tolerance?: number;
  };
  readonly row_count?: {
    readonly min?: number;
    readonly max?: number;
    readonly per?: string;
    readonly on?: Map<string>;
  };
  readonly relationship?: { readonly column: string; readonly to: string };
  readonly coverage?: {
    readonly of: string;
    readonly on?: Map<string>;
    readonly where?: string;
  };
  readonly sum_equals?: {
    readonly sum: string;
    readonly of: string;
    readonly equals: string;
    readonly on?: Map<string>;
    readonly tolerance?: number;
  };
  readonly constant?: {
    readonly columns?: readonly string[];
    readonly except?: readonly string[];
    readonly min_rows?: number;
  };
  readonly drift?: {
    readonly columns: readonly string[];
    readonly measures?: readonly ('mean' | 'sd')[];
    readonly over?: number;
    readonly min_partitions?: number;
    readonly sd?: number;
    readonly min_rows?: number;
  };
  readonly distribution_shift?: {
    readonly column: string;
    readonly over?: number;
    readonly min_partitions?: number;
    readonly bins?: readonly number[];
    readonly max?: number;
    readonly min_rows?: number;
  };
  readonly correlation?: {
    readonly column: string;
    readonly of?: string;
    readonly on?: Map<string>;
    readonly columns?: readonly string[];
    readonly except?: readonly string[];
    readonly max: number;
    readonly min_rows?: number;
  };
  readonly freshness?: { readonly partitions?: number; readonly days?: number };
  readonly sql?: string;
  /** Of not_null and coverage. */
  readonly threshold?: number;
  readonly name?: string;
  readonly severity?: 'error' | 'warn';
  readonly blocking?: boolean;
}
