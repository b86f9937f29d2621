import { existsSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { Rig } from './rig.ts';

/** What must outlive any mistake: the rows of every table, what the warehouse says of them, and the record. */
export interface Kept {
  /** Per table, its rows as JSON texts in order. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
  /** `asset day rows`, as the warehouse's own table has it. */
  readonly claimed: readonly string[];
  /** The same as the record has it. */
  readonly recorded: readonly string[];
}

export async function kept(rig: Rig): Promise<Kept> {
  const recorded = recordedPartitions(rig.path('home/state.sqlite'));
  return { ...(await warehouseContent(rig.path('home/warehouse.duckdb'))), recorded };
}

/** Rows, the warehouse's claims and the record are the same; nothing staged is left. */
export async function expectSound(rig: Rig): Promise<Kept> {
  const found = await kept(rig);
  expect(found.recorded).toEqual(found.claimed);
  const counted = found.claimed.map((claim) => claim.split(' '));
  for (const [table, rows] of Object.entries(found.rows)) {
    const claims = counted.filter(([asset]) => table.endsWith(`.${asset}`));
    expect(rows.length, table).toBe(claims.reduce((sum, [, , count]) => sum + Number(count), 0));
  }
  return found;
}

async function warehouseContent(path: string): Promise<Omit<Kept, 'recorded'>> {
  if (!existsSync(path)) return { rows: {}, claimed: [] };
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const texts = async (sql: string): Promise<string[]> =>
      (await connection.runAndReadAll(sql)).getRowsJson().map(([text]) => String(text));
    const tables = await texts(
      `SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE schema_name <> 'main' ORDER BY 1`,
    );
    const rows: Record<string, string[]> = {};
    for (const table of tables) {
      rows[table] = await texts(`SELECT CAST(to_json(t) AS VARCHAR) FROM ${table} AS t ORDER BY 1`);
    }
    const claimed = await texts(
      `SELECT asset || ' ' || day || ' ' || rows FROM main._fastbreak_materializations ORDER BY 1`,
    );
    return { rows, claimed };
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}

function recordedPartitions(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const db = new Database(path, { readonly: true });
  try {
    // Content 0 is a partition that never came out good.
    const rows = db
      .prepare<[], string>(
        `SELECT assets.name || ' ' || day || ' ' || rows FROM partitions
         JOIN assets ON assets.id = partitions.asset WHERE content <> 0 ORDER BY 1`,
      )
      .pluck()
      .all();
    return rows;
  } finally {
    db.close();
  }
}
