import type { CompiledAsset } from '../compile/compiled.ts';
import { UNPARTITIONED } from '../partitions/date.ts';
import {
  type BoundRelation,
  type BoundTable,
  type PartitionRow,
  tableWithin,
  withRelations,
} from '../sql/bound.ts';
import { quoteName, type SqlDialect } from '../sql/quote.ts';
import { type WindowRow, windowsSelect } from '../sql/windows-relation.ts';
import type { StatementCheck } from './definition.ts';
import { textOf } from './row-test.ts';

/** One upstream as a check may read it: cut to the batch, with what of it belongs to each partition. */
export interface CheckEdge {
  readonly relation: string;
  readonly table: BoundTable;
  /** `same`: the partition's own date; `whole`: all of it; else the days of each partition's window. */
  readonly window: 'same' | 'whole' | readonly WindowRow[];
}

/** The rows under test, and what they may be held against. */
export interface CheckScope {
  readonly dialect: SqlDialect;
  readonly asset: CompiledAsset;
  /** The relation that holds the rows of these partitions, as SQL names it. */
  readonly rows: string;
  /** Absent for an unpartitioned asset. */
  readonly partitions: readonly PartitionRow[] | undefined;
  readonly relations: readonly BoundRelation[];
  readonly edges: readonly CheckEdge[];
}

/** The names of the columns that say to which partition a row of the result belongs, and how many it has. */
export const DAY = '_day';
export const FAILURES = '_failures';

/** A statement that returns some offending rows of every partition, each with the number of all of its partition. */
export function offendingStatement(
  check: StatementCheck,
  scope: CheckScope,
  rowsPerDay: number,
): string {
  const { dialect } = scope;
  const column = partitionColumnOf(scope);
  const day = column === undefined ? String(UNPARTITIONED) : dayOf(`_o.${column}`, dialect);
  const isWanted =
    column === undefined
      ? ''
      : `\nWHERE CAST(_o.${column} AS DATE) IN (SELECT partition_date FROM partitions)`;
  const { ctes, select } = selectOf(check, scope);
  // A row as a whole, so that which of them are shown depends on nothing but the rows.
  const order = dialect === 'duckdb' ? '_o' : 'TO_JSON_STRING(_o)';
  return `${leading(scope, ctes)}
SELECT ${day} AS ${DAY}, COUNT(*) OVER (PARTITION BY ${day}) AS ${FAILURES}, _o.*
FROM (
${select}
) AS _o${isWanted}
QUALIFY ROW_NUMBER() OVER (PARTITION BY ${day} ORDER BY ${order}) <= ${rowsPerDay}
ORDER BY ${DAY}`;
}

type RelationshipCheck = Extract<StatementCheck, { readonly type: 'relationship' }>;

interface Parts {
  readonly ctes: readonly string[];
  readonly select: string;
}

function selectOf(check: StatementCheck, scope: CheckScope): Parts {
  switch (check.type) {
    case 'relationship':
      return relationship(check, scope);
    case 'row_count':
      return rowCountPer(check, scope);
    case 'sql': {
      const text = textOf(scope.asset, check.sql, scope.dialect);
      return { ctes: [], select: text.replace(/;\s*$/, '') };
    }
  }
}

/** `partitions`, the upstreams, and the rows under test as `this`. */
function leading(scope: CheckScope, ctes: readonly string[]): string {
  const { dialect, asset } = scope;
  const inline = dialect === 'duckdb' ? ' NOT MATERIALIZED' : '';
  const columns = asset.columns.map((column) => quoteName(column.name, dialect)).join(', ');
  const own = `this AS${inline} (SELECT ${columns} FROM ${scope.rows} AS _rows)`;
  return [withRelations(scope), own, ...ctes].join(',\n');
}

/** Values that no row of the upstream has in the window of their row's partition. */
function relationship(check: RelationshipCheck, scope: CheckScope): Parts {
  const { dialect, asset, edges } = scope;
  const value = `this.${quoteName(check.column, dialect)}`;
  const tests = edges
    .filter((edge) => edge.relation === check.to.relation)
    .map((edge, at) => absence(edge, at, { check, scope, value }));
  const shown = [asset.partitionColumn ?? [], ...asset.key, check.column].flat();
  const columns = [...new Set(shown)].map((name) => `this.${quoteName(name, dialect)}`).join(', ');
  const joins = tests.map((test) => test.joins).join('');
  const where = [`${value} IS NOT NULL`, ...tests.map((test) => test.condition)].join('\n  AND ');
  return {
    ctes: tests.flatMap((test) => test.ctes),
    select: `SELECT ${columns} FROM this${joins}\nWHERE ${where}`,
  };
}

