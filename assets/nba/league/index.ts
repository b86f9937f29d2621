import { formatDay, parseDay } from './day.ts';
import { playLeague } from './league.ts';
import { createRecorder } from './recorder.ts';
import { chooseTeams, TEAMS } from './teams.ts';
import { writeFiles, type RowCounts } from './write-files.ts';

export type { RowCounts } from './write-files.ts';

export interface LeagueOptions {
  readonly seed: number;
  /** Start year of the first season: 2023 is 2023-24. */
  readonly firstSeason: number;
  readonly seasons: number;
  /** Directory for the Parquet files; made if absent, files in it replaced. */
  readonly outDir: string;
  /** Last date to play, `YYYY-MM-DD`; everything up to it is as in the whole league. */
  readonly throughDate?: string;
  /** Last date of games to come, `YYYY-MM-DD`: those after `throughDate` up to it are scheduled without a score. */
  readonly scheduledThrough?: string;
  /** Even number of teams, 4 to 30; half of them from each conference. Default 30. */
  readonly teams?: number;
  /** Regular-season games of each team, 2 to 82; each takes two days. Default 82. */
  readonly gamesPerTeam?: number;
  /** Players change teams in February. Default true. */
  readonly trades?: boolean;
  /** Default true. */
  readonly playoffs?: boolean;
}

export interface LeagueSummary {
  readonly outDir: string;
  readonly rows: RowCounts;
  /** First and last date with a game, played or to come, or `null` if there is none. */
  readonly firstDate: string | null;
  readonly lastDate: string | null;
}

/** An option outside its range; the message says which, what was expected and what was found. */
export class LeagueOptionError extends Error {
  override readonly name = 'LeagueOptionError';
}

/** Simulates a league and writes it as the same files, schemas and order as the reference data. */
export async function simulateLeague(options: LeagueOptions): Promise<LeagueSummary> {
  const { seed, firstSeason, seasons, outDir } = options;
  const teamCount = options.teams ?? TEAMS.length;
  const gamesPerTeam = options.gamesPerTeam ?? 82;
  requireInteger('seed', seed, [0, 0xffff_ffff]);
  requireInteger('firstSeason', firstSeason, [1950, 2099]);
  requireInteger('seasons', seasons, [1, 30]);
  requireInteger('teams', teamCount, [4, TEAMS.length]);
  requireInteger('gamesPerTeam', gamesPerTeam, [2, 82]);
  if (teamCount % 2 !== 0) throw new LeagueOptionError(`teams must be even, got ${teamCount}`);
  const lastPlayed = dayOption('throughDate', options.throughDate);
  const lastDays = [lastPlayed ?? Number.POSITIVE_INFINITY];
  if (lastPlayed !== undefined) {
    lastDays.push(dayOption('scheduledThrough', options.scheduledThrough) ?? lastPlayed);
  }
  const teams = chooseTeams(teamCount);
  const recorder = createRecorder(teams, seed);
  let first: number | null = null;
  let last: number | null = null;
  playLeague(
    {
      seed,
      firstSeason,
      seasons,
      teams,
      gamesPerTeam,
      throughDay: Math.max(...lastDays),
      trades: options.trades ?? true,
      playoffs: options.playoffs ?? true,
    },
    (played) => {
      first ??= played.game.day;
      last = played.game.day;
      recorder.record(played);
    },
  );
  const rows = await writeFiles(recorder.stages, outDir, lastPlayed);
  const text = (day: number | null) => (day === null ? null : formatDay(day));
  return { outDir, rows, firstDate: text(first), lastDate: text(last) };
}

function requireInteger(
  name: string,
  value: number,
  [low, high]: readonly [low: number, high: number],
): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new LeagueOptionError(
    `${name} must be a whole number from ${low} to ${high}, got ${value}`,
  );
}

function dayOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const day = parseDay(text);
  if (day === undefined) throw new LeagueOptionError(`${name} must be YYYY-MM-DD, got ${text}`);
  return day;
}
