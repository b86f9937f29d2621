import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  type DuckDBAppender,
  DuckDBDateValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';

import { WarehouseError } from '../errors.ts';
import { parseDay } from '../partitions/date.ts';
import type { TableColumn } from './warehouse.ts';

/** A DuckDB value as JSON knows it. */
export function plainValue(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (typeof value !== 'object') return value;
  if ('items' in value && Array.isArray(value.items)) return value.items.map(plainValue);
  return String(value);
}

/** The driver's types by GoogleSQL's. */
const TYPES: Readonly<Record<string, DuckDBType>> = {
  STRING: VARCHAR,
  INT64: BIGINT,
  FLOAT64: DOUBLE,
  BOOL: BOOLEAN,
  DATE,
  TIMESTAMP,
  'ARRAY<STRING>': LIST(VARCHAR),
  'ARRAY<INT64>': LIST(BIGINT),
  'ARRAY<FLOAT64>': LIST(DOUBLE),
};

/** The driver's type of a column. */
export function driverType({ name, type }: Pick<TableColumn, 'name' | 'type'>): DuckDBType {
  const found = TYPES[type];
  if (found === undefined) throw new Error(`Internal error: column ${name} has the type ${type}`);
  return found;
}

/** Appends one value that a module returned; throws a data error that names the column and what was found. */
export function appendValue(appender: DuckDBAppender, column: TableColumn, value: unknown): void {
  appender.appendValue(driverValue(column, value), driverType(column));
}

/** A value that a module returned as the driver has it; throws a data error that names the column and what was found. */
export function driverValue(column: TableColumn, value: unknown): DuckDBValue {
  if (value === null || value === undefined) return null;
  const converted = CONVERTERS[column.type]?.(value);
  if (converted !== undefined) return converted;
  throw new WarehouseError(
    `column ${column.name} expects ${column.type}, got ${JSON.stringify(value)} (${typeof value})`,
    { kind: 'data', category: 'DATA_ERROR' },
  );
}

/** A time without a zone is one of UTC, wherever the machine is. */
function inUtc(time: string): string {
  return /T|\d \d/.test(time) && !/(Z|[+-]\d\d:?\d\d)$/i.test(time)
    ? `${time.replace(' ', 'T')}Z`
    : time;
}

/** Each gives undefined for a value that the type cannot hold. */
const CONVERTERS: Readonly<Record<string, (value: unknown) => DuckDBValue | undefined>> = {
  STRING: (value) => (typeof value === 'string' ? value : undefined),
  INT64: (value) => {
    if (typeof value === 'bigint') return value;
    return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined;
  },
  FLOAT64: (value) => (typeof value === 'number' && !Number.isNaN(value) ? value : undefined),
  BOOL: (value) => (typeof value === 'boolean' ? value : undefined),
  DATE: (value) => {
    const day = typeof value === 'string' ? parseDay(value) : undefined;
    return day === undefined ? undefined : new DuckDBDateValue(day);
  },
  TIMESTAMP: (value) => {
    const instant = typeof value === 'string' ? Date.parse(inUtc(value)) : Number.NaN;
    return Number.isNaN(instant) ? undefined : new DuckDBTimestampValue(BigInt(instant) * 1000n);
  },
  'ARRAY<STRING>': (value) => (Array.isArray(value) ? listValue(value.map(String)) : undefined),
  'ARRAY<INT64>': (value) =>
    Array.isArray(value) && value.every(Number.isSafeInteger)
      ? listValue(value.map((each) => BigInt(each as number)))
      : undefined,
  'ARRAY<FLOAT64>': (value) => (Array.isArray(value) ? listValue(value.map(Number)) : undefined),
};
