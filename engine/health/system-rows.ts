import type { EvaluationRows } from '../assets/module-evaluation.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { Comparison } from '../config/report-rules.ts';
import { formatDay, LAST_DATE } from '../partitions/date.ts';
import { type DayRange, MIN_DAY } from '../partitions/window.ts';
import { warehouseType } from '../sql/column-type.ts';
import { quoteDay, quoteName, quoteTable, quoteText, type SqlDialect } from '../sql/quote.ts';
import type { ColumnarRows, ColumnsQuery } from '../warehouse/columns.ts';

/** What two systems are compared by. */
export interface SystemsRequest {
  readonly comparison: Comparison;
  readonly asset: CompiledAsset;
  /** Half-open; reaches beyond all dates where no end was asked for. */
  readonly range: DayRange;
  /** Column of the comparison to break the figures down by. */
  readonly group: string | undefined;
}

/** The rows that count of some systems, with what happened. */
export function systemRowsQuery(
  { comparison, asset, range, group }: SystemsRequest,
  systems: readonly string[],
  dialect: SqlDialect,
): ColumnsQuery {
  const name = (column: string): string => quoteName(column, dialect);
  const day = name(asset.partitionColumn ?? '');
  const float = warehouseType('FLOAT64', dialect);
  const texts = {
    _system: comparison.system,
    ...Object.fromEntries(comparison.entity.map((column, at) => [`_entity_${at}`, column])),
    ...(group === undefined ? {} : { _group: group }),
  };
  const numbers = {
    _prediction: comparison.prediction,
    _actual: comparison.actual,
    _baseline: comparison.baseline.column,
  };
  const wanted = systems.map((system) => quoteText(system, dialect)).join(', ');
  const conditions = [
    `${name(comparison.system)} IN (${wanted})`,
    ...(comparison.rows === undefined ? [] : [name(comparison.rows.column)]),
    `${name(comparison.prediction)} IS NOT NULL`,
    `${name(comparison.actual)} IS NOT NULL`,
    ...(range.lo > MIN_DAY + 1 ? [`${day} >= ${quoteDay(range.lo)}`] : []),
    ...(range.hi <= LAST_DATE ? [`${day} < ${quoteDay(range.hi)}`] : []),
  ];
  const select = [
    `${day} AS _day`,
    ...Object.entries(texts).map(([as, column]) => `CAST(${name(column)} AS STRING) AS ${as}`),
    ...Object.entries(numbers).map(([as, column]) => `CAST(${name(column)} AS ${float}) AS ${as}`),
  ];
  return {
    select: `SELECT ${select.join(', ')}\nFROM ${quoteTable(asset.dataset, asset.name, dialect)}\nWHERE ${conditions.join(' AND ')}`,
    columns: [
      { name: '_day', type: 'DATE' },
      ...Object.keys(texts).map((column) => ({ name: column, type: 'STRING' })),
      ...Object.keys(numbers).map((column) => ({ name: column, type: 'FLOAT64' })),
    ],
    orderBy: ['_day', ...comparison.entity.map((_, at) => `_entity_${at}`), '_system'],
  };
}

/** The rows of one of the systems, as an evaluation has them. */
export function rowsOfSystem(
  { columns }: ColumnarRows,
  system: string,
  entity: readonly string[],
): EvaluationRows {
  const texts = (name: string) => columns[name] as readonly (string | null)[];
  const numbers = (name: string) => columns[name] as Float64Array;
  const at = [...texts('_system').keys()].filter((row) => texts('_system')[row] === system);
  const pick = (name: string): Float64Array =>
    Float64Array.from(at, (row) => numbers(name)[row] ?? NaN);
  const keys = entity.map((_, position) => texts(`_entity_${position}`));
  return {
    partition: at.map((row) => formatDay(numbers('_day')[row] ?? 0)),
    entity: at.map((row) => keys.map((column) => column[row] ?? '').join(' ')),
    prediction: pick('_prediction'),
    actual: pick('_actual'),
    baseline: pick('_baseline'),
    ...(columns['_group'] && { group: at.map((row) => texts('_group')[row] ?? 'unknown') }),
  };
}

/** The systems that have rows. */
export function systemNamesQuery(
  { comparison, asset }: Pick<SystemsRequest, 'comparison' | 'asset'>,
  dialect: SqlDialect,
): string {
  const system = quoteName(comparison.system, dialect);
  return `SELECT DISTINCT CAST(${system} AS STRING) AS _system FROM ${quoteTable(asset.dataset, asset.name, dialect)} ORDER BY 1`;
}
