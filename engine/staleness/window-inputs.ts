import type { Upstream } from '../config/pipeline.ts';
import type { AssetName } from '../ids.ts';
import { lowerBound } from '../partitions/calendar.ts';
import { formatDay } from '../partitions/date.ts';
import { formatHash } from '../partitions/hash64.ts';
import { NO_RECORDS, type PartitionRecords } from '../partitions/records.ts';
import { unionRange, type WindowRanges } from '../partitions/window.ts';
import { daysWithRows, type PrefixSums, prefixSums, windowSums } from './input-version.ts';
import type { GraphEvaluation } from './status.ts';

/** What the windows of some partitions hold of one upstream asset, as people and modules see it. */
export interface WindowInput {
  readonly relation: string;
  readonly asset: AssetName;
  /** Partitions with rows. */
  readonly partitions: number;
  /** `YYYY-MM-DD` of the first and last of them, or `all`. */
  readonly first: string | undefined;
  readonly last: string | undefined;
  /** 16 hex digits: of a single partition what its input version is made of. */
  readonly hash: string;
}

/** What is recorded of the assets of an evaluation. */
export function recordsIn({
  assets,
}: Pick<GraphEvaluation, 'assets'>): (asset: AssetName) => PartitionRecords {
  return (asset) => assets.get(asset)?.records ?? NO_RECORDS;
}

interface Edge {
  readonly upstream: Upstream;
  readonly ranges: WindowRanges;
}

/**
 * Tells what the windows of partitions (positions in the asset's expected days) hold together: per edge the range from
 * the earliest to the latest of them. What is recorded of an upstream is looked at once.
 */
export function windowInputs(
  edges: readonly Edge[],
  recordsOf: (asset: AssetName) => PartitionRecords,
): (indexes: readonly number[]) => readonly WindowInput[] {
  const known = new Map<AssetName, { readonly sums: PrefixSums; readonly days: Int32Array }>();
  const knownOf = (asset: AssetName) => {
    const records = recordsOf(asset);
    const found = known.get(asset) ?? { sums: prefixSums(records), days: daysWithRows(records) };
    known.set(asset, found);
    return found;
  };
  return (indexes) =>
    edges.map(({ upstream, ranges }) => {
      const { sums, days } = knownOf(upstream.asset);
      const { lo, hi } = unionRange(ranges, indexes);
      const hash = windowSums(sums, { lo: Int32Array.of(lo), hi: Int32Array.of(hi) });
      const from = lowerBound(days, lo);
      const to = Math.max(from, lowerBound(days, hi));
      const dayAt = (at: number) => (from < to ? formatDay(days[at] ?? 0) : undefined);
      return {
        relation: upstream.relation,
        asset: upstream.asset,
        partitions: to - from,
        first: dayAt(from),
        last: dayAt(to - 1),
        hash: formatHash({ hi: hash.hi[0] ?? 0, lo: hash.lo[0] ?? 0 }),
      };
    });
}
