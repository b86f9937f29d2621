import { DuckDBInstance } from '@duckdb/node-api';
import { runHealth } from '../../engine/commands/health.ts';
import { runValidate, type ValidateOptions } from '../../engine/commands/validate.ts';
import { dayOf, formatDay } from '../../engine/partitions/date.ts';
import { GLOBALS, newProject, type TestProject } from '../support/project.ts';

/** One play of a game; rows of the source that faults are planted in. */
export interface Play {
  readonly play: number;
  readonly game: number;
  readonly date: string;
  readonly value: number | null;
  readonly note: string | null;
}

const SEASONS = [
  { season: '2022', start: dayOf(2022, 10, 3) },
  { season: '2023', start: dayOf(2023, 10, 2) },
];
/** Dates of a season: 90, with a day off in every week. */
const SEASON_DAYS = 105;

export interface PlayedDate {
  readonly date: string;
  readonly season: string;
  readonly games: number;
}

/** Two seasons; 2 to 6 games on a date, by a fixed pattern. */
export const DATES: readonly PlayedDate[] = SEASONS.flatMap(({ season, start }) =>
  Array.from({ length: SEASON_DAYS }, (_, at) => at)
    .filter((at) => at % 7 !== 3)
    .map((at) => ({ date: formatDay(start + at), season, games: 2 + ((at * 7) % 5) })),
);

/** About 20 plays a game, give or take one; every second note is NULL. */
export function allPlays(): readonly Play[] {
  const plays: Play[] = [];
  let game = 0;
  for (const { date, games } of DATES) {
    for (let at = 0; at < games; at++) {
      game++;
      const count = 20 + ((game * 5) % 3) - 1;
      for (let number = 0; number < count; number++) {
        const play = game * 100 + number;
        const note = number % 2 === 0 ? 'n' : null;
        plays.push({ play, game, date, value: 1 + ((play * 13) % 7), note });
      }
    }
  }
  return plays;
}

function gamesCsv(): string {
  let game = 0;
  const lines = DATES.flatMap(({ date, season, games }) =>
    Array.from({ length: games }, () => `${++game},${date},${season}`),
  );
  return ['game,day,season', ...lines, ''].join('\n');
}

export function playsCsv(plays: readonly Play[]): string {
  const lines = plays.map(
    ({ play, game, date, value, note }) => `${play},${game},${date},${value ?? ''},${note ?? ''}`,
  );
  return ['play,game,day,value,note', ...lines, ''].join('\n');
}

const YAML = `name: measured
timezone: UTC
default_target: local
targets:
  local: { warehouse: duckdb, memory_limit: 512MB, threads: 1 }
groups:
  raw: { dataset: raw }
  reports: { dataset: reports }
calendars:
  open_days: { asset: games, date: day, period: { name: season, column: season } }
partition_sets:
  open_days: { calendar: open_days }
columns:
  day: { type: DATE, description: The date }
defaults:
  partitions: open_days
  partition_column: day
  retry: { attempts: 1, base_delay: 1ms, max_delay: 2ms }
assets:
  games:
    group: raw
    description: One row per game.
    source: { path: data/games.csv }
    key: [game]
    columns:
      - game: { type: INT64, description: Number of the game }
      - day
      - season: { type: STRING, nullable: false, description: The season }
  plays:
    group: raw
    description: One row per play.
    source: { path: data/plays.csv }
    key: [play]
    columns:
      - play: { type: INT64, description: Number of the play }
      - game: { type: INT64, nullable: false, description: Number of the game }
      - day
      - value: { type: INT64, description: What it was worth }
      - note: { type: STRING, description: What was noted }
  totals:
    group: reports
    description: One row per game.
    upstream: { plays: same }
    key: [game]
    columns:
      - game: { type: INT64, description: Number of the game }
      - day
      - plays: { type: INT64, nullable: false, description: Number of plays }
      - total: { type: INT64, description: What the plays were worth }
  form:
    group: reports
    description: The three dates before.
    upstream: { totals: { before: { partitions: 3 } } }
    key: [day]
    columns:
      - day
      - total: { type: INT64, description: What was scored in the three dates before }
    expected_empty:
      - { first_days_of_period: 14, reason: too early in the season }
`;

const SQL = {
  'assets/reports/totals.sql': `SELECT p.game AS game, p.day AS day, COUNT(*) AS plays, SUM(p.value) AS total
FROM plays AS p GROUP BY p.game, p.day
`,
  'assets/reports/form.sql': `WITH dates AS (
  SELECT q.partition_date AS day, t.day AS earlier, SUM(t.total) AS total,
    ROW_NUMBER() OVER (PARTITION BY q.partition_date ORDER BY t.day DESC) AS place
  FROM partitions AS q JOIN totals AS t ON t.day < q.partition_date
  GROUP BY q.partition_date, t.day
)
SELECT d.day AS day, SUM(d.total) AS total FROM dates AS d WHERE d.place <= 3 GROUP BY d.day
`,
};

