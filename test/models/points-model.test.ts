import { readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runVerify } from '../../engine/commands/verify.ts';
import { countsOf, GLOBALS, newProject, type TestProject } from '../support/project.ts';
import { FIXTURES } from './xgboost-fixture.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FEATURES = ['points_avg_last_5', 'points_avg_season', 'minutes_avg_last_10', 'days_rest'];

const YAML = `name: models
timezone: UTC
default_target: local
targets: { local: { warehouse: duckdb, threads: 1 } }
groups: { raw: {}, models: {} }
calendars: { game_dates: { asset: contract_features, date: game_date } }
partition_sets:
  game_dates: { calendar: game_dates }
  months: { calendar: game_dates, every: month }
columns:
  game_date: { type: DATE, description: The date of the game }
  player_lookup: { type: STRING, description: The player }
defaults: { partitions: game_dates, partition_column: game_date, key: [game_date, player_lookup] }
assets:
  contract_features:
    group: raw
    source: { path: data/contract_features.csv }
    columns:
      - game_date
      - player_lookup
      - feature_version: { type: STRING, description: Version }
      - season_games: { type: INT64, description: Games }
${FEATURES.map((name) => `      - ${name}: { type: FLOAT64, round: 6, nullable: true, description: A feature }`).join('\n')}
  player_game_summary:
    group: raw
    source: { path: data/player_game_summary.csv }
    columns:
      - game_date
      - player_lookup
      - points: { type: INT64, description: Points }
      - minutes_played: { type: FLOAT64, round: 6, description: Minutes }
  points_model:
    group: models
    partitions: months
    partition_column: cut_off
    key: [cut_off, model_id]
    module: assets/models/points_model.ts
    upstream: { contract_features: { before: all }, player_game_summary: { before: all } }
    settings:
      min_rows: 150
      models:
        small:
          target: points
          trainers: [boosting, ridge]
          trees: 15
          tier: points_avg_season
          required: [points_avg_last_5]
          features: { contract_features: [${FEATURES.join(', ')}] }
          defaults: { days_rest: 1 }
          max_default_share: { days_rest: 0.5 }
    columns:
      - cut_off: { type: DATE, description: Trained before }
      - model_id: { type: STRING, description: Name }
      - training_rows: { type: INT64, description: Rows }
      - training_to: { type: DATE, nullable: true, description: Last date }
      - default_shares: { type: STRING, nullable: true, description: Shares }
      - model: { type: STRING, nullable: true, description: The model }
      - model_sha256: { type: STRING, nullable: true, description: Its hash }
      - not_trained: { type: STRING, nullable: true, description: Why not }
      - refused_for: { type: STRING, nullable: true, description: Of what category }
`;

type Row = Readonly<Record<string, string>>;

