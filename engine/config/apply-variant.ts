import type { Diagnostic } from '../diagnostics.ts';
import type { SettingValue } from './pipeline.ts';
import { Problems } from './problems.ts';
import type { Variant } from './variant.ts';

export type Settings = Readonly<Record<string, SettingValue>>;

/** What the names of a variant may be. */
export interface VariantScope {
  /** The settings as declared. */
  readonly settings: Settings;
  /** The model that the settings are narrowed to; undefined where they have no `models`. */
  readonly model: string | undefined;
  /** Settings that a model may have, beside those that are declared. */
  readonly modelSettings: readonly string[];
  /** The same of the settings around the models. */
  readonly assetSettings: readonly string[];
  /** Numeric columns by relation that the asset reads. */
  readonly features: ReadonlyMap<string, readonly string[]>;
}

export type VariantResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Names of the models under `settings.models`; empty where there are none. */
export function modelNames(settings: Settings): readonly string[] {
  const { models } = settings;
  return isMap(models) ? Object.keys(models) : [];
}

/** The settings with one of their models only; as they are where the model is undefined. */
export function narrowed(settings: Settings, model: string | undefined): Settings {
  if (model === undefined || !isMap(settings['models'])) return settings;
  const own = settings['models'][model];
  return { ...settings, models: own === undefined ? {} : { [model]: own } };
}

/** The settings, narrowed to a model and changed as a variant says; names that nothing has come back with their places. */
export function applyVariant(variant: Variant, scope: VariantScope): VariantResult {
  const problems = new Problems(variant.document);
  const model = variant.model ?? scope.model;
  const known = modelNames(scope.settings);
  if (model !== undefined && !known.includes(model)) {
    problems.unknown({ what: 'model', name: model, known, path: ['model'] });
    return { ok: false, diagnostics: problems.diagnostics };
  }
  const settings = structuredClone(narrowed(scope.settings, model)) as Record<string, SettingValue>;
  const place = placeOf(settings, model);
  changeFeatures(place, variant, { scope, problems });
  changeSettings({ settings, place, isModel: model !== undefined }, variant, { scope, problems });
  const { diagnostics } = problems;
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, settings };
}

type Changing = Record<string, SettingValue>;

interface Around {
  readonly scope: VariantScope;
  readonly problems: Problems;
}

/** Where the features stand: in the model, or in the settings themselves. */
function placeOf(settings: Changing, model: string | undefined): Changing {
  const { models } = settings;
  if (model === undefined || !isMap(models)) return settings;
  const own = models[model];
  // The settings are a copy of this function's caller.
  return isMap(own) ? (own as Changing) : settings;
}

function changeFeatures(place: Changing, variant: Variant, { scope, problems }: Around): void {
  const lists = featureLists(place);
  const own = [...lists.values()].flat();
  variant.drop.forEach((name, at) => {
    if (!own.includes(name)) {
      problems.unknown({ what: 'feature', name, known: own, path: ['drop', at] });
    }
  });
  for (const [relation, names] of Object.entries(variant.add)) {
    const columns = scope.features.get(relation);
    if (columns === undefined) {
      const known = [...scope.features.keys()];
      problems.unknown({
        what: 'relation',
        name: relation,
        known,
        path: ['add', relation],
        atKey: true,
      });
      continue;
    }
    const before = lists.get(relation) ?? [];
    lists.set(relation, [...before, ...names]);
    names.forEach((name, at) =>
      checkAdded({ name, isThere: own.includes(name), columns }, ['add', relation, at], problems),
    );
  }
  if (variant.drop.length === 0 && Object.keys(variant.add).length === 0) return;
  const kept = Array.from(lists, ([relation, names]) => [
    relation,
    names.filter((name) => !variant.drop.includes(name)),
  ]);
  place['features'] = Object.fromEntries(
    kept.filter(([, names]) => (names?.length ?? 0) > 0),
  ) as SettingValue;
  for (const key of Object.keys(place)) {
    if (key === 'features' || key === 'target' || key === 'trainers') continue;
    const value = place[key];
    if (value !== undefined) place[key] = withoutNames(value, new Set(variant.drop));
  }
}

function checkAdded(
  {
    name,
    isThere,
    columns,
  }: { readonly name: string; readonly isThere: boolean; readonly columns: readonly string[] },
  path: readonly (string | number)[],
  problems: Problems,
): void {
  if (!columns.includes(name)) problems.unknown({ what: 'feature', name, known: columns, path });
  if (!isThere) return;
  problems.add({
    code: 'FEATURE_TWICE',
    message: `the model has the feature "${name}" already`,
    path,
    hint: 'take it out of add:',
  });
}

/** What else names a dropped feature in lists and maps goes with it, e.g. its default. */
function withoutNames(value: SettingValue, names: ReadonlySet<string>): SettingValue {
  if (Array.isArray(value)) {
    const items: readonly SettingValue[] = value;
    return items.filter((item) => typeof item !== 'string' || !names.has(item));
  }
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name)));
}

function changeSettings(
  to: { readonly settings: Changing; readonly place: Changing; readonly isModel: boolean },
  { set }: Variant,
  { scope, problems }: Around,
): void {
  const ofModel = to.isModel ? [...Object.keys(to.place), ...scope.modelSettings] : [];
  const ofAsset = [...Object.keys(to.settings), ...scope.assetSettings].filter(
    (name) => name !== 'models',
  );
  for (const [name, value] of Object.entries(set)) {
    const into = ofModel.includes(name) ? to.place : to.settings;
    if (into === to.settings && !ofAsset.includes(name)) {
      const known = [...new Set([...ofModel, ...ofAsset])];
      problems.unknown({ what: 'setting', name, known, path: ['set', name], atKey: true });
    } else if (value === null) {
      delete into[name];
    } else {
      // YAML holds nothing else than settings may.
      into[name] = value as SettingValue;
    }
  }
}

function featureLists(place: Changing): Map<string, readonly string[]> {
  const { features } = place;
  if (!isMap(features)) return new Map();
  return new Map(
    Object.entries(features).map(([relation, names]) => [
      relation,
      Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [],
    ]),
  );
}

function isMap(value: unknown): value is Readonly<Record<string, SettingValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
