import type { CompiledAsset } from '../compile/compiled.ts';
import { type Day, parseDay, UNPARTITIONED } from '../partitions/date.ts';
import { quoteDay, quoteName, quoteTable } from '../sql/quote.ts';
import type { QueryResult } from '../warehouse/warehouse.ts';

/** One value that differs, or a row that only one side has. */
export type DifferenceExample =
  | {
      readonly type: 'value';
      readonly key: Readonly<Record<string, unknown>>;
      readonly column: string;
      readonly batch: unknown;
      readonly alone: unknown;
    }
  | {
      readonly type: 'row';
      readonly key: Readonly<Record<string, unknown>>;
      readonly onlyIn: 'batch' | 'alone';
    };

/** How the rows of one partition differ. */
export interface RowDifferences {
  /** Number of keys whose rows differ. */
  readonly keys: number;
  readonly examples: readonly DifferenceExample[];
}

const MOST_KEYS = 3;
const MOST_COLUMNS = 4;

/** The rows of some partitions in the asset's table; of an unpartitioned asset all of them. */
export function tableRowsSelect(asset: CompiledAsset, days: readonly Day[]): string {
  return rowsSelect(asset, quoteTable(asset.dataset, asset.name, 'duckdb'), days);
}

/**
 * The rows of some partitions that only the table or only another relation has, duplicates counted, with the
 * number of differing keys; of each partition no more than the first few keys.
 */
export function differencesQuery(
  asset: CompiledAsset,
  relation: string,
  days: readonly Day[],
): string {
  const columns = columnList(asset);
  const key = keyOf(asset).map(quote).join(', ');
  const partition = asset.partitionSet === undefined ? 'NULL' : quote(asset.partitionColumn ?? '');
  return `WITH _batch AS (${tableRowsSelect(asset, days)}),
_alone AS (${rowsSelect(asset, relation, days)}),
_differing AS (
  SELECT 'batch' AS _side, * FROM (SELECT * FROM _batch EXCEPT ALL SELECT * FROM _alone)
  UNION ALL
  SELECT 'alone' AS _side, * FROM (SELECT * FROM _alone EXCEPT ALL SELECT * FROM _batch)
),
_ranked AS (SELECT *, DENSE_RANK() OVER (PARTITION BY ${partition} ORDER BY ${key}) AS _rank FROM _differing)
SELECT ${partition} AS _partition, MAX(_rank) OVER (PARTITION BY ${partition}) AS _keys, _side, ${columns}
FROM _ranked QUALIFY _rank <= ${MOST_KEYS} ORDER BY _partition, _rank, _side DESC`;
}

/** Reads what `differencesQuery` returns. */
export function readDifferences(
  asset: CompiledAsset,
  result: QueryResult,
): ReadonlyMap<Day, RowDifferences> {
  const rows = result.rows.map(([partition, keys, side, ...values]) => ({
    day: dayOf(partition),
    keys: Number(keys),
    side: side === 'batch' ? ('batch' as const) : ('alone' as const),
    key: pick(asset, values, keyOf(asset)),
    values,
  }));
  const byDay = Map.groupBy(rows, (row) => row.day);
  return new Map(
    Array.from(byDay, ([day, found]) => {
      const byKey = Map.groupBy(found, (row) => JSON.stringify(row.key));
      const examples = [...byKey.values()].flatMap((sides) => examplesOf(asset, sides));
      return [day, { keys: found[0]?.keys ?? 0, examples }];
    }),
  );
}

interface SideRow {
  readonly side: 'batch' | 'alone';
  readonly key: Readonly<Record<string, unknown>>;
  readonly values: readonly unknown[];
}

/** The rows of one key: a pair is compared value by value, any other number of them only named. */
function examplesOf(asset: CompiledAsset, rows: readonly SideRow[]): DifferenceExample[] {
  const batch = rows.filter((row) => row.side === 'batch');
  const alone = rows.filter((row) => row.side === 'alone');
  const [left, right] = [batch[0], alone[0]];
  if (batch.length !== 1 || alone.length !== 1 || !left || !right) {
    return rows.map(({ key, side }) => ({ type: 'row', key, onlyIn: side }));
  }
  return asset.columns
    .map((column, at): DifferenceExample => {
      const values = { batch: left.values[at], alone: right.values[at] };
      return { type: 'value', key: left.key, column: column.name, ...values };
    })
    .filter((each) => each.type === 'value' && !isSame(each.batch, each.alone))
    .slice(0, MOST_COLUMNS);
}

/** Values are plain: numbers, texts, booleans, NULL, or lists of them. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function rowsSelect(asset: CompiledAsset, relation: string, days: readonly Day[]): string {
  const select = `SELECT ${columnList(asset)} FROM ${relation}`;
  if (asset.partitionSet === undefined) return select;
  return `${select} WHERE ${quote(asset.partitionColumn ?? '')} IN (${days.map(quoteDay).join(', ')})`;
}

/** What identifies a row; all of it where no key is declared. */
function keyOf(asset: CompiledAsset): readonly string[] {
  return asset.key.length > 0 ? asset.key : asset.columns.map((column) => column.name);
}

function pick(
  asset: CompiledAsset,
  values: readonly unknown[],
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  const at = (name: string): number => asset.columns.findIndex((column) => column.name === name);
  return Object.fromEntries(names.map((name) => [name, values[at(name)]]));
}

function columnList(asset: CompiledAsset): string {
  return asset.columns.map((column) => quote(column.name)).join(', ');
}

function dayOf(partition: unknown): Day {
  return parseDay(String(partition)) ?? UNPARTITIONED;
}

const quote = (name: string): string => quoteName(name, 'duckdb');
