import { newProject, type TestProject } from '../support/project.ts';

/** Five days with one game of two teams each; what a test plants comes on top. */
export const DAYS = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-05', '2024-01-06'] as const;

const YAML = (checks: string): string => `name: games
timezone: UTC
targets:
  local: { warehouse: duckdb, memory_limit: 512MB, threads: 1 }
groups:
  raw: { dataset: raw }
  reports: { dataset: reports }
calendars:
  dates: { asset: games, date: day }
partition_sets:
  dates: { calendar: dates }
columns:
  day: { type: DATE, description: The day }
  game_id: { type: INT64, description: The game }
  team: { type: STRING, description: The team }
  points: { type: INT64, description: Points of the team }
defaults:
  partitions: dates
  partition_column: day
  retry: { attempts: 1 }
functions:
  is_odd:
    arguments: { x: INT64 }
    sql: MOD(x, 2) = 1
assets:
  games:
    group: raw
    source: { path: data/games.csv }
    key: [game_id]
    columns: [day, game_id]
  teams:
    group: raw
    partitions: none
    source: { path: data/teams.csv }
    columns: [team]
  members:
    group: raw
    source: { path: data/members.csv }
    columns: [day, team]
  lines:
    group: raw
    source: { path: data/lines.csv }
    expected_empty: [{ condition: 'TRUE', reason: nobody played }]
    columns: [day, game_id, team, points]
  scores:
    group: reports
    upstream: { lines: same, games: same, teams: all, members: { before: all } }
    columns: [day, game_id, team, points]
    expected_empty:
      - condition: >-
          NOT EXISTS (SELECT 1 FROM lines AS l WHERE l.day = partitions.partition_date)
          AND (SELECT COUNT(*) FROM teams) + (SELECT COUNT(*) FROM members) >= 0
          AND (SELECT COUNT(*) FROM games) >= 0
        reason: nobody played
    checks:
${checks
  .trim()
  .split('\n')
  .map((line) => `      ${line}`)
  .join('\n')}
`;

const SCORES_SQL = `SELECT l.day, l.game_id, l.team, l.points
FROM partitions AS p JOIN lines AS l ON l.day = p.partition_date
`;

export interface Planted {
  /** Lines of data/lines.csv: day, game, team, points. */
  readonly lines?: readonly string[];
  readonly teams?: readonly string[];
  /** Lines of data/members.csv: day, team. */
  readonly members?: readonly string[];
}

/** The lines of a sound season. */
export const LINES: readonly string[] = DAYS.flatMap((day, index) => [
  `${day},${index + 1},aaa,100`,
  `${day},${index + 1},bbb,90`,
]);

/** A pipeline whose asset \`scores\` has some checks. */
export function gamesProject(checks: string, planted: Planted = {}): TestProject {
  const { lines = LINES, teams = ['aaa', 'bbb'] } = planted;
  const members = planted.members ?? DAYS.flatMap((day) => [`${day},aaa`, `${day},bbb`]);
  const csv = (header: string, rows: readonly string[]): string =>
    [header, ...rows].map((line) => `${line}\n`).join('');
  return newProject({
    'pipeline.yaml': YAML(checks),
    'assets/reports/scores.sql': SCORES_SQL,
    'data/games.csv': csv(
      'day,game_id',
      DAYS.map((day, index) => `${day},${index + 1}`),
    ),
    'data/teams.csv': csv('team', teams),
    'data/members.csv': csv('day,team', members),
    'data/lines.csv': csv('day,game_id,team,points', lines),
  });
}
