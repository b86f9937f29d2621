import type { CompiledAsset } from '../compile/compiled.ts';
import type { Comparison, ImportanceColumns } from '../config/report-rules.ts';
import type { DayRange } from '../partitions/window.ts';
import { warehouseType } from '../sql/column-type.ts';
import { quoteDay, quoteName, quoteTable, quoteText, type SqlDialect } from '../sql/quote.ts';

/** What a comparison reads. */
export interface ComparisonRequest {
  readonly comparison: Comparison;
  readonly asset: CompiledAsset;
  /** Half-open. */
  readonly range: DayRange;
}

/** Errors are compared after rounding to one decimal, which is what predictions are published with. */
const HALF_A_TENTH = '0.05e0';
/** Bins of a probability from 0 to 1. */
export const PROBABILITY_BINS = 10;
/** Dimensions that every comparison is broken down by, beside its own. */
const OWN_DIMENSIONS = ['all', 'date', 'month'] as const;

/** Per system its rows, those that count and are graded, and their first and last date. */
export function systemsQuery(request: ComparisonRequest, dialect: SqlDialect): string {
  const { comparison, asset } = request;
  const day = quoteName(asset.partitionColumn ?? '', dialect);
  const counts = countsWhen(comparison, dialect);
  return `SELECT ${quoteName(comparison.system, dialect)} AS _system, COUNT(*) AS _rows,
  COUNT(CASE WHEN ${counts} THEN 1 END) AS _graded,
  MIN(CASE WHEN ${counts} THEN ${day} END) AS _first, MAX(CASE WHEN ${counts} THEN ${day} END) AS _last
FROM ${quoteTable(asset.dataset, asset.name, dialect)}
WHERE ${inRange(day, request.range)}
GROUP BY 1 ORDER BY 1`;
}

/**
 * Sums over the rows that all the systems have, by dimension, its value and system. A dimension's rows add up to those
 * of `all`, except where its column is NULL.
 */
export function measuresQuery(
  request: ComparisonRequest,
  systems: readonly string[],
  dialect: SqlDialect,
): string {
  const { comparison } = request;
  const names = dimensionsOf(comparison);
  const cases = names.map((name) => `WHEN ${quoteText(name, dialect)} THEN ${valueOf(name)}`);
  const list = names.map((name) => `SELECT ${quoteText(name, dialect)} AS _dimension`);
  const sums = sumsOf(comparison).map(({ name, sql }) => `${sql} AS ${name}`);
  return `${comparedRows(request, systems, dialect)},
_dimensions AS (${list.join(' UNION ALL ')}),
_placed AS (
  SELECT c.*, d._dimension, CASE d._dimension ${cases.join(' ')} END AS _value
  FROM _compared AS c CROSS JOIN _dimensions AS d
)
SELECT p._dimension, p._value, p._system, ${sums.join(', ')}
FROM _placed AS p WHERE p._value IS NOT NULL
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
}

/** Predicted probabilities in bins beside how often it happened, by system and source; over the rows that all systems have. */
export function reliabilityQuery(
  request: ComparisonRequest,
  systems: readonly string[],
  dialect: SqlDialect,
): string {
  const { probability } = request.comparison;
  const source = probability?.source === undefined ? "''" : "COALESCE(c._source, '')";
  const bin = `CAST(LEAST(${PROBABILITY_BINS - 1}, FLOOR(c._probability * ${PROBABILITY_BINS})) AS INT64)`;
  return `${comparedRows(request, systems, dialect)}
SELECT c._system, ${source} AS _origin, ${bin} AS _bin, COUNT(*) AS _n, SUM(c._probability) AS _expected,
  COUNT(CASE WHEN c._happened THEN 1 END) AS _times
FROM _compared AS c WHERE c._probability IS NOT NULL AND c._happened IS NOT NULL
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
}

