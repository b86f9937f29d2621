import { parseDay } from '../partitions/date.ts';

/**
 * Rows column by column. INT64, FLOAT64, BOOL (1 and 0) and DATE (days since 1970-01-01) are numbers, NULL being NaN;
 * everything else is text, an array as JSON.
 */
export interface ColumnarRows {
  readonly rows: number;
  readonly columns: Readonly<Record<string, Float64Array | readonly (string | null)[]>>;
}

/** A column to be read. */
export interface TypedColumn {
  readonly name: string;
  /** GoogleSQL type. */
  readonly type: string;
}

/** What is to be read column by column. */
export interface ColumnsQuery {
  /** In the warehouse's dialect; returns the columns and those to order by. */
  readonly select: string;
  readonly columns: readonly TypedColumn[];
  /** Columns whose values decide the order of the rows; NULL comes first. */
  readonly orderBy: readonly string[];
}

export type ColumnValue = string | number | boolean | null;

/** The values of one column to be written; NaN is NULL. */
export type ColumnValues = Float64Array | readonly ColumnValue[];

/** Rows to be written, column by column; a column of the table that is not there is NULL in all of them. */
export interface ColumnBatch {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, ColumnValues>;
}

const NUMERIC = new Set(['INT64', 'FLOAT64', 'BOOL', 'DATE']);

/** Whether the values of a type are read as numbers. */
export function isNumeric(type: string): boolean {
  return NUMERIC.has(type);
}

/** The rows of an ordinary result as columns; `columns` are those of the result, in its order. */
export function columnarRows(
  columns: readonly TypedColumn[],
  rows: readonly (readonly unknown[])[],
): ColumnarRows {
  return {
    rows: rows.length,
    columns: Object.fromEntries(
      columns.map(({ name, type }, at) => [
        name,
        isNumeric(type)
          ? Float64Array.from(rows, (row) => numberOf(row[at], type))
          : rows.map((row) => textOf(row[at])),
      ]),
    ),
  };
}

function numberOf(value: unknown, type: string): number {
  if (value === null || value === undefined) return Number.NaN;
  return type === 'DATE' ? (parseDay(String(value)) ?? Number.NaN) : Number(value);
}

/** A value, as results have it, as text. */
export function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? JSON.stringify(value) : String(value);
}
