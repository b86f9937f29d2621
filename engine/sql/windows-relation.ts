import { type Day, LAST_DATE } from '../partitions/date.ts';
import { MIN_DAY } from '../partitions/window.ts';
import { quoteDay, type SqlDialect } from './quote.ts';

/** The days of an upstream that feed one partition: `lo <= day < hi`. */
export interface WindowRow {
  readonly day: Day;
  readonly lo: Day;
  readonly hi: Day;
}

/** A date that both warehouses have, for windows without a beginning. */
const FIRST: Day = -700_000;

/** One row per partition: `day`, and `first_day` and `end_day` of its window, the end not included. */
export function windowsSelect(windows: readonly WindowRow[], dialect: SqlDialect): string {
  const rows = windows.map(({ day, lo, hi }) => ({
    day,
    lo: lo <= MIN_DAY + 1 ? FIRST : lo,
    hi: Math.min(hi, LAST_DATE),
  }));
  if (dialect === 'bigquery') {
    const structs = rows.map((row) => `(${[row.day, row.lo, row.hi].map(quoteDay).join(', ')})`);
    return `SELECT * FROM UNNEST(ARRAY<STRUCT<day DATE, first_day DATE, end_day DATE>>[${structs.join(', ')}])`;
  }
  // Lists with a series of positions: unlike unnested lists the planner knows how many rows they make.
  const dates = (values: readonly Day[], name: string): string =>
    `CAST(DATE '1970-01-01' + [${values.join(',')}][_r.i] AS DATE) AS ${name}`;
  const columns = [
    dates(
      rows.map((row) => row.day),
      'day',
    ),
    dates(
      rows.map((row) => row.lo),
      'first_day',
    ),
    dates(
      rows.map((row) => row.hi),
      'end_day',
    ),
  ];
  return `SELECT ${columns.join(', ')} FROM range(1, ${rows.length + 1}) AS _r(i)`;
}
