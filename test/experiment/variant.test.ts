import { describe, expect, test } from 'vitest';
import { settingNames } from '../../assets/models/points_model.evaluate.ts';
import { trainingSettings } from '../../assets/models/model-settings.ts';
import {
  applyVariant,
  type Settings,
  type VariantScope,
} from '../../engine/config/apply-variant.ts';
import { readVariant } from '../../engine/config/variant.ts';

const SMALL = {
  target: 'points',
  trainers: ['boosting'],
  tier: 'average',
  required: ['form'],
  roots: ['form', 'average'],
  defaults: { form: 1, rest: 2 },
  max_default_share: { form: 0.5 },
  features: { basics: ['average', 'form'], situation: ['rest'] },
};

const SETTINGS: Settings = {
  seed: 42,
  models: {
    small: SMALL,
    other: { target: 'minutes', features: { basics: ['average'] } },
  },
};

const SCOPE: VariantScope = {
  settings: SETTINGS,
  model: 'small',
  modelSettings: settingNames.model,
  assetSettings: settingNames.asset,
  features: new Map([
    ['basics', ['average', 'form', 'spread']],
    ['situation', ['rest', 'at_home']],
  ]),
};

function changed(text: string, scope: Partial<VariantScope> = {}): Settings {
  const read = readVariant('v.yaml', text);
  if (!read.ok) throw new Error(read.diagnostics.map(({ message }) => message).join('\n'));
  const applied = applyVariant(read.variant, { ...SCOPE, ...scope });
  if (!applied.ok) throw new Error(applied.diagnostics.map(({ message }) => message).join('\n'));
  return applied.settings;
}

/** Line and message of everything that is wrong. */
function faults(text: string, scope: Partial<VariantScope> = {}): string[] {
  const read = readVariant('v.yaml', text);
  const result = read.ok ? applyVariant(read.variant, { ...SCOPE, ...scope }) : read;
  if (result.ok) throw new Error('nothing is wrong');
  return result.diagnostics.map(({ range, message }) => `${range?.line}: ${message}`);
}

describe('a variant', () => {
  test('drops features, and with them what else names them', () => {
    expect(changed('drop: [form, rest]')).toEqual({
      seed: 42,
      models: {
        small: {
          target: 'points',
          trainers: ['boosting'],
          tier: 'average',
          required: [],
          roots: ['average'],
          defaults: {},
          max_default_share: {},
          features: { basics: ['average'] },
        },
      },
    });
  });

  test('adds features of relations that the asset reads', () => {
    const { models } = changed('add: { situation: [at_home], basics: [spread] }');
    expect(models).toMatchObject({
      small: {
        features: { basics: ['average', 'form', 'spread'], situation: ['rest', 'at_home'] },
      },
    });
    const other = changed('model: other\nadd: { situation: [rest] }');
    expect(other['models']).toEqual({
      other: { target: 'minutes', features: { basics: ['average'], situation: ['rest'] } },
    });
  });

  test('sets what the model has, what it may have, and what stands around the models', () => {
    const found = changed(
      'set: { trees: 90, trainers: [ridge], seed: 7, min_rows: 3, roots: null }',
    );
    expect(found).toMatchObject({ seed: 7, min_rows: 3 });
    expect(found['models']).toMatchObject({ small: { trees: 90, trainers: ['ridge'] } });
    expect(JSON.stringify(found)).not.toContain('roots');
  });

  test('leaves the declared settings alone', () => {
    const before = structuredClone(SETTINGS);
    changed('drop: [form]\nset: { seed: 1, trees: 2, defaults: {} }');
    expect(SETTINGS).toEqual(before);
  });

  test('works on settings without models', () => {
    const settings = { weight: 1, features: { basics: ['average', 'form'] } };
    const scope = { settings, model: undefined, modelSettings: [], assetSettings: [] };
    expect(changed('drop: [form]\nset: { weight: 2 }', scope)).toEqual({
      weight: 2,
      features: { basics: ['average'] },
    });
    expect(faults('set: { wieght: 2 }', scope)).toEqual([
      '1: unknown setting "wieght", did you mean "weight"?',
    ]);
  });

  test('names every mistake with its place and the nearest name', () => {
    const text = [
      'drop: [fform]',
      'add:',
      '  baiscs: [average]',
      '  situation: [at_hme, rest]',
      'set:',
      '  tres: 4',
      '  sed: 4',
    ].join('\n');
    expect(faults(text)).toEqual([
      '1: unknown feature "fform", did you mean "form"?',
      '3: unknown relation "baiscs", did you mean "basics"?',
      '4: unknown feature "at_hme", did you mean "at_home"?',
      '4: the model has the feature "rest" already',
      '6: unknown setting "tres", did you mean "trees"?',
      '7: unknown setting "sed", did you mean "seed"?',
    ]);
    expect(faults('model: smal')).toEqual(['1: unknown model "smal", did you mean "small"?']);
    expect(faults('set: { models: {} }')[0]).toContain('unknown setting "models"');
  });

  test.each([
    ['drpo: [form]', '1: unknown key "drpo", did you mean "drop"?'],
    ['drop: form', '1: expected a list of names, found "form"'],
    ['drop: [[form]]', '1: expected a name, found ["form"]'],
    ['add: [form]', '1: expected a map, found ["form"]'],
    ['- form', '1: expected a map, found ["form"]'],
    ['\nset: 3', '2: expected a map, found 3'],
    ['model: 3', '1: expected a name, found 3'],
  ])('of another form is refused: %j', (text, message) => {
    expect(faults(text)).toEqual([message]);
  });

  test('that is no YAML is refused with its place', () => {
    expect(faults('drop: [form')[0]).toMatch(/^\d: /);
  });

  test('may be empty', () => {
    expect(changed('# as declared\n')).toEqual({
      seed: 42,
      models: { small: SMALL },
    });
  });
});

test('the settings that variants may name are those that training reads', () => {
  const read = { asset: new Set<string>(), model: new Set<string>() };
  const watched = (value: object, names: Set<string>): Record<string, unknown> =>
    new Proxy(value as Record<string, unknown>, {
      get: (target, name) => {
        if (typeof name === 'string') names.add(name);
        return target[String(name)];
      },
    });
  const model = { target: 'points', trainers: [], tier: 'a', features: { basics: ['a'] } };
  trainingSettings(watched({ models: { one: watched(model, read.model) } }, read.asset));
  read.asset.delete('models');
  expect([...read.asset].toSorted()).toEqual([...settingNames.asset].toSorted());
  expect([...read.model].toSorted()).toEqual([...settingNames.model].toSorted());
});
