import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { equalHash, type Hash64 } from '../partitions/hash64.ts';
import { MAX_DAY, unionRange } from '../partitions/window.ts';
import type { EventRecord } from '../../state/store.ts';
import type { Cause, CauseContext } from './cause.ts';
import { unpackInput } from './input-version.ts';
import type { EdgeEvaluation } from './status.ts';

/** One edge with what changed upstream since the oldest of the partitions in question was made. */
export interface EdgeComparison {
  readonly edge: EdgeEvaluation;
  /** Ascending by day, the newest event of each. */
  readonly changes: readonly EventRecord[];
  /** All events of one upstream partition, newest first. */
  readonly historyOf: (day: Day) => readonly EventRecord[];
  /** Where the edge is among the recorded ones, by the code version that recorded them; -1 if it is not. */
  readonly recordedAt: (codeVersion: string) => number;
}

/** Reads once per edge what changed upstream. */
export function edgeComparisons(
  context: CauseContext,
  indexes: readonly number[],
): readonly EdgeComparison[] {
  if (indexes.length === 0) return [];
  const { of, reader, target } = context;
  const after = indexes.reduce(
    (least, index) => Math.min(least, sequenceOf(context, index)),
    Infinity,
  );
  return of.edges.map((edge, at) => {
    const { lo, hi } = unionRange(edge.ranges, indexes);
    const changes = reader?.changesSince(target, edge.upstream.asset, { lo, hi, after }) ?? [];
    const historyOf = historyReader(context, edge);
    return { edge, changes, historyOf, recordedAt: positionFinder(context, at) };
  });
}

/** Reads the history of an upstream partition once, however many partitions read it. */
function historyReader(
  { reader, target }: CauseContext,
  edge: EdgeEvaluation,
): EdgeComparison['historyOf'] {
  const known = new Map<Day, readonly EventRecord[]>();
  return (day) => {
    const found =
      known.get(day) ?? reader?.eventsOfPartition(target, edge.upstream.asset, day) ?? [];
    known.set(day, found);
    return found;
  };
}

/** The upstream changes that make one partition's recorded inputs differ from the present ones. */
export function edgeCauses(
  context: CauseContext,
  index: number,
  known: { readonly edges: readonly EdgeComparison[]; readonly isWindowChangeKnown: boolean },
): readonly Cause[] {
  const own = sequenceOf(context, index);
  const causes: Cause[] = [];
  for (const comparison of known.edges) {
    const { edge, recordedAt } = comparison;
    if (isSameInput(context, index, edge, recordedAt)) continue;
    const since = changesBetween(comparison, index, own);
    if (since.length > 0) causes.push(...changeCauses(context, edge, since));
    else if (!known.isWindowChangeKnown)
      causes.push(...movedWindow(context, index, edge, recordedAt));
  }
  return causes;
}

/**
 * The upstream partitions in a window that hold something else than when the partition was made, as the newest event
 * of each with the rows that it had then: what happened in between and was undone is no cause.
 */
function changesBetween(
  { edge, changes, historyOf }: EdgeComparison,
  index: number,
  own: number,
): readonly EventRecord[] {
  const lo = edge.ranges.lo[index] ?? 0;
  const hi = edge.ranges.hi[index] ?? 0;
  return changes.flatMap((event) => {
    if (event.day < lo || event.day >= hi || event.sequence <= own) return [];
    const before = historyOf(event.day).find((each) => each.sequence <= own && isContent(each));
    if (before ? isSameContent(before, event) : !hasRows(event)) return [];
    return [{ ...event, rowsBefore: before && hasRows(before) ? before.rows : null }];
  });
}

/** Whether an event says what a partition holds, and not only that an attempt came to nothing. */
function isContent({ type }: EventRecord): boolean {
  return type !== 'failed' && type !== 'blocked';
}

function hasRows({ type, rows }: EventRecord): boolean {
  return type !== 'removed' && (rows ?? 0) > 0;
}

function isSameContent(before: EventRecord, after: EventRecord): boolean {
  if (!hasRows(before) || !hasRows(after)) return hasRows(before) === hasRows(after);
  const isSameData =
    before.data !== null && after.data !== null && equalHash(before.data, after.data);
  return isSameData && before.rows === after.rows;
}

