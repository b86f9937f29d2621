import { readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { seededRandom } from '../../assets/models/random.ts';
import { commandOptions, parseCommandLine } from '../../engine/commands/arguments.ts';
import { runExperiment } from '../../engine/commands/experiment.ts';
import type { Effects } from '../../engine/commands/context.ts';
import { GLOBALS, keptProject, type TestProject } from '../support/project.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const PLAYERS = 16;
const FIRST = Date.UTC(2024, 9, 1) / 86_400_000;
const DAYS = 150;

const number = (name: string): string =>
  `      - ${name}: { type: FLOAT64, round: 6, nullable: true, description: A number }`;

/** Three models: one that knows the form, one that does not, and one of something else. */
const MODELS = `
        knowing: &model
          target: points
          trainers: [boosting, ridge]
          trees: 12
          tier: season_points
          required: [season_points]
          roots: [form]
          features: { model_features: [season_points, form, noise] }
        plain:
          <<: *model
          roots: []
          features: { model_features: [season_points, noise] }
        minutes: { <<: *model, target: minutes_played }`;

export const LEAGUE_YAML = `name: league
timezone: UTC
default_target: local
targets: { local: { warehouse: duckdb, threads: 1, memory_limit: 512MB } }
groups: { raw: {}, models: {}, reports: {} }
calendars: { dates: { asset: model_features, date: game_date } }
partition_sets:
  dates: { calendar: dates }
  months: { calendar: dates, every: month }
columns:
  game_date: { type: DATE, description: The date of the game }
  player_lookup: { type: STRING, description: The player }
defaults: { partitions: dates, partition_column: game_date, key: [game_date, player_lookup] }
assets:
  model_features:
    group: raw
    source: { path: data/model_features.csv }
    columns:
      - game_date
      - player_lookup
      - feature_version: { type: STRING, description: Version of the list }
${['season_games', 'season_day', 'season_points', 'form', 'noise'].map(number).join('\n')}
  player_game_summary:
    group: raw
    source: { path: data/player_game_summary.csv }
    columns:
      - game_date
      - player_lookup
${['minutes_played', 'points'].map(number).join('\n')}
  guesses:
    group: reports
    source: { path: data/guesses.csv }
    key: [game_date, player_lookup, system]
    columns:
      - game_date
      - player_lookup
      - system: { type: STRING, description: Who guesses }
      - tier: { type: STRING, description: What kind of player }
      - counts: { type: BOOL, description: Whether the row counts }
${['guess', 'actual', 'usual'].map(number).join('\n')}
  points_model: &model_asset
    group: models
    module: assets/models/points_model.ts
    partitions: months
    partition_column: cut_off
    key: [cut_off]
    upstream: { model_features: { before: all }, player_game_summary: { before: all } }
    expected_empty: [{ condition: 'TRUE', reason: nothing is made here }]
    columns: [{ cut_off: { type: DATE, description: The cut-off } }]
    settings:
      seed: 7
      min_rows: 200
      models: ${MODELS}
  daily_model: { <<: *model_asset, partitions: dates }
  silent_model:
    <<: *model_asset
    module: assets/silent.ts
reports:
  accuracy:
    compare:
      guessing:
        of: guesses
        system: system
        entity: [player_lookup]
        rows: { column: counts, description: guesses that count }
        actual: actual
        prediction: guess
        baseline: { column: usual, name: usual value }
        by: { tier: tier }
`;

/** The day of a second season's start; so that the season's games and days begin again. */
const SECOND_SEASON = 92;

/** A game of the league, as the files have it. */
export interface Game {
  readonly date: string;
  readonly player: string;
  /** Days since the season began. */
  readonly seasonDay: number;
  readonly seasonGames: number;
  readonly played: boolean;
  readonly points: number;
  readonly usual: number;
  readonly form: number;
}

/**
 * Points follow what is usual for a player and, more than that, the form. Everybody plays every day, but for p3 every
 * seventh day, and p9 in the first 20 days of the second season.
 */
export function leagueGames(): readonly Game[] {
  const random = seededRandom(5);
  const seasonGames = new Map<string, number>();
  return Array.from({ length: DAYS * PLAYERS }, (_, row): Game => {
    const [at, number] = [Math.floor(row / PLAYERS), row % PLAYERS];
    const [player, isSecond] = [`p${number}`, at >= SECOND_SEASON];
    const seasonDay = at - (isSecond ? SECOND_SEASON : 0);
    const usual = 4 + 2 * number;
    const form = 12 * random() - 6;
    const played = !(number === 3 && at % 7 === 0) && !(number === 9 && isSecond && seasonDay < 20);
    const before = seasonDay === 0 ? 0 : (seasonGames.get(player) ?? 0);
    seasonGames.set(player, before + (played ? 1 : 0));
    return {
      date: new Date((FIRST + at) * 86_400_000).toISOString().slice(0, 10),
      player,
      seasonDay,
      seasonGames: before,
      played,
      points: Math.max(0, Math.round(usual + form + 4 * (random() + random() - 1))),
      usual,
      form,
    };
  });
}

export function leagueFiles(): Readonly<Record<string, string>> {
  const random = seededRandom(6);
  const columns = ['season_games', 'season_day', 'season_points', 'form', 'noise'];
  const features = [['game_date', 'player_lookup', 'feature_version', ...columns].join(',')];
  const games = ['game_date,player_lookup,minutes_played,points'];
  const guesses = ['game_date,player_lookup,system,tier,counts,guess,actual,usual'];
  for (const game of leagueGames()) {
    const { date, player, seasonDay, seasonGames, played, points, usual, form } = game;
    const known = [seasonGames, seasonDay, usual, form.toFixed(4), random().toFixed(4)];
    features.push([date, player, 'made_1', ...known].join(','));
    games.push([date, player, played ? 20 + usual : 0, points].join(','));
    const row = (system: string, guess: number, counts = true): string =>
      [date, player, system, usual < 20 ? 'low' : 'high', counts, guess, points, usual].join(',');
    guesses.push(row('usual', usual), row('informed', usual + form), row('same', usual));
    // What does not count is never compared.
    if (player === 'p5') guesses.push(row('partial', usual), row('off', usual + 30, false));
  }
  const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
  return {
    'pipeline.yaml': LEAGUE_YAML,
    'data/model_features.csv': text(features),
    'data/player_game_summary.csv': text(games),
    'data/guesses.csv': text(guesses),
    'assets/silent.ts': 'export const materialize = () => undefined;\n',
  };
}

export const SOURCES = ['model_features', 'player_game_summary', 'guesses'];

/** A league whose sources are made; for whoever removes the folder. */
export async function leagueProject(): Promise<TestProject> {
  const project = keptProject(leagueFiles());
  linkModels(project.root);
  await project.materialize({ selection: SOURCES });
  return project;
}

/** The flagship's own models in the folder of a project. */
export function linkModels(folder: string): void {
  symlinkSync(join(ROOT, 'assets/models'), join(folder, 'assets/models'));
  symlinkSync(join(ROOT, 'engine'), join(folder, 'engine'));
}

export interface Measures {
  readonly rows: number;
  readonly dates: number;
  readonly champion_mae: number;
  readonly challenger_mae: number;
  readonly baseline_mae: number | null;
  readonly difference: number;
  readonly interval: readonly [number, number] | null;
  readonly challenger_wins: number | null;
  readonly verdict: string;
}

export interface ExperimentDocument extends Measures {
  readonly champion: { readonly name: string; readonly settings: unknown };
  readonly challenger: { readonly name: string; readonly settings: unknown };
  readonly cut_offs: readonly string[];
  readonly first: string;
  readonly last: string;
  readonly rows_alone: { readonly champion: number; readonly challenger: number };
  readonly groups: readonly (Measures & { readonly group: string })[];
}

/** Runs `experiment` in process as `cli.ts` would; throws what it throws. */
export async function experiment(
  project: TestProject,
  line: string,
  changes: Partial<Effects> = {},
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const invocation = parseCommandLine(['experiment', ...line.split(' ')]);
  if (invocation.type !== 'run') throw new Error('expected a command to run');
  const { values } = invocation;
  const options = commandOptions('experiment', values);
  const code = await runExperiment(
    { ...GLOBALS, json: values.flag('json'), quiet: values.flag('quiet'), ...options },
    {
      ...project.effects(),
      stdout: (text) => void out.push(text),
      stderr: (text) => void err.push(text),
      ...changes,
    },
  );
  return { code, out: out.join(''), err: err.join('') };
}

/** What `experiment --json` prints. */
export async function measured(project: TestProject, line: string): Promise<ExperimentDocument> {
  return JSON.parse((await experiment(project, `${line} --json`)).out) as ExperimentDocument;
}

/** Hashes of the warehouse and the record: equal before and after what writes nothing. */
export function contentOf(home: string): Readonly<Record<string, string>> {
  // SQLite's lists of readers come and go with them.
  const files = readdirSync(home).filter(
    (name) => statSync(join(home, name)).isFile() && !name.endsWith('-shm'),
  );
  return Object.fromEntries(
    files.map((name) => {
      const content = readFileSync(join(home, name));
      return [
        name,
        content.length === 0 ? 'empty' : createHash('sha256').update(content).digest('hex'),
      ];
    }),
  );
}
