import type { CompiledAsset } from '../compile/compiled.ts';
import type { Column } from '../config/pipeline.ts';
import { boundSelect } from '../sql/bound.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import type { PartitionRow } from '../sql/bound.ts';

const READERS = {
  parquet: 'read_parquet',
  csv: 'read_csv',
  json: 'read_json',
} as const;

/**
 * The statement that loads partitions of a source from local files with DuckDB. Without `partitions` it loads
 * every row: how an asset that defines its own calendar finds out which dates there are.
 */
export function sourceSelect(
  asset: CompiledAsset,
  files: readonly string[],
  partitions: readonly PartitionRow[] | undefined,
): string {
  const format = asset.source?.format ?? 'parquet';
  const list = files.map((file) => quoteText(file, 'duckdb')).join(', ');
  const columns = asset.columns.map((column) => readColumn(column)).join(', ');
  return boundSelect({
    dialect: 'duckdb',
    statement: `SELECT ${columns} FROM ${READERS[format]}([${list}]${readerOptions(asset)})`,
    columns: asset.columns,
    partitionColumn: partitions === undefined ? undefined : asset.partitionColumn,
    relations: [],
    partitions,
  });
}

function readColumn(column: Column): string {
  const name = quoteName(column.name, 'duckdb');
  return column.from === undefined ? name : `${quoteName(column.from, 'duckdb')} AS ${name}`;
}

/** Files of one source may come from several years: columns are matched by name. */
function readerOptions(asset: CompiledAsset): string {
  if (asset.source?.format !== 'csv') return ', union_by_name = true';
  // Text first: the declared types decide, not what the first rows look like.
  return ', union_by_name = true, header = true, all_varchar = true';
}
