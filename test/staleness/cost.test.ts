import { expect, test } from 'vitest';
import * as calendar from '../../engine/partitions/calendar.ts';
import { unsafeAssetName } from '../../engine/ids.ts';
import { evaluateGraph } from '../../engine/staleness/status.ts';
import type { Window } from '../../engine/partitions/window.ts';
import { compiledAsset, compiledPipeline, reads } from './pipelines.ts';

const WINDOWS: readonly Window[] = [
  { type: 'same' },
  { type: 'before_days', days: 7 },
  { type: 'before_partitions', partitions: 500 },
  { type: 'before_all' },
];

/** A chain of assets, each with one window on the one before. */
function chain(length: number) {
  const assets = Array.from({ length }, (_, index) =>
    compiledAsset(`a${index}`, {
      partitionSet: 'days',
      upstream: index === 0 ? [] : [reads(`a${index - 1}`, WINDOWS[index % 4] ?? WINDOWS[0]!)],
    }),
  );
  const pipeline = compiledPipeline(assets);
  const snapshot = {
    codeVersions: [],
    records: new Map(),
    calendars: new Map(),
    observations: new Map(),
  };
  return evaluateGraph({ pipeline, snapshot, today: 0 });
}

test('the windows of a hundred assets on one calendar are worked out once per kind', () => {
  const { assets } = chain(100);
  const ranges = [...assets.values()].flatMap((of) => of.edges.map((edge) => edge.ranges));
  expect(ranges).toHaveLength(99);
  expect(new Set(ranges).size).toBe(WINDOWS.length);
});

test('assets of other partitions do not share windows', () => {
  const day = compiledAsset('by_day', { partitionSet: 'days' });
  const readers = ['days', 'months'].map((partitionSet) =>
    compiledAsset(`of_${partitionSet}`, {
      partitionSet,
      upstream: [reads('by_day', { type: 'before_all' })],
    }),
  );
  const days = calendar.everyDay(19_724, 19_736);
  const dates = { ...days, name: 'dates', fingerprint: '' };
  const { assets } = evaluateGraph({
    pipeline: compiledPipeline([day, ...readers]),
    snapshot: {
      codeVersions: [],
      records: new Map(),
      calendars: new Map([['dates', dates]]),
      observations: new Map(),
    },
    today: 0,
  });
  const rangesOf = (name: string) => assets.get(unsafeAssetName(name))?.edges[0]?.ranges;
  expect(rangesOf('of_days')?.lo.length).toBe(12);
  expect(rangesOf('of_months')?.lo.length).toBe(1);
});
