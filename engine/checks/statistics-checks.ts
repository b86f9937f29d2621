import type { ConstantCheck, CorrelationCheck, DriftCheck } from '../config/check.ts';
import type { ColumnType } from '../config/pipeline.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import {
  type CheckContext,
  type CheckSelect,
  groupBy,
  joinedUpstream,
  partitionColumnOf,
} from './scope.ts';

/** Columns of which a whole partition has one and the same value. */
export function constant(check: ConstantCheck, context: CheckContext): CheckSelect {
  const { asset, prefix } = context;
  const own = partitionColumnOf(context);
  const day = own === undefined ? [] : [own];
  const typed = check.columns.map((name) => numeric(name, '', asset.columns, context));
  const figures = typed.map((value) => ({
    row_count: `COUNT(${value})`,
    lowest: `MIN(${value})`,
    highest: `MAX(${value})`,
  }));
  const source = { from: 'this', by: day, figures };
  const long = byColumn(`${prefix}figures`, check.columns, source, context);
  const shown = [...day, 'column_name', 'lowest AS value', 'row_count'].join(', ');
  return {
    ctes: long.ctes,
    select: `SELECT ${shown} FROM ${long.name}
WHERE row_count >= ${check.minRows} AND lowest = highest`,
  };
}

/** Columns that go along with another one more than they can. */
export function correlation(check: CorrelationCheck, context: CheckContext): CheckSelect {
  const { asset, prefix, dialect, edges } = context;
  const own = partitionColumnOf(context);
  const day = own === undefined ? [] : [own];
  const columns = columnsBehind(check, context);
  const outcome = numeric(check.column, '_o', asset.columns, context);
  const alias = check.of === undefined ? '_o' : '_f';
  const figures = check.columns.map((name) => {
    const value = numeric(name, alias, columns, context);
    const both = `IF(${value} IS NULL OR ${outcome} IS NULL, NULL, 1)`;
    return { row_count: `COUNT(${both})`, r: `CORR(${value}, ${outcome})` };
  });
  const partners = check.of && joinedUpstream(check.of, context);
  const kept = check.columns.map((name) => `_u.${quoteName(name, dialect)}`);
  const joined = partners?.values.map((value, at) => `${value} AS _on_${at}`) ?? [];
  const ons = partners?.columns.map((name, at) => `_o.${name} = _f._on_${at}`).join(' AND ');
  const from =
    partners === undefined || edges.length === 0
      ? 'this AS _o'
      : `this AS _o JOIN (SELECT ${[...joined, ...kept].join(', ')} FROM ${partners.from}) AS _f ON ${ons}`;
  const source = { from, by: day.map((name) => `_o.${name}`), figures };
  const long = byColumn(`${prefix}figures`, check.columns, source, context);
  const shown = [...day, 'column_name', `${shownFigure('r')} AS correlation`, 'row_count'].join(
    ', ',
  );
  // A column with one value has no correlation, which is NaN on some warehouses.
  const isNumber = dialect === 'duckdb' ? 'NOT isnan(r)' : 'NOT IS_NAN(r)';
  return {
    ctes: long.ctes,
    select: `SELECT ${shown} FROM ${long.name}
WHERE row_count >= ${check.minRows} AND ${isNumber} AND ABS(r) > ${check.max}`,
  };
}

/** The declared columns that a correlation's names are of; those of an upstream have numbers by agreement. */
function columnsBehind({ of }: CorrelationCheck, { asset }: CheckContext): Typed {
  return of === undefined ? asset.columns : [];
}

type Typed = readonly { readonly name: string; readonly type: ColumnType }[];

/** Columns whose figures are off by more than they vary from partition to partition. */
export function drift(check: DriftCheck, context: CheckContext): CheckSelect {
  const { asset, prefix } = context;
  const own = partitionColumnOf(context) ?? '';
  const figures = check.columns.flatMap((name) => {
    const value = numeric(name, '', asset.columns, context);
    const least = (figure: string): string =>
      `IF(COUNT(${value}) >= ${check.minRows}, ${figure}, NULL)`;
    return check.measures.map((measure) => ({
      figure: least(measure === 'mean' ? `AVG(${value})` : `STDDEV_SAMP(${value})`),
    }));
  });
  const labels = check.columns.flatMap((name) =>
    check.measures.map((measure) => (measure === 'mean' ? name : `sd of ${name}`)),
  );
  const all = withHistory(`${prefix}all`, check.columns, context);
  const long = byColumn(`${prefix}daily`, labels, { from: all.name, by: [own], figures }, context);
  const trailing = `${prefix}trailing`;
  const over = `OVER (PARTITION BY column_name ORDER BY ${own} ROWS BETWEEN ${check.over} PRECEDING AND 1 PRECEDING)`;
  return {
    ctes: [
      ...all.ctes,
      ...long.ctes,
      `${trailing} AS (SELECT ${own}, column_name, figure, AVG(figure) ${over} AS expected,
  STDDEV_SAMP(figure) ${over} AS sd, COUNT(figure) ${over} AS partitions_before FROM ${long.name})`,
    ],
    select: `SELECT ${own}, column_name, ${shownFigure('figure')} AS value, ${shownFigure('expected')} AS expected, ${shownFigure('sd')} AS sd FROM ${trailing}
WHERE partitions_before >= ${check.minPartitions}
  AND ABS(figure - expected) > ${check.sd} * sd + 1e-9 * ABS(expected)`,
  };
}