interface MeasuredOptions {
  readonly plays?: readonly Play[];
  /** What is declared under validation: and health:. */
  readonly rules?: string;
}

/** games and plays → totals (same) → form (three dates before, not in the first two weeks). */
export function measuredFiles(options: MeasuredOptions = {}): Readonly<Record<string, string>> {
  return {
    'pipeline.yaml': `${YAML}${options.rules ?? ''}`,
    'data/games.csv': gamesCsv(),
    'data/plays.csv': playsCsv(options.plays ?? allPlays()),
    ...SQL,
  };
}

/** The same in a folder that is gone when the test is over. */
export function measuredProject(options: MeasuredOptions = {}): TestProject {
  return newProject(measuredFiles(options));
}

export interface FindingDocument {
  readonly severity: string;
  readonly kind: string;
  readonly asset: string;
  readonly column: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly partitions: number;
  readonly found: string;
  readonly expected: string;
  readonly cause: string | null;
  readonly command: string | null;
  readonly downstream: readonly {
    readonly asset: string;
    readonly partitions: number;
    readonly from: string;
    readonly to: string;
  }[];
}

export interface ValidationDocument {
  readonly verdict: string;
  readonly from: string;
  readonly to: string;
  readonly findings: readonly FindingDocument[];
  readonly assets: readonly {
    readonly name: string;
    readonly coverage: Readonly<Record<string, unknown>>;
    readonly duplicates: number | null;
    readonly rows_scale: string;
    readonly freshness: Readonly<Record<string, unknown>>;
    readonly regression: {
      readonly records: number;
      readonly baseline_records: number;
      readonly baseline_from: string | null;
      readonly baseline_to: string | null;
      readonly note: string | null;
      readonly columns: readonly Readonly<Record<string, unknown>>[];
    };
    readonly previous_periods: readonly Readonly<Record<string, unknown>>[];
  }[];
}

/** What `validate --json` prints, and how it ended. */
export async function validate(
  project: TestProject,
  options: Partial<ValidateOptions> = {},
  /** Milliseconds since 1970. */
  now?: number,
): Promise<{ readonly code: number; readonly document: ValidationDocument }> {
  const out: string[] = [];
  const effects = {
    ...project.effects(),
    ...(now === undefined ? {} : { now: () => now }),
    stdout: (text: string) => void out.push(text),
  };
  const code = await runValidate({ ...GLOBALS, selection: [], exclude: [], ...options }, effects);
  return { code, document: JSON.parse(out.join('')) as ValidationDocument };
}

/** What `health` prints, as text. */
export async function health(
  project: TestProject,
  options: Partial<Parameters<typeof runHealth>[0]> = {},
): Promise<{ readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const effects = {
    ...project.effects(),
    stdout: (text: string) => void out.push(text),
    stderr: (text: string) => void err.push(text),
  };
  await runHealth({ ...GLOBALS, legacy: false, ...options }, effects);
  return { out: out.join(''), err: err.join('') };
}

/** Errors and warnings in one line each: what they are about and when. */
export function briefly({ findings }: ValidationDocument): string[] {
  return findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ severity, kind, asset, column, from, to }) => {
      const where = column === null ? asset : `${asset}.${column}`;
      return `${severity} ${kind} ${where} ${from === to ? from : `${from}..${to}`}`;
    });
}

/** Writes to the warehouse behind the engine's back. */
export async function tamper(
  project: TestProject,
  ...statements: readonly string[]
): Promise<void> {
  const instance = await DuckDBInstance.create(project.warehouseFile);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.disconnectSync();
  instance.closeSync();
}

/** One date of the asset totals has no rows, as a rule says; then its code changes, so that all of it is stale. */
export async function callOffAndChange(project: TestProject): Promise<void> {
  project.edit('assets/reports/totals.sql', 'GROUP BY', `WHERE p.day <> '2023-11-07' GROUP BY`);
  const rule = `expected_empty: [{ condition: "partitions.partition_date = '2023-11-07'", reason: called off }]`;
  project.edit(
    'pipeline.yaml',
    'upstream: { plays: same }',
    `upstream: { plays: same }\n    ${rule}`,
  );
  await project.materialize();
  project.edit('assets/reports/totals.sql', 'COUNT(*)', 'COUNT(p.play)');
}
