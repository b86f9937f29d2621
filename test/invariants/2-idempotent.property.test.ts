import { afterAll, expect } from 'vitest';
import { histories, relive } from '../model/history.ts';
import { contentsOf, sharedCache, withModel } from '../model/model-project.ts';
import { propertyTest } from '../support/property.ts';

const cache = sharedCache();
afterAll(cache.remove);

propertyTest(
  'invariant 2',
  'after any history, making everything again leaves every row as it was: nothing runs, by force all is unchanged',
  {
    cases: histories({ isPlain: false }, 2),
    runs: 3,
    secondsPerCase: 5,
    holds: (history) =>
      withModel(history.first, cache.path, async (both) => {
        await relive(both, history);
        const made = await both.run(both.everything());
        const before = await contentsOf(both.project);
        expect(new Set(before.rows).size).toBe(before.rows.length);
        const again = await both.run(both.everything());
        const isGood = made?.document.failures.length === 0;
        if (isGood)
          expect(again?.document).toMatchObject({ status: 'nothing-to-do', run_id: null });
        expect(again?.document.assets.filter((each) => each.materialized > 0)).toEqual([]);
        const forced = await both.run(both.everything({ force: true }));
        expect(forced?.document.assets.filter((each) => each.materialized > 0)).toEqual([]);
        expect(await contentsOf(both.project)).toEqual(before);
      }),
  },
);
