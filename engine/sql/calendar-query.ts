import { quoteName } from './quote.ts';

export interface CalendarColumns {
  readonly dateColumn: string;
  readonly periodColumn: string | undefined;
  /** Conditions in DuckDB's dialect. */
  readonly where: string | undefined;
  readonly periodStartWhere: string | undefined;
}

/**
 * One row per calendar date: `day` (days since 1970), `period`, `start` (the first date of the period that meets
 * the start rule) and `periods` (how many periods claim the date; more than one is an error).
 */
export function calendarQuery(relation: string, columns: CalendarColumns): string {
  const date = quoteName(columns.dateColumn, 'duckdb');
  const period =
    columns.periodColumn === undefined
      ? 'NULL'
      : `CAST(${quoteName(columns.periodColumn, 'duckdb')} AS VARCHAR)`;
  const where = columns.where === undefined ? 'TRUE' : `(${columns.where})`;
  const start = columns.periodStartWhere === undefined ? 'TRUE' : `(${columns.periodStartWhere})`;
  return `WITH _dates AS (
  SELECT ${date} AS date, ${period} AS period, ${start} AS starts FROM ${relation} WHERE ${where} AND ${date} IS NOT NULL
), _starts AS (
  SELECT period, MIN(date) FILTER (WHERE starts) AS start FROM _dates GROUP BY period
), _days AS (
  SELECT date, MIN(period) AS period, COUNT(DISTINCT period) AS periods FROM _dates GROUP BY date
)
SELECT CAST(d.date - DATE '1970-01-01' AS INTEGER) AS day, d.period AS period,
  CAST(COALESCE(s.start, d.date) - DATE '1970-01-01' AS INTEGER) AS start, CAST(d.periods AS INTEGER) AS periods
FROM _days AS d LEFT JOIN _starts AS s ON s.period IS NOT DISTINCT FROM d.period ORDER BY d.date`;
}
