import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OUTPUT_QUERIES, type OutputName, withoutGamesAfter } from './output-queries.ts';
import type { Stage } from './staging.ts';

export type RowCounts = Readonly<Record<OutputName, number>>;

/**
 * Writes one zstd Parquet file per output and returns how many rows each has. Games after the last played day
 * are games to come: they are in the schedule alone, without a score.
 */
export async function writeFiles(
  stages: readonly Stage[],
  outDir: string,
  lastPlayed?: number,
): Promise<RowCounts> {
  // The driver takes a while to load and only this function needs it.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  await mkdir(outDir, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    for (const stage of stages) await stage.load(connection);
    for (const statement of withoutGamesAfter(lastPlayed)) await connection.run(statement);
    const counts: [string, number][] = [];
    for (const [name, query] of Object.entries(OUTPUT_QUERIES)) {
      const path = join(outDir, `${name}.parquet`).replaceAll("'", "''");
      const copied = await connection.runAndReadAll(
        `COPY (${query}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
      );
      counts.push([name, Number(copied.getRows()[0]?.[0])]);
    }
    // Every output name was visited, which the compiler cannot see.
    return Object.fromEntries(counts) as RowCounts;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
