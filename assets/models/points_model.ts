import type { MaterializeFunction, ModuleContext } from '../../engine/index.ts';
import { type FeatureRows, pick, positionsOf, readFeatures } from './feature-rows.ts';
import { stableJson } from './json.ts';
import { type ModelSettings, type TrainingSettings, trainingSettings } from './model-settings.ts';
import type { TrainingJob, TrainingResult } from './training-job.ts';
import { trainAll } from './worker-pool.ts';

/**
 * Trains every model of `settings.models` once per month, on the dates before the month only
 * (domain.md 6.4). The partition's date is the cut-off.
 */
export const materialize: MaterializeFunction = async (context) => {
  const settings = trainingSettings(context.settings);
  const outcomes = await readOutcomes(context, settings);
  const jobs: TrainingJob[] = [];
  const rowsOf = new Map<string, ModelRow>();
  for (const model of settings.models) {
    const table = await trainingTable(context, model, { settings, outcomes });
    for (const { date } of context.partitions) {
      const row = describe(context, model, { date, table, seed: settings.seed });
      rowsOf.set(`${date} ${model.id}`, row);
      if (row.training_rows < settings.minRows) {
        row.not_trained = `${row.training_rows} rows to train on, fewer than ${settings.minRows}`;
        continue;
      }
      const broken = tooManyDefaults(model, row.defaulted);
      if (broken !== undefined) {
        row.not_trained = broken;
        row.refused_for = 'TOO_MANY_DEFAULTS';
        continue;
      }
      jobs.push(jobOf(model, { date, table, rows: row.training_rows, settings }));
    }
  }
  failWhereAllAreRefused(context, Array.from(rowsOf.values()));
  let done = 0;
  await trainAll(jobs, {
    signal: context.signal,
    onResult: (result) => {
      Object.assign(rowsOf.get(`${result.cutOff} ${result.id}`) ?? {}, contentOf(result));
      context.progress(++done, jobs.length, 'models');
    },
  });
  const ready = Array.from(rowsOf.values(), ({ defaulted, ...row }) => ({
    ...row,
    default_shares: stableJson(defaulted),
  }));
  context.write(ready);
};

/** What is written of a model; the content is there once it was trained. */
interface ModelRow {
  readonly cut_off: string;
  readonly model_id: string;
  readonly training_rows: number;
  readonly defaulted: Readonly<Record<string, number>>;
  not_trained?: string;
  /** The category of a fault of the data; a model with too few rows has none. */
  refused_for?: string;
  readonly [column: string]: unknown;
}

/** A refused model leaves the others of its month alone; a month of refused models only is no success. */
function failWhereAllAreRefused(context: ModuleContext, rows: readonly ModelRow[]): void {
  for (const { date } of context.partitions) {
    const ofDate = rows.filter((row) => row.cut_off === date);
    const [first] = ofDate;
    if (first?.refused_for === undefined) continue;
    if (ofDate.some((row) => row.refused_for === undefined)) continue;
    context.fail(date, ofDate.map((row) => `${row.model_id}: ${row.not_trained}`).join('; '), {
      category: first.refused_for,
      hint: 'see what the features are made from: fastbreak why, fastbreak failures',
    });
  }
}

/** What happened to players on dates. */
export interface Outcomes {
  readonly position: (day: number, player: string | null) => number;
  readonly columns: ReadonlyMap<string, Float64Array>;
}

/** Reads every target of the models, and the minutes. */
export async function readOutcomes(
  context: Pick<ModuleContext, 'readColumns'>,
  settings: TrainingSettings,
): Promise<Outcomes> {
  const names = [
    ...new Set(['minutes_played', ...settings.models.flatMap(({ target }) => target)]),
  ];
  const read = await context.readColumns('player_game_summary', [
    'game_date',
    'player_lookup',
    ...names,
  ]);
  return {
    position: positionsOf(read.numbers('game_date'), read.texts('player_lookup')),
    columns: new Map(names.map((name) => [name, read.numbers(name)])),
  };
}

/** Rows that a model may learn from, sorted by date, in memory that threads share. */
export interface TrainingTable {
  /** The features as read, and which of their rows these are. */
  readonly read: FeatureRows;
  readonly kept: Int32Array;
  readonly days: Float64Array;
  readonly features: readonly Float64Array[];
  readonly outcome: Float64Array;
  readonly minutes: Float64Array;
}

/** @param extra further columns of the first relation of features */
export async function trainingTable(
  context: Pick<ModuleContext, 'readColumns'>,
  model: ModelSettings,
  { settings, outcomes }: { readonly settings: TrainingSettings; readonly outcomes: Outcomes },
  extra: readonly string[] = [],
): Promise<TrainingTable> {
  const read = await readFeatures(context, model.features, ['season_games', ...extra]);
  const at = Int32Array.from(read.days, (day, row) =>
    outcomes.position(day, read.players[row] ?? null),
  );
  const minutes = outcomes.columns.get('minutes_played') ?? new Float64Array(0);
  const games = read.numbers('season_games');
  const required = model.required.map((name) => read.features.get(name) ?? new Float64Array(0));
  const kept = Int32Array.from(read.days.keys()).filter(
    (row) =>
      (at[row] ?? -1) >= 0 &&
      (minutes[at[row] ?? 0] ?? 0) > 0 &&
      (games[row] ?? 0) >= settings.minSeasonGames &&
      required.every((column) => !Number.isNaN(column[row] ?? NaN)),
  );
  const played = Int32Array.from(kept, (row) => at[row] ?? -1);
  return {
    read,
    kept,
    days: shared(pick(read.days, kept)),
    features: featureNames(model).map((name) => shared(pick(columnOf(read, name), kept))),
    outcome: shared(
      sumOf(model.target.map((name) => pick(outcomes.columns.get(name) ?? minutes, played))),
    ),
    minutes: shared(pick(minutes, played)),
  };
}

