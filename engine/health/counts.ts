import type { CompiledAsset } from '../compile/compiled.ts';
import { lowerBound } from '../partitions/calendar.ts';
import { type Day, parseDay, UNPARTITIONED } from '../partitions/date.ts';
import type { DayRange } from '../partitions/window.ts';
import { quoteDay, quoteName, quoteTable, type SqlDialect } from '../sql/quote.ts';
import type { QueryResult } from '../warehouse/warehouse.ts';

/** Something that is counted per partition of one asset. */
export type Measure =
  | { readonly type: 'rows' }
  /** Rows beyond the first of each key. */
  | { readonly type: 'duplicates' }
  /** Rows with a value. */
  | { readonly type: 'present'; readonly column: string }
  /** Rows without a value or, where zeros count too, with a zero. */
  | { readonly type: 'bad'; readonly column: string; readonly zeros: boolean }
  | { readonly type: 'distinct'; readonly column: string }
  | { readonly type: 'true'; readonly column: string }
  /** Rows that meet a condition, which is SQL in the warehouse's dialect. */
  | { readonly type: 'meeting'; readonly condition: string };

/** Counts per partition that has rows, ascending by day. */
export interface AssetCounts {
  readonly days: Int32Array;
  /** By `measureKey`, parallel to `days`. */
  readonly values: ReadonlyMap<string, Float64Array>;
}

export const NO_COUNTS: AssetCounts = { days: new Int32Array(0), values: new Map() };

/** What tells a measure from the others of its asset. */
export function measureKey(measure: Measure): string {
  switch (measure.type) {
    case 'rows':
    case 'duplicates':
      return measure.type;
    case 'meeting':
      return `meeting ${measure.condition}`;
    case 'bad':
      return `bad ${measure.column}${measure.zeros ? ' or 0' : ''}`;
    default:
      return `${measure.type} ${measure.column}`;
  }
}

/** One statement that counts everything that is asked of an asset, per partition of a range. */
export function countsQuery(
  asset: CompiledAsset,
  measures: readonly Measure[],
  range: DayRange,
  dialect: SqlDialect,
): string {
  const isDated = asset.partitionSet !== undefined;
  const date = quoteName(asset.partitionColumn ?? '', dialect);
  const columns = [
    `${isDated ? date : 'CAST(NULL AS DATE)'} AS _day`,
    ...measures.map((measure, at) => `${measureSql(measure, asset, dialect)} AS _m${at}`),
  ];
  const from = quoteTable(asset.dataset, asset.name, dialect);
  const bounds = isDated ? ` WHERE ${boundsOf(date, range)} GROUP BY ${date}` : '';
  return `SELECT ${columns.join(', ')} FROM ${from}${bounds}`;
}

/** Reads what `countsQuery` returns. */
export function readCounts(measures: readonly Measure[], result: QueryResult): AssetCounts {
  const rows = result.rows
    .map((row) => ({ day: dayOf(row[0]), row }))
    .filter(({ row }) => row.slice(1).some((value) => Number(value) > 0))
    .sort((a, b) => a.day - b.day);
  const values = measures.map(
    (measure, at) =>
      [
        measureKey(measure),
        Float64Array.from(rows, ({ row }) => Number(row[at + 1] ?? 0)),
      ] as const,
  );
  return { days: Int32Array.from(rows, ({ day }) => day), values: new Map(values) };
}

/** The count on a day; 0 where the asset has no rows. */
export function countOn(counts: AssetCounts, measure: Measure, day: Day): number {
  const at = lowerBound(counts.days, day);
  return counts.days[at] === day ? (counts.values.get(measureKey(measure))?.[at] ?? 0) : 0;
}

/** The sum of the counts of days `lo <= day < hi`. */
export function countIn(counts: AssetCounts, measure: Measure, { lo, hi }: DayRange): number {
  const values = counts.values.get(measureKey(measure));
  let sum = 0;
  for (let at = lowerBound(counts.days, lo); at < counts.days.length; at++) {
    if ((counts.days[at] ?? 0) >= hi) break;
    sum += values?.[at] ?? 0;
  }
  return sum;
}

/** The years that a date can be written in, for a range that is open. */
const FIRST_DAY = parseDay('0001-01-01') ?? 0;
const LAST_DAY = parseDay('9999-12-31') ?? 0;

function boundsOf(date: string, { lo, hi }: DayRange): string {
  const first = Math.max(lo, FIRST_DAY);
  const last = Math.min(hi - 1, LAST_DAY);
  return `${date} BETWEEN ${quoteDay(first)} AND ${quoteDay(last)}`;
}

function dayOf(value: unknown): Day {
  if (typeof value !== 'string') return UNPARTITIONED;
  return parseDay(value) ?? UNPARTITIONED;
}

function measureSql(measure: Measure, asset: CompiledAsset, dialect: SqlDialect): string {
  switch (measure.type) {
    case 'rows':
      return 'COUNT(*)';
    case 'duplicates':
      return `COUNT(*) - COUNT(DISTINCT ${keyOf(asset, dialect)})`;
    case 'meeting':
      return countWhere(`(${measure.condition})`);
    case 'present':
      return `COUNT(${quoteName(measure.column, dialect)})`;
    case 'distinct':
      return `COUNT(DISTINCT ${quoteName(measure.column, dialect)})`;
    case 'true':
      return countWhere(quoteName(measure.column, dialect));
    case 'bad': {
      const column = quoteName(measure.column, dialect);
      return countWhere(`${column} IS NULL${measure.zeros ? ` OR ${column} = 0` : ''}`);
    }
  }
}

function countWhere(condition: string): string {
  return `COUNT(CASE WHEN ${condition} THEN 1 END)`;
}

/** All columns of the key as one value that is never NULL. */
function keyOf(asset: CompiledAsset, dialect: SqlDialect): string {
  const columns = asset.key.map((name) => quoteName(name, dialect)).join(', ');
  return dialect === 'duckdb' ? `ROW(${columns})` : `TO_JSON_STRING(STRUCT(${columns}))`;
}
