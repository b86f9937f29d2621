import type { CompiledAsset } from '../compile/compiled.ts';
import type { Column } from '../config/pipeline.ts';
import { WarehouseError } from '../errors.ts';
import type { Day } from '../partitions/date.ts';
import { boundSelect, type PartitionRow } from '../sql/bound.ts';
import { warehouseType } from '../sql/column-type.ts';
import { quoteDay, quoteName, quoteText } from '../sql/quote.ts';
import { dateOrError } from '../sql/undated-row.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { type CsvHeader, readCsvHeader } from './csv-header.ts';

/** The row of a file as the statement names it. */
const ROW = '_row';

/**
 * The statement that loads partitions of a source from local files with DuckDB. Without `partitions` it loads
 * every row: how an asset that defines its own calendar finds out which dates there are.
 */
export async function sourceSelect(
  asset: CompiledAsset,
  files: readonly string[],
  partitions: readonly PartitionRow[] | undefined,
): Promise<string> {
  // Qualified: a column that the file lacks must not be taken for one that was renamed to its name.
  const columns = asset.columns.map((column) => readColumn(asset, column)).join(', ');
  return boundSelect({
    dialect: 'duckdb',
    statement: `SELECT ${columns} FROM ${await filesRelation(asset, files)} AS ${ROW}`,
    columns: asset.columns,
    partitionColumn: partitions === undefined ? undefined : asset.partitionColumn,
    relations: [],
    partitions,
  });
}

/** The first value of a partition that is not of its column's declared type: column, type, value and row. */
export async function badValueQuery(
  asset: CompiledAsset,
  files: readonly string[],
  day: Day,
): Promise<string> {
  const relation = await filesRelation(asset, files);
  const partition = asset.columns.find((column) => column.name === asset.partitionColumn);
  const date = `TRY_CAST(${valueOf(partition ?? { name: '' })} AS DATE)`;
  const selects = asset.columns.map((column) => {
    const value = valueOf(column);
    const texts = [column.name, column.type].map((text) => quoteText(text, 'duckdb')).join(', ');
    return `SELECT ${texts}, CAST(${value} AS VARCHAR), left(CAST(to_json(${ROW}) AS VARCHAR), 400)
FROM ${relation} AS ${ROW}
WHERE ${date} = ${quoteDay(day)} AND ${value} IS NOT NULL AND TRY_CAST(${value} AS ${warehouseType(column.type, 'duckdb')}) IS NULL`;
  });
  return `${selects.join('\nUNION ALL\n')}\nLIMIT 1`;
}

/** All rows of the files with all of their columns. */
export async function filesRelation(
  asset: CompiledAsset,
  files: readonly string[],
): Promise<string> {
  if (files.length === 0) return noRows(asset);
  const format = asset.source?.format ?? 'parquet';
  if (format !== 'csv') {
    const list = files.map((file) => quoteText(file, 'duckdb')).join(', ');
    // Files of one source may come from several years: columns are matched by name.
    return `read_${format}([${list}], union_by_name = true)`;
  }
  const headers = await Promise.all(files.map(readCsvHeader));
  for (const header of headers) requireColumnNames(asset, header);
  requireDeclaredColumns(asset, headers);
  return `(${headers.map(csvSelect).join(' UNION ALL BY NAME ')})`;
}

/** What an optional source without files has: the columns, and no row. */
function noRows(asset: CompiledAsset): string {
  const columns = asset.columns.map(
    (column) =>
      `CAST(NULL AS ${warehouseType(column.type, 'duckdb')}) AS ${quoteName(column.from ?? column.name, 'duckdb')}`,
  );
  return `(SELECT ${columns.join(', ')} LIMIT 0)`;
}

/** Text first: the declared types decide, not what the first rows look like. */
function csvSelect({ path, delimiter, columns }: CsvHeader): string {
  const types = columns.map((column) => `${quoteText(column, 'duckdb')}: 'VARCHAR'`).join(', ');
  const file = quoteText(path, 'duckdb');
  return `SELECT * FROM read_csv(${file}, auto_detect = false, header = true, delim = ${quoteText(delimiter, 'duckdb')}, quote = '"', escape = '"', columns = {${types}})`;
}

function requireColumnNames(asset: CompiledAsset, { path, columns }: CsvHeader): void {
  if (columns.some((column) => /[\0\uFFFD]/.test(column))) {
    const message = `${path}: expected UTF-8 text, found other bytes in its first line`;
    throw new WarehouseError(message, { kind: 'unavailable', category: 'SOURCE_UNREADABLE' });
  }
  const names = columns.map((column) => column.toLowerCase());
  const twice = columns.find((_, index) => names.indexOf(names[index] ?? '') !== index);
  if (twice !== undefined) {
    throw mismatch(`${path}: expected columns with different names, found "${twice}" twice`);
  }
  if (columns.every((column) => column === '')) {
    throw mismatch(
      `${path}: expected a first line with the names of the columns (${declared(asset)}), found nothing`,
    );
  }
}

function requireDeclaredColumns(asset: CompiledAsset, headers: readonly CsvHeader[]): void {
  const found = [...new Set(headers.flatMap((header) => header.columns))];
  const missing = missingColumns(asset, found);
  if (missing) throw mismatch(`${headers.map((header) => header.path).join(', ')}: ${missing}`);
}

/** What to say about declared columns that files do not have; undefined when they have all. */
export function missingColumns(asset: CompiledAsset, found: readonly string[]): string | undefined {
  const lowerCase = new Set(found.map((name) => name.toLowerCase()));
  const missing = asset.columns
    .map((column) => column.from ?? column.name)
    .filter((name) => !lowerCase.has(name.toLowerCase()));
  if (missing.length === 0) return undefined;
  const names = missing.map((name) => `"${name}"${didYouMean(name, found)}`).join('; ');
  const words = missing.length === 1 ? 'the column' : 'the columns';
  return `expected ${words} ${names}; found: ${found.slice(0, 40).join(', ')}`;
}

/** Thrown for files whose columns are not the declared ones. */
export function mismatch(message: string): WarehouseError {
  return new WarehouseError(message, { kind: 'statement', category: 'SCHEMA_MISMATCH' });
}

function declared(asset: CompiledAsset): string {
  return asset.columns.map((column) => column.from ?? column.name).join(', ');
}

function readColumn(asset: CompiledAsset, column: Column): string {
  const name = quoteName(column.name, 'duckdb');
  const from = valueOf(column);
  const isDate = asset.partitionSet !== undefined && column.name === asset.partitionColumn;
  const value = isDate
    ? dateOrError({ asset: asset.name, name: column.name, value: from, row: ROW })
    : from;
  return `${value} AS ${name}`;
}

function valueOf(column: Pick<Column, 'name' | 'from'>): string {
  return `${ROW}.${quoteName(column.from ?? column.name, 'duckdb')}`;
}
