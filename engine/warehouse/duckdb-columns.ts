import {
  type DuckDBAppender,
  DuckDBDataChunk,
  DuckDBDateValue,
  type DuckDBValue,
  DuckDBVector,
} from '@duckdb/node-api';

import {
  type ColumnarRows,
  type ColumnBatch,
  type ColumnsQuery,
  type ColumnValues,
  isNumeric,
  textOf,
  type TypedColumn,
} from './columns.ts';
import { q } from './duckdb-sql.ts';
import { driverType, driverValue, plainValue } from './duckdb-values.ts';
import type { TableColumn } from './warehouse.ts';

/** The statement whose result `columnsOfChunks` reads: every number a DOUBLE, and NaN where it is NULL. */
export function columnsSelect({ select, columns, orderBy }: ColumnsQuery): string {
  const values = columns.map(({ name, type }) => {
    const value = `_rows.${q(name)}`;
    if (!isNumeric(type)) return `${value} AS ${q(name)}`;
    const number = type === 'DATE' ? `(${value} - DATE '1970-01-01')` : value;
    return `COALESCE(CAST(${number} AS DOUBLE), CAST('NaN' AS DOUBLE)) AS ${q(name)}`;
  });
  const order = orderBy.map((name) => `_rows.${q(name)} NULLS FIRST`).join(', ');
  const sorted = order === '' ? '' : `\nORDER BY ${order}`;
  return `SELECT ${values.join(', ')}\nFROM (${select}) AS _rows${sorted}`;
}

/** The chunks of a result as columns. */
export function columnsOfChunks(
  chunks: readonly DuckDBDataChunk[],
  columns: readonly TypedColumn[],
): ColumnarRows {
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const read = (type: string, at: number) =>
    isNumeric(type) ? numbersOf(chunks, at, rows) : textsOf(chunks, at);
  return {
    rows,
    columns: Object.fromEntries(columns.map(({ name, type }, at) => [name, read(type, at)])),
  };
}

function numbersOf(chunks: readonly DuckDBDataChunk[], at: number, rows: number): Float64Array {
  const numbers = new Float64Array(rows);
  let from = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(at);
    const items = itemsOf(vector);
    if (items) numbers.set(items, from);
    else {
      for (let row = 0; row < chunk.rowCount; row++)
        numbers[from + row] = Number(vector.getItem(row));
    }
    from += chunk.rowCount;
  }
  return numbers;
}

/** The numbers of a vector of DOUBLEs at once: a tenth of the cost of asking for each. */
function itemsOf(vector: DuckDBVector): Float64Array | undefined {
  return 'items' in vector && vector.items instanceof Float64Array ? vector.items : undefined;
}

function textsOf(chunks: readonly DuckDBDataChunk[], at: number): readonly (string | null)[] {
  const texts: (string | null)[] = [];
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(at);
    for (let row = 0; row < chunk.rowCount; row++) {
      const value: DuckDBValue = vector.getItem(row);
      texts.push(typeof value === 'string' ? value : textOf(plainValue(value)));
    }
  }
  return texts;
}

/** Appends rows given as columns to a table that has these columns in this order; throws for a value of another type. */
export function appendColumns(
  appender: DuckDBAppender,
  columns: readonly TableColumn[],
  batch: ColumnBatch,
): void {
  const types = columns.map(driverType);
  const most = DuckDBVector.standardSize();
  for (let from = 0; from < batch.rows; from += most) {
    const count = Math.min(most, batch.rows - from);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [at, column] of columns.entries()) {
      const values = batch.columns.get(column.name);
      fill(chunk.getColumnVector(at), column, { values, from, count });
    }
    appender.appendDataChunk(chunk);
  }
}

interface Part {
  readonly values: ColumnValues | undefined;
  readonly from: number;
  readonly count: number;
}

function fill(vector: DuckDBVector, column: TableColumn, { values, from, count }: Part): void {
  const items = values instanceof Float64Array ? itemsOf(vector) : undefined;
  if (items && values instanceof Float64Array) {
    items.set(values.subarray(from, from + count));
    for (let row = 0; row < count; row++) {
      if (Number.isNaN(items[row])) vector.setItem(row, null);
    }
  } else {
    for (let row = 0; row < count; row++) {
      vector.setItem(row, cellOf(column, values?.[from + row]));
    }
  }
  vector.flush();
}

/** Besides what rows may hold, a number may say a date or whether something is true, and NaN is NULL. */
function cellOf(column: TableColumn, value: unknown): DuckDBValue {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return null;
    if (column.type === 'DATE' && Number.isInteger(value)) return new DuckDBDateValue(value);
    if (column.type === 'BOOL' && (value === 0 || value === 1)) return value === 1;
  }
  return driverValue(column, value);
}
