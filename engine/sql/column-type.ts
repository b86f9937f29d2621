import type { SqlDialect } from './quote.ts';

const DUCKDB_TYPES: Readonly<Record<string, string>> = {
  STRING: 'VARCHAR',
  INT64: 'BIGINT',
  FLOAT64: 'DOUBLE',
  BOOL: 'BOOLEAN',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP',
  'ARRAY<STRING>': 'VARCHAR[]',
  'ARRAY<INT64>': 'BIGINT[]',
  'ARRAY<FLOAT64>': 'DOUBLE[]',
};

/** The dialect's name of a declared GoogleSQL type. */
export function warehouseType(type: string, dialect: SqlDialect): string {
  if (dialect === 'bigquery') return type;
  const name = DUCKDB_TYPES[type];
  if (name === undefined) throw new Error(`Internal error: no DuckDB type for ${type}`);
  return name;
}
