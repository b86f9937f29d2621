import type { AssetName } from '../ids.ts';
import { lowerBound } from '../partitions/calendar.ts';
import type { Day } from '../partitions/date.ts';
import { evaluationOf } from './causes.ts';
import {
  type AssetEvaluation,
  type EdgeEvaluation,
  type GraphEvaluation,
  STATUS,
} from './status.ts';

/** Partitions that must be made to bring one partition up to date: itself and what it reads, all the way up. */
export interface OpenPartitions {
  readonly assets: ReadonlySet<AssetName>;
  readonly days: readonly Day[];
}

/** Follows the windows upstream as far as anything is to be made there; linear in the partitions. */
export function openPartitionsBehind(
  evaluation: GraphEvaluation,
  asset: AssetName,
  index: number,
): OpenPartitions {
  const neededBy = new Map<AssetName, Uint8Array>();
  const own = evaluationOf(evaluation, asset);
  neededBy.set(
    asset,
    own.status.map((_, at) => (at === index ? 1 : 0)),
  );
  const assets = new Set<AssetName>();
  const days = new Set<Day>();
  // Upstream comes first in the map: walking backwards meets every asset after all that read it.
  for (const of of [...evaluation.assets.values()].reverse()) {
    const needed = neededBy.get(of.asset.name);
    if (!needed) continue;
    for (const [at, flag] of needed.entries()) {
      if (flag === 0 || !isOpen(of, at)) continue;
      assets.add(of.asset.name);
      days.add(of.expected.days[at] ?? 0);
    }
    markUpstream(evaluation, of, needed, neededBy);
  }
  return { assets, days: [...days] };
}

function markUpstream(
  evaluation: GraphEvaluation,
  of: AssetEvaluation,
  needed: Uint8Array,
  neededBy: Map<AssetName, Uint8Array>,
): void {
  for (const edge of of.edges) {
    const source = evaluationOf(evaluation, edge.upstream.asset);
    const marks = neededBy.get(source.asset.name) ?? new Uint8Array(source.status.length);
    for (const at of positionsRead(source, edge, needed)) {
      if (leadsToOpen(source, at)) marks[at] = 1;
    }
    neededBy.set(source.asset.name, marks);
  }
}

/** The upstream positions that are in the window of any flagged partition, each once. */
function* positionsRead(
  source: AssetEvaluation,
  edge: EdgeEvaluation,
  needed: Uint8Array,
): Generator<number> {
  const { days } = source.expected;
  // How many windows begin, less how many end, at each position.
  const delta = new Int32Array(days.length + 1);
  const add = (at: number, change: number): number => (delta[at] = (delta[at] ?? 0) + change);
  for (const [at, flag] of needed.entries()) {
    if (flag === 0) continue;
    const from = lowerBound(days, edge.ranges.lo[at] ?? 0);
    add(from, 1);
    add(Math.max(from, lowerBound(days, edge.ranges.hi[at] ?? 0)), -1);
  }
  let depth = 0;
  for (let at = 0; at < days.length; at++) {
    depth += delta[at] ?? 0;
    if (depth > 0) yield at;
  }
}

function isOpen(of: AssetEvaluation, index: number): boolean {
  const status = of.status[index];
  return (
    status === STATUS.stale ||
    status === STATUS.missing ||
    status === STATUS.failed ||
    status === STATUS.blocked
  );
}

function leadsToOpen(of: AssetEvaluation, index: number): boolean {
  return isOpen(of, index) || of.mayChange[index] === 1;
}
