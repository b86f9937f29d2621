import { parseArgs } from 'node:util';
import { LeagueOptionError, simulateLeague, type LeagueOptions } from './index.ts';

const HELP = `Simulates a basketball league and writes it as Parquet files.

Usage: node assets/nba/league/simulate.ts --season YEAR --out DIR [options]

  --season YEAR      start year of the first season (2023 = 2023-24)
  --out DIR          directory for the files; made if absent
  --seed N           same seed, same league (default 1)
  --seasons N        how many seasons (default 1)
  --through DATE     last date to play, YYYY-MM-DD
  --scheduled DATE   with --through: games up to that date are in the schedule, not played yet
  --teams N          even number of teams, 4 to 30 (default 30)
  --games N          regular-season games of each team, 2 to 82 (default 82)
  --no-trades        nobody changes teams during a season
  --no-playoffs      the season ends with its last regular game
  --help             this text`;

const OPTIONS = {
  season: { type: 'string' },
  out: { type: 'string' },
  seed: { type: 'string', default: '1' },
  seasons: { type: 'string', default: '1' },
  through: { type: 'string' },
  scheduled: { type: 'string' },
  teams: { type: 'string', default: '30' },
  games: { type: 'string', default: '82' },
  trades: { type: 'boolean', default: true },
  playoffs: { type: 'boolean', default: true },
  help: { type: 'boolean', default: false },
} as const;

/** What the file system says about an --out that cannot be a directory to write in. */
const UNUSABLE_DIRECTORY = ['EEXIST', 'ENOTDIR', 'EACCES', 'EROFS'];

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(args);
    if (options === 'help') {
      console.log(HELP);
      return 0;
    }
    const { rows, firstDate, lastDate, outDir } = await simulateLeague(options);
    console.log(`${outDir}: ${firstDate ?? 'no games'} to ${lastDate ?? 'no games'}`);
    for (const [name, count] of Object.entries(rows))
      console.log(`  ${name}.parquet  ${count} rows`);
    return 0;
  } catch (error) {
    if (!isUsageError(error)) throw error;
    console.error(`${error.message}\nSee --help.`);
    return 2;
  }
}

function parseOptions(args: readonly string[]): LeagueOptions | 'help' {
  const { values } = parseArgs({ args: [...args], options: OPTIONS, allowNegative: true });
  if (values.help) return 'help';
  if (values.season === undefined) throw new LeagueOptionError('--season is missing');
  if (values.out === undefined) throw new LeagueOptionError('--out is missing');
  return {
    seed: wholeNumber('--seed', values.seed),
    firstSeason: wholeNumber('--season', values.season),
    seasons: wholeNumber('--seasons', values.seasons),
    outDir: values.out,
    teams: wholeNumber('--teams', values.teams),
    gamesPerTeam: wholeNumber('--games', values.games),
    trades: values.trades,
    playoffs: values.playoffs,
    ...(values.through === undefined ? {} : { throughDate: values.through }),
    ...(values.scheduled === undefined ? {} : { scheduledThrough: values.scheduled }),
  };
}

function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new LeagueOptionError(`${option} must be a whole number, got "${text}"`);
}

function isUsageError(error: unknown): error is Error {
  if (error instanceof LeagueOptionError) return true;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return false;
  return code.startsWith('ERR_PARSE_ARGS') || UNUSABLE_DIRECTORY.includes(code);
}

process.exitCode = await main(process.argv.slice(2));