const [HEAD = [], ...LINES] = readFileSync(join(FIXTURES, 'contract-features.csv'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split(','));
const ROWS: readonly Row[] = LINES.map((line) =>
  Object.fromEntries(HEAD.map((name, at) => [name, line[at] ?? ''])),
);

function csvOf(rows: readonly Row[], columns: readonly string[]): string {
  return [columns.join(), ...rows.map((row) => columns.map((name) => row[name]).join()), ''].join(
    '\n',
  );
}

function filesOf(rows: readonly Row[]): Record<string, string> {
  const outcomes = rows.map((row) => ({
    ...row,
    minutes_played: row['minutes_avg_last_10'] === '' ? '20' : String(row['minutes_avg_last_10']),
  }));
  return {
    'data/contract_features.csv': csvOf(rows, [
      'game_date',
      'player_lookup',
      'feature_version',
      'season_games',
      ...FEATURES,
    ]),
    'data/player_game_summary.csv': csvOf(outcomes, [
      'game_date',
      'player_lookup',
      'points',
      'minutes_played',
    ]),
  };
}

function modelProject(changes: Readonly<Record<string, string>> = {}): TestProject {
  const project = newProject({ 'pipeline.yaml': YAML, ...filesOf(ROWS), ...changes });
  project.write('assets/.keep', '');
  symlinkSync(join(ROOT, 'assets/models'), project.path('assets/models'));
  symlinkSync(join(ROOT, 'engine'), project.path('engine'));
  return project;
}

async function hashes(project: TestProject): Promise<Record<string, unknown>> {
  const rows = await project.query(
    'SELECT CAST(cut_off AS VARCHAR), model_sha256 FROM models.points_model ORDER BY 1',
  );
  return Object.fromEntries(rows.map(([month, hash]) => [String(month), hash]));
}

test('every month is trained on the dates before it, however many are trained together', async () => {
  const project = modelProject();
  const outcome = await project.materialize();
  expect(outcome.document.failures).toEqual([]);
  const rows = await project.query(
    `SELECT CAST(cut_off AS VARCHAR), training_rows, CAST(training_to AS VARCHAR), not_trained, model IS NULL
     FROM models.points_model ORDER BY 1`,
  );
  const usable = ROWS.filter((row) => Number(row['season_games']) >= 3 && row['points_avg_last_5']);
  const expected = ['2023-11-01', '2023-12-01', '2024-01-01', '2024-02-01'].map((month) => {
    const before = usable.filter((row) => (row['game_date'] ?? '') < month);
    const reason = before.length < 150 ? `${before.length} rows to train on, fewer than 150` : null;
    const last = before.at(-1)?.['game_date'] ?? null;
    return [month, String(before.length), last, reason, reason !== null];
  });
  expect(rows).toEqual(expected);
  expect(expected.map(([, , , reason]) => reason === null)).toEqual([false, true, true, true]);
  // Each again, alone.
  const options = {
    ...GLOBALS,
    selection: ['points_model'],
    exclude: [],
    sample: 9,
    all: true,
    seed: 1,
  };
  expect(await runVerify(options, project.effects())).toBe(0);
}, 120_000);

test('what happens from the cut-off on changes nothing of a model', async () => {
  const project = modelProject();
  await project.materialize();
  const before = await hashes(project);
  const later = ROWS.map((row) =>
    (row['game_date'] ?? '') < '2024-01-01'
      ? row
      : { ...row, points: '40', points_avg_last_5: '40', days_rest: '' },
  );
  project.writeAll(filesOf(later));
  const again = await project.materialize();
  expect(countsOf(again, 'points_model')).toMatchObject({ materialized: 1 });
  const after = await hashes(project);
  expect(after['2024-02-01']).not.toBe(before['2024-02-01']);
  expect({ ...after, '2024-02-01': '' }).toEqual({ ...before, '2024-02-01': '' });
  // The same from nothing, when all months see the changed rows.
  const fresh = modelProject(filesOf(later));
  await fresh.materialize();
  expect(await hashes(fresh)).toEqual(after);
}, 120_000);

test('features that come in another order than their dates are refused: a cut-off would not hold', async () => {
  const project = modelProject();
  project.edit(
    'pipeline.yaml',
    `  contract_features:
    group: raw
`,
    `  contract_features:
    group: raw
    key: [player_lookup, game_date]
`,
  );
  const { document, code } = await project.materialize();
  expect(code).toBe(1);
  expect(document.failures.at(-1)?.message).toContain(
    'the rows of "contract_features" do not come in the order of their dates',
  );
});

test('a month of which every model has a feature that is too often stood in for fails, and says which and how often', async () => {
  const spoiled = ROWS.map((row) => ({ ...row, days_rest: '' }));
  const project = modelProject(filesOf(spoiled));
  const { document } = await project.materialize();
  const failures = document.failures.map(({ partition, category }) => `${partition} ${category}`);
  expect(failures).toEqual(
    ['2023-12-01', '2024-01-01', '2024-02-01'].map((month) => `${month} TOO_MANY_DEFAULTS`),
  );
  expect(document.failures[0]?.message).toContain(
    'small: days_rest is not known in 100.0 % of the training rows, at most 50.0 % may be stood in for',
  );
});
