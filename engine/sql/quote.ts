import { formatDay, type Day } from '../partitions/date.ts';

export type SqlDialect = 'duckdb' | 'bigquery';

/** A name as the dialect quotes it. */
export function quoteName(name: string, dialect: SqlDialect): string {
  return dialect === 'duckdb' ? `"${name.replaceAll('"', '""')}"` : `\`${name}\``;
}

/** A table of a dataset. */
export function quoteTable(dataset: string, table: string, dialect: SqlDialect): string {
  return `${quoteName(dataset, dialect)}.${quoteName(table, dialect)}`;
}

/** A text literal. */
export function quoteText(text: string, dialect: SqlDialect): string {
  if (dialect === 'duckdb') return `'${text.replaceAll("'", "''")}'`;
  // A text of one line has no line breaks of any kind.
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `'${escaped}'`;
}

/** A date literal. */
export function quoteDay(day: Day): string {
  return `DATE '${formatDay(day)}'`;
}
