import { quoteText } from './quote.ts';

/** How the message begins that such a statement fails with. */
export const UNDATED_ROW = 'row without a date: ';

/** The longest part of a row that a message shows. */
const SHOWN = 400;

/**
 * A column of a file as a date, in DuckDB's dialect. A row without one belongs to no partition: left out in
 * silence it would be missing from some partition, so the statement fails and names the row.
 */
export function dateOrError(source: {
  readonly asset: string;
  readonly name: string;
  /** The column's value as SQL. */
  readonly value: string;
  /** The relation whose rows are shown. */
  readonly row: string;
}): string {
  const { asset, name, value, row } = source;
  const expected = `${UNDATED_ROW}expected a date like 2024-01-15 in column "${name}" of ${asset}, found `;
  const found = `COALESCE('"' || CAST(${value} AS VARCHAR) || '"', 'nothing')`;
  const shown = `left(CAST(to_json(${row}) AS VARCHAR), ${SHOWN})`;
  const message = `${quoteText(expected, 'duckdb')} || ${found} || ' in the row ' || ${shown}`;
  return `COALESCE(TRY_CAST(${value} AS DATE), CAST(error(${message}) AS DATE))`;
}
