import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import type { Upstream } from '../config/pipeline.ts';
import type { AssetName } from '../ids.ts';
import { type ExpectedDays, isAmongFirstDays, periodAt } from '../partitions/calendar.ts';
import type { Day } from '../partitions/date.ts';
import { type Hash64, parseHash } from '../partitions/hash64.ts';
import type { DayRange, WindowRanges } from '../partitions/window.ts';
import { ATTEMPT, CONTENT, NO_RECORDS, type PartitionRecords } from '../partitions/records.ts';
import type { StateSnapshot } from '../../state/store.ts';
import { expectedBySet, expectedOf } from './expected.ts';
import {
  daysWithRows,
  inputVersions,
  type InputVersionParts,
  positionsOf,
  type PrefixSums,
  prefixSums,
  type WindowSums,
  windowSums,
} from './input-version.ts';
import { WindowCache } from './window-cache.ts';

/** The status of a partition (design 6), as a small number since there can be a million of them. */
export const STATUS = {
  current: 0,
  stale: 1,
  missing: 2,
  failed: 3,
  blocked: 4,
  expectedEmpty: 5,
  running: 6,
} as const;

/** The names that people and scripts see, by code. */
export const STATUS_NAMES = [
  'current',
  'stale',
  'missing',
  'failed',
  'blocked',
  'expected-empty',
  'running',
] as const;

export type StatusName = (typeof STATUS_NAMES)[number];

/** One upstream edge of an asset with the window of every expected partition. */
export interface EdgeEvaluation {
  readonly upstream: Upstream;
  readonly ranges: WindowRanges;
  readonly sums: WindowSums;
}

/** The status of every expected partition of one asset; arrays are parallel to `expected.days`. */
export interface AssetEvaluation {
  readonly asset: CompiledAsset;
  readonly expected: ExpectedDays;
  readonly records: PartitionRecords;
  /** Position in `records` of each expected partition, -1 without a record. */
  readonly recordIndex: Int32Array;
  readonly status: Uint8Array;
  /** 1 where an upstream partition in the window is stale or may change itself. */
  readonly mayChange: Uint8Array;
  readonly inputHi: Uint32Array;
  readonly inputLo: Uint32Array;
  readonly edges: readonly EdgeEvaluation[];
  readonly sums: PrefixSums;
  /** Days with rows, ascending. */
  readonly daysWithRows: Int32Array;
}

/** The status of the whole graph; assets in topological order. */
export interface GraphEvaluation {
  readonly pipeline: CompiledPipeline;
  readonly bySet: ReadonlyMap<string, ExpectedDays>;
  readonly assets: ReadonlyMap<AssetName, AssetEvaluation>;
}

export interface EvaluationInput {
  readonly pipeline: CompiledPipeline;
  readonly snapshot: StateSnapshot;
  readonly today: Day;
  /** Content hashes of sources' files as just observed; the recorded ones count for the others. */
  readonly sourceContent?: ReadonlyMap<AssetName, string>;
  /** Partitions that a live run holds. */
  readonly running?: ReadonlyMap<AssetName, readonly DayRange[]>;
}

/** The status of every expected partition of every asset. */
export function evaluateGraph(input: EvaluationInput): GraphEvaluation {
  const bySet = expectedBySet(input.pipeline, input.snapshot.calendars, input.today);
  const assets = new Map<AssetName, AssetEvaluation>();
  const context = { ...input, bySet, assets, windows: new WindowCache() };
  for (const asset of input.pipeline.assets) assets.set(asset.name, evaluateAsset(asset, context));
  return { pipeline: input.pipeline, bySet, assets };
}

export interface AssetContext extends EvaluationInput {
  readonly bySet: ReadonlyMap<string, ExpectedDays>;
  /** The evaluations of all upstream assets. */
  readonly assets: ReadonlyMap<AssetName, AssetEvaluation>;
  /** Of assets that were evaluated with the same `bySet`. */
  readonly windows?: WindowCache;
}

/** The status of one asset, its upstream assets having been evaluated. */
export function evaluateAsset(asset: CompiledAsset, context: AssetContext): AssetEvaluation {
  const expected = expectedOf(asset, context.bySet);
  const records = context.snapshot.records.get(asset.name) ?? NO_RECORDS;
  const edges = asset.upstream.map((upstream) => evaluateEdge(upstream, expected, context));
  const parts = versionParts(asset, expected, edges, context);
  const count = expected.days.length;
  const versions = inputVersions(parts, count);
  const evaluation: AssetEvaluation = {
    asset,
    expected,
    records,
    recordIndex: recordIndexes(expected.days, records.days),
    status: new Uint8Array(count),
    mayChange: new Uint8Array(count),
    inputHi: versions.hi,
    inputLo: versions.lo,
    edges,
    sums: prefixSums(records),
    daysWithRows: daysWithRows(records),
  };
  const upstream = upstreamFlags(asset, expected, edges, context.assets);
  const running = context.running?.get(asset.name) ?? [];
  for (let index = 0; index < count; index++) {
    evaluation.status[index] = statusAt(evaluation, index, upstream.blocked[index] === 1, running);
    // What the calendar alone makes empty stays empty and what is frozen stays as it is, whatever upstream does.
    const isFixed =
      isExpectedEmptyByCalendar(asset, expected, index) || isFrozenAt(evaluation, index);
    evaluation.mayChange[index] = isFixed ? 0 : (upstream.changing[index] ?? 0);
  }
  return evaluation;
}

