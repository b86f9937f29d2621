import type { Column, ColumnType } from '../config/pipeline.ts';
import { type Day, LAST_DATE } from '../partitions/date.ts';
import { type DayRange, MIN_DAY } from '../partitions/window.ts';
import { warehouseType } from './column-type.ts';
import { quoteDay, quoteName, quoteTable, quoteText, type SqlDialect } from './quote.ts';

/** A partition to compute, as the relation `partitions` shows it. */
export interface PartitionRow {
  readonly day: Day;
  readonly period: string | undefined;
  readonly periodStart: Day | undefined;
}

/** A table behind a relation, cut to the days that the batch's windows hold (invariant 4). */
export interface BoundTable {
  readonly dataset: string;
  readonly table: string;
  readonly partitionColumn: string | undefined;
  /** Absent for an unpartitioned table. */
  readonly range: DayRange | undefined;
  /** Columns of the union that it is a member of and does not have: NULL in its rows. Absent where it has all. */
  readonly lacks?: ReadonlySet<string>;
}

/** A name that the statement reads, and the tables behind it: one, or the members of a union. */
export interface BoundRelation {
  readonly name: string;
  readonly tables: readonly BoundTable[];
  /** Columns to read; absent for all. Unions name them, since `SELECT *` would go by position. */
  readonly columns: readonly Pick<Column, 'name' | 'type'>[] | undefined;
}

export interface SelectRequest {
  readonly dialect: SqlDialect;
  /** The asset's statement in that dialect. */
  readonly statement: string;
  readonly columns: readonly Column[];
  readonly partitionColumn: string | undefined;
  readonly relations: readonly BoundRelation[];
  /** Absent for an unpartitioned asset, which sees one row of NULLs. */
  readonly partitions: readonly PartitionRow[] | undefined;
}

/**
 * The statement that computes a batch: every relation bounded to its window, every output column cast to its
 * declared type and rounded as declared, and only rows of the wanted partitions.
 */
export function boundSelect(request: SelectRequest): string {
  const { dialect, partitionColumn } = request;
  const columns = request.columns.map((column) => outputColumn(column, dialect));
  const wanted =
    partitionColumn === undefined || request.partitions === undefined
      ? ''
      : `\nWHERE _rows.${quoteName(partitionColumn, dialect)} IN (SELECT partition_date FROM partitions)`;
  return `${withRelations(request)}\nSELECT\n  ${columns.join(',\n  ')}\nFROM (\n${request.statement}\n) AS _rows${wanted}`;
}

/** The leading WITH that gives a statement its `partitions` and its bounded relations. */
export function withRelations(
  request: Pick<SelectRequest, 'dialect' | 'relations' | 'partitions'>,
): string {
  const { dialect } = request;
  // A bounded scan is cheaper read twice than kept, whatever the engine's default is.
  const inline = dialect === 'duckdb' ? ' NOT MATERIALIZED' : '';
  const relations = request.relations.map(
    (relation) =>
      `${quoteName(relation.name, dialect)} AS${inline} (${relationSelect(relation, dialect)})`,
  );
  const partitions = `partitions AS (${partitionsSelect(request.partitions, dialect)})`;
  return `WITH ${[partitions, ...relations].join(',\n')}`;
}

function relationSelect(relation: BoundRelation, dialect: SqlDialect): string {
  return relation.tables
    .map((table) => {
      const columns = relation.columns?.map(({ name, type }) =>
        table.lacks?.has(name) ? nullColumn(name, type, dialect) : quoteName(name, dialect),
      );
      return `SELECT ${columns?.join(', ') ?? '*'} FROM ${tableWithin(table, dialect)}`;
    })
    .join(' UNION ALL ');
}

/** A column that a member of a union does not have, as it stands in a SELECT: NULL of the type of the others'. */
export function nullColumn(name: string, type: ColumnType, dialect: SqlDialect): string {
  return `CAST(NULL AS ${warehouseType(type, dialect)}) AS ${quoteName(name, dialect)}`;
}

