import { writeFileSync } from 'node:fs';
import type { Target } from '../config/pipeline.ts';
import { PipelineError } from '../errors.ts';
import type { Day } from '../partitions/date.ts';
import { queryCsv } from '../report/query-csv.ts';
import { quoteDay, quoteName, quoteTable, quoteText, type SqlDialect } from '../sql/quote.ts';
import type { QueryResult, TableSpec, Warehouse } from '../warehouse/warehouse.ts';
import type { Effects } from './context.ts';

/** `json` has one object per line. */
export type ExportFormat = 'parquet' | 'csv' | 'json';

export interface ExportRequest {
  readonly table: TableSpec;
  readonly target: Target;
  /** Partitions to write, ascending; none for an unpartitioned table. */
  readonly days: readonly Day[];
  readonly format: ExportFormat;
  readonly path: string;
  readonly warehouse: Warehouse;
}

const COPY_OPTIONS: Readonly<Record<ExportFormat, string>> = {
  parquet: 'FORMAT parquet, COMPRESSION zstd',
  csv: 'FORMAT csv, HEADER true',
  json: 'FORMAT json',
};

/** Writes the rows of some partitions to a file, in an order that depends on nothing but the rows. */
export async function exportRows(
  request: ExportRequest,
  { signal }: Pick<Effects, 'signal'>,
): Promise<void> {
  const { warehouse, format, path } = request;
  if (warehouse.capabilities.dialect === 'duckdb') {
    const select = exportSelect(request, 'duckdb');
    const copy = `COPY (${select}) TO ${quoteText(path, 'duckdb')} (${COPY_OPTIONS[format]})`;
    await warehouse.execute(copy, { signal });
    return;
  }
  if (format === 'parquet') {
    throw new PipelineError(`target ${request.target.name} exports csv and json, not parquet`, {
      code: 'UNSUPPORTED_FORMAT',
      hint: 'add --format csv',
    });
  }
  const result = await warehouse.query(exportSelect(request, 'bigquery'), { signal });
  writeFileSync(path, format === 'csv' ? queryCsv(result) : jsonLines(result));
}

/** All columns as declared; by partition, then key, then whatever is left to tell rows apart. */
function exportSelect(request: ExportRequest, dialect: SqlDialect): string {
  const { table } = request;
  const columns = table.columns.map(({ name }) => quoteName(name, dialect));
  const name = quoteTable(table.dataset, table.name, dialect);
  const order = orderColumns(table).map((column) => quoteName(column, dialect));
  const where = dayFilter(request, dialect);
  return `SELECT ${columns.join(', ')} FROM ${name}${where} ORDER BY ${order.join(', ')}`;
}

function orderColumns(table: TableSpec): readonly string[] {
  const sortable = table.columns.filter(({ type }) => !type.startsWith('ARRAY'));
  const first = [table.partitionColumn ?? [], ...table.key].flat();
  return [...new Set([...first, ...sortable.map(({ name }) => name)])];
}

function dayFilter({ table, days }: ExportRequest, dialect: SqlDialect): string {
  const [first] = days;
  const last = days.at(-1);
  if (table.partitionColumn === undefined || first === undefined || last === undefined) return '';
  const column = quoteName(table.partitionColumn, dialect);
  return ` WHERE ${column} BETWEEN ${quoteDay(first)} AND ${quoteDay(last)} AND ${column} IN (${days.map(quoteDay).join(', ')})`;
}

function jsonLines({ columns, rows }: QueryResult): string {
  return rows
    .map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])))
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');
}