/**
 * Recorded days with content that the asset is no longer expected to have: a postponed game's old date, or one
 * that a rule on the calendar now says is empty.
 */
export function daysThatLeft(evaluation: AssetEvaluation): readonly Day[] {
  const { asset, expected, records, recordIndex } = evaluation;
  const isWanted = new Uint8Array(records.days.length);
  for (let index = 0; index < recordIndex.length; index++) {
    const at = recordIndex[index] ?? -1;
    if (at >= 0 && !isExpectedEmptyByCalendar(asset, expected, index)) isWanted[at] = 1;
  }
  const left: Day[] = [];
  for (let at = 0; at < isWanted.length; at++) {
    const isLeft = isWanted[at] === 0 && records.content[at] !== CONTENT.none;
    if (isLeft) left.push(records.days[at] ?? 0);
  }
  return left;
}

/** Those that left where a calendar is known; while it is not, nothing can be said to have left it. */
export function daysNoLongerExpected(evaluation: AssetEvaluation): readonly Day[] {
  return evaluation.expected.days.length === 0 ? [] : daysThatLeft(evaluation);
}

/** Whether a partition keeps its rows whatever its inputs are (`freeze: once`). */
export function isFrozenAt(evaluation: AssetEvaluation, index: number): boolean {
  const { asset, records, recordIndex, status } = evaluation;
  if (asset.freeze !== 'once' || status[index] !== STATUS.current) return false;
  return records.content[recordIndex[index] ?? -1] === CONTENT.materialized;
}

/** Whether a partition of that status keeps the partitions that need it from running. */
export function isBlocking(status: number | undefined): boolean {
  return status === STATUS.missing || status === STATUS.failed || status === STATUS.blocked;
}

function statusAt(
  evaluation: AssetEvaluation,
  index: number,
  isBlocked: boolean,
  running: readonly DayRange[],
): number {
  const { asset, expected, records } = evaluation;
  if (isExpectedEmptyByCalendar(asset, expected, index)) return STATUS.expectedEmpty;
  const day = expected.days[index] ?? 0;
  if (running.some((range) => range.lo <= day && day < range.hi)) return STATUS.running;
  const at = evaluation.recordIndex[index] ?? -1;
  if (at >= 0 && records.attempt[at] === ATTEMPT.failed) return STATUS.failed;
  return contentStatus(evaluation, index, isBlocked);
}

/** The status that follows from what is recorded as the partition's content. */
function contentStatus(evaluation: AssetEvaluation, index: number, isBlocked: boolean): number {
  const { asset, records } = evaluation;
  const at = evaluation.recordIndex[index] ?? -1;
  const content = at < 0 ? CONTENT.none : records.content[at];
  if (content === CONTENT.none) return isBlocked ? STATUS.blocked : STATUS.missing;
  if (asset.freeze === 'once' && content === CONTENT.materialized) return STATUS.current;
  const isCurrent =
    records.inputHi[at] === evaluation.inputHi[index] &&
    records.inputLo[at] === evaluation.inputLo[index];
  if (!isCurrent) return isBlocked ? STATUS.blocked : STATUS.stale;
  return content === CONTENT.expectedEmpty ? STATUS.expectedEmpty : STATUS.current;
}

/** Whether a rule on the calendar alone says that the partition has no rows. */
export function isExpectedEmptyByCalendar(
  asset: CompiledAsset,
  expected: ExpectedDays,
  index: number,
): boolean {
  return asset.expectedEmpty.some(
    (rule) => rule.type === 'first_days_of_period' && isAmongFirstDays(expected, index, rule.days),
  );
}

function evaluateEdge(
  upstream: Upstream,
  own: ExpectedDays,
  { assets, windows = new WindowCache() }: AssetContext,
): EdgeEvaluation {
  const source = upstreamOf(upstream, assets);
  const ranges = windows.rangesOf(upstream.window, {
    own,
    upstream: source.expected,
    materialized: source.daysWithRows,
    upstreamIsPartitioned: source.asset.partitionSet !== undefined,
  });
  return { upstream, ranges, sums: windowSums(source.sums, ranges) };
}