/** A table with the condition that cuts it to its window, as it stands after FROM. */
export function tableWithin(table: BoundTable, dialect: SqlDialect): string {
  const name = quoteTable(table.dataset, table.table, dialect);
  if (table.partitionColumn === undefined || table.range === undefined) return name;
  const column = quoteName(table.partitionColumn, dialect);
  const { lo, hi } = table.range;
  if (lo >= hi) return `${name} WHERE FALSE`;
  const bounds: string[] = [];
  if (lo > MIN_DAY + 1) bounds.push(`${column} >= ${quoteDay(lo)}`);
  if (hi <= LAST_DATE) bounds.push(`${column} < ${quoteDay(hi)}`);
  return bounds.length === 0 ? name : `${name} WHERE ${bounds.join(' AND ')}`;
}

function partitionsSelect(
  partitions: readonly PartitionRow[] | undefined,
  dialect: SqlDialect,
): string {
  const none = `SELECT CAST(NULL AS DATE) AS partition_date, CAST(NULL AS ${textType(dialect)}) AS period, CAST(NULL AS DATE) AS period_start`;
  if (partitions === undefined) return none;
  if (partitions.length === 0) return `${none} LIMIT 0`;
  return dialect === 'duckdb' ? duckdbPartitions(partitions) : googlePartitions(partitions);
}

function googlePartitions(partitions: readonly PartitionRow[]): string {
  const structs = partitions.map((row) => {
    const period = row.period === undefined ? 'NULL' : quoteText(row.period, 'bigquery');
    const start = row.periodStart === undefined ? 'NULL' : quoteDay(row.periodStart);
    return `(${quoteDay(row.day)}, ${period}, ${start})`;
  });
  return `SELECT _p.partition_date, _p.period, _p.period_start FROM UNNEST(ARRAY<STRUCT<partition_date DATE, period STRING, period_start DATE>>[${structs.join(', ')}]) AS _p`;
}

/**
 * Two texts to split instead of a row of VALUES per partition: DuckDB reads them ten times faster. `range` tells it
 * how many rows there are, which decides how it joins them.
 */
function duckdbPartitions(partitions: readonly PartitionRow[]): string {
  const periods: PartitionRow[] = [];
  const positions = partitions.map((row) => {
    if (row.period === undefined) return 0;
    const found = periods.findIndex((each) => each.period === row.period);
    return found < 0 ? periods.push(row) : found + 1;
  });
  const names = periods.map((row) => quoteText(row.period ?? '', 'duckdb')).join(', ');
  const starts = periods.map((row) =>
    row.periodStart === undefined ? 'NULL' : quoteDay(row.periodStart),
  );
  const at = (values: readonly number[]): string =>
    `CAST(str_split('${values.join(',')}', ',')[_r.n + 1] AS INTEGER)`;
  const days = at(partitions.map((row) => row.day));
  return `SELECT CAST(DATE '1970-01-01' + _p.d AS DATE) AS partition_date, CAST([${names}][_p.i] AS VARCHAR) AS period, CAST([${starts.join(', ')}][_p.i] AS DATE) AS period_start FROM (SELECT ${days} AS d, ${at(positions)} AS i FROM range(${partitions.length}) AS _r(n)) AS _p`;
}

function textType(dialect: SqlDialect): string {
  return dialect === 'duckdb' ? 'VARCHAR' : 'STRING';
}

/** One output column: cast to its declared type and, if a float, rounded as declared (oracle-notes A1). */
export function outputColumn(column: Column, dialect: SqlDialect, from?: string): string {
  const name = quoteName(column.name, dialect);
  const value = `CAST(_rows.${from === undefined ? name : quoteName(from, dialect)} AS ${warehouseType(column.type, dialect)})`;
  if (column.round === undefined) return `${value} AS ${name}`;
  if (column.type === 'FLOAT64') return `${rounded(value, column.round)} AS ${name}`;
  if (column.type !== 'ARRAY<FLOAT64>') return `${value} AS ${name}`;
  return dialect === 'duckdb'
    ? `list_transform(${value}, lambda _x: ${rounded('_x', column.round)}) AS ${name}`
    : `IF(${value} IS NULL, NULL, ARRAY(SELECT ${rounded('_x', column.round)} FROM UNNEST(${value}) AS _x WITH OFFSET AS _o ORDER BY _o)) AS ${name}`;
}

/**
 * Half away from zero to some decimals; the 1e-7 makes exact ties independent of the order of summation, and
 * adding zero turns -0.0 into 0.0.
 */
function rounded(value: string, decimals: number): string {
  const scale = `1e${decimals}`;
  return `(SIGN(${value}) * FLOOR(ABS(${value}) * ${scale} + 0.5e0 + 1e-7) / ${scale} + 0e0)`;
}
