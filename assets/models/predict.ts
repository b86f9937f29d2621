import type { MaterializeFunction, ModuleContext } from '../../engine/index.ts';
import { readFeatures, pick, positionsOf, type FeatureRows } from './feature-rows.ts';
import { importedModel } from './imported-model.ts';
import { type FittedModel, predictRows, type Predicted } from './fitted-model.ts';
import type { ModelPart } from './model-part.ts';
import { loadModel, ModelFault } from './model-record.ts';
import { featureNames, dateOf, dayOf } from './points_model.ts';
import { predictionSettings, type PredictionSettings } from './prediction-settings.ts';

/**
 * Predicts every player of the slate with a trained model: of each date the newest one whose cut-off
 * is at or before it. A date whose model is missing, damaged or of other features fails by itself.
 */
export const materialize: MaterializeFunction = async (context) => {
  const settings = predictionSettings(context.settings);
  const rows = await readFeatures(context, settings.features, ['game_id', 'season_year']);
  const lines = await readLines(context, settings, rows);
  for (const part of await modelsOf(context, settings)) {
    const wanted = rowsOfDates(rows, part.dates);
    try {
      const model = part.load();
      checkFeatures(part, settings, { rows, wanted, names: model.features });
      write(context, { settings, part, rows, wanted, lines, model });
    } catch (error) {
      if (!(error instanceof ModelFault)) throw error;
      for (const date of part.dates) {
        const of = part.cutOff === '' ? '' : ` of ${part.cutOff}`;
        context.fail(date, `${settings.model}${of}: ${error.message}`, {
          category: error.category,
          hint: settings.hint(part.cutOff),
        });
      }
    }
  }
};

async function modelsOf(
  context: ModuleContext,
  settings: PredictionSettings,
): Promise<ModelPart[]> {
  const dates = context.partitions.map(({ date }) => date);
  if (settings.source === 'xgboost_json') return [await importedModel(context, settings, dates)];
  const read = await context.readColumns(settings.models, [
    'cut_off',
    'model_id',
    'model',
    'model_sha256',
    'golden_predictions',
    'feature_version',
    'not_trained',
    'refused_for',
  ]);
  const ids = read.texts('model_id');
  const cutOffs = read.numbers('cut_off');
  const mine = Array.from(cutOffs.keys())
    .filter((row) => ids[row] === settings.model)
    .sort((a, b) => (cutOffs[a] ?? 0) - (cutOffs[b] ?? 0));
  const byRow = new Map<number, string[]>();
  for (const date of dates) {
    const row = mine.findLast((each) => (cutOffs[each] ?? 0) <= dayOf(date)) ?? -1;
    byRow.set(row, [...(byRow.get(row) ?? []), date]);
  }
  const text = (column: string, row: number): string => read.texts(column)[row] ?? '';
  return Array.from(byRow, ([row, ofRow]): ModelPart | undefined => {
    if (row < 0) return missingModel(ofRow);
    const isRefused = text('refused_for', row) !== '';
    // Too few rows to train on: the dates are expected to be empty.
    if (text('not_trained', row) !== '' && !isRefused) return undefined;
    return {
      cutOff: dateOf(cutOffs[row] ?? 0),
      version: text('model_sha256', row).slice(0, 12),
      featureVersion: text('feature_version', row),
      dates: ofRow,
      load: () => {
        if (isRefused) throw new ModelFault('TOO_MANY_DEFAULTS', text('not_trained', row));
        if (text('model', row) === '') throw new ModelFault('MODEL_MISSING', 'it has no content');
        return loadModel({
          text: text('model', row),
          sha256: text('model_sha256', row),
          golden: text('golden_predictions', row),
        });
      },
    };
  }).filter((part) => part !== undefined);
}

function missingModel(dates: readonly string[]): ModelPart {
  return {
    cutOff: '',
    version: '',
    featureVersion: undefined,
    dates,
    load: () => {
      throw new ModelFault('MODEL_MISSING', 'there is no model at or before the date');
    },
  };
}

