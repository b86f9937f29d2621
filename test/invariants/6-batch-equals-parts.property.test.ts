import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import { type History, histories, worldsOf } from '../model/history.ts';
import { type ModelProject, sharedCache, withModel } from '../model/model-project.ts';
import { requestOf } from '../model/world-edits.ts';
import type { World } from '../model/world.ts';
import { propertyTest } from '../support/property.ts';

const cache = sharedCache();
afterAll(cache.remove);

/** The data versions after every run of a history, all of it in batches of one size. */
async function versionsInBatches(history: History, batch: number | undefined): Promise<unknown[]> {
  const inBatches = (world: World): World => ({ ...world, batch });
  return withModel(inBatches(history.first), cache.path, async (both) => {
    const versions: unknown[] = [];
    const run = async (request = both.everything()): Promise<void> => {
      await both.run(request);
      versions.push(await both.dataVersions());
    };
    for (const [at, world] of worldsOf(history).entries()) {
      both.edit(inBatches(world));
      const how = at === 0 ? history.firstRun : history.history[at - 1]?.run;
      await run(how && requestOf(how, world));
    }
    return versions;
  });
}

propertyTest(
  'invariant 6: batches',
  'the same history in batches of one, of three and in one piece gives the same data versions after every run',
  {
    cases: histories({ isPlain: false }, 2),
    runs: 2,
    secondsPerCase: 10,
    holds: async (history) => {
      const whole = await versionsInBatches(history, undefined);
      expect(await versionsInBatches(history, 1)).toEqual(whole);
      expect(await versionsInBatches(history, 3)).toEqual(whole);
    },
  },
);

/** Makes a world in pieces: a run for each date, in a random order, and one for what has no dates. */
async function inPieces(both: ModelProject, order: readonly number[]): Promise<void> {
  await both.run(both.everything({ assets: ['games'] }));
  const dates = [...new Set(both.naive.world.rows.map((row) => row.date))].sort();
  const shuffled = dates.toSorted(
    (a, b) => (order[dates.indexOf(a)] ?? 0) - (order[dates.indexOf(b)] ?? 0),
  );
  for (const date of shuffled) await both.run(both.everything({ range: [date, date] }));
  await both.run(both.everything());
}

propertyTest(
  'invariant 6: date by date',
  'date by date in any order comes to the same data versions as all at once',
  {
    cases: fc.record({
      history: histories({ isPlain: true }, 0),
      order: fc.array(fc.nat(100), { minLength: 12, maxLength: 12 }),
    }),
    runs: 1,
    secondsPerCase: 10,
    holds: async ({ history: { first }, order }) => {
      const whole = await withModel(first, cache.path, async (both) => {
        await both.run(both.everything());
        return both.dataVersions();
      });
      await withModel(first, cache.path, async (both) => {
        await inPieces(both, order);
        expect(await both.dataVersions()).toEqual(whole);
      });
    },
  },
);