function columnOf(read: FeatureRows, name: string): Float64Array {
  return read.features.get(name) ?? new Float64Array(read.rows).fill(NaN);
}

export function featureNames(model: Pick<ModelSettings, 'features'>): string[] {
  return model.features.flatMap(({ names }) => names);
}

function sumOf(columns: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(columns[0]?.length ?? 0);
  for (const column of columns)
    column.forEach((value, row) => (sum[row] = (sum[row] ?? 0) + value));
  return sum;
}

/** A copy that is not copied again for every thread. */
function shared(values: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

function describe(
  context: ModuleContext,
  model: ModelSettings,
  {
    date,
    table,
    seed,
  }: { readonly date: string; readonly table: TrainingTable; readonly seed: number },
): ModelRow {
  const rows = rowsBefore(table.days, dayOf(date));
  const names = featureNames(model);
  const units = new Map(
    model.features.flatMap(({ relation }) =>
      context.columnsOf(relation).map(({ name, unit }) => [name, unit ?? ''] as const),
    ),
  );
  return {
    cut_off: date,
    model_id: model.id,
    target: model.target.join('+'),
    feature_version: table.read.versionsOf(table.kept.subarray(0, rows)).join(','),
    feature_list: names,
    feature_units: names.map((name) => units.get(name) ?? ''),
    feature_defaults: stableJson(model.defaults),
    training_rows: rows,
    training_from: rows === 0 ? null : dateOf(table.days[0] ?? 0),
    training_to: rows === 0 ? null : dateOf(table.days[rows - 1] ?? 0),
    data_versions: stableJson(
      Object.fromEntries(context.inputsOf(date).map(({ relation, hash }) => [relation, hash])),
    ),
    seed,
    defaulted: defaultShares(model, table, rows),
  };
}

/** Share of the training rows in which each feature with a default is not known. */
export function defaultShares(
  model: ModelSettings,
  table: TrainingTable,
  rows: number,
): Record<string, number> {
  const names = featureNames(model);
  return Object.fromEntries(
    Object.keys(model.defaults).map((name) => {
      const column = table.features[names.indexOf(name)]?.subarray(0, rows) ?? [];
      let missing = 0;
      for (const value of column) if (Number.isNaN(value)) missing++;
      return [name, rows === 0 ? 0 : Number((missing / rows).toFixed(6))];
    }),
  );
}

/** Why a model must not be trained; undefined where it may be. */
export function tooManyDefaults(
  model: ModelSettings,
  shares: Readonly<Record<string, number>>,
): string | undefined {
  for (const [name, most] of Object.entries(model.maxDefaultShare)) {
    const share = shares[name] ?? 0;
    if (share > most) {
      return `${name} is not known in ${percent(share)} of the training rows, at most ${percent(most)} may be stood in for`;
    }
  }
  return undefined;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** The job that trains a model on the first rows of a table. */
export function jobOf(
  model: ModelSettings,
  {
    date,
    table,
    rows,
    settings,
  }: {
    readonly date: string;
    readonly table: TrainingTable;
    readonly rows: number;
    readonly settings: TrainingSettings;
  },
): TrainingJob {
  const names = featureNames(model);
  return {
    id: model.id,
    cutOff: date,
    rows,
    plan: {
      features: names,
      trainers: model.trainers,
      rate: model.rate,
      roots: model.roots,
      tierFeature: model.tierFeature,
      largest: model.largest,
      trees: model.trees,
      seed: settings.seed,
    },
    days: table.days,
    features: table.features,
    defaults: Float64Array.from(names, (name) => model.defaults[name] ?? NaN),
    outcome: table.outcome,
    minutes: table.minutes,
  };
}

function contentOf(result: TrainingResult): Record<string, unknown> {
  return {
    model: result.text,
    model_sha256: result.sha256,
    golden_predictions: result.golden,
    weights: result.weights,
    importances: result.importances,
    trainer_versions: result.trainerVersions,
    metrics: result.metrics,
    test_mae: result.splits['test']?.mae,
    test_season_average_mae: result.splits['test']?.season_average_mae,
  };
}

const DAY = 86_400_000;

export function dayOf(date: string): number {
  return Date.parse(date) / DAY;
}

export function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

/** How many rows are of earlier days; days ascend. */
export function rowsBefore(days: ArrayLike<number>, day: number): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((days[middle] ?? 0) < day) low = middle + 1;
    else high = middle;
  }
  return low;
}
