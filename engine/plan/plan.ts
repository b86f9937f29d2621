import type { CompiledAsset } from '../compile/compiled.ts';
import type { AssetName } from '../ids.ts';
import { lowerBound } from '../partitions/calendar.ts';
import { type Day, nextMonth, UNPARTITIONED } from '../partitions/date.ts';
import { CONTENT } from '../partitions/records.ts';
import { contains, type DaySet, overlaps } from '../partitions/subset.ts';
import { MIN_DAY, type WindowRanges } from '../partitions/window.ts';
import {
  type AssetEvaluation,
  type EdgeEvaluation,
  flagsWhere,
  isBlocking,
  isExpectedEmptyByCalendar,
  isFrozenAt,
  markWhereAny,
  STATUS,
} from '../staleness/status.ts';
import { cutBatches } from './batch.ts';

/** Why a partition is to be made; 0 where it is not. */
export const REASON = {
  none: 0,
  missing: 1,
  stale: 2,
  failed: 3,
  forced: 4,
  /** Current, but an upstream partition in its window is to be made and may come out different. */
  mayChange: 5,
} as const;

export const REASON_NAMES = ['none', 'missing', 'stale', 'failed', 'forced', 'may_change'] as const;

/** What a run is asked for: selection, range and status. */
export interface PlanRequest {
  readonly assets: ReadonlySet<AssetName>;
  /** Absent: all expected partitions. */
  readonly days: DaySet | undefined;
  /** Partition sets whose partitions are months: a date asks for the month that it is in. */
  readonly monthSets?: ReadonlySet<string>;
  readonly force: boolean;
  /** Absent: whatever is not current. */
  readonly only: ReadonlySet<'missing' | 'stale' | 'failed'> | undefined;
  /** Remove the rows of partitions that left the calendar. */
  readonly prune?: boolean;
  /** With force: make frozen partitions again too. */
  readonly thaw?: boolean;
}

/** What is to be done with each expected partition of one asset; arrays parallel to `expected.days`. */
export interface AssetPlan {
  readonly evaluation: AssetEvaluation;
  /** REASON codes. */
  readonly reasons: Uint8Array;
  /** 1 where the partition ought to run, but a required upstream partition stands in the way. */
  readonly blocked: Uint8Array;
  /** Asked for and current: skipped. */
  readonly skipped: number;
  /** Asked for and expected to be empty. */
  readonly expectedEmpty: number;
  /** Those of the skipped that force would make again, were they not frozen. */
  readonly frozen: number;
}

/** One batch of partitions of one asset: one statement. */
export interface Step {
  readonly asset: AssetName;
  /** Positions in the asset's expected days, ascending. */
  readonly indexes: readonly number[];
  readonly days: readonly Day[];
  readonly reasons: StepReasons;
}

export interface StepReasons {
  readonly missing: number;
  readonly stale: number;
  readonly failed: number;
  readonly forced: number;
  readonly mayChange: number;
}

/**
 * Plans one asset. `upstream` holds the plans of upstream assets that are still to run: what they will make
 * does not block, and makes what is current a candidate. While running it is empty, since upstream is done.
 */
export function planAsset(
  evaluation: AssetEvaluation,
  request: PlanRequest,
  upstream: ReadonlyMap<AssetName, AssetPlan>,
  evaluations: ReadonlyMap<AssetName, AssetEvaluation>,
): AssetPlan {
  const count = evaluation.expected.days.length;
  const flags = upstreamPlanFlags(evaluation, upstream, evaluations);
  const reasons = new Uint8Array(count);
  const blocked = new Uint8Array(count);
  let skipped = 0;
  let expectedEmpty = 0;
  let frozen = 0;
  for (let index = 0; index < count; index++) {
    if (!isAskedFor(request, evaluation.asset, evaluation.expected.days[index] ?? 0)) continue;
    if (isExpectedEmptyByCalendar(evaluation.asset, evaluation.expected, index)) {
      expectedEmpty++;
      continue;
    }
    const reason = reasonAt(evaluation, index, request, flags.planned[index] === 1);
    if (reason === REASON.none) {
      if (evaluation.status[index] === STATUS.expectedEmpty) expectedEmpty++;
      else skipped++;
      if (request.force) frozen++;
    } else if (flags.blocked[index] === 1) blocked[index] = 1;
    else reasons[index] = reason;
  }
  return { evaluation, reasons, blocked, skipped, expectedEmpty, frozen };
}

/** A range of dates says nothing of an unpartitioned asset: its one partition is always asked for. */
export function isAskedFor(
  { days, monthSets }: PlanRequest,
  { partitionSet }: Pick<CompiledAsset, 'partitionSet'>,
  day: Day,
): boolean {
  if (!days || day === UNPARTITIONED) return true;
  const isMonth = partitionSet !== undefined && monthSets?.has(partitionSet) === true;
  return isMonth ? overlaps(days, { lo: day, hi: nextMonth(day) }) : contains(days, day);
}

/** The steps of an asset: its planned partitions in batches. */
export function stepsOf(plan: AssetPlan): Step[] {
  const { asset, expected } = plan.evaluation;
  const indexes: number[] = [];
  for (const [index, reason] of plan.reasons.entries()) {
    if (reason !== REASON.none) indexes.push(index);
  }
  return cutBatches(indexes, asset.batch).map((batch) => ({
    asset: asset.name,
    indexes: batch,
    days: batch.map((index) => expected.days[index] ?? 0),
    reasons: countReasons(plan.reasons, batch),
  }));
}

