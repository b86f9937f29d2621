import {
  type EvaluateFunction,
  type EvaluationContext,
  type EvaluationRows,
  PipelineError,
  type SettingNames,
} from '../../engine/index.ts';
import { pick } from './feature-rows.ts';
import { predictRows } from './fitted-model.ts';
import { loadModel } from './model-record.ts';
import {
  ASSET_KEYS,
  MODEL_KEYS,
  type ModelSettings,
  type TrainingSettings,
  trainingSettings,
} from './model-settings.ts';
import {
  dateOf,
  dayOf,
  defaultShares,
  featureNames,
  jobOf,
  readOutcomes,
  rowsBefore,
  tooManyDefaults,
  type TrainingTable,
  trainingTable,
} from './points_model.ts';
import { tierOf } from './tiers.ts';
import type { TrainingJob } from './training-job.ts';
import { trainAll } from './worker-pool.ts';

/** What `settings:` may hold, so that a mistyped name is told from one that is left out. */
export const settingNames: SettingNames = { asset: ASSET_KEYS, model: MODEL_KEYS };

/** Primary rows: so many games of the season before the date, and so many days since its first. */
const EARLIER_GAMES = 5;
const SEASON_DAY = 14;

/**
 * Predicts every date with the model that would have been there: trained at the cut-off before it, on dates before the
 * cut-off only, by what trains the real ones. The baseline is the mean of the player's earlier games of the season.
 */
export const evaluate: EvaluateFunction = async (context) => {
  const settings = trainingSettings(context.settings);
  const [model, ...others] = settings.models;
  if (model === undefined || others.length > 0) {
    throw new PipelineError(`expected one model to evaluate, found ${settings.models.length}`, {
      code: 'BAD_MODEL_SETTINGS',
      hint: 'choose one with --model',
    });
  }
  const outcomes = await readOutcomes(context, settings);
  const dayColumn = seasonDayColumn(context, model);
  const table = await trainingTable(context, model, { settings, outcomes }, dayColumn);
  const wanted = primaryRows(table, dayColumn);
  const jobs = trainingJobs(context, { model, settings, table });
  const predicted = new Float64Array(table.days.length).fill(NaN);
  let done = 0;
  await trainAll(jobs, {
    signal: context.signal,
    onResult: (result) => {
      const fitted = loadModel(result);
      const [from, to] = spanOf(context, table, result.cutOff);
      const rows = wanted.filter((row) => from <= row && row < to);
      const features = table.features.map((column) => pick(column, rows));
      const { points } = predictRows(fitted, features, rows.length);
      rows.forEach((row, at) => (predicted[row] = points[at] ?? NaN));
      context.progress(++done, jobs.length, 'models');
    },
  });
  return rowsOf(
    table,
    wanted.filter((row) => !Number.isNaN(predicted[row] ?? NaN)),
    { model, predicted, average: await seasonAverages(context, model) },
  );
};

/** The relation may hold the later days of a season only; then it does not tell the day. */
function seasonDayColumn(context: EvaluationContext, { features }: ModelSettings): string[] {
  const columns = context.columnsOf(features[0]?.relation ?? '').map(({ name }) => name);
  return columns.includes('season_day') ? ['season_day'] : [];
}

function primaryRows(table: TrainingTable, dayColumn: readonly string[]): Int32Array {
  const games = pick(table.read.numbers('season_games'), table.kept);
  const days = dayColumn.map((name) => pick(table.read.numbers(name), table.kept));
  return Int32Array.from(table.days.keys()).filter(
    (row) =>
      (games[row] ?? 0) >= EARLIER_GAMES &&
      days.every((column) => (column[row] ?? 0) >= SEASON_DAY),
  );
}

/** One job per cut-off at which the real asset would train too. */
function trainingJobs(
  context: EvaluationContext,
  {
    model,
    settings,
    table,
  }: {
    readonly model: ModelSettings;
    readonly settings: TrainingSettings;
    readonly table: TrainingTable;
  },
): TrainingJob[] {
  return context.partitions.flatMap(({ date }) => {
    const rows = rowsBefore(table.days, dayOf(date));
    const reason =
      rows < settings.minRows
        ? `${rows} rows to train on, fewer than ${settings.minRows}`
        : tooManyDefaults(model, defaultShares(model, table, rows));
    if (reason === undefined) return [jobOf(model, { date, table, rows, settings })];
    context.log(`no model of ${date}: ${reason}`);
    return [];
  });
}

/** First row of a cut-off's dates, and the row after the last of them: the next cut-off's, or the end. */
function spanOf(
  { partitions }: EvaluationContext,
  { days }: TrainingTable,
  cutOff: string,
): readonly [number, number] {
  const next = partitions[partitions.findIndex(({ date }) => date === cutOff) + 1];
  const to = next === undefined ? days.length : rowsBefore(days, dayOf(next.date));
  return [rowsBefore(days, dayOf(cutOff)), to];
}

/** Mean of a player's last so many games before a day; NaN where there were fewer. */
type MeanBefore = (player: string, day: number, games: number) => number;

/** What a player did before, game by game, whatever the model is called or knows. */
async function seasonAverages(
  context: EvaluationContext,
  { target }: ModelSettings,
): Promise<MeanBefore> {
  const names = ['game_date', 'player_lookup', 'minutes_played', ...target];
  const read = await context.readColumns('player_game_summary', [...new Set(names)]);
  const [days, players] = [read.numbers('game_date'), read.texts('player_lookup')];
  const minutes = read.numbers('minutes_played');
  const columns = target.map((name) => read.numbers(name));
  const order = Int32Array.from(days.keys())
    .filter((row) => (minutes[row] ?? 0) > 0)
    .sort((a, b) => (days[a] ?? 0) - (days[b] ?? 0));
  const byPlayer = new Map<string, { readonly days: number[]; readonly sums: number[] }>();
  for (const row of order) {
    const player = players[row] ?? '';
    const games = byPlayer.get(player) ?? { days: [], sums: [0] };
    byPlayer.set(player, games);
    const value = columns.reduce((sum, column) => sum + (column[row] ?? 0), 0);
    games.days.push(days[row] ?? 0);
    games.sums.push((games.sums.at(-1) ?? 0) + value);
  }
  return (player, day, count) => {
    const { days: own = [], sums = [] } = byPlayer.get(player) ?? {};
    const before = rowsBefore(own, day);
    return ((sums[before] ?? NaN) - (sums[before - count] ?? NaN)) / count;
  };
}

function rowsOf(
  table: TrainingTable,
  rows: Int32Array,
  {
    model,
    predicted,
    average,
  }: {
    readonly model: ModelSettings;
    readonly predicted: Float64Array;
    readonly average: MeanBefore;
  },
): EvaluationRows {
  const tier = table.features[featureNames(model).indexOf(model.tierFeature)];
  const games = pick(table.read.numbers('season_games'), table.kept);
  const players = Array.from(rows, (row) => table.read.players[table.kept[row] ?? -1] ?? '');
  return {
    partition: Array.from(rows, (row) => dateOf(table.days[row] ?? 0)),
    entity: players,
    prediction: pick(predicted, rows),
    actual: pick(table.outcome, rows),
    baseline: Float64Array.from(rows, (row, at) =>
      average(players[at] ?? '', table.days[row] ?? 0, games[row] ?? 0),
    ),
    group: Array.from(rows, (row) => tierOf(tier?.[row] ?? NaN)),
  };
}
