import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Cell } from '../support/project.ts';
import { Flagship, onDuckdb, type Rewrites } from './flagship.ts';

/** The pipeline on the evening of a date of games, and what it is to become. */
export interface Evening {
  /** Games before the date were played, those of the date and of the next one are scheduled. */
  readonly flagship: Flagship;
  /** The files with every game played; nothing is made of them. */
  readonly whole: Flagship;
  /** The last date before it. */
  readonly before: string;
  readonly tonight: string;
  readonly next: string;
  /** Noon of the date, in milliseconds since 1970. */
  readonly noon: number;
}

/** Cuts a league at one of its dates and makes everything that can be made before its games. */
export async function eveningOf(whole: Flagship, at: number): Promise<Evening> {
  const dates = await datesOf(whole);
  const [before, tonight, next] = dates.slice(at - 1, at + 2);
  if (!before || !tonight || !next) throw new Error(`no date ${at} of ${dates.length}`);
  const flagship = Flagship.create();
  const noon = Date.parse(`${tonight}T17:00:00Z`);
  const evening = { flagship, whole, before, tonight, next, noon };
  await giveFiles(evening, flagship, { playedBefore: tonight });
  await flagship.make(() => noon);
  return evening;
}

/** Gives a pipeline the files of the league with the games from a date on not played yet, up to the next date. */
export async function giveFiles(
  { whole, next }: Pick<Evening, 'whole' | 'next'>,
  flagship: Flagship,
  { playedBefore, isPlayed }: { readonly playedBefore: string; readonly isPlayed?: string },
): Promise<void> {
  cpSync(whole.data, flagship.data, { recursive: true });
  await flagship.rewrite(
    unplayed(`game_date < DATE '${playedBefore}' OR ${isPlayed ?? 'FALSE'}`, next),
  );
}

/** Leaves nothing of the games that do not meet a condition but that they are scheduled. */
function unplayed(isPlayed: string, last: string): Rewrites {
  const score = (column: string): string => `CASE WHEN ${isPlayed} THEN ${column} END AS ${column}`;
  const status = `CASE WHEN ${isPlayed} THEN status ELSE 'scheduled' END AS status`;
  const columns = [status, ...['home_score', 'away_score', 'periods'].map(score)].join(', ');
  const played = `SELECT * FROM f WHERE ${isPlayed}`;
  return {
    schedule: `SELECT * REPLACE (${columns}) FROM f WHERE game_date <= DATE '${last}'`,
    player_box: played,
    shots: played,
    closing_lines: `SELECT * FROM f WHERE game_date <= DATE '${last}'`,
  };
}

async function datesOf(whole: Flagship): Promise<readonly string[]> {
  return onDuckdb(':memory:', async (connection) => {
    const result = await connection.runAndReadAll(
      `SELECT DISTINCT CAST(game_date AS VARCHAR) FROM read_parquet('${join(whole.data, 'schedule.parquet')}') ORDER BY 1`,
    );
    return result.getRows().map(([date]) => String(date));
  });
}

/** Writes one of the files that need not be there. */
export async function writeFile(
  flagship: Flagship,
  name: 'injuries' | 'confirmed_lineups',
  select: string,
): Promise<void> {
  await onDuckdb(':memory:', (connection) =>
    connection.run(
      `COPY (${select}) TO '${join(flagship.data, `${name}.parquet`)}' (FORMAT parquet)`,
    ),
  );
}

/** A row of the injury report, as a SELECT. */
export function injured(date: string, playerId: Cell, status: string): string {
  return `SELECT DATE '${date}' AS game_date, CAST(${String(playerId)} AS BIGINT) AS player_id, 'P' AS player_name,
    '${status}' AS status, 'Ankle' AS reason, TIMESTAMP '${date} 17:30:00' AS reported_at`;
}

/** Every column of every published prediction of a date, in order. */
export async function predictionsOf(flagship: Flagship, date: string): Promise<readonly Cell[][]> {
  return flagship.query(
    `SELECT * FROM nba_predictions.player_prop_predictions WHERE game_date = DATE '${date}' ORDER BY prediction_id`,
  );
}

/** What `why` says of a partition: its status and, if it is expected to be empty, the reason. */
export function whyEmpty(
  flagship: Flagship,
  asset: string,
  date: string,
): readonly (string | null)[] {
  const story = flagship.command<{ status: string; reason: string | null }>('why', asset, date);
  return [story.status, story.reason];
}

/** Fails for every partition that is neither current nor expected to be empty. */
export async function expectAllWell(flagship: Flagship): Promise<void> {
  const { evaluation } = await flagship.evaluate();
  for (const { asset } of evaluation.assets.values()) {
    const statuses = new Set(Object.values(await flagship.status(asset.name)));
    statuses.delete('current');
    statuses.delete('expected-empty');
    expect([...statuses], asset.name).toEqual([]);
  }
}

/** The one value that a query returns. */
export async function one(flagship: Flagship, sql: string): Promise<Cell> {
  const [[value] = []] = await flagship.query(sql);
  return value ?? null;
}
