import type { ColumnType } from '../config/pipeline.ts';
import type { Day } from '../partitions/date.ts';
import type { SqlDialect } from '../sql/quote.ts';

/** The shares of rows at which a profile names values. */
export const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;
/** Into how many bins of equal width a histogram is cut. */
export const BINS = 16;
/** Up to so many rows quantiles are those of all values, where the warehouse can; a sort of every column. */
const EXACT_QUANTILES = 200_000;
/** Up to so many rows distinct values are counted one by one; beyond them they may not fit in memory. */
const EXACT_DISTINCT = 2_000_000;

/** Which figures are estimates. */
export interface Estimated {
  readonly distinct: boolean;
  readonly quantiles: boolean;
}

/** What is estimated of so many rows; BigQuery has no other quantiles as an aggregate. */
export function estimatedOf(rows: number, dialect: SqlDialect): Estimated {
  return {
    distinct: rows > EXACT_DISTINCT,
    quantiles: dialect === 'bigquery' || rows > EXACT_QUANTILES,
  };
}

/** How a column's values become numbers: themselves, days or milliseconds since 1970, or how long they are. */
export type Measured = 'number' | 'truth' | 'day' | 'instant' | 'length';

export interface TopValue {
  readonly value: string;
  readonly count: number;
}

/** A column in the rows of one month. */
export interface ColumnMonth {
  readonly nulls: number;
  readonly mean: number | undefined;
}

/** What one column holds. Figures are those of `measured`; absent where no row has a value. */
export interface ColumnProfile {
  readonly name: string;
  readonly type: ColumnType;
  readonly measured: Measured;
  readonly nulls: number;
  /** NaN and infinite values, which the figures leave out. */
  readonly notFinite: number;
  /** Absent where it was not asked for, and for arrays. */
  readonly distinct: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly mean: number | undefined;
  readonly sd: number | undefined;
  /** In the order of QUANTILES; empty without values. */
  readonly quantiles: readonly number[];
  /** Shares of the values in bins of equal width from min to max; empty without values. */
  readonly bins: readonly number[];
  /** The most frequent values of a text or truth column, the most frequent first. */
  readonly top: readonly TopValue[];
  /** In the order of the profile's months. */
  readonly months: readonly ColumnMonth[];
}

/** What the rows of an asset hold, column by column. */
export interface AssetProfile {
  readonly rows: number;
  readonly estimated: Estimated;
  /** First days of months that have rows, ascending; none of an unpartitioned asset. */
  readonly months: readonly { readonly first: Day; readonly rows: number }[];
  readonly columns: readonly ColumnProfile[];
}

const MEASURED: Readonly<Record<ColumnType, Measured>> = {
  STRING: 'length',
  INT64: 'number',
  FLOAT64: 'number',
  BOOL: 'truth',
  DATE: 'day',
  TIMESTAMP: 'instant',
  'ARRAY<STRING>': 'length',
  'ARRAY<INT64>': 'length',
  'ARRAY<FLOAT64>': 'length',
};

export function measuredOf(type: ColumnType): Measured {
  return MEASURED[type];
}

export function isArray(type: ColumnType): boolean {
  return type.startsWith('ARRAY<');
}
