import {
  DuckDBBlobValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} from '@duckdb/node-api';
import { ApiError } from '../http/api-error.ts';
import type { Field } from './resources.ts';

/** How a caller wants its timestamps. */
export interface ValueFormat {
  /** Microseconds as an integer; otherwise seconds as a float. */
  readonly useInt64Timestamp: boolean;
}

export interface Cell {
  readonly v: unknown;
}

export interface RestRow {
  readonly f: readonly Cell[];
}

/** A row as the API sends it. */
export function restRow(
  values: readonly unknown[],
  fields: readonly Field[],
  format: ValueFormat,
): RestRow {
  return {
    f: fields.map((field, index) => ({ v: restValue(values[index] ?? null, field, format) })),
  };
}

function restValue(value: unknown, field: Field, format: ValueFormat): unknown {
  if (field.mode !== 'REPEATED') return restScalar(value, field, format);
  // BigQuery has no NULL arrays in results.
  if (value === null) return [];
  const items = value instanceof DuckDBListValue ? value.items : [];
  return items.map((item) => ({ v: restScalar(item, { ...field, mode: 'NULLABLE' }, format) }));
}

function restScalar(value: unknown, field: Field, format: ValueFormat): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof DuckDBStructValue) {
    const values = Object.values(value.entries);
    return restRow(values, field.fields ?? [], format);
  }
  return (TEXTS[field.type] ?? String)(value, format);
}

/** Text of a value that is not NULL, by the field's type. */
const TEXTS: Readonly<Record<string, (value: unknown, format: ValueFormat) => string>> = {
  INTEGER: (value) => String(value),
  FLOAT: (value) => floatText(Number(value)),
  BOOLEAN: (value) => (value === true ? 'true' : 'false'),
  BYTES: (value) =>
    value instanceof DuckDBBlobValue ? Buffer.from(value.bytes).toString('base64') : String(value),
  TIMESTAMP: (value, format) => timestampText(value, format),
  DATETIME: (value) => String(value).replace(' ', 'T'),
  NUMERIC: (value) => decimalText(String(value)),
  BIGNUMERIC: (value) => decimalText(String(value)),
};

function floatText(value: number): string {
  if (Number.isNaN(value) || !Number.isFinite(value)) return String(value);
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text.replace('e', 'E').replace('E+', 'E') : `${text}.0`;
}

/** `1.7040672E9`: the API writes seconds as Java does. */
function timestampText(value: unknown, format: ValueFormat): string {
  const micros =
    value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue
      ? value.micros
      : 0n;
  if (format.useInt64Timestamp) return String(micros);
  const seconds = Number(micros) / 1e6;
  if (Math.abs(seconds) < 1e7) return floatText(seconds);
  const [mantissa = '', exponent = ''] = seconds.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${exponent.replace('+', '')}`;
}

function decimalText(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

const MAX_INT64 = 2n ** 63n;

/** Refuses what BigQuery cannot return: an array with a NULL in it, an INT64 that overflowed. */
export function checkResult(rows: readonly (readonly unknown[])[], fields: readonly Field[]): void {
  for (const row of rows) {
    for (const [index, field] of fields.entries()) checkValue(row[index], field);
  }
}

function checkValue(value: unknown, field: Field): void {
  if (value instanceof DuckDBListValue) {
    for (const item of value.items) {
      if (item === null) {
        throw invalid(`Array cannot have a null element; error in writing field ${field.name}`);
      }
      checkValue(item, field);
    }
  }
  if (field.type === 'INTEGER' && typeof value === 'bigint') {
    if (value >= MAX_INT64 || value < -MAX_INT64) throw invalid(`int64 overflow: ${value}`);
  }
}

function invalid(message: string): ApiError {
  return new ApiError(400, 'invalidQuery', message, { location: 'query' });
}
