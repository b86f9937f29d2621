import { newProject, type TestProject } from './project.ts';

/** A game of the little league that most engine tests run on. */
export interface Game {
  readonly id: number;
  readonly date: string;
  readonly season?: string;
  readonly points: number | string;
}

/** Two seasons with gaps between dates, and two games on some of them. */
export const GAMES: readonly Game[] = [
  { id: 1, date: '2023-03-01', season: '2022', points: 90 },
  { id: 2, date: '2023-03-02', season: '2022', points: 95 },
  { id: 3, date: '2023-10-24', points: 100 },
  { id: 4, date: '2023-10-24', points: 120 },
  { id: 5, date: '2023-10-25', points: 101 },
  { id: 6, date: '2023-10-27', points: 99 },
  { id: 7, date: '2023-10-28', points: 130 },
  { id: 8, date: '2023-10-28', points: 80 },
  { id: 9, date: '2023-11-02', points: 111 },
  { id: 10, date: '2023-11-03', points: 112 },
];

export function gamesCsv(games: readonly Game[]): string {
  const lines = games.map(
    ({ id, date, season = '2023', points }) => `${id},${date},${season},${points}`,
  );
  return ['game_id,game_date,season,points', ...lines, ''].join('\n');
}

export const LEAGUE_YAML = `name: league
timezone: UTC
default_target: local
targets:
  local: { warehouse: duckdb, memory_limit: 512MB, threads: 1 }
groups:
  raw: { dataset: raw }
  reports: { dataset: reports }
calendars:
  game_dates: { asset: games, date: game_date, period: { name: season, column: season } }
partition_sets:
  game_dates: { calendar: game_dates }
columns:
  game_date: { type: DATE, description: The date of the games }
defaults:
  partitions: game_dates
  partition_column: game_date
  retry: { attempts: 3, base_delay: 1ms, max_delay: 2ms }
  key: [game_date]
assets:
  games:
    group: raw
    description: One row per game.
    source: { path: data/games.csv }
    key: [game_id]
    columns:
      - game_id: { type: INT64, description: Number of the game }
      - game_date
      - season: { type: STRING, description: The year in which the season began }
      - points: { type: INT64, description: Points of both teams }
  daily:
    group: reports
    description: One row per date.
    upstream: { games: same }
    columns:
      - game_date
      - games: { type: INT64, description: Number of games }
      - points: { type: INT64, description: Points of all games }
      - best: { type: INT64, description: Most points of a game }
  best_before:
    group: reports
    description: The best game of the three dates before.
    upstream: { daily: { before: { partitions: 3 } } }
    columns:
      - game_date
      - best: { type: INT64, description: Most points of a game }
    expected_empty:
      - condition: NOT EXISTS (SELECT 1 FROM daily AS d WHERE d.game_date < partitions.partition_date)
        reason: no game was played before
  season_so_far:
    group: reports
    description: What was scored in the season before the date.
    upstream: { daily: { before: season } }
    columns:
      - game_date
      - average: { type: FLOAT64, round: 3, description: Average points per date }
      - dates: { type: INT64, description: Dates before }
    expected_empty:
      - { first_days_of_period: 1, reason: opening night }
`;

export const LEAGUE_SQL = {
  'assets/reports/daily.sql': `SELECT p.partition_date AS game_date, COUNT(*) AS games, SUM(g.points) AS points, MAX(g.points) AS best
FROM partitions AS p JOIN games AS g ON g.game_date = p.partition_date
GROUP BY p.partition_date
`,
  'assets/reports/best_before.sql': `WITH ranked AS (
  SELECT p.partition_date AS game_date, d.best AS best,
    ROW_NUMBER() OVER (PARTITION BY p.partition_date ORDER BY d.game_date DESC) AS place
  FROM partitions AS p JOIN daily AS d ON d.game_date < p.partition_date
)
SELECT r.game_date AS game_date, MAX(r.best) AS best FROM ranked AS r WHERE r.place <= 3 GROUP BY r.game_date
`,
  'assets/reports/season_so_far.sql': `SELECT p.partition_date AS game_date, AVG(d.points) AS average, COUNT(d.game_date) AS dates
FROM partitions AS p
LEFT JOIN daily AS d ON d.game_date >= p.period_start AND d.game_date < p.partition_date
GROUP BY p.partition_date
`,
} as const;

/** The files of the league: games (its own calendar) → daily (same) → best_before, season_so_far. */
export function leagueFiles(games: readonly Game[] = GAMES): Readonly<Record<string, string>> {
  return { 'pipeline.yaml': LEAGUE_YAML, 'data/games.csv': gamesCsv(games), ...LEAGUE_SQL };
}

/** A league with nothing materialized. */
export function leagueProject(
  games: readonly Game[] = GAMES,
  changes: Readonly<Record<string, string>> = {},
): TestProject {
  return newProject({ ...leagueFiles(games), ...changes });
}

/** Overwrites the league's games. */
export function setGames(project: TestProject, games: readonly Game[]): void {
  project.write('data/games.csv', gamesCsv(games));
}

/** The league's games with one of them changed, or left out. */
export function gamesWith(id: number, change: Partial<Game> | undefined): readonly Game[] {
  return GAMES.flatMap((game) => {
    if (game.id !== id) return [game];
    return change === undefined ? [] : [{ ...game, ...change }];
  });
}
