/** A column that a statement names and nothing has. */
export interface MissingColumn {
  readonly column: string;
  /** The alias or relation that the statement named it with. */
  readonly table?: string;
  /** What DuckDB thinks was meant; of some relations it names nothing. */
  readonly candidates: readonly string[];
}

/** What DuckDB says of a column that is not there; undefined for other faults. */
export function missingColumn(message: string): MissingColumn | undefined {
  const [, list = ''] =
    /Candidate (?:bindings|columns)[^"]*((?:"[^"]*"(?:, )?)+)/.exec(message) ?? [];
  const candidates = Array.from(list.matchAll(/"([^"]*)"/g), ([, name = '']) =>
    name.slice(name.lastIndexOf('.') + 1),
  );
  const [, table, ofTable] =
    /(?:Table|Values list) "([^"]+)" does not have a column named "([^"]+)"/.exec(message) ?? [];
  if (table !== undefined && ofTable !== undefined) return { column: ofTable, table, candidates };
  const [, column] = /Referenced column "([^"]+)"/.exec(message) ?? [];
  return column === undefined ? undefined : { column, candidates };
}

/** The driver's own words: a WarehouseError holds their first sentence. */
export function wholeMessage(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
