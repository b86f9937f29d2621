import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import type { AssetName } from '../ids.ts';

/** What must be over before each asset can be evaluated. */
export type Prerequisites = ReadonlyMap<AssetName, readonly AssetName[]>;

/**
 * The upstream of every asset, and the asset that its calendar is read from. `order` is the order in which a run
 * of one step at a time makes them: what an asset would have to wait for although it comes later in that order
 * (a calendar that is read from the asset itself, or from what is downstream of it) it does not wait for.
 */
export function prerequisitesOf(
  pipeline: CompiledPipeline,
  order: readonly CompiledAsset[],
): Prerequisites {
  const earlier = new Set<AssetName>();
  const prerequisites = new Map<AssetName, readonly AssetName[]>();
  for (const asset of order) {
    const upstream = asset.upstream.map((edge) => edge.asset);
    const wanted = new Set([...upstream, ...calendarAssets(pipeline, asset)]);
    prerequisites.set(
      asset.name,
      [...wanted].filter((name) => earlier.has(name)),
    );
    earlier.add(asset.name);
  }
  return prerequisites;
}

function calendarAssets(pipeline: CompiledPipeline, asset: CompiledAsset): readonly AssetName[] {
  const set = pipeline.partitionSets.find((each) => each.name === asset.partitionSet);
  if (set === undefined || set.type === 'days') return [];
  return pipeline.calendars.flatMap((each) => (each.name === set.calendar ? [each.asset] : []));
}

/**
 * Does the work of every asset once that of all its prerequisites is over, which come before it in `order`. Where
 * some throws, what depends on it is not begun; ends when nothing runs any more, with the first error in order.
 */
export async function inGraphOrder(
  order: readonly AssetName[],
  prerequisites: Prerequisites,
  work: (asset: AssetName) => Promise<void>,
): Promise<void> {
  const over = new Map<AssetName, Promise<void>>();
  for (const asset of order) {
    const needed = (prerequisites.get(asset) ?? []).flatMap((name) => over.get(name) ?? []);
    over.set(
      asset,
      Promise.all(needed).then(() => work(asset)),
    );
  }
  await allOver([...over.values()]);
}

/** Waits until everything has ended one way or the other; throws the first error in the given order. */
export async function allOver<T>(work: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