/** A required upstream partition that stands in the way. */
export interface Blocker {
  readonly asset: AssetName;
  readonly day: Day;
  readonly status: number;
  /** True when any partition up to that day would do, and there is none. */
  readonly orBefore: boolean;
}

/** The required upstream partition that keeps a partition from running, the first in the asset's order. */
export function findBlocker(
  evaluation: AssetEvaluation,
  index: number,
  evaluations: ReadonlyMap<AssetName, AssetEvaluation>,
): Blocker | undefined {
  for (const edge of evaluation.edges) {
    const source = evaluations.get(edge.upstream.asset);
    const blocker = source && !edge.upstream.optional && blockerOnEdge(edge, source, index);
    if (blocker) return blocker;
  }
  return undefined;
}

function blockerOnEdge(
  edge: EdgeEvaluation,
  source: AssetEvaluation,
  index: number,
): Blocker | undefined {
  const lo = edge.ranges.lo[index] ?? 0;
  const hi = edge.ranges.hi[index] ?? 0;
  const asset = source.asset.name;
  const { days } = source.expected;
  const end = lowerBound(days, hi);
  for (let at = lowerBound(days, lo); at < end; at++) {
    const status = source.status[at] ?? STATUS.missing;
    if (isBlocking(status)) return { asset, day: days[at] ?? lo, status, orBefore: false };
  }
  if (!isLatest(edge) || lo !== hi) return undefined;
  return { asset, day: lo - 1, status: STATUS.missing, orBefore: true };
}

function reasonAt(
  evaluation: AssetEvaluation,
  index: number,
  request: PlanRequest,
  isUpstreamPlanned: boolean,
): number {
  const isFrozen = isFrozenAt(evaluation, index);
  if (request.force) return isFrozen && !request.thaw ? REASON.none : REASON.forced;
  const reason = statusReason(evaluation, index);
  if (reason === REASON.none) {
    return isUpstreamPlanned && !isFrozen && !request.only ? REASON.mayChange : REASON.none;
  }
  return isWanted(request, reason) ? reason : REASON.none;
}

function isWanted({ only }: PlanRequest, reason: number): boolean {
  if (!only) return true;
  const name = REASON_NAMES[reason];
  return (name === 'missing' || name === 'stale' || name === 'failed') && only.has(name);
}

function statusReason(evaluation: AssetEvaluation, index: number): number {
  switch (evaluation.status[index]) {
    case STATUS.missing:
      return REASON.missing;
    case STATUS.stale:
      return REASON.stale;
    case STATUS.failed:
      return REASON.failed;
    case STATUS.blocked:
    case STATUS.running: {
      const at = evaluation.recordIndex[index] ?? -1;
      const content = at < 0 ? CONTENT.none : evaluation.records.content[at];
      return content === CONTENT.none ? REASON.missing : REASON.stale;
    }
    default:
      return REASON.none;
  }
}

/** Marks partitions with an unplanned bad upstream in the window, and those with a planned one. */
function upstreamPlanFlags(
  evaluation: AssetEvaluation,
  plans: ReadonlyMap<AssetName, AssetPlan>,
  evaluations: ReadonlyMap<AssetName, AssetEvaluation>,
): { readonly blocked: Uint8Array; readonly planned: Uint8Array } {
  const count = evaluation.expected.days.length;
  const blocked = new Uint8Array(count);
  const planned = new Uint8Array(count);
  for (const edge of evaluation.edges) {
    const source = evaluations.get(edge.upstream.asset);
    if (!source) continue;
    const plan = plans.get(edge.upstream.asset);
    const { days } = source.expected;
    const isPlanned = flagsWhere(days.length, (index) => Boolean(plan?.reasons[index]));
    const isFed = new Uint8Array(count);
    markWhereAny(isFed, isPlanned, days, reachOf(edge, evaluation.expected.days));
    if (!edge.upstream.optional) {
      const isBad = (index: number): boolean =>
        isBlocking(source.status[index]) && !plan?.reasons[index];
      markWhereAny(blocked, flagsWhere(days.length, isBad), days, edge.ranges);
      if (isLatest(edge)) markNothingNewest(blocked, edge.ranges, isFed);
    }
    for (let index = 0; index < count; index++) planned[index] ||= isFed[index] ?? 0;
  }
  return { blocked, planned };
}

function isLatest({ upstream }: EdgeEvaluation): boolean {
  return upstream.window.type === 'latest' || upstream.window.type === 'latest_before';
}

/** Where partitions that are still to be made would be read: one newer than the newest there is takes its place. */
function reachOf(edge: EdgeEvaluation, own: Int32Array): WindowRanges {
  if (!isLatest(edge)) return edge.ranges;
  const { lo, hi } = edge.ranges;
  const end = edge.upstream.window.type === 'latest' ? 1 : 0;
  return {
    lo: lo.map((from, index) => (from === hi[index] ? MIN_DAY + 1 : from)),
    hi: own.map((day) => day + end),
  };
}

/** Where nothing is there to be the newest, and nothing is to be made that could be. */
function markNothingNewest(marks: Uint8Array, { lo, hi }: WindowRanges, isFed: Uint8Array): void {
  for (let index = 0; index < marks.length; index++) {
    if (lo[index] === hi[index] && isFed[index] === 0) marks[index] = 1;
  }
}

function countReasons(reasons: Uint8Array, indexes: readonly number[]): StepReasons {
  const count = (wanted: number): number =>
    indexes.filter((index) => reasons[index] === wanted).length;
  return {
    missing: count(REASON.missing),
    stale: count(REASON.stale),
    failed: count(REASON.failed),
    forced: count(REASON.forced),
    mayChange: count(REASON.mayChange),
  };
}