/** The importances of the newest of each model, as JSON text. */
export function importancesQuery(
  columns: ImportanceColumns,
  asset: CompiledAsset,
  dialect: SqlDialect,
): string {
  const [model, column, newest] = [columns.model, columns.column, columns.newest].map((name) =>
    quoteName(name, dialect),
  );
  return `WITH _models AS (
  SELECT CAST(${model} AS STRING) AS _model, ${column} AS _importances, CAST(${newest} AS STRING) AS _newest,
    ROW_NUMBER() OVER (PARTITION BY ${model} ORDER BY ${newest} DESC) AS _place
  FROM ${quoteTable(asset.dataset, asset.name, dialect)} WHERE ${column} IS NOT NULL
)
SELECT m._model, m._newest, m._importances FROM _models AS m WHERE m._place = 1 ORDER BY 1`;
}

/** One sum of `measuresQuery`. */
interface Sum {
  readonly name: string;
  readonly sql: string;
}

/** The sums that a comparison asks for, in the order of the result's columns; `measures.ts` reads them by name. */
function sumsOf(comparison: Comparison): readonly Sum[] {
  const error = '(p._prediction - p._actual)';
  const missed = '(p._baseline - p._actual)';
  return [
    { name: 'n', sql: 'COUNT(*)' },
    { name: 'absolute', sql: `SUM(ABS${error})` },
    { name: 'squared', sql: `SUM(${error} * ${error})` },
    { name: 'signed', sql: `SUM${error}` },
    { name: 'baseline', sql: `SUM(ABS${missed})` },
    ...comparison.within.map((distance, at) => ({
      name: `within_${at}`,
      sql: count(`ABS${error} < ${distance} + ${HALF_A_TENTH}`),
    })),
    ...(comparison.mean === undefined
      ? []
      : [
          { name: 'mean_n', sql: 'COUNT(p._mean)' },
          { name: 'mean_signed', sql: 'SUM(p._mean - p._actual)' },
        ]),
    ...quantileSums(comparison),
    ...(comparison.probability === undefined
      ? []
      : [
          {
            name: 'probability_n',
            sql: count('p._probability IS NOT NULL AND p._happened IS NOT NULL'),
          },
          {
            name: 'brier',
            sql: `SUM(CASE WHEN p._happened THEN (1 - p._probability) * (1 - p._probability)
  WHEN NOT p._happened THEN p._probability * p._probability END)`,
          },
        ]),
    ...(comparison.bets === undefined
      ? []
      : [
          { name: 'bets', sql: 'COUNT(p._profit)' },
          { name: 'won', sql: count('p._profit > 0') },
          { name: 'lost', sql: count('p._profit < 0') },
          { name: 'profit', sql: 'SUM(p._profit)' },
        ]),
  ];
}

function quantileSums({ quantiles }: Comparison): readonly Sum[] {
  const each = quantiles.flatMap(({ level }, at) => {
    const q = `p._quantile_${at}`;
    const loss = `GREATEST(${level}e0 * (p._actual - ${q}), (${level}e0 - 1) * (p._actual - ${q}))`;
    return [
      { name: `quantile_${at}_n`, sql: `COUNT(${q})` },
      { name: `quantile_${at}_below`, sql: count(`p._actual < ${q}`) },
      { name: `quantile_${at}_loss`, sql: `SUM(${loss})` },
    ];
  });
  if (quantiles.length < 2) return each;
  const [low, high] = ['p._quantile_0', `p._quantile_${quantiles.length - 1}`];
  const inside = count(`p._actual >= ${low} AND p._actual <= ${high}`);
  return [...each, { name: 'inside', sql: inside }];
}

/** Names of the dimensions: everything, date, month, the period, the declared ones, and the side of bets. */
function dimensionsOf({ period, by, bets }: Comparison): readonly string[] {
  return [
    ...OWN_DIMENSIONS,
    ...(period === undefined ? [] : ['period']),
    ...by.map(({ name }) => `by ${name}`),
    ...(bets === undefined ? [] : ['side']),
  ];
}

