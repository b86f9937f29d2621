import type { Flagship } from '../flagship.ts';

interface OfTeam {
  readonly date: string;
  /** Days since 2000-01-01. */
  readonly day: number;
  readonly season: number;
  readonly team: string;
}

interface OfPlayer extends OfTeam {
  readonly gameId: string;
  readonly player: string;
  readonly opponent: string;
  /** NULL if it is not known whether he starts. */
  readonly isStarter: boolean | null;
}

/** A game of a player, as far as features look at it. */
export interface PlayerGame extends OfPlayer {
  readonly minutes: number;
  readonly points: number;
  readonly rebounds: number;
  readonly assists: number;
  readonly fga: number;
  readonly fgm: number;
  readonly threes: number;
  readonly threesMade: number;
  readonly fta: number;
  readonly turnovers: number;
  readonly usage: number;
  readonly plusMinus: number;
  /** Shots in the paint. */
  readonly paints: number;
}

/** A game of a team: what it did, and what it let the other team do. */
export interface TeamGame extends OfTeam {
  readonly gameId: string;
  readonly overtimes: number;
  readonly offense: number;
  readonly defense: number;
  readonly pace: number;
  readonly margin: number;
  readonly paints: number;
  readonly paintsMade: number;
  readonly threes: number;
  readonly threesMade: number;
  readonly freeThrows: number;
  readonly assists: number;
  readonly rebounds: number;
}

/** A player of a date, before its games. */
export interface SlatePlayer extends OfPlayer {
  readonly isHome: boolean;
}

export type SlateTeam = OfTeam;

/** Everything that features are made from, each list in order of dates. */
export interface LeagueRows {
  readonly playerGames: readonly PlayerGame[];
  readonly teamGames: readonly TeamGame[];
  readonly slatePlayers: readonly SlatePlayer[];
  readonly slateTeams: readonly SlateTeam[];
  readonly gamesByPlayer: ReadonlyMap<string, readonly PlayerGame[]>;
  readonly gamesByTeam: ReadonlyMap<string, readonly TeamGame[]>;
}

const DAY = `CAST(game_date AS VARCHAR) AS date, CAST(game_date - DATE '2000-01-01' AS DOUBLE) AS day,
  CAST(season_year AS DOUBLE) AS season`;

const PLAYER_GAMES = `SELECT ${DAY}, game_id AS "gameId", player_lookup AS player, team_abbr AS team,
  opponent_team_abbr AS opponent, starter_flag AS "isStarter", ${doubles({
    minutes_played: 'minutes',
    points: 'points',
    rebounds: 'rebounds',
    assists: 'assists',
    fg_attempts: 'fga',
    fg_makes: 'fgm',
    three_pt_attempts: 'threes',
    three_pt_makes: 'threesMade',
    ft_attempts: 'fta',
    turnovers: 'turnovers',
    usage_rate: 'usage',
    plus_minus: 'plusMinus',
    paint_attempts: 'paints',
  })} FROM nba_analytics.player_game_summary ORDER BY game_date, player_lookup`;

const TEAM_GAMES = `SELECT ${DAY.replaceAll(/game_date|season_year/g, 't.$&')}, t.game_id AS "gameId",
  t.team_abbr AS team, ${doubles({
    't.overtime_periods': 'overtimes',
    't.offensive_rating': 'offense',
    'd.defensive_rating': 'defense',
    't.pace': 'pace',
    't.margin_of_victory': 'margin',
    'd.opp_paint_attempts': 'paints',
    'd.opp_paint_makes': 'paintsMade',
    'd.opp_three_pt_attempts': 'threes',
    'd.opp_three_pt_makes': 'threesMade',
    'd.opp_ft_attempts': 'freeThrows',
    'd.opp_assists': 'assists',
    'd.opp_rebounds': 'rebounds',
  })} FROM nba_analytics.team_offense_game_summary AS t
  JOIN nba_analytics.team_defense_game_summary AS d
    ON d.game_id = t.game_id AND d.defending_team_abbr = t.team_abbr
  ORDER BY t.game_date, t.team_abbr`;

const SLATE_PLAYERS = `SELECT ${DAY.replaceAll(/game_date|season_year/g, 's.$&')}, s.game_id AS "gameId",
  s.player_lookup AS player, s.team_abbr AS team, s.opponent_team_abbr AS opponent,
  s.home_game AS "isHome", l.is_starter AS "isStarter"
  FROM nba_analytics.player_slate AS s JOIN nba_analytics.slate_lineups AS l
    ON l.game_date = s.game_date AND l.player_lookup = s.player_lookup
  ORDER BY s.game_date, s.player_lookup`;

const SLATE_TEAMS = `SELECT ${DAY}, team_abbr AS team FROM nba_analytics.team_slate
  ORDER BY game_date, team_abbr`;

/** Reads the league from the tables of a warehouse. SQL only names and casts; what they mean is told in TypeScript. */
export async function readLeague(flagship: Pick<Flagship, 'objects'>): Promise<LeagueRows> {
  // The casts are the edge: the statements above fix names and types of the rows.
  const read = async <Row>(sql: string): Promise<readonly Row[]> =>
    (await flagship.objects(sql)) as unknown as readonly Row[];
  const playerGames = await read<PlayerGame>(PLAYER_GAMES);
  const teamGames = await read<TeamGame>(TEAM_GAMES);
  return {
    playerGames,
    teamGames,
    slatePlayers: await read<SlatePlayer>(SLATE_PLAYERS),
    slateTeams: await read<SlateTeam>(SLATE_TEAMS),
    gamesByPlayer: Map.groupBy(playerGames, ({ player }) => player),
    gamesByTeam: Map.groupBy(teamGames, ({ team }) => team),
  };
}

/** A value of a table as the features are compared: numbers, texts and flags. */
export type Plain = number | string | boolean | null;
export type PlainRow = Readonly<Record<string, Plain>>;

/** The rows of a table that meet a condition, with their dates as texts. */
export async function readTable(
  flagship: Pick<Flagship, 'objects'>,
  relation: string,
  condition = 'TRUE',
): Promise<readonly PlainRow[]> {
  const rows = await flagship.objects(`SELECT * FROM ${relation} WHERE ${condition}`);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
  );
}

/** Rows by their date and the entity that they are about. */
export function rowsByKey(
  rows: readonly PlainRow[],
  entity: string,
  date = 'game_date',
): ReadonlyMap<string, PlainRow> {
  return new Map(rows.map((row) => [`${row[date]} ${row[entity]}`, row]));
}

/** The number in a column; null for an unknown one, and for a row that is not there. */
export function numberIn(row: PlainRow | undefined, column: string): number | null {
  const value = row?.[column];
  if (row !== undefined && value === undefined) throw new Error(`there is no column ${column}`);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number') throw new Error(`${column} is no number: ${value}`);
  return value;
}

function plain(value: unknown): Plain {
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value === 'bigint') return Number(value);
  const isPlain =
    typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
  return isPlain ? value : null;
}

function doubles(names: Readonly<Record<string, string>>): string {
  return Object.entries(names)
    .map(([column, name]) => `CAST(${column} AS DOUBLE) AS "${name}"`)
    .join(', ');
}