function versionParts(
  asset: CompiledAsset,
  expected: ExpectedDays,
  edges: readonly EdgeEvaluation[],
  context: AssetContext,
): InputVersionParts {
  const content =
    context.sourceContent?.get(asset.name) ??
    context.snapshot.observations.get(asset.name)?.content;
  return {
    code: parseHash(asset.codeVersion),
    windows: edges.map((edge) => edge.sums),
    periodStart: asset.sql?.readsPeriod ? periodStarts(expected) : undefined,
    files: asset.kind === 'source' ? fileHash(content) : undefined,
  };
}

function fileHash(content: string | undefined): Hash64 {
  return content === undefined ? { hi: 0, lo: 0 } : parseHash(content);
}

/** The period start of every partition; 0 without periods. */
export function periodStarts(expected: ExpectedDays): Int32Array {
  return expected.days.map((_, index) => periodAt(expected, index)?.start ?? 0);
}

interface UpstreamFlags {
  /** 1 where a required upstream partition in the window is missing, failed or blocked. */
  readonly blocked: Uint8Array;
  /** 1 where an upstream partition in the window is stale, to be made, or may change itself. */
  readonly changing: Uint8Array;
}

function upstreamFlags(
  asset: CompiledAsset,
  expected: ExpectedDays,
  edges: readonly EdgeEvaluation[],
  assets: ReadonlyMap<AssetName, AssetEvaluation>,
): UpstreamFlags {
  const blocked = new Uint8Array(expected.days.length);
  const changing = new Uint8Array(expected.days.length);
  for (const [at, edge] of edges.entries()) {
    const upstream = asset.upstream[at];
    if (!upstream) continue;
    const source = upstreamOf(upstream, assets);
    if (!upstream.optional) {
      const isBad = flagsWhere(source.status.length, (index) => isBlocking(source.status[index]));
      markWhereAny(blocked, isBad, source.expected.days, edge.ranges);
      markWhereNothingNewest(blocked, upstream, edge.ranges);
    }
    const isChanging = flagsWhere(source.status.length, (index) => isOpen(source, index));
    markWhereAny(changing, isChanging, source.expected.days, edge.ranges);
  }
  return { blocked, changing };
}

/** 1 where it is so; an empty array, which costs nothing to mark, where it is so nowhere. */
export function flagsWhere(count: number, isSo: (index: number) => boolean): Uint8Array {
  let first = 0;
  while (first < count && !isSo(first)) first++;
  if (first === count) return NO_FLAGS;
  const flags = new Uint8Array(count);
  for (let index = first; index < count; index++) flags[index] = isSo(index) ? 1 : 0;
  return flags;
}

const NO_FLAGS = new Uint8Array(0);

/** Whether a partition is to be made, or may change with its own upstream. */
function isOpen({ status, mayChange }: AssetEvaluation, index: number): boolean {
  const code = status[index];
  return (code !== STATUS.current && code !== STATUS.expectedEmpty) || mayChange[index] === 1;
}

/** Marks the partitions whose window holds a flagged upstream partition; linear by prefix counts. */
export function markWhereAny(
  marks: Uint8Array,
  flags: Uint8Array,
  days: Int32Array,
  ranges: WindowRanges,
): void {
  if (flags.length === 0 || !flags.includes(1)) return;
  const counts = new Int32Array(flags.length + 1);
  for (let index = 0; index < flags.length; index++) {
    counts[index + 1] = (counts[index] ?? 0) + (flags[index] ?? 0);
  }
  const from = positionsOf(days, ranges.lo);
  const to = positionsOf(days, ranges.hi);
  for (let index = 0; index < marks.length; index++) {
    const start = from[index] ?? 0;
    const end = Math.max(start, to[index] ?? 0);
    if ((counts[end] ?? 0) > (counts[start] ?? 0)) marks[index] = 1;
  }
}

/** A required `latest` upstream of which nothing is materialized yet blocks too. */
function markWhereNothingNewest(marks: Uint8Array, upstream: Upstream, ranges: WindowRanges): void {
  if (upstream.window.type !== 'latest' && upstream.window.type !== 'latest_before') return;
  for (let index = 0; index < marks.length; index++) {
    if (ranges.lo[index] === ranges.hi[index]) marks[index] = 1;
  }
}

function upstreamOf(
  upstream: Upstream,
  assets: ReadonlyMap<AssetName, AssetEvaluation>,
): AssetEvaluation {
  const source = assets.get(upstream.asset);
  if (!source) throw new Error(`Internal error: ${upstream.asset} was not evaluated before`);
  return source;
}

function recordIndexes(expected: Int32Array, recorded: Int32Array): Int32Array {
  const positions = positionsOf(recorded, expected);
  return positions.map((position, index) =>
    recorded[position] === expected[index] ? position : -1,
  );
}
