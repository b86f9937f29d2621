import fc from 'fast-check';
import { expect } from 'vitest';
import { formatDay } from '../../engine/partitions/date.ts';
import { STATUS_NAMES } from '../../engine/staleness/status.ts';
import { propertyTest } from '../support/property.ts';
import { assetsOf, Both, histories } from './histories.ts';

/** Every partition with its status and whether it may change, from the engine and from the model. */
function statuses(both: Both): { readonly engine: string[]; readonly naive: string[] } {
  const engine: string[] = [];
  const naive: string[] = [];
  for (const of of both.evaluate().values()) {
    for (const [index, day] of of.expected.days.entries()) {
      const name = `${of.asset.name} ${formatDay(day)}`;
      const may = of.mayChange[index] === 1 ? ', may change' : '';
      engine.push(`${name} ${STATUS_NAMES[of.status[index] ?? -1] ?? '?'}${may}`);
      const naiveMay = both.model.mayChange(of.asset, index) ? ', may change' : '';
      naive.push(`${name} ${both.model.status(of.asset, index)}${naiveMay}`);
    }
  }
  return { engine, naive };
}

propertyTest(
  'status against the model',
  'after any history the status of every partition is what the naive model says',
  {
    cases: histories,
    runs: 2000,
    holds: ({ list, calendar, history }) => {
      const both = new Both(assetsOf(list), calendar);
      for (const edit of history) {
        both.apply(edit);
        const { engine, naive } = statuses(both);
        expect(engine).toEqual(naive);
      }
    },
  },
);

propertyTest(
  'invariant 5: content written again',
  'after any history, upstream content written again unchanged makes nothing else stale',
  {
    cases: fc.record({ of: histories, asset: fc.integer({ min: 0, max: 4 }) }),
    runs: 1000,
    holds: ({ of: { list, calendar, history }, asset }) => {
      const both = new Both(assetsOf(list), calendar);
      for (const edit of history) both.apply(edit);
      const name = both.model.pipeline.assets[asset]?.name;
      const others = (): string[] =>
        [...both.evaluate().values()]
          .filter((of) => of.asset.name !== name)
          .flatMap((of) =>
            [...of.status].map((status, at) =>
              // A failed upstream partition that is written again unblocks; only staleness is at stake here.
              status === 1 ? `${of.asset.name} ${of.expected.days[at]} stale` : '',
            ),
          )
          .filter((text) => text !== '');
      const before = new Set(others());
      const wasBlocked = new Set(blockedContent(both));
      const partitions = Array.from({ length: 25 }, (_, index) => index);
      both.apply({ type: 'outcomes', asset, partitions, kind: 'same', value: 1 });
      const added = others().filter((each) => !before.has(each) && !wasBlocked.has(each));
      expect(added).toEqual([]);
    },
  },
);

/** Partitions that are blocked although they have content: they were stale before they were blocked. */
function blockedContent(both: Both): string[] {
  return [...both.evaluate().values()].flatMap((of) =>
    [...of.status].flatMap((status, at) =>
      status === 4 ? [`${of.asset.name} ${of.expected.days[at]} stale`] : [],
    ),
  );
}
