import { PipelineError } from '../../engine/index.ts';
import type { TrainerName } from './trainer.ts';
import { unknownKey } from './setting-keys.ts';
import { TRAINERS } from './trainers.ts';

/** One model of `settings.models`. */
export interface ModelSettings {
  readonly id: string;
  /** What is predicted: a column of the outcomes, or several that are added. */
  readonly target: readonly string[];
  /** Names of features by the relation that has them, in the order of the model. */
  readonly features: readonly FeatureSource[];
  readonly trainers: readonly TrainerName[];
  readonly trees: number;
  readonly rate: string | undefined;
  /** Features that are volumes: a linear member takes in their square roots too. */
  readonly roots: readonly string[];
  readonly tierFeature: string;
  /** Largest outcome that is predicted. */
  readonly largest: number;
  /** What stands in for a feature that is not known. */
  readonly defaults: Readonly<Record<string, number>>;
  /** Largest share of training rows in which a feature may be stood in for. */
  readonly maxDefaultShare: Readonly<Record<string, number>>;
  /** Features without which a row is neither trained on nor predicted. */
  readonly required: readonly string[];
}

export interface FeatureSource {
  readonly relation: string;
  readonly names: readonly string[];
}

export interface TrainingSettings {
  readonly seed: number;
  readonly minRows: number;
  /** Games of the season that a player must have had for a row to be trained on. */
  readonly minSeasonGames: number;
  readonly models: readonly ModelSettings[];
}

/** Settings of the asset, and of each of its models. */
export const ASSET_KEYS = ['seed', 'min_rows', 'min_season_games'] as const;
export const MODEL_KEYS = [
  'target',
  'features',
  'trainers',
  'trees',
  'rate',
  'roots',
  'tier',
  'largest',
  'required',
  'defaults',
  'max_default_share',
] as const;

/**
 * Reads what the asset's `settings:` say.
 * @throws {PipelineError} that names the setting, what was found and what is expected
 */
export function trainingSettings(settings: Readonly<Record<string, unknown>>): TrainingSettings {
  refuseUnknown(settings, [...ASSET_KEYS, 'models'], 'settings');
  const models = mapOf(settings['models'], 'settings.models');
  return {
    seed: numberOf(settings['seed'] ?? 42, 'settings.seed'),
    minRows: numberOf(settings['min_rows'] ?? 1500, 'settings.min_rows'),
    minSeasonGames: numberOf(settings['min_season_games'] ?? 3, 'settings.min_season_games'),
    models: Object.entries(models).map(([id, model]) => modelSettings(id, model)),
  };
}

function modelSettings(id: string, value: unknown): ModelSettings {
  const at = `settings.models.${id}`;
  const model = mapOf(value, at);
  refuseUnknown(model, MODEL_KEYS, at);
  const features = Object.entries(mapOf(model['features'], `${at}.features`)).map(
    ([relation, names]) => ({ relation, names: textsOf(names, `${at}.features.${relation}`) }),
  );
  const names = features.flatMap((source) => source.names);
  const known = (name: string, setting: string): string =>
    names.includes(name) ? name : fault(setting, `"${name}"`, 'one of its features');
  const twice = names.find((name, position) => names.indexOf(name) !== position);
  if (twice !== undefined) fault(`${at}.features`, `"${twice}" twice`, 'every feature once');
  return {
    id,
    target: textsOf(model['target'], `${at}.target`),
    features,
    trainers: textsOf(model['trainers'], `${at}.trainers`).map((name) => trainerOf(name, at)),
    trees: numberOf(model['trees'] ?? 250, `${at}.trees`),
    rate: model['rate'] === undefined ? undefined : known(String(model['rate']), `${at}.rate`),
    roots: textsOf(model['roots'] ?? [], `${at}.roots`).map((name) => known(name, `${at}.roots`)),
    tierFeature: known(String(model['tier']), `${at}.tier`),
    largest: numberOf(model['largest'] ?? 60, `${at}.largest`),
    defaults: numbersOf(model['defaults'], `${at}.defaults`, known),
    maxDefaultShare: numbersOf(model['max_default_share'], `${at}.max_default_share`, known),
    required: textsOf(model['required'] ?? [], `${at}.required`).map((name) =>
      known(name, `${at}.required`),
    ),
  };
}

function refuseUnknown(
  settings: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
  at: string,
): void {
  const key = unknownKey(settings, allowed);
  if (key !== undefined) fault(`${at}.${key}`, 'not a setting', `one of ${allowed.join(', ')}`);
}

function trainerOf(name: string, at: string): TrainerName {
  if (Object.hasOwn(TRAINERS, name)) return name as TrainerName;
  return fault(`${at}.trainers`, `"${name}"`, Object.keys(TRAINERS).join(', '));
}

function mapOf(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  return fault(at, JSON.stringify(value) ?? 'nothing', 'a map');
}

function textsOf(value: unknown, at: string): string[] {
  const list: unknown[] = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
  if (list.length === 0 && !Array.isArray(value)) {
    fault(at, JSON.stringify(value) ?? 'nothing', 'a list of names');
  }
  return list.map((item) =>
    typeof item === 'string' ? item : fault(at, JSON.stringify(item), 'names'),
  );
}

function numberOf(value: unknown, at: string): number {
  return typeof value === 'number' ? value : fault(at, JSON.stringify(value), 'a number');
}

function numbersOf(
  value: unknown,
  at: string,
  known: (name: string, setting: string) => string,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(mapOf(value ?? {}, at)).map(([name, number]) => [
      known(name, at),
      numberOf(number, `${at}.${name}`),
    ]),
  );
}

function fault(setting: string, found: string, expected: string): never {
  throw new PipelineError(`${setting} is ${found}, expected ${expected}`, {
    code: 'BAD_MODEL_SETTINGS',
    hint: 'docs/models.md lists the settings of a model',
  });
}
