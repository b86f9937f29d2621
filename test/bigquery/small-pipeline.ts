import { gamesCsv, type Game, LEAGUE_SQL, LEAGUE_YAML } from '../support/league.ts';

export const TARGETS = `targets:
  local: { warehouse: duckdb, memory_limit: 512MB, threads: 1 }
  prod: { warehouse: bigquery, project: loopback, location: US }
`;

const MORE = `  shares:
    group: reports
    description: The share of the date's points that its best game has; by a module.
    upstream: { daily: same }
    columns:
      - game_date
      - share: { type: FLOAT64, round: 3, description: Part of the points }
`;

const MODULE = `export async function materialize(context) {
  const { rows, numbers } = await context.readColumns('daily', ['game_date', 'points', 'best']);
  const [day, points, best] = ['game_date', 'points', 'best'].map(numbers);
  const asked = new Set(context.partitions.map(({ date }) => Date.parse(date) / 86_400_000));
  for (let row = 0; row < rows; row++) {
    if (!asked.has(day[row])) continue;
    context.writeColumns({ game_date: day.slice(row, row + 1), share: [best[row] / points[row]] });
  }
}
`;

const FUNCTIONS = `functions:
  half:
    arguments: { x: INT64 }
    sql: x / 2
`;

const CHECKS = `    checks:
      - { sql: 'SELECT game_date FROM this WHERE half(points) < 0', name: none_below }
`;

export interface SmallOptions {
  readonly games?: readonly Game[];
  /** Settings of the target prod beyond where it is, e.g. `max_parallel: 1`. */
  readonly prod?: string;
  /** Settings of all assets, e.g. `timeout: 1s`. */
  readonly defaults?: string;
  /** Leaves out what only adds another SQL asset. */
  readonly isLean?: boolean;
}

/** Six dates with one game, and one more a season before. */
export const FEW_GAMES: readonly Game[] = [
  { id: 1, date: '2023-03-01', season: '2022', points: 90 },
  { id: 2, date: '2023-10-24', points: 100 },
  { id: 3, date: '2023-10-25', points: 101 },
  { id: 4, date: '2023-10-27', points: 99 },
];

/**
 * The league with everything that a step may need: a source that is its own calendar, SQL with a function and a check
 * of its own, a module, a rule with a condition; on DuckDB and on BigQuery.
 */
export function smallPipeline(options: SmallOptions = {}): Readonly<Record<string, string>> {
  const { games = FEW_GAMES, prod, defaults, isLean = false } = options;
  const target =
    prod === undefined ? TARGETS : TARGETS.replace('location: US', `location: US, ${prod}`);
  const yaml = LEAGUE_YAML.replace(/targets:\n.*\n/, () => target)
    .replace(
      'defaults:\n',
      () => `${FUNCTIONS}defaults:\n${defaults === undefined ? '' : `  ${defaults}\n`}`,
    )
    .replace(
      'attempts: 3, base_delay: 1ms, max_delay: 2ms',
      'attempts: 3, base_delay: 1ms, max_delay: 1ms',
    )
    .replace('  best_before:\n', () => `${CHECKS}  best_before:\n`);
  return {
    'pipeline.yaml': (isLean ? yaml.slice(0, yaml.indexOf('  season_so_far:\n')) : yaml) + MORE,
    'data/games.csv': gamesCsv(games),
    ...LEAGUE_SQL,
    'assets/reports/shares.ts': MODULE,
  };
}
