import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  simulateLeague,
  type LeagueOptions,
  type LeagueSummary,
} from '../../../assets/nba/league/index.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface League extends AsyncDisposable {
  readonly summary: LeagueSummary;
  /** Runs SQL in which `schedule`, `player_box`, ... are the written files. */
  readonly rows: (sql: string) => Promise<readonly Row[]>;
}

export const FILES = [
  'schedule',
  'player_box',
  'shots',
  'closing_lines',
  'player_pra_lines',
  'players',
  'teams',
] as const;

export async function tinyLeague(options: Partial<LeagueOptions> = {}): Promise<League> {
  const outDir = await mkdtemp(join(tmpdir(), 'league-'));
  const summary = await simulateLeague({
    seed: 7,
    firstSeason: 2023,
    seasons: 1,
    teams: 8,
    gamesPerTeam: 20,
    outDir,
    ...options,
  });
  const { rows, close } = await openFiles(outDir);
  return {
    summary,
    rows,
    [Symbol.asyncDispose]: async () => {
      close();
      await rm(outDir, { recursive: true });
    },
  };
}

export async function openFiles(directory: string) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const name of FILES) {
    const path = join(directory, `${name}.parquet`).replaceAll("'", "''");
    await connection.run(
      `CREATE VIEW ${name} AS SELECT * EXCLUDE (file_row_number) FROM read_parquet('${path}', file_row_number = true)`,
    );
    await connection.run(
      `CREATE VIEW ${name}_rows AS SELECT * FROM read_parquet('${path}', file_row_number = true)`,
    );
  }
  return {
    rows: async (sql: string): Promise<readonly Row[]> =>
      (await connection.runAndReadAll(sql)).getRowObjectsJson(),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** One hash per file over all rows in the order they were written. */
export async function contentHashes(league: League): Promise<Readonly<Record<string, unknown>>> {
  const hashes: Record<string, unknown> = {};
  for (const name of FILES) {
    const [row] = await league.rows(
      `SELECT md5(string_agg(r::VARCHAR, chr(10) ORDER BY file_row_number)) AS hash FROM ${name}_rows r`,
    );
    hashes[name] = row?.['hash'];
  }
  return hashes;
}
