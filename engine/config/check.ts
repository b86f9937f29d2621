/** One check of an asset's rows, with every default applied. */
export type Check = {
  readonly name: string;
  readonly severity: 'error' | 'warn';
  /** Keeps the partition's rows from being published. */
  readonly blocking: boolean;
} & (RowKind | GroupKind | UpstreamKind | StatisticsKind | FreshnessCheck);

/** Kinds that one row fails by itself, or by being there twice. */
type RowKind =
  | { readonly type: 'unique'; readonly columns: readonly string[] }
  /** Rows equal in all of these columns. */
  | { readonly type: 'duplicate_rows'; readonly columns: readonly string[] }
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
  | { readonly type: 'condition'; readonly condition: string };

/** Kinds that hold rows of a partition against each other. */
type GroupKind = GroupCheck | MirrorCheck;

/** An aggregate of each group of rows lies between two bounds. */
export interface GroupCheck {
  readonly type: 'group';
  /** The columns that make a group; none for the whole partition. */
  readonly by: readonly string[];
  /** A GoogleSQL expression with aggregates. */
  readonly value: string;
  /** A number, or a GoogleSQL expression with aggregates. */
  readonly min?: number | string;
  readonly max?: number | string;
  /** The rows that count. */
  readonly where?: string;
  /** Groups with fewer rows are not judged. */
  readonly minRows: number;
}

/** Each group is a pair of rows that say the same of each other. */
export interface MirrorCheck {
  readonly type: 'mirror';
  readonly by: readonly string[];
  /** Own column to the GoogleSQL expression over the other row that it equals. */
  readonly columns: Readonly<Record<string, string>>;
  /** How far numbers may differ. */
  readonly tolerance: number;
}

/** Kinds that hold the rows against an upstream. */
type UpstreamKind =
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
  | CoverageCheck
  | SumEqualsCheck
  /** A GoogleSQL SELECT over `this`, the upstreams and `partitions` that returns offending rows. */
  | { readonly type: 'sql'; readonly sql: string };

/** An upstream, and which of its rows belong to a row here. */
export interface RowCountPer {
  readonly relation: string;
  /** How rows belong together: own column to the upstream's. */
  readonly on: Readonly<Record<string, string>>;
}

/** Every row of an upstream has a row here. */
export interface CoverageCheck {
  readonly type: 'coverage';
  readonly of: RowCountPer;
  /** A GoogleSQL condition on the upstream's rows: those that count. */
  readonly where?: string;
  /** Percent of the upstream's rows that must have one; default all. */
  readonly threshold?: number;
}

/** Sums here equal sums of an upstream. */
export interface SumEqualsCheck {
  readonly type: 'sum_equals';
  readonly of: RowCountPer;
  /** GoogleSQL expressions over a row here, and over a row of the upstream. */
  readonly sum: string;
  readonly equals: string;
  readonly tolerance: number;
}

/** Kinds that look at the values of a column as a whole, one partition after the other. */
export type StatisticsKind = ConstantCheck | DriftCheck | ShiftCheck | CorrelationCheck;

/** Columns that do not have one and the same value in a whole partition. */
export interface ConstantCheck {
  readonly type: 'constant';
  readonly columns: readonly string[];
  /** Columns with fewer values are not judged. */
  readonly minRows: number;
}

/** Means that stay near those of the partitions before. */
export interface DriftCheck {
  readonly type: 'drift';
  readonly columns: readonly string[];
  readonly measures: readonly ('mean' | 'sd')[];
  /** How many partitions before are compared with. */
  readonly over: number;
  /** The least of them that it takes. */
  readonly minPartitions: number;
  /** How many standard deviations of the partitions' own figures are too many. */
  readonly sd: number;
  readonly minRows: number;
}

/** A distribution that stays like that of the partitions before. */
export interface ShiftCheck {
  readonly type: 'distribution_shift';
  readonly column: string;
  readonly over: number;
  readonly minPartitions: number;
  /** Bounds between bins; absent for the deciles of the partitions before. */
  readonly bins?: readonly number[];
  /** The largest population stability index allowed. */
  readonly max: number;
  readonly minRows: number;
}

/** Columns that do not go along with another one more than they can. */
export interface CorrelationCheck {
  readonly type: 'correlation';
  /** Own column, e.g. the outcome. */
  readonly column: string;
  /** Columns here, or of the upstream where there is one. */
  readonly columns: readonly string[];
  readonly except: readonly string[];
  readonly of?: RowCountPer;
  /** The largest correlation allowed, of either sign. */
  readonly max: number;
  readonly minRows: number;
}

/** How old the newest partition may be; told from the record, not from rows. */
export interface FreshnessCheck {
  readonly type: 'freshness';
  /** Expected partitions, up to today, that may be newer than the newest one with rows. */
  readonly partitions?: number;
  /** Days that the newest partition with rows may lie before today. */
  readonly days?: number;
}

/** The upstream that a check reads without being SQL. */
export function relationOfCheck(check: Check): string | undefined {
  switch (check.type) {
    case 'relationship':
      return check.to.relation;
    case 'row_count':
      return check.per?.relation;
    case 'coverage':
    case 'sum_equals':
    case 'correlation':
      return check.of?.relation;
    default:
      return undefined;
  }
}
