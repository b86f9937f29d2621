import type { CompiledAsset } from '../compile/compiled.ts';
import { type Day, parseDay, UNPARTITIONED } from '../partitions/date.ts';
import { quoteDay, quoteName, quoteTable, type SqlDialect } from '../sql/quote.ts';
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
export function tableRowsSelect(
  asset: CompiledAsset,
  days: readonly Day[],
  dialect: SqlDialect,
): string {
  return rowsSelect(asset, quoteTable(asset.dataset, asset.name, dialect), days, dialect);
}

/**
 * The rows of some partitions that only the table or only another relation has, duplicates counted, with the
 * number of differing keys; of each partition no more than the first few keys.
 */
export function differencesQuery(
  asset: CompiledAsset,
  relation: string,
  days: readonly Day[],
  dialect: SqlDialect,
): string {
  const columns = columnList(asset, dialect);
  const key = keyOf(asset)
    .map((name) => quoteName(name, dialect))
    .join(', ');
  const partition =
    asset.partitionSet === undefined
      ? 'CAST(NULL AS DATE)'
      : quoteName(asset.partitionColumn ?? '', dialect);
  const differing = dialect === 'duckdb' ? DUCKDB_DIFFERING : googleDiffering(columns);
  return `WITH _batch AS (${tableRowsSelect(asset, days, dialect)}),
_alone AS (${rowsSelect(asset, relation, days, dialect)}),
${differing},
_ranked AS (SELECT *, DENSE_RANK() OVER (PARTITION BY ${partition} ORDER BY ${key}) AS _rank FROM _differing)
SELECT ${partition} AS _partition, MAX(_rank) OVER (PARTITION BY ${partition}) AS _keys, _side, ${columns}
FROM _ranked WHERE TRUE QUALIFY _rank <= ${MOST_KEYS} ORDER BY _partition, _rank, _side DESC`;
}

const DUCKDB_DIFFERING = `_differing AS (
  SELECT 'batch' AS _side, * FROM (SELECT * FROM _batch EXCEPT ALL SELECT * FROM _alone)
  UNION ALL
  SELECT 'alone' AS _side, * FROM (SELECT * FROM _alone EXCEPT ALL SELECT * FROM _batch)
)`;

/** BigQuery has no EXCEPT ALL: a copy of a row that one side alone has is told by its number among its equals. */
function googleDiffering(columns: string): string {
  const side = (name: string): string =>
    `SELECT '${name}' AS _side, ${columns}, TO_JSON_STRING(STRUCT(${columns})) AS _json FROM _${name}`;
  return `_sides AS (${side('batch')} UNION ALL ${side('alone')}),
_copies AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY _side, _json) AS _copy FROM _sides),
_differing AS (SELECT * FROM _copies WHERE TRUE QUALIFY COUNT(*) OVER (PARTITION BY _json, _copy) = 1)`;
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

function rowsSelect(
  asset: CompiledAsset,
  relation: string,
  days: readonly Day[],
  dialect: SqlDialect,
): string {
  const select = `SELECT ${columnList(asset, dialect)} FROM ${relation}`;
  if (asset.partitionSet === undefined) return select;
  const column = quoteName(asset.partitionColumn ?? '', dialect);
  return `${select} WHERE ${column} IN (${days.map(quoteDay).join(', ')})`;
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

function columnList(asset: CompiledAsset, dialect: SqlDialect): string {
  return asset.columns.map((column) => quoteName(column.name, dialect)).join(', ');
}

function dayOf(partition: unknown): Day {
  return parseDay(String(partition)) ?? UNPARTITIONED;
}