/** The model and the asset must mean the same features, made by the same version of their lists. */
function checkFeatures(
  part: ModelPart,
  settings: PredictionSettings,
  {
    rows,
    wanted,
    names,
  }: {
    readonly rows: FeatureRows;
    readonly wanted: Int32Array;
    readonly names: readonly string[];
  },
): void {
  const expected = featureNames(settings);
  if (names.length !== expected.length) {
    throw new ModelFault(
      'MODEL_MISMATCH',
      `it has ${names.length} features, the contract ${expected.length}`,
    );
  }
  names.forEach((name, at) => {
    if (name === expected[at]) return;
    throw new ModelFault(
      'MODEL_MISMATCH',
      `its feature ${at} is "${name}", in the contract that is "${expected[at]}"`,
    );
  });
  const version = rows.versionsOf(wanted).join(',');
  if (wanted.length > 0 && part.featureVersion !== undefined && part.featureVersion !== version) {
    throw new ModelFault(
      'MODEL_MISMATCH',
      `it was trained on features of version ${part.featureVersion}, these are of version ${version}`,
    );
  }
}

function rowsOfDates({ days }: FeatureRows, dates: readonly string[]): Int32Array {
  const wanted = new Set(dates.map(dayOf));
  return Int32Array.from(days.keys()).filter((row) => wanted.has(days[row] ?? NaN));
}

/** The line in force of every row, NaN without one. */
async function readLines(
  context: ModuleContext,
  { lines, lineColumn }: PredictionSettings,
  rows: FeatureRows,
): Promise<Float64Array> {
  if (lines === undefined) return new Float64Array(rows.rows).fill(NaN);
  const read = await context.readColumns(lines, ['game_date', 'player_lookup', lineColumn]);
  const position = positionsOf(read.numbers('game_date'), read.texts('player_lookup'));
  const at = Int32Array.from(rows.days, (day, row) => position(day, rows.players[row] ?? null));
  return pick(read.numbers(lineColumn), at);
}

interface Writing {
  readonly settings: PredictionSettings;
  readonly part: ModelPart;
  readonly rows: FeatureRows;
  readonly wanted: Int32Array;
  readonly lines: Float64Array;
  readonly model: FittedModel;
}

function write(
  context: ModuleContext,
  { settings, part, rows, wanted, lines, model }: Writing,
): void {
  const required = settings.required.map((name) => rows.features.get(name));
  const kept = wanted.filter((row) =>
    required.every((column) => !Number.isNaN(column?.[row] ?? NaN)),
  );
  const predicted = predictRows(
    model,
    model.features.map((name) => pick(rows.features.get(name) ?? new Float64Array(0), kept)),
    kept.length,
  );
  const ofKept = pick(lines, kept);
  const texts = (column: string) => Array.from(kept, (row) => rows.texts(column)[row] ?? null);
  const all = <T>(value: T): T[] => Array<T>(kept.length).fill(value);
  context.writeColumns({
    game_date: pick(rows.days, kept),
    player_lookup: Array.from(kept, (row) => rows.players[row] ?? null),
    game_id: texts('game_id'),
    season_year: pick(rows.numbers('season_year'), kept),
    system_id: all(settings.system),
    model_cut_off: all(part.cutOff),
    model_version: all(part.version),
    ...adviceOf(predicted, ofKept, settings.breakEven),
  });
}

/** Predictions, and what they say of a line: the probability of its better side is the confidence. */
function adviceOf(predicted: Predicted, lines: Float64Array, breakEven: number) {
  const { forecasts } = predicted;
  const column = (of: (forecast: (typeof forecasts)[number]) => number) =>
    Float64Array.from(forecasts, of);
  const over = predicted.over(lines);
  const near = predicted.near(5);
  const certainty = over.map((chance, row) => {
    if (!Number.isNaN(chance)) return Math.max(chance, 1 - chance);
    const close = near[row] ?? NaN;
    return Number.isNaN(close) ? 0.5 : close;
  });
  return {
    prediction: predicted.points,
    predicted_mean: column(({ mean }) => mean),
    predicted_p10: column(({ p10 }) => p10),
    predicted_p50: column(({ p50 }) => p50),
    predicted_p90: column(({ p90 }) => p90),
    over_probability: over,
    confidence: certainty.map((chance) => 100 * chance),
    recommendation: Array.from(over, (chance, row) => {
      if (Number.isNaN(lines[row] ?? NaN)) return 'NO_LINE';
      // Without a spread there is no probability to go by.
      if (Number.isNaN(chance) || Math.max(chance, 1 - chance) < breakEven) return 'PASS';
      return chance > 0.5 ? 'OVER' : 'UNDER';
    }),
  };
}
