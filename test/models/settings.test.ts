import { expect, test } from 'vitest';

import { trainingSettings } from '../../assets/models/model-settings.ts';
import { predictionSettings } from '../../assets/models/prediction-settings.ts';

const MODEL = {
  target: 'points',
  trainers: ['ridge'],
  tier: 'average',
  features: { form: ['average', 'rate'] },
};

function training(changes: object, settings: object = {}): unknown {
  return trainingSettings({ models: { points_v1: { ...MODEL, ...changes } }, ...settings });
}

test('settings that are right are read, with defaults for the others', () => {
  expect(training({ trees: 80 })).toMatchObject({
    seed: 42,
    models: [{ id: 'points_v1', trees: 80, largest: 60, target: ['points'] }],
  });
});

test.each([
  [
    { tress: 80 },
    {},
    /settings\.models\.points_v1\.tress is not a setting, expected one of target/,
  ],
  [{}, { sed: 7 }, /settings\.sed is not a setting, expected one of seed/],
  [{ rate: 'ratio' }, {}, /points_v1\.rate is "ratio", expected one of its features/],
  [{ trainers: ['forest'] }, {}, /trainers is "forest", expected boosting, ridge, minutes_rate/],
])('a model with %o %o is refused by name', (changes, settings, message) => {
  expect(() => training(changes, settings)).toThrow(message);
});

test('a misspelt setting of a system is refused with those that there are', () => {
  const settings = { system: 'a', models: 'm', features: { form: ['average'] } };
  expect(predictionSettings(settings)).toMatchObject({ system: 'a', lineColumn: 'points_line' });
  expect(() => predictionSettings({ ...settings, brake_even: 0.6 })).toThrow(
    /settings\.brake_even is 0\.6, expected no such setting; there are source, system/,
  );
});
