import type { GroupCheck, MirrorCheck } from '../config/check.ts';
import { quoteName } from '../sql/quote.ts';
import { textOf } from './row-test.ts';
import {
  allKnown,
  type CheckContext,
  type CheckSelect,
  equalOn,
  groupBy,
  partitionColumnOf,
} from './scope.ts';

/** The quoted columns of a group, the partition column first. */
function groupColumns(by: readonly string[], context: CheckContext): readonly string[] {
  const own = partitionColumnOf(context);
  const columns = by.map((name) => quoteName(name, context.dialect));
  return [...new Set([...(own === undefined ? [] : [own]), ...columns])];
}

/** Groups whose value lies outside of its bounds; a bound without a value bounds nothing. */
export function group(check: GroupCheck, context: CheckContext): CheckSelect {
  const { asset, dialect } = context;
  const text = (sql: string): string => textOf(asset, sql, dialect);
  const columns = groupColumns(check.by, context);
  const selected = [...columns, `(${text(check.value)}) AS value`];
  const faults: string[] = [];
  for (const [name, bound, sign] of [
    ['at_least', check.min, '<'],
    ['at_most', check.max, '>'],
  ] as const) {
    if (bound === undefined) continue;
    selected.push(`(${typeof bound === 'number' ? bound : text(bound)}) AS ${name}`);
    faults.push(`_g.value ${sign} _g.${name}`);
  }
  const where = [allKnown(columns)];
  if (check.where !== undefined) where.push(`(${text(check.where)})`);
  const having = check.minRows > 1 ? `\nHAVING COUNT(*) >= ${check.minRows}` : '';
  return {
    ctes: [],
    select: `SELECT * FROM (
SELECT ${selected.join(', ')} FROM this
WHERE ${where.join(' AND ')}${groupBy(columns)}${having}
) AS _g
WHERE ${faults.join(' OR ')}`,
  };
}

/** Rows that differ from what the other row of their pair says, and rows that are not one of a pair. */
export function mirror(check: MirrorCheck, context: CheckContext): CheckSelect {
  const { asset, dialect, prefix } = context;
  const quote = (name: string): string => quoteName(name, dialect);
  const columns = groupColumns(check.by, context);
  const names = columns.join(', ');
  const pairs = Object.entries(check.columns).map(([column, text], at) => ({
    column: quote(column),
    shown: quote(`expected_${column}`),
    text: textOf(asset, text, dialect),
    isNumber: asset.columns.some(
      ({ name, type }) => name === column && ['INT64', 'FLOAT64'].includes(type),
    ),
    at,
  }));
  const values = pairs.flatMap(({ column, text, at }) => [
    `${column} AS own_${at}`,
    `(${text}) AS other_${at}`,
  ]);
  const order = pairs.flatMap(({ column, text }) => [column, `(${text})`]).join(', ');
  const rows = `${prefix}rows`;
  const shown = pairs.map(
    ({ column, shown: expected, at }) => `_a.own_${at} AS ${column}, _b.other_${at} AS ${expected}`,
  );
  const faults = pairs.map(({ at, isNumber }) =>
    isNumber && check.tolerance > 0
      ? `ABS(_a.own_${at} - _b.other_${at}) > ${check.tolerance} + 1e-9`
      : `_a.own_${at} <> _b.other_${at}`,
  );
  const over = columns.length === 0 ? '' : `PARTITION BY ${names}`;
  return {
    ctes: [
      `${rows} AS (SELECT ${[...columns, ...values].join(', ')},
  ROW_NUMBER() OVER (${over} ORDER BY ${order}) AS place, COUNT(*) OVER (${over}) AS row_count
FROM this WHERE ${allKnown(columns)})`,
    ],
    select: `SELECT ${columns.map((name) => `_a.${name}`).join(', ')}, _a.row_count, ${shown.join(', ')}
FROM ${rows} AS _a
LEFT JOIN ${rows} AS _b ON ${equalOn(columns, '_a', '_b')} AND _b.place = 3 - _a.place
WHERE _a.row_count <> 2 OR ${faults.join(' OR ')}`,
  };
}
