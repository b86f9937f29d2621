import { quoteName, type SqlDialect } from './quote.ts';

export interface CalendarColumns {
  readonly dateColumn: string;
  readonly periodColumn: string | undefined;
  /** Conditions in the dialect of the query. */
  readonly where: string | undefined;
  readonly periodStartWhere: string | undefined;
}

/**
 * One row per calendar date: `day` (days since 1970), `period`, `start` (the first date of the period that meets
 * the start rule) and `periods` (how many periods claim the date; more than one is an error).
 *
 * @param relation The relation with the calendar's rows as it stands after FROM, in the same dialect.
 */
export function calendarQuery(
  relation: string,
  columns: CalendarColumns,
  dialect: SqlDialect,
): string {
  const date = quoteName(columns.dateColumn, dialect);
  const text = dialect === 'duckdb' ? 'VARCHAR' : 'STRING';
  const period =
    columns.periodColumn === undefined
      ? emptyPeriod(dialect)
      : `CAST(${quoteName(columns.periodColumn, dialect)} AS ${text})`;
  const where = columns.where === undefined ? 'TRUE' : `(${columns.where})`;
  const start = columns.periodStartWhere === undefined ? 'TRUE' : `(${columns.periodStartWhere})`;
  const dates = `SELECT ${date} AS date, ${period} AS period, ${start} AS starts FROM ${relation} WHERE ${where} AND ${date} IS NOT NULL`;
  return dialect === 'duckdb' ? duckdbCalendar(dates) : googleCalendar(dates);
}

/** A NULL without a type is an INT64 in GoogleSQL. */
function emptyPeriod(dialect: SqlDialect): string {
  return dialect === 'duckdb' ? 'NULL' : 'CAST(NULL AS STRING)';
}

function duckdbCalendar(dates: string): string {
  return `WITH _dates AS (
  ${dates}
), _starts AS (
  SELECT period, MIN(date) FILTER (WHERE starts) AS start FROM _dates GROUP BY period
), _days AS (
  SELECT date, MIN(period) AS period, COUNT(DISTINCT period) AS periods FROM _dates GROUP BY date
)
SELECT CAST(d.date - DATE '1970-01-01' AS INTEGER) AS day, d.period AS period,
  CAST(COALESCE(s.start, d.date) - DATE '1970-01-01' AS INTEGER) AS start, CAST(d.periods AS INTEGER) AS periods
FROM _days AS d LEFT JOIN _starts AS s ON s.period IS NOT DISTINCT FROM d.period ORDER BY d.date`;
}

/** BigQuery wants equalities in the condition of an outer join, so a NULL period is told from '' by one of its own. */
function googleCalendar(dates: string): string {
  return `WITH _dates AS (
  ${dates}
), _starts AS (
  SELECT _dates.period, MIN(IF(_dates.starts, _dates.date, NULL)) AS start FROM _dates GROUP BY _dates.period
), _days AS (
  SELECT _dates.date, MIN(_dates.period) AS period, COUNT(DISTINCT _dates.period) AS periods FROM _dates GROUP BY _dates.date
)
SELECT UNIX_DATE(d.date) AS day, d.period AS period, UNIX_DATE(COALESCE(s.start, d.date)) AS start, d.periods AS periods
FROM _days AS d LEFT JOIN _starts AS s
  ON COALESCE(s.period, '') = COALESCE(d.period, '') AND (s.period IS NULL) = (d.period IS NULL)
ORDER BY d.date`;
}
