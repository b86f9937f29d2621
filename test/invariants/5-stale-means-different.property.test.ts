import fc from 'fast-check';
import { afterAll, expect } from 'vitest';
import type { Day } from '../../engine/partitions/date.ts';
import { unsafeRunId } from '../../engine/ids.ts';
import { histories, relive } from '../model/history.ts';
import { type ModelProject, sharedCache, withModel } from '../model/model-project.ts';
import { edited, edits } from '../model/world-edits.ts';
import type { World } from '../model/world.ts';
import { LAYOUTS } from '../model/world-files.ts';
import { propertyTest } from '../support/property.ts';
import type { RunOutcome } from '../support/project.ts';

const cache = sharedCache();
afterAll(cache.remove);

propertyTest(
  'invariant 5: the same in other words',
  'after any history, other layouts of the SQL, names of CTEs, order of rows and batches leave all that was current so',
  {
    cases: fc.record({
      history: histories({ isPlain: true }, 1),
      layouts: fc.array(fc.nat(LAYOUTS.length - 1), { minLength: 4, maxLength: 4 }),
      batch: fc.constantFrom(undefined, 1, 2),
    }),
    runs: 3,
    secondsPerCase: 5,
    holds: ({ history, layouts, batch }) =>
      withModel(history.first, cache.path, async (both) => {
        const world = await relive(both, history);
        await both.run(both.everything());
        const assets = world.assets.map((asset, at) => ({ ...asset, layout: layouts[at] ?? 0 }));
        both.edit({ ...world, assets, batch, rows: world.rows.toReversed() });
        const [, ...names] = both.everything().assets;
        for (const name of names) {
          const statuses = new Set(Object.values(await both.project.status(name)));
          expect([name, ...statuses]).toEqual([name, 'current']);
        }
        const { document } = await both.project.materialize();
        for (const asset of document.assets) {
          const { name, materialized, unchanged, failed } = asset;
          // The file has other bytes: the source is read again, and found to hold the same.
          if (name === 'games') expect(asset).toMatchObject({ materialized: 0, failed: 0 });
          else expect([name, materialized, unchanged, failed]).toEqual([name, 0, 0, 0]);
        }
      }),
  },
);

/** What a run wrote or looked at: per asset the day and how it ended, as recorded. */
async function outcomesOf(
  both: ModelProject,
  outcome: RunOutcome | undefined,
): Promise<Map<string, Map<Day, string>>> {
  const outcomes = new Map<string, Map<Day, string>>();
  const reader = await both.openReader();
  try {
    const runId = outcome?.document.run_id;
    for (const { asset, day, type } of runId ? reader.eventsOfRun(unsafeRunId(runId)) : []) {
      outcomes.set(asset, (outcomes.get(asset) ?? new Map<Day, string>()).set(day, type));
    }
  } finally {
    reader.close();
  }
  return outcomes;
}

/** Row edits alone: no code changes, and the calendar stays. */
const values = fc.record({
  at: fc.nat(20),
  points: fc.nat(9),
  type: fc.constant('value' as const),
});

propertyTest(
  'invariant 5: early cutoff',
  'after values changed, a partition is made again if and only if something in a window of it came out different',
  {
    cases: fc.record({
      history: histories({ isPlain: true }, 0),
      changes: fc.array(values, { minLength: 1, maxLength: 2 }),
    }),
    runs: 3,
    secondsPerCase: 5,
    holds: ({ history, changes }) =>
      withModel(history.first, cache.path, async (both) => {
        await both.run(both.everything());
        let world: World = history.first;
        for (const change of changes) world = edited(history.first, world, change);
        both.edit(world);
        const outcomes = await outcomesOf(both, await both.run(both.everything()));
        const { model } = both.naive;
        for (const asset of model.pipeline.assets.slice(1)) {
          for (const index of model.expected(asset).days.keys()) {
            const isMade = outcomes.get(asset.name)?.has(model.dayAt(asset, index)) ?? false;
            const isFed = asset.upstream.some((edge) => {
              const source = model.asset(edge.asset);
              return model
                .upstreamPartitions(asset, edge, index)
                .some(
                  (at) => outcomes.get(edge.asset)?.get(model.dayAt(source, at)) === 'materialized',
                );
            });
            const where = `${asset.name} ${model.dayAt(asset, index)}`;
            expect([where, isMade]).toEqual([where, isFed]);
          }
        }
      }),
  },
);

propertyTest(
  'invariant 5: a way back',
  'whatever was done and undone, all that was current before is current with the same data versions',
  {
    cases: fc.record({
      history: histories({ isPlain: true }, 0),
      change: fc.array(edits({ isPlain: true }), { minLength: 1, maxLength: 3 }),
    }),
    runs: 2,
    secondsPerCase: 5,
    holds: ({ history: { first }, change }) =>
      withModel(first, cache.path, async (both) => {
        await both.run(both.everything());
        const before = await both.dataVersions();
        let world = first;
        for (const edit of change) world = edited(first, world, edit);
        both.edit(world);
        await both.run(both.everything());
        both.edit(first);
        await both.run(both.everything());
        expect(await both.dataVersions()).toEqual(before);
      }),
  },
);
