import { afterAll } from 'vitest';
import { histories, relive } from '../model/history.ts';
import { sharedCache, withModel } from '../model/model-project.ts';
import { propertyTest } from '../support/property.ts';

const cache = sharedCache();
afterAll(cache.remove);

propertyTest(
  'all invariants against the model',
  'after every run of any history outcomes, counts, rows, claims, statuses and causes are those of the naive model',
  {
    cases: histories({ isPlain: false }, 5),
    runs: 10,
    secondsPerCase: 5,
    holds: (history) =>
      withModel(history.first, cache.path, async (both) => {
        await relive(both, history);
        await both.run(both.everything());
      }),
  },
);
