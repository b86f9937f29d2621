import { PipelineError } from '../../engine/index.ts';
import type { FeatureSource } from './model-settings.ts';
import { unknownKey } from './setting-keys.ts';

/** What a system of predictions says under `settings:`. */
export interface PredictionSettings {
  /** `points_model` of the pipeline, or a file that somebody else trained. */
  readonly source: 'trained' | 'xgboost_json';
  readonly system: string;
  /** Id of the model among the rows of `models`. */
  readonly model: string;
  /** Relation of the trained models. */
  readonly models: string;
  readonly features: readonly FeatureSource[];
  readonly required: readonly string[];
  /** Relation with the lines. */
  readonly lines: string | undefined;
  /** Column of that relation with the line. */
  readonly lineColumn: string;
  /** Probability from which a side is recommended. */
  readonly breakEven: number;
  readonly file: string | undefined;
  readonly metadata: string | undefined;
  /** `YYYY-MM-DD`: an imported model has no rows for dates before it. */
  readonly from: string | undefined;
  /** What to do about a model that is missing or damaged. */
  readonly hint: (cutOff: string) => string;
}

/** At the real prices a bet pays from about this probability on (accuracy notes: 53.8 to 54.1 %). */
const BREAK_EVEN = 0.54;

const KEYS = [
  'source',
  'system',
  'model',
  'models',
  'metadata',
  'features',
  'required',
  'lines',
  'line_column',
  'break_even',
  'from',
];

/** @throws {PipelineError} that names the setting */
export function predictionSettings(
  settings: Readonly<Record<string, unknown>>,
): PredictionSettings {
  const key = unknownKey(settings, KEYS);
  if (key !== undefined) fault(key, settings[key], `no such setting; there are ${KEYS.join(', ')}`);
  const source = settings['source'] ?? 'trained';
  if (source !== 'trained' && source !== 'xgboost_json') {
    fault('source', source, 'trained or xgboost_json');
  }
  const system = textOf(settings['system'], 'system');
  const models = source === 'trained' ? textOf(settings['models'], 'models') : '';
  const file = source === 'trained' ? undefined : textOf(settings['model'], 'model');
  return {
    source,
    system,
    model: textOf(settings['model'] ?? system, 'model'),
    models,
    features: featuresOf(settings['features']),
    required: textsOf(settings['required'] ?? [], 'required'),
    lines: optional(settings, 'lines', textOf),
    lineColumn: textOf(settings['line_column'] ?? 'points_line', 'line_column'),
    breakEven: numberOf(settings['break_even'] ?? BREAK_EVEN, 'break_even'),
    file,
    metadata: optional(settings, 'metadata', textOf),
    from: optional(settings, 'from', dateOf),
    hint: (cutOff) =>
      source === 'trained'
        ? `fastbreak materialize ${models} --partitions ${cutOff} --force trains it again`
        : `save ${file} and its metadata again from what trained it`,
  };
}

function optional<T>(
  settings: Readonly<Record<string, unknown>>,
  setting: string,
  read: (value: unknown, setting: string) => T,
): T | undefined {
  return settings[setting] === undefined ? undefined : read(settings[setting], setting);
}

function featuresOf(value: unknown): FeatureSource[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fault('features', value, 'lists of names by relation');
  }
  return Object.entries(value).map(([relation, names]) => ({
    relation,
    names: textsOf(names, `features.${relation}`),
  }));
}

function textsOf(value: unknown, setting: string): string[] {
  if (!Array.isArray(value)) return fault(setting, value, 'a list of names');
  return value.map((item) => textOf(item, setting));
}

function textOf(value: unknown, setting: string): string {
  return typeof value === 'string' && value !== '' ? value : fault(setting, value, 'a name');
}

function dateOf(value: unknown, setting: string): string {
  const isDate = typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
  return isDate ? value : fault(setting, value, 'a date as 2024-01-01');
}

function numberOf(value: unknown, setting: string): number {
  return typeof value === 'number' ? value : fault(setting, value, 'a number');
}

function fault(setting: string, found: unknown, expected: string): never {
  throw new PipelineError(
    `settings.${setting} is ${JSON.stringify(found) ?? 'not there'}, expected ${expected}`,
    { code: 'BAD_PREDICTION_SETTINGS', hint: 'docs/models.md lists the settings of a system' },
  );
}
