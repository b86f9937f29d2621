const TYPES: Readonly<Record<string, string>> = {
  VARCHAR: 'STRING',
  TINYINT: 'INT64',
  SMALLINT: 'INT64',
  INTEGER: 'INT64',
  BIGINT: 'INT64',
  HUGEINT: 'INT64',
  UTINYINT: 'INT64',
  USMALLINT: 'INT64',
  UINTEGER: 'INT64',
  UBIGINT: 'INT64',
  UHUGEINT: 'INT64',
  FLOAT: 'FLOAT64',
  DOUBLE: 'FLOAT64',
  BOOLEAN: 'BOOL',
  BLOB: 'BYTES',
  TIMESTAMP_NS: 'TIMESTAMP',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP',
};

/** GoogleSQL's name of a type that DuckDB reports, so that scripts read the same on every target. */
export function googleSqlType(duckdbType: string): string {
  if (duckdbType.endsWith('[]')) return `ARRAY<${googleSqlType(duckdbType.slice(0, -2))}>`;
  if (duckdbType.startsWith('DECIMAL')) return 'NUMERIC';
  return TYPES[duckdbType] ?? duckdbType;
}