/** `2024-01-12 (200 → 212 rows), 2024-01-13 (210 rows, other values)` */
export function describeChanges(changes: readonly EventRecord[], most = 3): string {
  const shown = changes
    .slice(0, most)
    .map((event) =>
      event.day === UNPARTITIONED
        ? describeRows(event)
        : `${formatDay(event.day)} (${describeRows(event)})`,
    );
  const rest = changes.length > most ? ` and ${changes.length - most} more` : '';
  return shown.join(', ') + rest;
}

/** `200 → 212 rows` */
export function describeRows({ rowsBefore, rows, type }: EventRecord): string {
  if (type === 'removed') return `${rowsBefore ?? 0} rows removed`;
  if (rowsBefore === null) return `${rows ?? 0} rows`;
  return rowsBefore === rows ? `${rows} rows, other values` : `${rowsBefore} → ${rows ?? 0} rows`;
}

function changeCauses(
  context: CauseContext,
  edge: EdgeEvaluation,
  since: readonly EventRecord[],
): readonly Cause[] {
  const upstream = edge.upstream.asset;
  const kinds = [
    ['upstream_changed', 'changed'],
    ['upstream_added', 'arrived later'],
    ['upstream_removed', 'lost rows'],
  ] as const;
  return kinds.flatMap(([kind, verb]) => {
    const events = since.filter((event) => kindOf(event) === kind);
    if (events.length === 0) return [];
    const changes = events.slice(0, context.most);
    const label = `${upstream} ${verb}`;
    return [
      {
        kind,
        upstream,
        partitions: changes.map((event) => formatDay(event.day)),
        count: events.length,
        changes,
        label,
        detail: `${label}: ${describeChanges(events)}`,
      },
    ];
  });
}

function kindOf(event: EventRecord): 'upstream_changed' | 'upstream_added' | 'upstream_removed' {
  if (event.type === 'removed') return 'upstream_removed';
  const before = event.rowsBefore ?? 0;
  if (before > 0 && (event.rows ?? 0) === 0) return 'upstream_removed';
  return before === 0 ? 'upstream_added' : 'upstream_changed';
}

/** Nothing upstream was written, and yet the window holds something else: its ends moved. */
function movedWindow(
  context: CauseContext,
  index: number,
  edge: EdgeEvaluation,
  recordedAt: (codeVersion: string) => number,
): readonly Cause[] {
  const inputs = context.details.get(context.of.expected.days[index] ?? 0)?.inputs;
  if (!inputs || recordedAt(codeVersionOf(context, index)) < 0) return [];
  const upstream = edge.upstream.asset;
  const lo = edge.ranges.lo[index] ?? 0;
  const hi = edge.ranges.hi[index] ?? 0;
  const label = `the window on ${upstream} moved`;
  const end = hi >= MAX_DAY ? 'it now has no end' : `it now ends at ${formatDay(hi - 1)}`;
  const span = lo < hi ? end : 'it is now empty';
  return [{ kind: 'config', upstream, label, detail: `${label} with the calendar: ${span}` }];
}

/** False also where no inputs were recorded: then what changed since decides. */
function isSameInput(
  context: CauseContext,
  index: number,
  edge: EdgeEvaluation,
  recordedAt: (codeVersion: string) => number,
): boolean {
  const inputs = context.details.get(context.of.expected.days[index] ?? 0)?.inputs;
  const at = recordedAt(codeVersionOf(context, index));
  if (!inputs || at < 0) return false;
  const recorded = unpackInput(inputs, at);
  const present: Hash64 = { hi: edge.sums.hi[index] ?? 0, lo: edge.sums.lo[index] ?? 0 };
  return recorded !== undefined && equalHash(recorded, present);
}

/** An edge is found again by its upstream's name and how many edges to the same upstream precede it. */
function positionFinder(context: CauseContext, at: number): (codeVersion: string) => number {
  const { asset } = context.of;
  const present = asset.upstream.map((upstream) => upstream.asset);
  const name = present[at];
  const nth = present.slice(0, at).filter((other) => other === name).length;
  return (codeVersion) => {
    if (codeVersion === asset.codeVersion) return at;
    const recorded = context.definitionOf(codeVersion)?.upstream ?? [];
    const positions = recorded.flatMap((other, position) => (other === name ? [position] : []));
    return positions[nth] ?? -1;
  };
}

function codeVersionOf(context: CauseContext, index: number): string {
  const { records, recordIndex } = context.of;
  return context.codeVersions[records.code[recordIndex[index] ?? -1] ?? -1] ?? '';
}

function sequenceOf(context: CauseContext, index: number): number {
  const { records, recordIndex } = context.of;
  return records.sequence[recordIndex[index] ?? -1] ?? 0;
}