/** A figure as people see it: the last digits depend on the order in which a sum was taken. */
export function shownFigure(figure: string): string {
  return `ROUND(${figure}, 6)`;
}

/** The rows under test and those of partitions before them, with some columns. */
export function withHistory(
  name: string,
  columns: readonly string[],
  context: CheckContext,
): { readonly name: string; readonly ctes: readonly string[] } {
  const { dialect, history } = context;
  const own = partitionColumnOf(context);
  const names = [
    ...new Set([own ?? [], ...columns.map((each) => quoteName(each, dialect))].flat()),
  ];
  const selected = names.join(', ');
  const before =
    history === undefined ? '' : `\nUNION ALL SELECT ${selected} FROM ${history} AS _h`;
  const isWanted =
    own === undefined ? '' : ` WHERE ${own} IN (SELECT partition_date FROM partitions)`;
  return { name, ctes: [`${name} AS (SELECT ${selected} FROM this${isWanted}${before})`] };
}

/** A column as a FLOAT64, so that figures of several columns have one type. */
export function numeric(
  name: string,
  alias: string,
  columns: Typed,
  { dialect }: Pick<CheckContext, 'dialect'>,
): string {
  const quoted = quoteName(name, dialect);
  const value = alias === '' ? quoted : `${alias}.${quoted}`;
  const type = columns.find((column) => column.name === name)?.type;
  if (type === 'FLOAT64') return value;
  const float = dialect === 'duckdb' ? 'DOUBLE' : 'FLOAT64';
  // BigQuery casts no BOOL to a float.
  return type === 'BOOL' && dialect === 'bigquery'
    ? `CAST(CAST(${value} AS INT64) AS ${float})`
    : `CAST(${value} AS ${float})`;
}

interface Figures {
  readonly from: string;
  /** Columns to group by, in SQL. */
  readonly by: readonly string[];
  /** Of each column the same figures, by name: SQL with aggregates. */
  readonly figures: readonly Readonly<Record<string, string>>[];
}

/** One row per group and column with that column's figures, from one scan of the rows. */
function byColumn(
  prefix: string,
  labels: readonly string[],
  { from, by, figures }: Figures,
  { dialect }: CheckContext,
): { readonly name: string; readonly ctes: readonly string[] } {
  const wide = `${prefix}_wide`;
  const bare = by.map((name) => name.replace(/^_o\./, ''));
  const aggregates = figures.flatMap((each, at) =>
    Object.entries(each).map(([name, sql]) => `${sql} AS ${name}_${at}`),
  );
  const names = Object.keys(figures[0] ?? {});
  const label = (at: number): string => quoteText(labels[at] ?? '', dialect);
  const entries = figures.map((_, at) =>
    dialect === 'duckdb'
      ? `{'column_name': ${label(at)}, ${names.map((name) => `'${name}': _f.${name}_${at}`).join(', ')}}`
      : `STRUCT(${label(at)} AS column_name, ${names.map((name) => `_f.${name}_${at} AS ${name}`).join(', ')})`,
  );
  const shown = ['column_name', ...names].map((name) => `_c.${name}`);
  const days = bare.map((name) => `_f.${name}`);
  const long =
    dialect === 'duckdb'
      ? `SELECT ${[...days, ...shown].join(', ')} FROM ${wide} AS _f CROSS JOIN UNNEST([${entries.join(', ')}]) AS _l(_c)`
      : `SELECT ${[...days, ...shown].join(', ')} FROM ${wide} AS _f CROSS JOIN UNNEST([${entries.join(', ')}]) AS _c`;
  return {
    name: prefix,
    ctes: [
      `${wide} AS (SELECT ${[...by, ...aggregates].join(', ')} FROM ${from}${groupBy(by)})`,
      `${prefix} AS (${long})`,
    ],
  };
}
