import { readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { newProject, type TestProject } from '../support/project.ts';
import { FIXTURES, KEPT, modelText, predictionsIn } from './xgboost-fixture.ts';

const ROOT = resolve(import.meta.dirname, '../..');

export const CONTRACT = (
  JSON.parse(readFileSync(join(KEPT, 'points.meta.json'), 'utf8')) as {
    readonly features: readonly string[];
  }
).features;

/** A system whose model somebody else trained, in the form that the pipeline of the project has. */
export const XGBOOST_YAML = `name: imported
timezone: UTC
default_target: local
targets: { local: { warehouse: duckdb, threads: 1 } }
groups: { raw: {}, trained: {} }
calendars: { game_dates: { asset: contract_features, date: game_date } }
partition_sets: { game_dates: { calendar: game_dates } }
columns:
  game_date: { type: DATE, description: The date of the game }
  player_lookup: { type: STRING, description: The player }
  game_id: { type: STRING, description: The game }
  season_year: { type: INT64, description: The season }
defaults: { partitions: game_dates, partition_column: game_date, key: [game_date, player_lookup] }
assets:
  contract_features:
    group: raw
    source: { path: data/contract_features.csv }
    columns:
      - game_date
      - player_lookup
      - game_id
      - season_year
      - feature_version: { type: STRING, description: Version of the list }
${CONTRACT.map((name) => `      - ${name}: { type: FLOAT64, round: 9, nullable: true, description: A feature }`).join('\n')}
  betting_lines:
    group: raw
    source: { path: data/betting_lines.csv }
    columns:
      - game_date
      - player_lookup
      - points_line: { type: FLOAT64, round: 9, nullable: true, description: The line }
  my_xgboost_v1:
    group: trained
    module: assets/models/predict.ts
    upstream: { contract_features: same, betting_lines: same }
    files: [models/my.json, models/my.meta.json]
    settings:
      source: xgboost_json
      system: my_xgboost_v1
      model: models/my.json
      metadata: models/my.meta.json
      features: { contract_features: [${CONTRACT.join(', ')}] }
      lines: betting_lines
    columns:
      - game_date
      - player_lookup
      - game_id
      - season_year
      - system_id: { type: STRING, description: The system }
      - prediction: { type: FLOAT64, round: 9, description: Points }
      - predicted_mean: { type: FLOAT64, round: 9, nullable: true, description: Points }
      - predicted_p10: { type: FLOAT64, round: 9, nullable: true, description: Points }
      - predicted_p50: { type: FLOAT64, round: 9, nullable: true, description: Points }
      - predicted_p90: { type: FLOAT64, round: 9, nullable: true, description: Points }
      - over_probability: { type: FLOAT64, round: 9, nullable: true, description: Probability }
      - confidence: { type: FLOAT64, round: 9, description: Percent }
      - recommendation: { type: STRING, description: Side }
      - model_cut_off: { type: DATE, description: Trained before }
      - model_version: { type: STRING, description: Version }
`;

export const METADATA = { features: CONTRACT, target: 'points', trained_before: '2024-01-15' };

/** The rows that XGBoost has predicted, with every second one's line at 9.5. */
export function xgboostProject(metadata: object = METADATA): TestProject {
  const project = newProject({
    'pipeline.yaml': XGBOOST_YAML,
    'models/my.json': modelText('points'),
    'models/my.meta.json': JSON.stringify(metadata),
    ...dataFiles(),
  });
  project.write('assets/.keep', '');
  symlinkSync(join(ROOT, 'assets/models'), project.path('assets/models'));
  symlinkSync(join(ROOT, 'engine'), project.path('engine'));
  return project;
}

function dataFiles(): Record<string, string> {
  const keys = readFileSync(join(FIXTURES, 'contract-features.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-200)
    .map((line) => line.split(','));
  const features = predictionsIn(KEPT).features.map((row, at) => {
    const [date, player, game, season] = keys[at] ?? [];
    return [date, player, game, season, 'contract_21', ...row.map((value) => value ?? '')].join();
  });
  const head = ['game_date', 'player_lookup', 'game_id', 'season_year', 'feature_version'];
  const lines = keys.map(([date, player], at) => `${date},${player},${at % 2 === 0 ? '9.5' : ''}`);
  return {
    'data/contract_features.csv': [[...head, ...CONTRACT].join(), ...features, ''].join('\n'),
    'data/betting_lines.csv': ['game_date,player_lookup,points_line', ...lines, ''].join('\n'),
  };
}
