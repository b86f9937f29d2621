import { type AssetName, unsafeCodeVersion } from '../ids.ts';
import { lowerBound } from '../partitions/calendar.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { CONTENT } from '../partitions/records.ts';
import type { CodeDefinition, EventRecord, PartitionDetail } from '../../state/store.ts';
import type { Cause, CauseContext, CauseRequest } from './cause.ts';
import { codeCause } from './code-cause.ts';
import { edgeCauses, edgeComparisons } from './edge-causes.ts';
import {
  type AssetEvaluation,
  type GraphEvaluation,
  isBlocking,
  STATUS,
  STATUS_NAMES,
} from './status.ts';

/** Why each of some partitions is not current; one reader call per asset and upstream, not per partition. */
export function explainCauses(request: CauseRequest): ReadonlyMap<number, readonly Cause[]> {
  const of = evaluationOf(request.evaluation, request.asset);
  const days = request.indexes.map((index) => of.expected.days[index] ?? 0);
  const details = request.reader?.details(request.target, request.asset, days) ?? new Map();
  const most = request.most ?? 20;
  const context: CauseContext = {
    ...request,
    of,
    details,
    most,
    definitionOf: definitions(request),
    removals: removalsOf(request, of),
  };
  const changed = request.indexes.filter((index) => hasOtherInputs(of, index));
  const edges = edgeComparisons(context, changed);
  return new Map(
    request.indexes.map((index) => {
      const code = hasOtherInputs(of, index) ? codeCause(context, index) : undefined;
      const stale = hasOtherInputs(of, index) ? staleCauses(context, index, edges, code) : [];
      return [index, [...statusCauses(context, index), ...stale]];
    }),
  );
}

function definitions(request: CauseRequest): CauseContext['definitionOf'] {
  const known = new Map<string, CodeDefinition | undefined>();
  return (codeVersion) => {
    if (!known.has(codeVersion)) {
      const version = unsafeCodeVersion(codeVersion);
      known.set(codeVersion, request.reader?.definition(request.asset, version));
    }
    return known.get(codeVersion);
  };
}

/** Whether a partition has content that was made from other inputs than there are now. */
export function hasOtherInputs(of: AssetEvaluation, index: number): boolean {
  const at = of.recordIndex[index] ?? -1;
  if (at < 0 || of.records.content[at] === CONTENT.none) return false;
  return (
    of.records.inputHi[at] !== of.inputHi[index] || of.records.inputLo[at] !== of.inputLo[index]
  );
}

/** Upstream partitions in the way of one partition: those that its required edges need and that are not there. */
export function blockersOf(
  evaluation: GraphEvaluation,
  of: AssetEvaluation,
  index: number,
): readonly Blocker[] {
  const blockers: Blocker[] = [];
  for (const edge of of.edges) {
    const source = evaluationOf(evaluation, edge.upstream.asset);
    const lo = edge.ranges.lo[index] ?? 0;
    const hi = edge.ranges.hi[index] ?? 0;
    if (edge.upstream.optional) continue;
    const { days } = source.expected;
    const indexes: number[] = [];
    for (let at = lowerBound(days, lo); at < days.length && (days[at] ?? 0) < hi; at++) {
      if (isBlocking(source.status[at])) indexes.push(at);
    }
    const isNothingNewest = lo === hi && edge.upstream.window.type.startsWith('latest');
    if (indexes.length > 0 || isNothingNewest) blockers.push({ source, indexes });
  }
  return blockers;
}

export interface Blocker {
  readonly source: AssetEvaluation;
  /** Positions in the upstream's expected days; empty when it was never materialized at all. */
  readonly indexes: readonly number[];
}

export function evaluationOf(evaluation: GraphEvaluation, name: AssetName): AssetEvaluation {
  const of = evaluation.assets.get(name);
  if (!of) throw new Error(`Internal error: ${name} was not evaluated`);
  return of;
}

function statusCauses(context: CauseContext, index: number): readonly Cause[] {
  const { of } = context;
  switch (of.status[index]) {
    case STATUS.missing:
      return [missingCause(context.removals.get(of.expected.days[index] ?? 0))];
    case STATUS.failed:
      return [failedCause(context.details.get(of.expected.days[index] ?? 0))];
    case STATUS.blocked:
      return blockersOf(context.evaluation, of, index).map((each) =>
        blockedCause(each, context.most),
      );
    default:
      return [];
  }
}

/** The newest change of each missing partition, where it took its rows away: one reader call, whatever their number. */
function removalsOf(
  { reader, target, asset, indexes }: CauseRequest,
  of: AssetEvaluation,
): ReadonlyMap<Day, EventRecord> {
  const missing = indexes.filter((index) => of.status[index] === STATUS.missing);
  const days = missing.map((index) => of.expected.days[index] ?? 0);
  const [first, last] = [days[0], days.at(-1)];
  if (reader === undefined || first === undefined || last === undefined) return new Map();
  const changes = reader.changesSince(target, asset, { lo: first, hi: last + 1, after: 0 });
  return new Map(
    changes.filter(({ type }) => type === 'removed').map((event) => [event.day, event]),
  );
}

function missingCause(removal: EventRecord | undefined): Cause {
  if (removal === undefined) {
    const label = 'never materialized';
    return { kind: 'never_materialized', label, detail: `${label}, nothing stands in its way` };
  }
  const label = removal.message ?? 'its rows were removed';
  const detail = `${label} (run ${removal.runId}), nothing stands in its way`;
  return { kind: 'removed', label, detail };
}

function failedCause(detail: PartitionDetail | undefined): Cause {
  const category = detail?.category ?? 'FAILED';
  const message = detail?.message ?? 'the newest attempt failed';
  return { kind: 'failed', label: category, detail: `${category}: ${message}` };
}

function blockedCause({ source, indexes }: Blocker, most: number): Cause {
  const upstream = source.asset.name;
  if (indexes.length === 0) {
    const label = `${upstream} has no materialized partition yet`;
    return { kind: 'blocked', upstream, partitions: [], count: 0, label, detail: label };
  }
  const statuses = [...new Set(indexes.map((at) => STATUS_NAMES[source.status[at] ?? 0]))];
  const partitions = indexes.slice(0, most).map((at) => formatDay(source.expected.days[at] ?? 0));
  const verb = indexes.length === 1 ? 'is' : 'are';
  const rest = indexes.length > 3 ? ` and ${indexes.length - 3} more` : '';
  const state = statuses.join(' or ');
  return {
    kind: 'blocked',
    upstream,
    partitions,
    count: indexes.length,
    label: `waits for ${upstream}, ${state}`,
    detail: `waits for ${upstream}: ${partitions.slice(0, 3).join(', ')}${rest} ${verb} ${state}`,
  };
}

function staleCauses(
  context: CauseContext,
  index: number,
  edges: ReturnType<typeof edgeComparisons>,
  code: Cause | undefined,
): readonly Cause[] {
  const causes = edgeCauses(context, index, { edges, isWindowChangeKnown: code !== undefined });
  if (code) return [code, ...causes];
  if (causes.length > 0) return causes;
  if (context.of.asset.kind === 'source') {
    const label = 'the source files changed';
    return [{ kind: 'files_changed', label, detail: `${label} since they were read` }];
  }
  const label = 'the calendar changed';
  const detail = `${label}: its period begins on another date than when it was made`;
  return [{ kind: 'config', label, detail }];
}
