import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { explainCauses } from '../../engine/staleness/causes.ts';
import type { AssetEvaluation } from '../../engine/staleness/status.ts';
import { openStateStore } from '../../state/sqlite.ts';
import type { StateStore } from '../../state/store.ts';
import { propertyTest } from '../support/property.ts';
import { expectSameCauses } from './compare-causes.ts';
import { assetsOf, Both, histories } from './histories.ts';
import { naiveCauses } from './naive-causes.ts';

let folder = '';
let store: StateStore;
let cases = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fastbreak-causes-'));
  store = openStateStore(join(folder, 'state.sqlite'));
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** Holds the causes of every partition of one asset against the model's. */
function expectCauses(both: Both, of: AssetEvaluation, target: string): void {
  const { asset } = of;
  const indexes = [...of.expected.days.keys()];
  const explained = explainCauses({
    evaluation: both.evaluateAll(),
    codeVersions: both.live.codeVersions,
    reader: store,
    target,
    asset: asset.name,
    indexes,
    most: 100,
  });
  for (const index of indexes) {
    const where = `${asset.name} ${of.expected.days[index]}`;
    expectSameCauses(where, explained.get(index) ?? [], naiveCauses(both.model, asset, index));
  }
}

propertyTest(
  'causes against the model',
  'after any history the causes of every partition are the differences of its inputs then and now',
  {
    cases: histories,
    runs: 500,
    holds: ({ list, calendar, history }) => {
      const target = `case-${++cases}`;
      const both = new Both(assetsOf(list), calendar, { store, target });
      for (const edit of history) {
        both.apply(edit);
        for (const of of both.evaluate().values()) expectCauses(both, of, target);
      }
    },
  },
);
