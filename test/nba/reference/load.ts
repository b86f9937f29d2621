import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { dayNumber } from './timeline.ts';

export interface Game {
  readonly nbaGameId: string;
  /** `YYYYMMDD_AWAY_HOME` (domain.md 2.3). */
  readonly gameId: string;
  readonly gameType: 'regular_season' | 'playoff' | 'play_in';
  readonly season: number;
  readonly date: string;
  readonly day: number;
  readonly home: string;
  readonly away: string;
  readonly homeScore: number;
  readonly awayScore: number;
  /** Whether the game was played to its end. */
  readonly final: boolean;
}

export interface BoxRow {
  readonly nba_game_id: string;
  readonly season_year: number;
  readonly player_id: number;
  readonly player_name: string;
  readonly team: string;
  readonly opponent: string;
  readonly home: boolean;
  readonly starter: boolean;
  readonly minutes: number;
  readonly pts: number;
  readonly fgm: number;
  readonly fga: number;
  readonly fg3m: number;
  readonly fg3a: number;
  readonly ftm: number;
  readonly fta: number;
  readonly oreb: number | null;
  readonly dreb: number | null;
  readonly reb: number | null;
  readonly ast: number;
  readonly stl: number;
  readonly blk: number;
  readonly tov: number;
  readonly pf: number | null;
  readonly plus_minus: number | null;
}

export interface ShotRow {
  readonly nba_game_id: string;
  readonly player_id: number;
  readonly team: string;
  readonly made: boolean;
  readonly shot_value: number;
  readonly distance_ft: number;
  readonly assisted: boolean;
  readonly blocked: boolean | null;
  readonly block_player_id: number | null;
  readonly has_pbp: boolean;
}

export interface Source {
  /** In order of date, then NBA id. */
  readonly games: readonly Game[];
  /** Only rows with minutes > 0: a game counts as played iff so (oracle-notes 5). */
  readonly boxes: readonly BoxRow[];
  readonly shots: readonly ShotRow[];
}

interface ScheduleRow {
  readonly nba_game_id: string;
  readonly season_year: number;
  readonly date: string;
  readonly home: string;
  readonly away: string;
  readonly home_score: number;
  readonly away_score: number;
  readonly status: string;
}

const SCHEDULE_COLUMNS = `game_id AS nba_game_id, season_year, game_date::VARCHAR AS date,
  home_team AS home, away_team AS away, home_score, away_score, status`;

const BOX_COLUMNS = `game_id AS nba_game_id, season_year, player_id::DOUBLE AS player_id, player_name,
  team, opponent, home, starter, minutes, pts, fgm, fga, fg3m, fg3a, ftm, fta, oreb, dreb, reb, ast,
  stl, blk, tov, pf, plus_minus`;

const SHOT_COLUMNS = `game_id AS nba_game_id, player_id::DOUBLE AS player_id, team, made, shot_value,
  distance_ft, assisted, blocked, block_player_id::DOUBLE AS block_player_id, has_pbp`;

/** Reads the three files the assets need; the SQL only projects, all logic stays in TypeScript. */
export async function loadSource(dataDir: string): Promise<Source> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const read = <T>(file: string, columns: string): Promise<T[]> =>
      readRows<T>(connection, `SELECT ${columns} FROM '${dataDir}/${file}.parquet'`);
    const schedule = await read<ScheduleRow>('schedule', SCHEDULE_COLUMNS);
    const boxes = await read<BoxRow>('player_box', BOX_COLUMNS);
    const shots = await read<ShotRow>('shots', SHOT_COLUMNS);
    const games = schedule.map(toGame).toSorted(byDate);
    return { games, boxes: boxes.filter((box) => box.minutes > 0), shots };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The cast is the edge: the projections above fix names and types of the rows. */
async function readRows<T>(connection: DuckDBConnection, sql: string): Promise<T[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowObjectsJS() as unknown as T[];
}

function byDate(a: Game, b: Game): number {
  return a.day - b.day || (a.nbaGameId < b.nbaGameId ? -1 : 1);
}

function toGame(row: ScheduleRow): Game {
  return {
    nbaGameId: row.nba_game_id,
    gameId: `${row.date.replaceAll('-', '')}_${row.away}_${row.home}`,
    gameType: gameType(row.nba_game_id),
    season: row.season_year,
    date: row.date,
    day: dayNumber(row.date),
    home: row.home,
    away: row.away,
    homeScore: row.home_score,
    awayScore: row.away_score,
    final: row.status === 'final',
  };
}

/** By the NBA id prefix (domain.md 2.3, oracle-notes 7). */
function gameType(nbaGameId: string): Game['gameType'] {
  const prefix = nbaGameId.slice(0, 3);
  if (prefix === '004') return 'playoff';
  return prefix === '005' ? 'play_in' : 'regular_season';
}
