import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDay, formatDay } from '../../assets/nba/league/day.ts';
import { onDuckdb, type SourceFile } from './flagship.ts';

/** The date of domain.md 13: LeBron James's Lakers play Denver at home the day after another game. */
export const TIP_OFF = '2023-12-01';
export const PLAYER = 'lebronjames';

const NEWEST_FIRST = [
  30, 22, 25, 18, 27, 20, 24, 26, 19, 21, 23, 23, 23, 23, 23, 23, 23, 23, 22, 22,
];
/** Days before the date; 4 games of the last 7 days, and one pair of consecutive ones in 14. */
const DAYS_BEFORE = [1, 3, 5, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38];

/** What the player does on the date itself. */
export interface LastGame {
  readonly points: number;
  readonly minutes: number;
}

interface Line {
  readonly pts: number;
  readonly fga: number;
  readonly fta: number;
  readonly tov: number;
  readonly oreb: number;
  readonly minutes: number;
}

interface Game {
  readonly id: string;
  readonly date: string;
  readonly lakers: readonly Line[];
  readonly paint: { readonly attempts: number; readonly makes: number; readonly his: number };
}

type Row = Readonly<Record<string, string | number | boolean | null>>;

/** LeBron James first: a team of 115 points from 88 shots, 24 free throws, 13 turnovers, 10 rebounds. */
function lakers(points: number, minutes: number): readonly Line[] {
  const mate = { pts: 16, fga: 12, fta: 3, tov: 2, oreb: 2, minutes: (240 - minutes) / 5 };
  return [
    { pts: points, fga: 22, fta: 8, tov: 3, oreb: 0, minutes },
    mate,
    mate,
    mate,
    mate,
    { ...mate, pts: 115 - 64 - points, fga: 18, fta: 4 },
  ];
}

/** Denver takes three more shots, so that its pace is 3.0 higher. */
function nuggets(): readonly Line[] {
  const player = { pts: 18, fga: 15, fta: 4, tov: 2, oreb: 2, minutes: 40 };
  return [player, player, player, player, player, { ...player, pts: 20, fga: 16, tov: 3, oreb: 0 }];
}

/** The newest 15 games have 321 makes of 500 attempts in the paint; 99 of his last 220 attempts are there. */
function pastGames(): readonly Game[] {
  const last = parseDay(TIP_OFF) ?? 0;
  return NEWEST_FIRST.map((points, index) => ({
    id: `00223000${String(50 - index).padStart(2, '0')}`,
    date: formatDay(last - (DAYS_BEFORE[index] ?? 0)),
    lakers: lakers(points, index < 4 ? 37.5 : 36),
    paint: {
      attempts: index % 3 === 0 ? 34 : 33,
      makes: index < 6 ? 22 : 21,
      his: index === 0 ? 9 : 10,
    },
  }));
}

/** His shots first, then those of all others; the box score counts makes, the shots say where. */
function shotsOf(game: Game): readonly Row[] {
  const shot = (player: number, index: number, zone: { paint: boolean; made: boolean }): Row => ({
    game_id: game.id,
    event_num: index + 1,
    game_date: game.date,
    player_id: player,
    team: 'LAL',
    shot_value: 2,
    distance_ft: zone.paint ? 3 : 15,
    made: zone.made,
    assisted: false,
    blocked: false,
    block_player_id: null,
    has_pbp: true,
  });
  const takers = game.lakers.flatMap(({ fga }, player) => Array<number>(fga).fill(player));
  const elsewhere = game.paint.attempts - game.paint.his;
  return takers.map((player, index) => {
    const isHis = player === 0;
    const place = isHis ? index : index - (game.lakers[0]?.fga ?? 0);
    const paint = place < (isHis ? game.paint.his : elsewhere);
    const number = isHis ? place : game.paint.his + place;
    return shot(player + 1, index, { paint, made: paint && number < game.paint.makes });
  });
}

function boxOf(game: Game, team: 'LAL' | 'DEN'): readonly Row[] {
  const home = team === 'LAL';
  return (home ? game.lakers : nuggets()).map((line, index) => {
    // Free throws make the points even; all else are two-pointers.
    const ftm = Math.min(line.fta, 2) - ((line.pts - Math.min(line.fta, 2)) % 2 === 0 ? 0 : 1);
    return {
      game_id: game.id,
      game_date: game.date,
      season_year: 2023,
      player_id: (home ? 1 : 101) + index,
      player_name: home && index === 0 ? 'LeBron James' : `${team} ${'ABCDEF'[index] ?? ''}`,
      team,
      opponent: home ? 'DEN' : 'LAL',
      home,
      starter: index < 5,
      ...line,
      fgm: (line.pts - ftm) / 2,
      fg3m: 0,
      fg3a: 0,
      ftm,
      dreb: 5,
      reb: 5 + line.oreb,
      ast: 3,
      stl: 1,
      blk: 0,
      pf: 2,
      plus_minus: home ? 5 : -5,
    };
  });
}