function valueOf(dimension: string): string {
  switch (dimension) {
    case 'all':
      return "''";
    case 'date':
      return 'CAST(c._day AS STRING)';
    case 'month':
      return 'SUBSTR(CAST(c._day AS STRING), 1, 7)';
    case 'period':
      return 'c._period';
    case 'side':
      return 'CASE WHEN c._profit IS NOT NULL THEN c._side END';
    default:
      return `c._by_${dimension.slice('by '.length)}`;
  }
}

/** A WITH clause that ends in `_compared`: rows that count, of the wanted systems, which all the systems have. */
function comparedRows(
  { comparison, asset, range }: ComparisonRequest,
  systems: readonly string[],
  dialect: SqlDialect,
): string {
  const name = (column: string): string => quoteName(column, dialect);
  const day = name(asset.partitionColumn ?? '');
  const entity = comparison.entity.map((column, at) => `${name(column)} AS _entity_${at}`);
  const keys = comparison.entity.map((_, at) => `r._entity_${at}`).join(', ');
  const wanted = systems.map((system) => quoteText(system, dialect)).join(', ');
  return `WITH _rows AS (
  SELECT ${day} AS _day, ${name(comparison.system)} AS _system, ${entity.join(', ')},
    ${columnsOf(comparison, dialect).join(', ')}
  FROM ${quoteTable(asset.dataset, asset.name, dialect)}
  WHERE ${inRange(day, range)} AND ${countsWhen(comparison, dialect)}
    AND ${name(comparison.system)} IN (${wanted})
),
_counted AS (SELECT r.*, COUNT(*) OVER (PARTITION BY r._day, ${keys}) AS _systems FROM _rows AS r),
_compared AS (SELECT r.* FROM _counted AS r WHERE r._systems = ${systems.length})`;
}

/** The columns of a comparison under names of their own. */
function columnsOf(comparison: Comparison, dialect: SqlDialect): readonly string[] {
  const { actual, prediction, baseline, mean, period, quantiles, probability, by, bets } =
    comparison;
  const name = (column: string): string => quoteName(column, dialect);
  const float = warehouseType('FLOAT64', dialect);
  const number = (column: string, as: string): string =>
    `CAST(${name(column)} AS ${float}) AS ${as}`;
  const text = (column: string, as: string): string => `CAST(${name(column)} AS STRING) AS ${as}`;
  return [
    number(actual, '_actual'),
    number(prediction, '_prediction'),
    number(baseline.column, '_baseline'),
    ...(mean === undefined ? [] : [number(mean, '_mean')]),
    ...(period === undefined ? [] : [text(period, '_period')]),
    ...quantiles.map(({ column }, at) => number(column, `_quantile_${at}`)),
    ...(probability === undefined
      ? []
      : [number(probability.column, '_probability'), `${name(probability.happened)} AS _happened`]),
    ...(probability?.source === undefined ? [] : [text(probability.source, '_source')]),
    ...by.map(({ name: label, column }) => text(column, `_by_${label}`)),
    ...(bets === undefined ? [] : [number(bets.profit, '_profit'), text(bets.side, '_side')]),
  ];
}

/** Rows that count, with everything that an error and that of the baseline take. */
function countsWhen(
  { rows, actual, prediction, baseline }: Comparison,
  dialect: SqlDialect,
): string {
  const present = [actual, prediction, baseline.column].map(
    (column) => `${quoteName(column, dialect)} IS NOT NULL`,
  );
  return [...(rows ? [quoteName(rows.column, dialect)] : []), ...present].join(' AND ');
}

function inRange(day: string, { lo, hi }: DayRange): string {
  return `${day} BETWEEN ${quoteDay(lo)} AND ${quoteDay(hi - 1)}`;
}

function count(condition: string): string {
  return `COUNT(CASE WHEN ${condition} THEN 1 END)`;
}
