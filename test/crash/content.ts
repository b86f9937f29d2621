import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import { UNPARTITIONED } from '../../engine/partitions/date.ts';
import { CONTENT } from '../../engine/partitions/records.ts';
import { openStateReader } from '../../state/sqlite.ts';

/** Per asset, what is said of its partitions: day → rows and data version. */
export type Content = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** What FASTBREAK_HOME holds, told by three witnesses. */
export interface Witnesses {
  /** The rows of the tables, counted and hashed here. */
  readonly present: Content;
  /** The warehouse's own table. */
  readonly claimed: Content;
  readonly recorded: Content;
  /** Rows whose key another row has too, by asset; none is right. */
  readonly duplicates: readonly string[];
  /** Tables that are left of a step that was staged. */
  readonly staged: readonly string[];
  /** Assets with a step that a crash cut short, and that no run has looked at since. */
  readonly openSteps: ReadonlySet<string>;
  /** No run of this record has come as far as a step: if it was lost before, it may lack all that the warehouse has. */
  readonly isNew: boolean;
}

/** Asks all three; the warehouse is opened to read only, so that it stays as a crash left it. */
export async function askWitnesses(
  home: string,
  assets: readonly CompiledAsset[],
): Promise<Witnesses> {
  const recorded = readRecord(join(home, 'state.sqlite'));
  const path = join(home, 'warehouse.duckdb');
  const nothing = { present: new Map(), claimed: new Map(), duplicates: [], staged: [] };
  if (!existsSync(path)) return { ...nothing, ...recorded };
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    return { ...(await readWarehouse(connection, assets)), ...recorded };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** All three say the same of every partition, no key is there twice, and nothing staged is left. */
export function expectSameStory(found: Witnesses): void {
  expect(withoutEmpty(found.claimed), 'what the warehouse says of its rows').toEqual(
    withoutEmpty(found.present),
  );
  expect(found.recorded, 'what the record says').toEqual(found.claimed);
  expect(found.duplicates).toEqual([]);
  expect(found.staged).toEqual([]);
}

/**
 * Right after a crash the rows are what the warehouse's own table says, and the record differs from it at most in
 * the assets whose step was under way, or whose partitions were just being removed. A lost record is empty until a
 * run has taken over what the warehouse holds.
 */
export function expectRepairable(found: Witnesses, mayRemove: boolean): void {
  expect(withoutEmpty(found.claimed)).toEqual(withoutEmpty(found.present));
  expect(found.duplicates).toEqual([]);
  if (found.isNew) return;
  const names = new Set([...found.claimed.keys(), ...found.recorded.keys()]);
  for (const name of names) {
    if (found.openSteps.has(name)) continue;
    const [claimed, recorded] = [daysOf(found.claimed, name), daysOf(found.recorded, name)];
    const kept = mayRemove ? [...recorded].filter(([day]) => claimed.has(day)) : recorded;
    expect(new Map(kept), `${name}, which no step was working on`).toEqual(claimed);
  }
}

function daysOf(content: Content, name: string): ReadonlyMap<number, string> {
  return content.get(name) ?? new Map<number, string>();
}

function withoutEmpty(content: Content): Content {
  const filled = [...content].map(
    ([name, days]) => [name, new Map([...days].filter(([, said]) => said !== EMPTY))] as const,
  );
  return new Map(filled.filter(([, days]) => days.size > 0));
}

const EMPTY = '0 rows';

function said(rows: number, version: bigint): string {
  return rows === 0 ? EMPTY : `${rows} rows ${version.toString(16)}`;
}

async function readWarehouse(
  connection: DuckDBConnection,
  assets: readonly CompiledAsset[],
): Promise<Pick<Witnesses, 'present' | 'claimed' | 'duplicates' | 'staged'>> {
  const rowsOf = async (sql: string): Promise<Record<string, unknown>[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJS();
  const tables = new Set(
    (await rowsOf(`SELECT schema_name || '.' || table_name AS name FROM duckdb_tables()`)).map(
      ({ name }) => String(name),
    ),
  );
  const present = new Map<string, Map<number, string>>();
  const duplicates: string[] = [];
  for (const asset of assets) {
    if (!tables.has(`${asset.dataset}.${asset.name}`)) continue;
    const days = await rowsOf(contentQuery(asset));
    present.set(asset.name, byDay(days));
    for (const { day, twice } of days) {
      if (Number(twice) > 0) duplicates.push(`${asset.name} of ${String(day)}: ${String(twice)}`);
    }
  }
  const claimed = new Map<string, Map<number, string>>();
  if (tables.has('main._fastbreak_materializations')) {
    const rows = await rowsOf(CLAIMS);
    for (const [name, days] of Map.groupBy(rows, (row) => String(row['asset']))) {
      claimed.set(name, byDay(days));
      expect(claimed.get(name)?.size, `${name}: one claim per partition`).toBe(days.length);
    }
  }
  const staged = [...tables].filter((name) => name.includes('_staging__'));
  return { present, claimed, duplicates, staged };
}

const CLAIMS = `SELECT asset, day, rows, CAST(CAST(data_hi AS HUGEINT) * 4294967296 + data_lo AS VARCHAR) AS version
FROM main._fastbreak_materializations`;

/** The data version is the sum of the hashes of the rows, modulo 2^64. */
function contentQuery(asset: CompiledAsset): string {
  const columns = asset.columns.map(({ name }) => `"${name}"`).join(', ');
  const key = (asset.key ?? []).map((name) => `"${name}"`).join(', ');
  const day =
    asset.partitionSet === undefined
      ? String(UNPARTITIONED)
      : `CAST("${asset.partitionColumn}" - DATE '1970-01-01' AS INTEGER)`;
  const twice = key === '' ? '0' : `COUNT(*) - COUNT(DISTINCT hash(${key}))`;
  return `SELECT ${day} AS day, COUNT(*) AS rows, ${twice} AS twice,
  CAST(SUM(hash(${columns})) % 18446744073709551616 AS VARCHAR) AS version
FROM "${asset.dataset}"."${asset.name}" GROUP BY ALL HAVING COUNT(*) > 0`;
}

function byDay(rows: readonly Record<string, unknown>[]): Map<number, string> {
  return new Map(
    rows.map((row) => [
      Number(row['day']),
      said(Number(row['rows']), BigInt(String(row['version']))),
    ]),
  );
}

function readRecord(path: string): Pick<Witnesses, 'recorded' | 'openSteps' | 'isNew'> {
  const recorded = new Map<string, Map<number, string>>();
  const openSteps = new Set<string>();
  const reader = openStateReader(path);
  if (!reader) return { recorded, openSteps, isNew: true };
  let isNew = true;
  try {
    for (const [name, records] of reader.snapshot('local').records) {
      const days = [...records.days.entries()].filter(
        ([index]) => records.content[index] !== CONTENT.none,
      );
      const texts = days.map(([index, day]) => {
        const [hi, lo] = [records.dataHi[index] ?? 0, records.dataLo[index] ?? 0];
        return [
          day,
          said(records.rows[index] ?? 0, BigInt(hi) * 4_294_967_296n + BigInt(lo)),
        ] as const;
      });
      if (texts.length > 0) recorded.set(name, new Map(texts));
    }
    for (const run of reader.runs('local', 10_000)) {
      const steps = reader.steps(run.id);
      for (const { asset, status } of steps) {
        if (status === 'running' || status === 'crashed') openSteps.add(asset);
      }
      if (steps.length === 0) continue;
      // Before its first step a run has put in order what those before it left.
      isNew = false;
      break;
    }
  } finally {
    reader.close();
  }
  return { recorded, openSteps, isNew };
}