function closingLineOf({ id, date }: Game): Row {
  return { game_id: id, game_date: date, spread_home: -4.5, total: 225.5, suspect: false };
}

function scheduleOf(game: Game): Row {
  const sum = (team: 'LAL' | 'DEN') =>
    boxOf(game, team).reduce((total, row) => total + Number(row['pts']), 0);
  return {
    game_id: game.id,
    game_date: game.date,
    season_year: 2023,
    season_type: 'regular',
    home_team: 'LAL',
    away_team: 'DEN',
    status: 'final',
    home_score: sum('LAL'),
    away_score: sum('DEN'),
    periods: 4,
    playoff_round: null,
  };
}

const COLUMNS: Readonly<Record<SourceFile, string>> = {
  schedule:
    'game_id VARCHAR, game_date DATE, season_year INTEGER, season_type VARCHAR, home_team VARCHAR, away_team VARCHAR, status VARCHAR, home_score INTEGER, away_score INTEGER, periods INTEGER, playoff_round INTEGER',
  player_box:
    'game_id VARCHAR, game_date DATE, season_year INTEGER, player_id BIGINT, player_name VARCHAR, team VARCHAR, opponent VARCHAR, home BOOLEAN, starter BOOLEAN, minutes DOUBLE, pts INTEGER, fgm INTEGER, fga INTEGER, fg3m INTEGER, fg3a INTEGER, ftm INTEGER, fta INTEGER, oreb INTEGER, dreb INTEGER, reb INTEGER, ast INTEGER, stl INTEGER, blk INTEGER, tov INTEGER, pf INTEGER, plus_minus INTEGER',
  shots:
    'game_id VARCHAR, event_num INTEGER, game_date DATE, player_id BIGINT, team VARCHAR, shot_value INTEGER, distance_ft INTEGER, made BOOLEAN, assisted BOOLEAN, blocked BOOLEAN, block_player_id BIGINT, has_pbp BOOLEAN',
  closing_lines:
    'game_id VARCHAR, game_date DATE, spread_home DOUBLE, total DOUBLE, suspect BOOLEAN',
  players: 'player_id BIGINT, player_name VARCHAR, last_team VARCHAR, games INTEGER',
  teams: 'team_id BIGINT, team VARCHAR, city VARCHAR, nickname VARCHAR',
};

/** Writes the source files of the example: 20 games of the two teams, and the one on the date. */
export async function writeHandMadeGames(folder: string, onTheDate: LastGame): Promise<void> {
  const last: Game = {
    id: '0022300099',
    date: TIP_OFF,
    lakers: lakers(30, onTheDate.minutes).map((line, index) =>
      index === 0 ? { ...line, pts: onTheDate.points, fga: 60 } : line,
    ),
    paint: { attempts: 60, makes: onTheDate.points > 40 ? 60 : 20, his: 40 },
  };
  const games = [...pastGames(), last];
  const rows: Readonly<Record<SourceFile, readonly Row[]>> = {
    schedule: games.map(scheduleOf),
    player_box: games.flatMap((game) => [...boxOf(game, 'LAL'), ...boxOf(game, 'DEN')]),
    shots: games.flatMap(shotsOf),
    closing_lines: games.slice(0, 1).map(closingLineOf),
    players: [{ player_id: 1, player_name: 'LeBron James', last_team: 'LAL', games: 21 }],
    teams: [{ team_id: 1610612747, team: 'LAL', city: 'Los Angeles', nickname: 'Lakers' }],
  };
  await onDuckdb(':memory:', async (connection) => {
    for (const [name, columns] of Object.entries(COLUMNS)) {
      const file = join(folder, `${name}.ndjson`);
      const values = rows[name as SourceFile].map((row) => JSON.stringify(row));
      writeFileSync(file, `${values.join('\n')}\n`);
      await connection.run(`CREATE TABLE ${name} (${columns})`);
      if (values.length > 0) {
        const names = columns.split(', ').map((column) => column.split(' '));
        const types = names.map(([column, type]) => `${column}: '${type}'`).join(', ');
        await connection.run(
          `INSERT INTO ${name} SELECT * FROM read_json('${file}', format = 'newline_delimited', columns = {${types}})`,
        );
      }
      await connection.run(`COPY ${name} TO '${join(folder, `${name}.parquet`)}' (FORMAT parquet)`);
    }
  });
}
