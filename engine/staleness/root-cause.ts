import type { AssetName } from '../ids.ts';
import { indexOfDay, lowerBound } from '../partitions/calendar.ts';
import type { Day } from '../partitions/date.ts';
import type { EventRecord, StateReader } from '../../state/store.ts';
import type { Cause, CauseReader } from './cause.ts';
import { blockersOf, evaluationOf, explainCauses } from './causes.ts';
import { describeRows } from './edge-causes.ts';
import { type AssetEvaluation, type GraphEvaluation, STATUS, STATUS_NAMES } from './status.ts';

/** One step on the way from a partition up to what made it so. */
export interface PathStep {
  readonly asset: AssetName;
  readonly day: Day;
  readonly text: string;
  /** The materialization meant, where there is one. */
  readonly event?: EventRecord;
}

export interface PathContext {
  readonly evaluation: GraphEvaluation;
  readonly codeVersions: readonly string[];
  readonly reader: (CauseReader & Pick<StateReader, 'eventsOfPartition'>) | undefined;
  readonly target: string;
}

/** From a partition that is not current up to the root cause; the last step is the root. */
export function pathToRoot(context: PathContext, asset: AssetName, index: number): PathStep[] {
  const of = evaluationOf(context.evaluation, asset);
  const day = of.expected.days[index] ?? 0;
  const causes = causesOf(context, of, index);
  switch (of.status[index]) {
    case STATUS.failed:
    case STATUS.missing:
      return [{ asset, day, text: causes[0]?.detail ?? statusText(of, index) }];
    case STATUS.blocked:
      return [{ asset, day, text: statusText(of, index) }, ...behindBlocker(context, of, index)];
    case STATUS.current:
    case STATUS.expectedEmpty:
      if (of.mayChange[index] === 0) return [];
      return [
        { asset, day, text: `${statusText(of, index)}, may change` },
        ...behindOpenUpstream(context, of, index),
      ];
    default:
      return [
        { asset, day, text: statusText(of, index) },
        ...behindCauses(context, of, causes, day),
      ];
  }
}

function statusText(of: AssetEvaluation, index: number): string {
  return `is ${STATUS_NAMES[of.status[index] ?? 0]}`;
}

function causesOf(context: PathContext, of: AssetEvaluation, index: number): readonly Cause[] {
  const request = { ...context, asset: of.asset.name, indexes: [index] };
  return explainCauses(request).get(index) ?? [];
}

/** The worst of what stands in the way: a failure explains more than something that was not made yet. */
function behindBlocker(context: PathContext, of: AssetEvaluation, index: number): PathStep[] {
  const blockers = blockersOf(context.evaluation, of, index);
  for (const status of [STATUS.failed, STATUS.blocked, STATUS.missing]) {
    for (const { source, indexes } of blockers) {
      const at = indexes.find((each) => source.status[each] === status);
      if (at !== undefined) return pathToRoot(context, source.asset.name, at);
    }
  }
  const [nothing] = blockers;
  if (!nothing) return [];
  const { asset, expected } = nothing.source;
  const text = 'has no materialized partition yet';
  return [{ asset: asset.name, day: expected.days[0] ?? 0, text }];
}

function behindOpenUpstream(context: PathContext, of: AssetEvaluation, index: number): PathStep[] {
  for (const edge of of.edges) {
    const source = evaluationOf(context.evaluation, edge.upstream.asset);
    const { days } = source.expected;
    const end = lowerBound(days, edge.ranges.hi[index] ?? 0);
    for (let at = lowerBound(days, edge.ranges.lo[index] ?? 0); at < end; at++) {
      const isOpen =
        source.status[at] !== STATUS.current && source.status[at] !== STATUS.expectedEmpty;
      if (isOpen || source.mayChange[at] === 1) return pathToRoot(context, source.asset.name, at);
    }
  }
  return [];
}

function behindCauses(
  context: PathContext,
  of: AssetEvaluation,
  causes: readonly Cause[],
  day: Day,
): PathStep[] {
  const own = causes.find((cause) => cause.upstream === undefined);
  if (own) return [{ asset: of.asset.name, day, text: own.detail }];
  const event = causes.flatMap((cause) => cause.changes ?? [])[0];
  if (event) return behindEvent(context, event);
  return causes.slice(0, 1).map((cause) => ({ asset: of.asset.name, day, text: cause.detail }));
}

/** Why an upstream materialization came out different from the one before it. */
function behindEvent(context: PathContext, event: EventRecord): PathStep[] {
  const { asset, day } = event;
  const step = { asset, day, text: `changed: ${describeRows(event)}`, event };
  const of = context.evaluation.assets.get(asset);
  const history = context.reader?.eventsOfPartition(context.target, asset, day) ?? [];
  const before = history.find((each) => each.sequence < event.sequence && each.data !== null);
  if (!of || !before || event.type === 'removed') return [step];
  if (before.codeVersion !== event.codeVersion)
    return [step, { asset, day, text: 'its code changed' }];
  if (of.asset.kind === 'source') return [step, { asset, day, text: 'its source files changed' }];
  const next = upstreamChangeBetween(context, of, before, event);
  return next ? [step, ...behindEvent(context, next)] : [step];
}

function upstreamChangeBetween(
  context: PathContext,
  of: AssetEvaluation,
  before: EventRecord,
  event: EventRecord,
): EventRecord | undefined {
  const index = indexOfDay(of.expected.days, event.day);
  if (index < 0) return undefined;
  for (const edge of of.edges) {
    const lo = edge.ranges.lo[index] ?? 0;
    const hi = edge.ranges.hi[index] ?? 0;
    const range = { lo, hi, after: before.sequence };
    const changes = context.reader?.changesSince(context.target, edge.upstream.asset, range) ?? [];
    const found = changes.find((change) => change.sequence < event.sequence);
    if (found) return found;
  }
  return undefined;
}
