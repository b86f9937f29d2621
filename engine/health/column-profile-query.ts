import type { Column } from '../config/pipeline.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { Day } from '../partitions/date.ts';
import { quoteDay, quoteName, quoteTable, type SqlDialect } from '../sql/quote.ts';
import { type Estimated, isArray, measuredOf } from './column-profile.ts';

/** What is measured of an asset's rows. */
export interface ProfileRequest {
  readonly asset: CompiledAsset;
  readonly columns: readonly Column[];
  /** The partitions to read, ascending; absent for all rows. */
  readonly days: readonly Day[] | undefined;
  /** `light`: nulls, min, max, mean and standard deviation only. */
  readonly detail: 'full' | 'light';
  readonly estimated: Estimated;
}

/** How many of the most frequent values are named. */
export const TOP_VALUES = 5;

/** Figures that every column has, in their order in the result. */
export const LIGHT_FIGURES = ['present', 'numbers', 'min', 'max', 'mean', 'sd'] as const;
/** Those that follow in a full profile. */
export const FULL_FIGURES = ['distinct', 'percentiles', 'top'] as const;

/**
 * One statement that reads the rows once: a row of figures over all, whose `_month` is NULL, and one per month. What
 * is too much for every month is NULL there.
 */
export function profileQuery(request: ProfileRequest, dialect: SqlDialect): string {
  const { asset, columns, days, detail } = request;
  const own = asset.partitionSet === undefined ? undefined : asset.partitionColumn;
  const day = own === undefined ? undefined : quoteName(own, dialect);
  const byMonth = day !== undefined && detail === 'full';
  const values = columns.flatMap((column, at) => valuesOf(column, at, request, dialect));
  const month = byMonth ? [`${monthOf(day, dialect)} AS _month`] : [];
  const where =
    day === undefined || days === undefined ? '' : ` WHERE ${dayCondition(day, days, asset)}`;
  const figures = columns.flatMap((column, at) => figuresOf(column, at, request, dialect));
  const table = quoteTable(asset.dataset, asset.name, dialect);
  const shown = columns.flatMap((column, at) => shownOf(column, at, { byMonth, detail, dialect }));
  return `WITH _values AS (SELECT ${[...month, ...values].join(', ')} FROM ${table}${where}),
_figures AS (SELECT ${[byMonth ? '_month' : 'CAST(NULL AS DATE) AS _month', 'COUNT(*) AS _rows', ...figures].join(', ')}
  FROM _values${byMonth ? ' GROUP BY ROLLUP(_month)' : ''})
SELECT _month, _rows, ${shown.join(', ')} FROM _figures ORDER BY _month`;
}

/** A range where the partitions are neighbours, so that the text stays short. */
function dayCondition(column: string, days: readonly Day[], asset: CompiledAsset): string {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) {
    throw new Error(`Internal error: a profile of ${asset.name} without partitions`);
  }
  const isWhole = last - first + 1 === days.length;
  if (isWhole) return `${column} BETWEEN ${quoteDay(first)} AND ${quoteDay(last)}`;
  return `${column} IN (${days.map(quoteDay).join(', ')})`;
}

/** Months as the first of their days. */
function monthOf(day: string, dialect: SqlDialect): string {
  const month = dialect === 'duckdb' ? `date_trunc('month', ${day})` : `DATE_TRUNC(${day}, MONTH)`;
  return `CAST(${month} AS DATE)`;
}

/** Of a column its value, where more than its number is asked for, and its number. */
function valuesOf(
  { name, type }: Column,
  at: number,
  { detail }: ProfileRequest,
  dialect: SqlDialect,
): string[] {
  const column = quoteName(name, dialect);
  const number = `${numberOf(column, type, dialect)} AS n${at}`;
  const isNeeded = type === 'FLOAT64' || (detail === 'full' && type === 'STRING');
  return isNeeded ? [`${column} AS v${at}`, number] : [number];
}

function numberOf(column: string, type: Column['type'], dialect: SqlDialect): string {
  if (type === 'INT64') return column;
  return dialect === 'duckdb' ? duckdbNumber(column, type) : googleNumber(column, type);
}

function duckdbNumber(column: string, type: Column['type']): string {
  switch (measuredOf(type)) {
    case 'number':
      return `CASE WHEN isfinite(${column}) THEN ${column} END`;
    case 'truth':
      return `CAST(${column} AS BIGINT)`;
    case 'day':
      return `date_diff('day', DATE '1970-01-01', ${column})`;
    case 'instant':
      return `epoch_ms(${column})`;
    case 'length':
      return `length(${column})`;
  }
}

