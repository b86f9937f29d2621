type Row = Readonly<Record<string, unknown>>;

export interface CompareOptions {
  readonly key: readonly string[];
  /** Absolute tolerance per column, on top of 1e-6 relative and 1e-9 absolute. */
  readonly tolerance?: Readonly<Record<string, number>>;
}

export interface TableComparison {
  /** One readable line per kind of difference; empty when the tables agree. */
  readonly differences: readonly string[];
  readonly referenceOnlyColumns: readonly string[];
  readonly actualOnlyColumns: readonly string[];
  readonly comparedColumns: readonly string[];
  readonly matchedRows: number;
}

const EXAMPLES = 3;
const RELATIVE = 1e-6;
const ABSOLUTE = 1e-9;
const MS_PER_DAY = 86_400_000;

/** Matches rows by key and lists what differs, column by column. */
export function compareTables(
  reference: readonly Row[] | { readonly rows: readonly Row[] },
  actualRows: readonly Row[],
  options: CompareOptions,
): TableComparison {
  const expectedRows = 'rows' in reference ? reference.rows : reference;
  const expected = indexRows(expectedRows, options.key);
  const actual = indexRows(actualRows, options.key);
  const referenceColumns = columnsOf(expectedRows);
  const actualColumns = columnsOf(actualRows);
  const comparable = expectedRows.length > 0 && actualRows.length > 0;
  const shared = [...referenceColumns].filter(
    (column) => actualColumns.has(column) && !options.key.includes(column),
  );
  const pairs = [...expected.byKey].flatMap(([key, row]) => {
    const other = actual.byKey.get(key);
    return other === undefined ? [] : [{ key, row, other }];
  });
  return {
    differences: [
      ...keyLine('duplicate keys in the reference', expected.duplicates),
      ...keyLine('duplicate keys in the actual rows', actual.duplicates),
      ...keyLine('keys missing from the actual rows', missingFrom(actual.byKey, expected.byKey)),
      ...keyLine('keys not in the reference', missingFrom(expected.byKey, actual.byKey)),
      ...shared.flatMap((column) => columnLine(column, pairs, options.tolerance?.[column] ?? 0)),
    ],
    referenceOnlyColumns: comparable ? without(referenceColumns, actualColumns) : [],
    actualOnlyColumns: comparable ? without(actualColumns, referenceColumns) : [],
    comparedColumns: shared,
    matchedRows: pairs.length,
  };
}

function indexRows(rows: readonly Row[], key: readonly string[]) {
  const byKey = new Map<string, Row>();
  const duplicates: string[] = [];
  for (const row of rows) {
    const id = key.map((column) => text(normalize(row[column]))).join(' | ');
    if (byKey.has(id)) duplicates.push(id);
    byKey.set(id, row);
  }
  return { byKey, duplicates };
}

function columnsOf(rows: readonly Row[]): ReadonlySet<string> {
  return new Set(Object.keys(rows[0] ?? {}));
}

function without(columns: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...columns].filter((column) => !others.has(column));
}

function missingFrom(
  map: ReadonlyMap<string, Row>,
  wanted: ReadonlyMap<string, Row>,
): readonly string[] {
  return [...wanted.keys()].filter((key) => !map.has(key));
}

function keyLine(what: string, keys: readonly string[]): string[] {
  if (keys.length === 0) return [];
  const more = keys.length > EXAMPLES ? ', ...' : '';
  return [`${keys.length} ${what}: ${keys.slice(0, EXAMPLES).join(', ')}${more}`];
}

function columnLine(
  column: string,
  pairs: readonly { readonly key: string; readonly row: Row; readonly other: Row }[],
  tolerance: number,
): string[] {
  let count = 0;
  let widest = 0;
  const examples: string[] = [];
  for (const { key, row, other } of pairs) {
    const expected = normalize(row[column]);
    const actual = normalize(other[column]);
    if (same(expected, actual, tolerance)) continue;
    count += 1;
    if (typeof expected === 'number' && typeof actual === 'number') {
      widest = Math.max(widest, Math.abs(expected - actual));
    }
    if (examples.length < EXAMPLES) {
      examples.push(`[${key}] expected ${text(expected)}, found ${text(actual)}`);
    }
  }
  if (count === 0) return [];
  const size = widest === 0 ? '' : `, largest difference ${widest.toPrecision(3)}`;
  return [`${column}: ${count} of ${pairs.length} rows differ${size}; ${examples.join('; ')}`];
}

/** Brings DuckDB's bigint, date, decimal and list values to what the reference uses. */
function normalize(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (Array.isArray(value)) return value.map(normalize);
  return typeof value === 'object' ? normalizeObject(value) : value;
}

/** The value classes of the DuckDB client: lists, dates and decimals. */
function normalizeObject(value: object): unknown {
  if ('items' in value && Array.isArray(value.items)) return value.items.map(normalize);
  if ('days' in value && typeof value.days === 'number') {
    return new Date(value.days * MS_PER_DAY).toISOString().slice(0, 10);
  }
  if ('toDouble' in value && typeof value.toDouble === 'function') {
    // DuckDB's decimal; the class itself is not exported.
    return (value as { toDouble: () => number }).toDouble();
  }
  return value;
}

function same(expected: unknown, actual: unknown, tolerance: number): boolean {
  if (typeof expected === 'number' && typeof actual === 'number') {
    const scale = Math.max(Math.abs(expected), Math.abs(actual));
    const allowed = Math.max(ABSOLUTE, RELATIVE * scale, tolerance + ABSOLUTE);
    return Object.is(expected, actual) || Math.abs(expected - actual) <= allowed;
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) return false;
    return expected.every((item, index) => same(item, actual[index], tolerance));
  }
  return expected === actual;
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value) ?? String(value);
}
