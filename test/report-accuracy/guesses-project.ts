import { runReport, type ReportOptions } from '../../engine/commands/report.ts';
import { GLOBALS, type TestProject } from '../support/project.ts';

/** One guess of a system; what is left out is NULL. */
export interface Guess {
  readonly day: string;
  readonly system: string;
  readonly who: string;
  readonly counts?: boolean;
  readonly actual?: number;
  readonly guess?: number;
  readonly usual?: number;
  readonly mean?: number;
  readonly p10?: number;
  readonly p50?: number;
  readonly p90?: number;
  readonly chance?: number;
  readonly over?: boolean;
  readonly line_from?: string;
  readonly profit?: number;
  readonly side?: string;
  readonly season?: number;
}

const [FIRST, SECOND] = ['2024-01-01', '2024-02-01'];

/** The outcome and the usual value of everybody on both dates. */
const FACTS = {
  a: { day: FIRST, who: 'a', actual: 10, usual: 12, season: 2023, counts: true },
  b: { day: FIRST, who: 'b', actual: 20, usual: 16, season: 2023, counts: true },
  again: { day: SECOND, who: 'a', actual: 8, usual: 8, season: 2024, counts: true },
} as const;

/**
 * Two systems with three rows in common: errors of 1, -2, 4 and of -3, 5, 0, where the usual value is off by 2, 4, 0.
 * Further rows must not count.
 */
export const GUESSES: readonly Guess[] = [
  {
    ...FACTS.a,
    system: 'good',
    guess: 11,
    mean: 12,
    p10: 8,
    p50: 11,
    p90: 11,
    chance: 0.55,
    over: true,
    line_from: 'real',
    profit: 0.9,
    side: 'OVER',
  },
  {
    ...FACTS.b,
    system: 'good',
    guess: 18,
    mean: 19,
    p10: 15,
    p50: 18,
    p90: 19,
    chance: 1,
    over: true,
    line_from: 'real',
    profit: -1,
    side: 'UNDER',
  },
  {
    ...FACTS.again,
    system: 'good',
    guess: 12,
    mean: 13,
    p10: 9,
    p50: 12,
    p90: 14,
    chance: 0.25,
    over: false,
    line_from: 'guessed',
    profit: 0,
    side: 'OVER',
  },
  { ...FACTS.a, system: 'bad', guess: 7 },
  { ...FACTS.b, system: 'bad', guess: 25 },
  { ...FACTS.again, system: 'bad', guess: 8 },
  // Only one system has it.
  { ...FACTS.again, who: 'c', system: 'good', guess: 90, profit: 9, side: 'OVER' },
  // Does not count.
  { ...FACTS.again, who: 'd', system: 'good', guess: 90, counts: false },
  { ...FACTS.again, who: 'd', system: 'bad', guess: 90, counts: false },
  // Did not happen.
  { day: SECOND, who: 'e', system: 'good', guess: 90, usual: 1, counts: true },
  { day: SECOND, who: 'e', system: 'bad', guess: 90, usual: 1, counts: true },
];

const COLUMNS = {
  day: 'DATE',
  system: 'STRING',
  who: 'STRING',
  counts: 'BOOL',
  actual: 'INT64',
  guess: 'FLOAT64',
  usual: 'FLOAT64',
  mean: 'FLOAT64',
  p10: 'FLOAT64',
  p50: 'FLOAT64',
  p90: 'FLOAT64',
  chance: 'FLOAT64',
  over: 'BOOL',
  line_from: 'STRING',
  profit: 'FLOAT64',
  side: 'STRING',
  season: 'INT64',
} as const;

const COMPARE = `
        of: guesses
        system: system
        entity: [who]
        actual: actual
        prediction: guess
        baseline: { column: usual, name: usual value }`;

/** Everything that a comparison can declare. */
export const REPORTS = `reports:
  accuracy:
    title: How good the guesses are
    compare:
      values:
        title: Values${COMPARE}
        rows: { column: counts, description: guesses that count }
        period: season
        mean: mean
        quantiles: { '10': p10, '50': p50, '90': p90 }
        probability: { column: chance, happened: over, source: line_from, estimated: [guessed] }
        within: [3]
        by: { who: who }
        bets: { profit: profit, side: side }
        importances: { of: models, model: model, column: weights, newest: made }
  plain:
    compare:
      values:${COMPARE}
`;

const MODELS = [
  { model: 'first', made: '2023-01-01', weights: '{"old": 1}' },
  { model: 'first', made: '2024-01-01', weights: '{"small": 0.25, "great": 0.75}' },
  { model: 'none', made: '2024-01-01', weights: null },
];

/** The files of a project with guesses and models, both read from JSON. */
export function guessesFiles(
  guesses: readonly Guess[] = GUESSES,
  reports = REPORTS,
): Readonly<Record<string, string>> {
  const columns = Object.entries(COLUMNS).map(([name, type]) => {
    const round = type === 'FLOAT64' ? ', round: 6' : '';
    return `      - ${name}: { type: ${type}, description: Its ${name}${round} }`;
  });
  const blank = Object.fromEntries(Object.keys(COLUMNS).map((name) => [name, null]));
  const yaml = `name: guessing
timezone: UTC
default_target: local
targets: { local: { warehouse: duckdb, memory_limit: 512MB } }
groups: { raw: { dataset: raw } }
partition_sets: { days: { every: day, from: 2024-01-01, to: 2024-03-01 } }
assets:
  guesses:
    group: raw
    partitions: days
    partition_column: day
    description: What systems guessed.
    source: { path: data/guesses.json, format: json }
    key: [system, who]
    expected_empty: [{ condition: 'TRUE', reason: nobody guessed }]
    columns:
${columns.join('\n')}
  models:
    group: raw
    partitions: none
    description: What the systems learned.
    source: { path: data/models.json, format: json }
    columns:
      - model: { type: STRING, description: Name of the model }
      - made: { type: DATE, description: When it was made }
      - weights: { type: STRING, description: Weights of its features }
${reports}`;
  const lines = (rows: readonly object[]): string =>
    rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  return {
    'pipeline.yaml': yaml,
    'data/guesses.json': lines(guesses.map((guess) => ({ ...blank, ...guess }))),
    'data/models.json': lines(MODELS),
  };
}

/** What `report` prints, and what it warns of. */
export async function report(
  project: TestProject,
  options: Partial<ReportOptions> & { readonly json?: boolean } = {},
): Promise<{ readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const effects = {
    ...project.effects(),
    stdout: (text: string) => void out.push(text),
    stderr: (text: string) => void err.push(text),
  };
  await runReport({ ...GLOBALS, name: 'accuracy', ...options }, effects);
  return { out: out.join(''), err: err.join('') };
}