interface AbsenceTest {
  readonly ctes: readonly string[];
  readonly joins: string;
  /** True for a row whose value the upstream lacks. */
  readonly condition: string;
}

function absence(
  { table, window }: CheckEdge,
  at: number,
  of: { readonly check: RelationshipCheck; readonly scope: CheckScope; readonly value: string },
): AbsenceTest {
  const { check, scope, value } = of;
  const { dialect } = scope;
  const own = partitionColumnOf(scope);
  const column = quoteName(check.to.column, dialect);
  const day = table.partitionColumn && quoteName(table.partitionColumn, dialect);
  const rows = `(SELECT * FROM ${tableWithin(table, dialect)})`;
  const [u, w] = [`_u${at}`, `_w${at}`];
  const noneWith = (within: string): string =>
    `NOT EXISTS (SELECT 1 FROM ${rows} AS ${u} WHERE ${u}.${column} = ${value}${within})`;
  if (own === undefined || day === undefined || window === 'whole') {
    return { ctes: [], joins: '', condition: noneWith('') };
  }
  if (window === 'same') {
    return { ctes: [], joins: '', condition: noneWith(` AND ${u}.${day} = this.${own}`) };
  }
  const ctes = [`_windows${at} AS (${windowsSelect(window, dialect)})`];
  const joins = `\nJOIN _windows${at} AS ${w} ON ${w}.day = this.${own}`;
  if (dialect === 'bigquery') {
    const within = ` AND ${u}.${day} >= ${w}.first_day AND ${u}.${day} < ${w}.end_day`;
    return { ctes, joins, condition: noneWith(within) };
  }
  // The newest date of the value before the window's end tells; looking at all dates costs a hundred times more.
  const newest = `(SELECT DISTINCT ${column} AS value, ${day} AS day FROM ${rows} AS _all)`;
  return {
    ctes,
    joins: `${joins}\nASOF LEFT JOIN ${newest} AS ${u} ON ${u}.value = ${value} AND ${u}.day < ${w}.end_day`,
    condition: `(${u}.day IS NULL OR ${u}.day < ${w}.first_day)`,
  };
}

/** Rows of the upstream to which too few or too many rows of the same partition belong. */
function rowCountPer(
  check: Extract<StatementCheck, { readonly type: 'row_count' }>,
  scope: CheckScope,
): Parts {
  const { dialect } = scope;
  const quote = (name: string): string => quoteName(name, dialect);
  const own = partitionColumnOf(scope);
  const on = Object.entries(check.per.on);
  const groups = [own ?? [], ...on.map(([name]) => quote(name))].flat();
  const upstreamDay = scope.edges.find((edge) => edge.relation === check.per.relation)?.table
    .partitionColumn;
  const ofPartition = `_p.partition_date`;
  const joins = on.map(([name, upstream]) => `_c.${quote(name)} = _u.${quote(upstream)}`);
  if (own !== undefined) joins.push(`_c.${own} = ${ofPartition}`);
  const isSameDay =
    own === undefined || upstreamDay === undefined
      ? 'TRUE'
      : `_u.${quote(upstreamDay)} = ${ofPartition}`;
  const count = 'COALESCE(_c.row_count, 0)';
  const bounds: string[] = [];
  if (check.min !== undefined) bounds.push(`${count} < ${check.min}`);
  if (check.max !== undefined) bounds.push(`${count} > ${check.max}`);
  const keys = on.map(([name, upstream]) => `_u.${quote(upstream)} AS ${quote(name)}`);
  const shown = [own === undefined ? [] : `${ofPartition} AS ${own}`, ...keys].flat();
  return {
    ctes: [
      `_counts AS (SELECT ${groups.join(', ')}, COUNT(*) AS row_count FROM this GROUP BY ${groups.join(', ')})`,
    ],
    select: `SELECT ${[...new Set(shown)].join(', ')}, ${count} AS row_count
FROM partitions AS _p
JOIN ${quote(check.per.relation)} AS _u ON ${isSameDay}
LEFT JOIN _counts AS _c ON ${joins.join(' AND ')}
WHERE ${bounds.join(' OR ')}`,
  };
}

/** The quoted partition column of the rows under test. */
function partitionColumnOf({ asset, partitions, dialect }: CheckScope): string | undefined {
  if (partitions === undefined || asset.partitionColumn === undefined) return undefined;
  return quoteName(asset.partitionColumn, dialect);
}

function dayOf(value: string, dialect: SqlDialect): string {
  const date = `CAST(${value} AS DATE)`;
  return dialect === 'duckdb'
    ? `CAST(${date} - DATE '1970-01-01' AS INTEGER)`
    : `UNIX_DATE(${date})`;
}
