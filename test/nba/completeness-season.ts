import { cpSync } from 'node:fs';
import { Flagship, onDuckdb } from './flagship.ts';
import { playerLookup } from './reference/player-games.ts';

interface Game {
  readonly id: string;
  readonly date: string;
  readonly teams: readonly string[];
}

interface Player {
  readonly id: number;
  readonly name: string;
  readonly lookup: string;
  readonly team: string;
}

/** A simulated season with what a real one can have: a lost box score, a game called off, a trade. */
export interface DamagedSeason {
  readonly flagship: Flagship;
  /** Final in the schedule, but no player has a row. */
  readonly lost: Game;
  /** In the schedule, but not played to its end. */
  readonly calledOff: Game;
  /** From this date on two players of other teams have changed places. */
  readonly tradeDate: string;
  readonly traded: readonly [Player, Player];
  /** Brings the lost game back. */
  readonly recover: () => Promise<void>;
}

const LOST = 60;
const TRADE = 75;
const CALLED_OFF = 90;

/** The damage is done before anything is made. */
export async function damagedSeason(): Promise<DamagedSeason> {
  const flagship = await Flagship.simulated({ seasons: 1, teams: 8, gamesPerTeam: 40 });
  const games = await gamesOf(flagship.data);
  const [lost, calledOff, tradeDate] = [games[LOST], games[CALLED_OFF], games[TRADE]?.date];
  if (!lost || !calledOff || !tradeDate) throw new Error(`${games.length} games are too few`);
  const traded = await regulars(flagship.data, lost.teams);
  const trade = changedPlaces(traded, tradeDate);
  const withoutGame = (game: Game): string => `SELECT * FROM f WHERE game_id <> '${game.id}'`;
  await flagship.rewrite({ player_box: trade.box, shots: trade.shots });
  await flagship.rewrite({
    schedule: `SELECT * REPLACE (IF(game_id = '${calledOff.id}', 'postponed', status) AS status) FROM f`,
    player_box: withoutGame(calledOff),
    shots: withoutGame(calledOff),
  });
  const whole = flagship.path('data-whole');
  cpSync(flagship.data, whole, { recursive: true });
  await flagship.rewrite({ player_box: withoutGame(lost), shots: withoutGame(lost) });
  const recover = (): Promise<void> =>
    flagship.rewrite({
      player_box: `SELECT * FROM '${whole}/player_box.parquet'`,
      shots: `SELECT * FROM '${whole}/shots.parquet'`,
    });
  return { flagship, lost, calledOff, tradeDate, traded, recover };
}

async function gamesOf(folder: string): Promise<readonly Game[]> {
  const rows = await read(
    `SELECT game_id, game_date::VARCHAR, home_team, away_team FROM '${folder}/schedule.parquet'
    ORDER BY game_date, game_id`,
  );
  return rows.map(([id, date, home, away]) => ({
    id: String(id),
    date: String(date),
    teams: [String(home), String(away)],
  }));
}

/** Two players of two teams other than these, who are in the most games of their teams. */
async function regulars(
  folder: string,
  others: readonly string[],
): Promise<readonly [Player, Player]> {
  const names = others.map((team) => `'${team}'`).join(', ');
  const rows = await read(
    `SELECT id, name, team FROM (SELECT player_id::DOUBLE AS id, player_name AS name, team, COUNT(*) AS games
      FROM '${folder}/player_box.parquet' WHERE team NOT IN (${names}) AND minutes > 0 GROUP BY 1, 2, 3)
    QUALIFY ROW_NUMBER() OVER (PARTITION BY team ORDER BY games DESC, id) = 1 ORDER BY team`,
  );
  const [one, other] = rows.map(([id, name, team]) => ({
    id: Number(id),
    name: String(name),
    lookup: playerLookup(String(name)),
    team: String(team),
  }));
  if (!one || !other) throw new Error('there are no two players of other teams');
  return [one, other];
}

/** Who had the one's row has the other's name and id from a date on. */
function changedPlaces([one, other]: readonly [Player, Player], date: string) {
  const swapped = (column: 'id' | 'name'): string => {
    const text = (player: Player): string =>
      column === 'id' ? String(player.id) : `'${player.name.replaceAll("'", "''")}'`;
    return `CASE WHEN game_date < DATE '${date}' THEN player_${column}
      WHEN player_id = ${one.id} THEN ${text(other)} WHEN player_id = ${other.id} THEN ${text(one)}
      ELSE player_${column} END AS player_${column}`;
  };
  return {
    box: `SELECT * REPLACE (${swapped('id')}, ${swapped('name')}) FROM f`,
    shots: `SELECT * REPLACE (${swapped('id')}) FROM f`,
  };
}

async function read(sql: string): Promise<unknown[][]> {
  return onDuckdb(':memory:', async (connection) =>
    (await connection.runAndReadAll(sql)).getRowsJS(),
  );
}
