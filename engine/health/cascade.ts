import type { Day } from '../partitions/date.ts';
import { indexOfDay } from '../partitions/calendar.ts';
import type { AssetName } from '../ids.ts';
import { CONTENT } from '../partitions/records.ts';
import {
  type AssetEvaluation,
  type GraphEvaluation,
  markWhereAny,
  STATUS,
} from '../staleness/status.ts';
import type { Downstream } from './finding.ts';

/** The partitions of downstream assets, with rows, that are built on some days of an asset, by their windows. */
export function downstreamOf(
  evaluation: GraphEvaluation,
  asset: AssetName,
  days: readonly Day[],
): readonly Downstream[] {
  const source = evaluation.assets.get(asset);
  if (!source) return [];
  const touched = new Map([[asset, positionsOfDays(source, days)]]);
  const found: Downstream[] = [];
  // In topological order: what an asset reads has been met before it.
  for (const of of evaluation.assets.values()) {
    if (of.asset.name === asset) continue;
    const marks = builtOn(of, touched, evaluation);
    const built = of.expected.days.filter((_, index) => marks[index] === 1);
    const [first] = built;
    if (first === undefined) continue;
    touched.set(of.asset.name, marks);
    const last = built.at(-1) ?? first;
    found.push({ asset: of.asset.name, partitions: built.length, first, last });
  }
  return found;
}

function positionsOfDays(source: AssetEvaluation, days: readonly Day[]): Uint8Array {
  const flags = new Uint8Array(source.status.length);
  for (const day of days) {
    const index = indexOfDay(source.expected.days, day);
    if (index >= 0) flags[index] = 1;
  }
  return flags;
}

/** 1 for the partitions with rows whose windows hold what is touched upstream. */
function builtOn(
  of: AssetEvaluation,
  touched: ReadonlyMap<AssetName, Uint8Array>,
  { assets }: GraphEvaluation,
): Uint8Array {
  const marks = new Uint8Array(of.status.length);
  for (const edge of of.edges) {
    const flags = touched.get(edge.upstream.asset);
    const upstream = assets.get(edge.upstream.asset);
    if (flags && upstream) markWhereAny(marks, flags, upstream.expected.days, edge.ranges);
  }
  return marks.map((mark, index) => {
    const at = of.recordIndex[index] ?? -1;
    const isBuilt = of.records.content[at] === CONTENT.materialized;
    return isBuilt && of.status[index] !== STATUS.expectedEmpty ? mark : 0;
  });
}
