import type { Day } from '../partitions/date.ts';
import { quoteDay, quoteName, quoteTable, type SqlDialect } from '../sql/quote.ts';
import type { TableSpec, Warehouse } from '../warehouse/warehouse.ts';
import type { Effects } from './context.ts';

/** `json` has one object per line. */
export type ExportFormat = 'parquet' | 'csv' | 'json';

export interface ExportRequest {
  readonly table: TableSpec;
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
  const select = exportSelect(request, warehouse.capabilities.dialect);
  const options = COPY_OPTIONS[format];
  await warehouse.copyToFile({ table: request.table, select, path, options }, { signal });
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