function googleNumber(column: string, type: Column['type']): string {
  switch (measuredOf(type)) {
    case 'number':
      return `IF(IS_INF(${column}) OR IS_NAN(${column}), NULL, ${column})`;
    case 'truth':
      return `CAST(${column} AS INT64)`;
    case 'day':
      return `UNIX_DATE(${column})`;
    case 'instant':
      return `UNIX_MILLIS(${column})`;
    case 'length':
      return isArray(type) ? `ARRAY_LENGTH(${column})` : `CHAR_LENGTH(${column})`;
  }
}

function figuresOf(
  { type }: Column,
  at: number,
  { detail, estimated }: ProfileRequest,
  dialect: SqlDialect,
): string[] {
  const number = `n${at}`;
  const hasValue = type === 'FLOAT64' || (detail === 'full' && type === 'STRING');
  const value = hasValue ? `v${at}` : number;
  const light = [
    `COUNT(${value}) AS present${at}`,
    `COUNT(${number}) AS numbers${at}`,
    `MIN(${number}) AS min${at}`,
    `MAX(${number}) AS max${at}`,
    `AVG(${number}) AS mean${at}`,
    `STDDEV_SAMP(${number}) AS sd${at}`,
  ];
  if (detail === 'light') return light;
  const distinct = estimated.distinct
    ? `APPROX_COUNT_DISTINCT(${value})`
    : `COUNT(DISTINCT ${value})`;
  const percentiles = percentilesOf(number, estimated.quantiles, dialect);
  return [
    ...light,
    ...(isArray(type) ? [] : [`${distinct} AS distinct${at}`]),
    `${percentiles} AS percentiles${at}`,
    ...(type === 'STRING' ? [`${topOf(value, dialect)} AS top${at}`] : []),
  ];
}

/** The least value, the greatest one, and the 99 between them that cut the rows into hundredths. */
function percentilesOf(number: string, isEstimated: boolean, dialect: SqlDialect): string {
  if (dialect === 'bigquery') return `APPROX_QUANTILES(${number}, 100)`;
  const shares = Array.from({ length: 101 }, (_, at) => at / 100).join(', ');
  return `${isEstimated ? 'approx_quantile' : 'quantile_disc'}(${number}, [${shares}])`;
}

/** One more than are shown, since NULL counts as a value on BigQuery. */
function topOf(value: string, dialect: SqlDialect): string {
  return dialect === 'duckdb'
    ? `histogram(${value})`
    : `APPROX_TOP_COUNT(${value}, ${TOP_VALUES + 1})`;
}

function shownOf(
  { type }: Column,
  at: number,
  how: {
    readonly byMonth: boolean;
    readonly detail: ProfileRequest['detail'];
    readonly dialect: SqlDialect;
  },
): string[] {
  const { byMonth, detail, dialect } = how;
  const light = LIGHT_FIGURES.map((figure) => `${figure}${at}`);
  if (detail === 'light') return light;
  const overAll = (sql: string): string =>
    byMonth ? `CASE WHEN _month IS NULL THEN ${sql} END` : sql;
  const top = dialect === 'duckdb' ? duckdbTop(`top${at}`) : `TO_JSON_STRING(top${at})`;
  return [
    ...light,
    isArray(type) ? `CAST(NULL AS ${dialect === 'duckdb' ? 'BIGINT' : 'INT64'})` : `distinct${at}`,
    overAll(`percentiles${at}`),
    type === 'STRING'
      ? overAll(top)
      : `CAST(NULL AS ${dialect === 'duckdb' ? 'VARCHAR' : 'STRING'})`,
  ].map((sql, index) =>
    index < light.length ? sql : `${sql} AS ${FULL_FIGURES[index - light.length]}_${at}`,
  );
}

/** The most frequent values as BigQuery shows them; alike frequent ones by value. */
function duckdbTop(counts: string): string {
  const entries = `[{'count': -CAST(_e.value AS BIGINT), 'value': _e.key} for _e in map_entries(${counts})]`;
  return `CAST(to_json([{'value': _e.value, 'count': -_e.count} for _e in list_sort(${entries})[1:${TOP_VALUES + 1}]]) AS VARCHAR)`;
}
