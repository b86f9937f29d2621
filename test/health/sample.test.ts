import { describe, expect, test } from 'vitest';
import { type AssetSample, drawSample, verifiablePartitions } from '../../engine/health/sample.ts';
import { parseDay } from '../../engine/partitions/date.ts';
import { daySet } from '../../engine/partitions/subset.ts';
import type { AssetEvaluation } from '../../engine/staleness/status.ts';
import { leagueProject } from '../support/league.ts';

/** Only its name matters to a draw. */
function assetOf(name: string, partitions: number): AssetSample {
  const evaluation = { asset: { name } } as unknown as AssetEvaluation;
  return { evaluation, indexes: Array.from({ length: partitions }, (_, index) => index * 2) };
}

function drawn(assets: readonly AssetSample[], size: number, seed = 1): (readonly number[])[] {
  return drawSample(assets, { size, seed }).map((each) => each.indexes);
}

describe('a sample', () => {
  const assets = [assetOf('a', 700), assetOf('b', 650), assetOf('c', 3), assetOf('d', 1)];

  test('has the wanted size, spread evenly over the assets that have enough', () => {
    expect(drawn(assets, 100).map((each) => each.length)).toEqual([48, 48, 3, 1]);
  });

  test('has at least one partition of every asset, even if that makes more than wanted', () => {
    expect(drawn(assets, 2).map((each) => each.length)).toEqual([1, 1, 1, 1]);
  });

  test('of more than there is has everything once', () => {
    expect(drawn(assets, 100_000)).toEqual(assets.map((each) => each.indexes));
  });

  test('has one partition of each equal stretch of an asset, in order', () => {
    const [first = []] = drawn([assetOf('a', 700)], 70);
    expect(first.map((index) => Math.floor(index / 20))).toEqual([
      ...Array.from({ length: 70 }).keys(),
    ]);
  });

  test('is the same for the same seed, and another one for another', () => {
    expect(drawn(assets, 40, 7)).toEqual(drawn(assets, 40, 7));
    expect(drawn(assets, 40, 8)).not.toEqual(drawn(assets, 40, 7));
  });

  test('draws different dates of different assets', () => {
    const [a, b] = drawn([assetOf('a', 700), assetOf('b', 700)], 20);
    expect(a).not.toEqual(b);
  });
});

describe('what can be verified', () => {
  test('are the current partitions of assets that have upstream; the others are counted by reason', async () => {
    const project = leagueProject();
    await project.materialize({ selection: ['+daily', 'season_so_far'] });
    const { evaluation } = await project.evaluate();
    const { assets, leftOut } = verifiablePartitions([...evaluation.assets.values()], undefined);
    expect(assets.map((each) => [each.evaluation.asset.name, each.indexes.length])).toEqual([
      ['daily', 8],
      ['season_so_far', 6],
    ]);
    expect(leftOut).toEqual([
      { asset: 'games', reason: 'source', partitions: 8 },
      { asset: 'best_before', reason: 'missing', partitions: 8 },
      { asset: 'season_so_far', reason: 'expected-empty', partitions: 2 },
    ]);
  });

  test('are only those of the wanted dates, and nothing else is counted', async () => {
    const project = leagueProject();
    await project.materialize();
    const { evaluation } = await project.evaluate();
    const lo = parseDay('2023-10-24') ?? 0;
    const days = daySet([{ lo, hi: lo + 2 }]);
    const { assets, leftOut } = verifiablePartitions([...evaluation.assets.values()], days);
    expect(assets.map((each) => each.indexes)).toEqual([[2, 3], [2, 3], [3]]);
    expect(leftOut).toEqual([
      { asset: 'games', reason: 'source', partitions: 2 },
      { asset: 'season_so_far', reason: 'expected-empty', partitions: 1 },
    ]);
  });

  test('are no frozen partitions, which may be older than their upstream', async () => {
    const project = leagueProject();
    project.edit('pipeline.yaml', '  best_before:\n', '  best_before:\n    freeze: once\n');
    await project.materialize();
    const { evaluation } = await project.evaluate();
    const { leftOut } = verifiablePartitions([...evaluation.assets.values()], undefined);
    expect(leftOut).toContainEqual({ asset: 'best_before', reason: 'frozen', partitions: 7 });
  });
});
