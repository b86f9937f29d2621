import type { Check, CoverageCheck, SumEqualsCheck } from '../config/check.ts';
import { tableWithin } from '../sql/bound.ts';
import { quoteName } from '../sql/quote.ts';
import { windowsSelect } from '../sql/windows-relation.ts';
import { textOf } from './row-test.ts';
import {
  allKnown,
  type CheckContext,
  type CheckEdge,
  type CheckSelect,
  equalOn,
  groupBy,
  joinedUpstream,
  partitionColumnOf,
} from './scope.ts';

export type RelationshipCheck = Extract<Check, { readonly type: 'relationship' }>;
export type RowCountPerCheck = Extract<Check, { readonly type: 'row_count' }> & {
  readonly per: object;
};

/** Values that no row of the upstream has in the window of their row's partition. */
export function relationship(check: RelationshipCheck, context: CheckContext): CheckSelect {
  const { dialect, asset, edges } = context;
  const { to } = check;
  const value = `this.${quoteName(check.column, dialect)}`;
  const tests = edges
    .filter(({ relation, columns }) => relation === to.relation && columns.has(to.column))
    .map((edge, at) => absence(edge, at, { check, context, value }));
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
  of: {
    readonly check: RelationshipCheck;
    readonly context: CheckContext;
    readonly value: string;
  },
): AbsenceTest {
  const { check, context, value } = of;
  const { dialect, prefix } = context;
  const own = partitionColumnOf(context);
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
  const windows = `${prefix}windows${at}`;
  const ctes = [`${windows} AS (${windowsSelect(window, dialect)})`];
  const joins = `\nJOIN ${windows} AS ${w} ON ${w}.day = this.${own}`;
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
export function rowCountPer(check: RowCountPerCheck, context: CheckContext): CheckSelect {
  const { prefix } = context;
  const upstream = joinedUpstream(check.per, context);
  const counts = `${prefix}counts`;
  const count = 'COALESCE(_c.row_count, 0)';
  const bounds: string[] = [];
  if (check.min !== undefined) bounds.push(`${count} < ${check.min}`);
  if (check.max !== undefined) bounds.push(`${count} > ${check.max}`);
  const rows = upstream.columns.map((name, at) => `${upstream.values[at]} AS ${name}`).join(', ');
  const shown = upstream.columns.map((name) => `_e.${name}`).join(', ');
  const own = upstream.columns.join(', ');
  return {
    ctes: [
      `${counts} AS (SELECT ${own}, COUNT(*) AS row_count FROM this${groupBy(upstream.columns)})`,
    ],
    select: `SELECT ${shown}, ${count} AS row_count
FROM (SELECT ${rows} FROM ${upstream.from}) AS _e
LEFT JOIN ${counts} AS _c ON ${equalOn(upstream.columns, '_c', '_e')}
WHERE ${bounds.join(' OR ')}`,
  };
}

/** Rows of the upstream that have no row here, where too many have none. */
export function coverage(check: CoverageCheck, context: CheckContext): CheckSelect {
  const { asset, dialect, prefix } = context;
  const { columns, values, from } = joinedUpstream(check.of, context);
  const conditions = [allKnown(values)];
  if (check.where !== undefined) conditions.push(`(${textOf(asset, check.where, dialect)})`);
  const expected = `${prefix}expected`;
  const there = `${prefix}there`;
  const rows = columns.map((name, at) => `${values[at]} AS ${name}`).join(', ');
  const names = columns.join(', ');
  const own = partitionColumnOf(context);
  const over = own === undefined ? 'OVER ()' : `OVER (PARTITION BY _e.${own})`;
  return {
    ctes: [
      // The condition names columns without their relation.
      `${expected} AS (SELECT DISTINCT ${rows} FROM ${from} WHERE ${conditions.join(' AND ')})`,
      `${there} AS (SELECT DISTINCT ${names}, TRUE AS is_there FROM this)`,
    ],
    select: `SELECT ${names} FROM (
SELECT ${columns.map((name) => `_e.${name}`).join(', ')}, _t.is_there,
  COUNT(*) ${over} AS expected, COUNT(_t.is_there) ${over} AS there
FROM ${expected} AS _e LEFT JOIN ${there} AS _t ON ${equalOn(columns, '_t', '_e')}
) AS _c
WHERE _c.is_there IS NULL AND _c.there * 100 < ${check.threshold ?? 100} * _c.expected`,
  };
}

/** Groups whose sum here is another than the upstream's, or that only one of both has. */
export function sumEquals(check: SumEqualsCheck, context: CheckContext): CheckSelect {
  const { asset, dialect, prefix } = context;
  const { columns, values, from } = joinedUpstream(check.of, context);
  const names = columns.join(', ');
  const [here, there] = [`${prefix}here`, `${prefix}there`];
  const sum = `SUM(${textOf(asset, check.sum, dialect)})`;
  const expected = `SUM(${textOf(asset, check.equals, dialect)})`;
  const rows = columns.map((name, at) => `${values[at]} AS ${name}`).join(', ');
  const known = columns.map((name) => `COALESCE(_h.${name}, _t.${name}) AS ${name}`).join(', ');
  // Sums of decimals differ in their last digits by the order in which they are taken.
  const slack = `${check.tolerance} + 1e-9 * ABS(_t.expected)`;
  return {
    ctes: [
      `${here} AS (SELECT ${names}, ${sum} AS value, COUNT(*) AS row_count FROM this
WHERE ${allKnown(columns)}${groupBy(columns)})`,
      `${there} AS (SELECT ${rows}, ${expected} AS expected, COUNT(*) AS row_count FROM ${from}
WHERE ${allKnown(values)}${groupBy(values)})`,
    ],
    select: `SELECT ${known}, _h.value AS value, _t.expected AS expected
FROM ${here} AS _h FULL JOIN ${there} AS _t ON ${equalOn(columns, '_h', '_t')}
WHERE _h.row_count IS NULL OR _t.row_count IS NULL OR ABS(_h.value - _t.expected) > ${slack}`,
  };
}
