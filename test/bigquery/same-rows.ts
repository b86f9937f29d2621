import { expect } from 'vitest';
import type { BigQueryServer } from '../cloud/bigquery/server.ts';
import { serverRows } from './cloud.ts';

/** What was compared. */
export interface Compared {
  readonly tables: number;
  readonly rows: number;
}

/**
 * Expects the same rows in every table of a DuckDB warehouse file and of the server, duplicates counted. An absent list is
 * an empty one: BigQuery stores no other. Data versions are left out, since each warehouse hashes its own way.
 */
export async function expectSameRows(
  server: BigQueryServer,
  warehouseFile: string,
): Promise<Compared> {
  await server.duckdb(`ATTACH '${warehouseFile}' AS local_file (READ_ONLY)`);
  try {
    return await compareAll(server);
  } finally {
    await server.duckdb('DETACH local_file');
  }
}

async function compareAll(server: BigQueryServer): Promise<Compared> {
  const tables = await serverRows(
    server,
    `SELECT schema_name, table_name FROM duckdb_tables()
     WHERE database_name = 'local_file' AND NOT starts_with(table_name, '_') ORDER BY ALL`,
  );
  let rows = 0;
  for (const [schema, name] of tables) {
    const table = `"${String(schema)}"."${String(name)}"`;
    const columns = await columnsOf(server, String(schema), String(name));
    const local = `SELECT ${columns} FROM local_file.${table}`;
    const cloud = `SELECT ${columns} FROM ${table}`;
    const [counts = []] = await serverRows(
      server,
      `SELECT (SELECT COUNT(*) FROM (${local})), (SELECT COUNT(*) FROM (${cloud})),
       (SELECT COUNT(*) FROM (${local} EXCEPT ALL ${cloud}))`,
    );
    const [inLocal, inCloud, different] = counts.map(Number);
    expect({ table, rows: inCloud, different }).toEqual({ table, rows: inLocal, different: 0 });
    rows += inLocal ?? 0;
  }
  return { tables: tables.length, rows };
}

async function columnsOf(server: BigQueryServer, schema: string, table: string): Promise<string> {
  const columns = await serverRows(
    server,
    `SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'local_file'
     AND schema_name = '${schema}' AND table_name = '${table}' AND column_name <> 'data_versions'
     ORDER BY column_index`,
  );
  const list = columns.map(([name, type]) =>
    String(type).endsWith('[]')
      ? `COALESCE("${String(name)}", []) AS "${String(name)}"`
      : `"${String(name)}"`,
  );
  return list.join(', ');
}
