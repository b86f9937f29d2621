import {
  DOUBLE,
  type DuckDBAppender,
  DuckDBDateValue,
  DuckDBTimestampValue,
  BIGINT,
  LIST,
  listValue,
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

/** Appends one value that a module returned; throws a data error that names the column and what was found. */
export function appendValue(appender: DuckDBAppender, column: TableColumn, value: unknown): void {
  if (value === null || value === undefined) {
    appender.appendNull();
    return;
  }
  const append = APPENDERS[column.type];
  if (!append?.(appender, value)) {
    throw new WarehouseError(
      `column ${column.name} expects ${column.type}, got ${JSON.stringify(value)} (${typeof value})`,
      { kind: 'data', category: 'DATA_ERROR' },
    );
  }
}

/** A time without a zone is one of UTC, wherever the machine is. */
function inUtc(time: string): string {
  return /T|\d \d/.test(time) && !/(Z|[+-]\d\d:?\d\d)$/i.test(time)
    ? `${time.replace(' ', 'T')}Z`
    : time;
}

type Append = (appender: DuckDBAppender, value: unknown) => boolean;

/** Each returns false for a value that the type cannot hold. */
const APPENDERS: Readonly<Record<string, Append>> = {
  STRING: (appender, value) => {
    if (typeof value !== 'string') return false;
    appender.appendVarchar(value);
    return true;
  },
  INT64: (appender, value) => {
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return false;
    appender.appendBigInt(BigInt(value as number | bigint));
    return true;
  },
  FLOAT64: (appender, value) => {
    if (typeof value !== 'number' || Number.isNaN(value)) return false;
    appender.appendDouble(value);
    return true;
  },
  BOOL: (appender, value) => {
    if (typeof value !== 'boolean') return false;
    appender.appendBoolean(value);
    return true;
  },
  DATE: (appender, value) => {
    const day = typeof value === 'string' ? parseDay(value) : undefined;
    if (day === undefined) return false;
    appender.appendDate(new DuckDBDateValue(day));
    return true;
  },
  TIMESTAMP: (appender, value) => {
    const instant = typeof value === 'string' ? Date.parse(inUtc(value)) : Number.NaN;
    if (Number.isNaN(instant)) return false;
    appender.appendTimestamp(new DuckDBTimestampValue(BigInt(instant) * 1000n));
    return true;
  },
  'ARRAY<STRING>': (appender, value) => {
    if (!Array.isArray(value)) return false;
    appender.appendList(listValue(value.map(String)), LIST(VARCHAR));
    return true;
  },
  'ARRAY<INT64>': (appender, value) => {
    if (!Array.isArray(value) || !value.every(Number.isSafeInteger)) return false;
    appender.appendList(listValue(value.map((each) => BigInt(each as number))), LIST(BIGINT));
    return true;
  },
  'ARRAY<FLOAT64>': (appender, value) => {
    if (!Array.isArray(value)) return false;
    appender.appendList(listValue(value.map(Number)), LIST(DOUBLE));
    return true;
  },
};
