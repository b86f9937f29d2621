import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseXgboost } from '../../assets/models/xgboost-json.ts';
import {
  columnsOf,
  KEPT,
  modelText,
  predictionsIn,
  pythonWithXgboost,
  trainInto,
} from './xgboost-fixture.ts';

const python = pythonWithXgboost();
const without = python === undefined ? ' (skipped: no python3 with xgboost)' : '';

function expectSameAsXgboost(folder: string): void {
  const { features, predictions, best_iteration } = predictionsIn(folder);
  const columns = columnsOf(features);
  expect(features.length).toBe(200);
  for (const [name, expected] of Object.entries(predictions)) {
    const isBest = name.endsWith('-best');
    const text = modelText(name.replace(/-best$/, ''), folder);
    const model = parseXgboost(text, isBest ? best_iteration + 1 : undefined);
    const found = model.predict(columns, features.length);
    const off = Array.from(found, (value, row) => Math.abs(value - (expected[row] ?? NaN)));
    expect(Math.max(...off), name).toBeLessThan(1e-5);
  }
  // Otherwise nothing would have been compared.
  expect(Object.keys(predictions).length).toBe(12);
  expect(predictions['stopped-booster']).not.toEqual(predictions['stopped-booster-best']);
}

test('every kind of model that is read predicts 200 rows as XGBoost 1.7.4 does', () => {
  expectSameAsXgboost(KEPT);
});

test('the rows of the comparison have missing values, and values that lie on a split', () => {
  const { features } = predictionsIn(KEPT);
  const missing = features.flat().filter((value) => value === null).length;
  expect(missing).toBeGreaterThan(100);
  const { learner } = JSON.parse(modelText('forest')) as {
    readonly learner: {
      readonly gradient_booster: {
        readonly model: { readonly trees: readonly Readonly<Record<string, number[]>>[] };
      };
    };
  };
  const onSplit = learner.gradient_booster.model.trees.flatMap((tree) =>
    (tree['left_children'] ?? []).flatMap((left, node) => {
      const at = tree['split_indices']?.[node] ?? 0;
      const condition = Math.fround(tree['split_conditions']?.[node] ?? 0);
      return left === -1 ? [] : features.filter((row) => Math.fround(row[at] ?? NaN) === condition);
    }),
  );
  expect(onSplit.length).toBeGreaterThan(10);
});

test.skipIf(python === undefined)(
  `models that XGBoost trains now predict as it does${without}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'xgboost-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    trainInto(python ?? '', folder);
    expectSameAsXgboost(folder);
  },
);
