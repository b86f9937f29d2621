import type { EvaluatedRows } from './zetasql-service.ts';
import type { Value } from './zetasql-values.ts';

/** Stored floats are rounded, so that sums taken in another order come out the same. */
const RELATIVE = 1e-9;

export interface Comparison {
  /** Both sides' value where they differ, by the key of the row and the column; the first ones. */
  readonly differences: readonly string[];
  /** Cells with a float that is close but not the same. */
  readonly inexact: number;
}

/** Compares rows by their key columns; order does not count. Where all columns are the key, rows may repeat. */
export function compareRows(
  reference: EvaluatedRows,
  actual: EvaluatedRows,
  key: readonly string[],
): Comparison {
  const names = reference.columns.map(({ name }) => name);
  const positions = key.map((name) => names.indexOf(name));
  const byKey = (rows: readonly Row[]): Map<string, Row[]> =>
    Map.groupBy(rows, (row) => positions.map((at) => show(row[at])).join(' '));
  const [left, right] = [byKey(reference.rows), byKey(actual.rows)];
  const differences: string[] = [];
  let inexact = 0;
  for (const id of new Set([...left.keys(), ...right.keys()])) {
    const [expected = [], found = []] = [left.get(id), right.get(id)];
    const [one, other] = [expected[0], found[0]];
    if (key.length === names.length && expected.length === found.length) continue;
    if (expected.length !== 1 || found.length !== 1 || !one || !other) {
      differences.push(`${id}: ${expected.length} rows of the reference, ${found.length} found`);
      continue;
    }
    const cells = compareCells(names, one, other);
    inexact += cells.inexact;
    differences.push(...cells.differences.map((difference) => `${id} ${difference}`));
  }
  return { differences: differences.slice(0, 20), inexact };
}

type Row = readonly Value[];

function compareCells(names: readonly string[], reference: Row, actual: Row): Comparison {
  const differences: string[] = [];
  let inexact = 0;
  for (const [at, name] of names.entries()) {
    const [one = null, other = null] = [reference[at], actual[at]];
    const likeness = compareValues(one, other);
    if (likeness === 'close') inexact++;
    if (likeness !== 'different') continue;
    differences.push(`${name}: reference ${show(one)}, found ${show(other)}`);
  }
  return { differences, inexact };
}

/** How alike two values are: integers and floats are told apart, NULL and NaN are equal to themselves. */
export function compareValues(one: Value, other: Value): 'same' | 'close' | 'different' {
  if (Object.is(one, other) || one === other) return 'same';
  if (typeof one === 'number' && typeof other === 'number') {
    const scale = Math.max(Math.abs(one), Math.abs(other));
    return Math.abs(one - other) <= RELATIVE * scale ? 'close' : 'different';
  }
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) {
    return 'different';
  }
  const items = (one as readonly Value[]).map((item, at) =>
    compareValues(item, (other as readonly Value[])[at] ?? null),
  );
  if (items.includes('different')) return 'different';
  return items.includes('close') ? 'close' : 'same';
}

/** A value with its type, for people. */
export function show(value: Value | undefined): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(show).join(', ')}]`;
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
