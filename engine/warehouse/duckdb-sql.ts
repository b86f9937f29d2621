import type { Day } from '../partitions/date.ts';
import { UNPARTITIONED } from '../partitions/date.ts';
import { warehouseType } from '../sql/column-type.ts';
import { quoteName, quoteTable } from '../sql/quote.ts';
import type { StagedCheck, TableColumn, TableSpec } from './warehouse.ts';

/** The warehouse's own table: which partitions are materialized, written in the same transaction as their rows. */
export const MATERIALIZATIONS_TABLE = '_fastbreak_materializations';
export const MATERIALIZATIONS = `main.${MATERIALIZATIONS_TABLE}`;

export const CREATE_MATERIALIZATIONS = `CREATE TABLE IF NOT EXISTS ${MATERIALIZATIONS} (
  asset VARCHAR NOT NULL,
  day INTEGER NOT NULL,
  rows BIGINT NOT NULL,
  data_hi UINTEGER NOT NULL,
  data_lo UINTEGER NOT NULL,
  input_hi UINTEGER NOT NULL,
  input_lo UINTEGER NOT NULL,
  inputs VARCHAR NOT NULL,
  code_version VARCHAR NOT NULL,
  run_id VARCHAR NOT NULL,
  materialized_at BIGINT NOT NULL,
  reason VARCHAR,
  source_quick VARCHAR,
  source_content VARCHAR,
  marked_by VARCHAR,
  marked_at BIGINT
)`;

/** DuckDB's name of a declared type. */
export function duckdbType(type: string): string {
  return warehouseType(type, 'duckdb');
}

export const q = (name: string): string => quoteName(name, 'duckdb');

export function tableName(table: TableSpec): string {
  return quoteTable(table.dataset, table.name, 'duckdb');
}

/** No asset's name begins like this. */
export const STAGING_PREFIX = '_staging__';

export function stagingName(table: TableSpec, stage: string): string {
  return `${STAGING_PREFIX}${table.name}__${stage}`;
}

export function columnDefinitions(columns: readonly TableColumn[]): string {
  return columns.map((column) => `${q(column.name)} ${duckdbType(column.type)}`).join(', ');
}

export function columnList(columns: readonly TableColumn[]): string {
  return columns.map((column) => q(column.name)).join(', ');
}

/** The day number of a row's partition. */
export function dayExpression(table: TableSpec): string {
  return table.partitionColumn === undefined
    ? `CAST(${UNPARTITIONED} AS INTEGER)`
    : `CAST(${q(table.partitionColumn)} - DATE '1970-01-01' AS INTEGER)`;
}

/**
 * One grouped query over a staged relation: per partition its rows, its data version (a sum of row hashes, so
 * that order does not matter and duplicates count) and the offending rows of every check. Unordered, since
 * sorting costs a step of one partition a quarter of the query; of an empty relation without partitions one row.
 */
export function versionsQuery(
  table: TableSpec,
  relation: string,
  checks: readonly StagedCheck[],
): string {
  const counts = offendingCounts(checks);
  return `SELECT day, CAST(rows AS DOUBLE) AS rows,
  CAST(version // 4294967296 AS DOUBLE) AS data_hi, CAST(version % 4294967296 AS DOUBLE) AS data_lo${checks.map((_, index) => `, c${index}`).join('')}
FROM (
  SELECT ${dayExpression(table)} AS day, COUNT(*) AS rows,
    SUM(hash(${columnList(table.columns)})) % 18446744073709551616 AS version${counts.join('')}
  FROM ${relation} GROUP BY ALL
)`;
}

/** The same without versions. */
export function offendingCountsQuery(
  table: TableSpec,
  relation: string,
  checks: readonly StagedCheck[],
): string {
  return `SELECT ${dayExpression(table)} AS day, CAST(COUNT(*) AS DOUBLE) AS rows${offendingCounts(checks).join('')}
FROM ${relation} AS _rows GROUP BY ALL HAVING COUNT(*) > 0 ORDER BY day`;
}

function offendingCounts(checks: readonly StagedCheck[]): readonly string[] {
  return checks.map((check, index) => `, CAST(${offendingCount(check)} AS DOUBLE) AS c${index}`);
}

/** Rows beyond the first of each key are told by distinct hashes: a tenth of the cost of distinct keys. */
function offendingCount(check: StagedCheck): string {
  if (typeof check.offends === 'string') return `COUNT(*) FILTER (WHERE ${check.offends})`;
  return `COUNT(*) - COUNT(DISTINCT hash(${check.offends.uniqueOver.map(q).join(', ')}))`;
}

/** Some rows of each day that offend a check, with the day as `_day`. */
export function offendingRowsQuery(
  table: TableSpec,
  relation: string,
  check: StagedCheck,
  sample: { readonly days: readonly Day[]; readonly rowsPerDay: number },
): string {
  const day = dayExpression(table);
  const isWanted = `${day} IN (${sample.days.join(', ')})`;
  if (typeof check.offends === 'string') {
    const columns = check.columns?.map(q).join(', ') ?? '*';
    return `SELECT ${day} AS _day, ${columns} FROM ${relation} AS _rows WHERE ${isWanted} AND (${check.offends})
QUALIFY ROW_NUMBER() OVER (PARTITION BY ${day} ORDER BY ${columnList(table.columns)}) <= ${sample.rowsPerDay}`;
  }
  const key = check.offends.uniqueOver.map(q).join(', ');
  const twice = `SELECT ${day} AS _day, ${key}, COUNT(*) AS row_count FROM ${relation} AS _rows WHERE ${isWanted} GROUP BY ALL HAVING COUNT(*) > 1`;
  // DuckDB does not take QUALIFY together with GROUP BY ALL.
  return `SELECT * FROM (${twice})
QUALIFY ROW_NUMBER() OVER (PARTITION BY _day ORDER BY ${key}) <= ${sample.rowsPerDay}`;
}

/** A condition on the rows of some days. */
export function dayCondition(table: TableSpec, days: readonly Day[]): string {
  if (table.partitionColumn === undefined) return 'TRUE';
  return `${dayExpression(table)} IN (${days.join(', ')})`;
}

/** A condition on some days that can be answered from the table's min-max indexes where the days are dense. */
export function partitionCondition(table: TableSpec, days: readonly Day[]): string {
  if (table.partitionColumn === undefined) return 'TRUE';
  const column = q(table.partitionColumn);
  const lo = Math.min(...days);
  const hi = Math.max(...days);
  const bounds = `${column} BETWEEN DATE '1970-01-01' + CAST(${lo} AS INTEGER) AND DATE '1970-01-01' + CAST(${hi} AS INTEGER)`;
  return `${bounds} AND ${dayCondition(table, days)}`;
}

/** Rows of each day of a table. */
export function rowCountsQuery(table: TableSpec): string {
  return `SELECT ${dayExpression(table)} AS day, CAST(COUNT(*) AS DOUBLE) AS rows FROM ${tableName(table)} GROUP BY ALL HAVING COUNT(*) > 0`;
}
