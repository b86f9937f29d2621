import type { CompiledAsset, CompiledPipeline } from '../../engine/compile/compiled.ts';
import {
  type ExpectedDays,
  monthsOf,
  ONE_PARTITION,
  everyDay,
} from '../../engine/partitions/calendar.ts';
import { type Day, parseDay } from '../../engine/partitions/date.ts';
import { naiveWindow } from '../partitions/shapes.ts';

/** What one upstream partition holds: its data version, or the rows themselves, and how many they are. */
export interface Held {
  readonly data: string;
  readonly rows: number;
}

/** What an edge lets in: the partitions of its window that have rows. */
export interface EdgeInput {
  readonly upstream: string;
  readonly held: ReadonlyMap<Day, Held>;
}

/** Everything that decides the content of a partition, written out. */
export interface Inputs {
  readonly code: string;
  readonly edges: readonly EdgeInput[];
  /** The first date of the period, for assets that read it. */
  readonly period: Day | null;
  /** What a source's files hold. */
  readonly files: string | null;
}

/** What the model remembers of one partition. */
export interface ModelPartition extends Held {
  readonly content: 'none' | 'rows' | 'empty';
  readonly attempt: 'ok' | 'failed' | 'blocked';
  readonly inputs: Inputs | undefined;
  /** The windows that it was made with, and what decided its code; for causes only. */
  readonly windows?: readonly string[];
  readonly parts?: CompiledAsset['codeParts'];
}

const NEVER: ModelPartition = {
  content: 'none',
  data: '',
  rows: 0,
  attempt: 'ok',
  inputs: undefined,
};

/** The record without hashes and prefix sums: staleness by writing all inputs out and comparing them. */
export class Model {
  pipeline: CompiledPipeline;
  calendar: ExpectedDays;
  /** Content of the files of sources. */
  readonly files = new Map<string, string>();
  readonly #partitions = new Map<string, Map<Day, ModelPartition>>();
  readonly #removed = new Set<string>();
  readonly #statuses = new Map<string, string>();

  constructor(pipeline: CompiledPipeline, calendar: ExpectedDays) {
    this.pipeline = pipeline;
    this.calendar = calendar;
  }

  /** To be called after anything was changed other than by `save` and `remove`. */
  changed(): void {
    this.#statuses.clear();
  }

  asset(name: string): CompiledAsset {
    const asset = this.pipeline.assets.find((each) => each.name === name);
    if (!asset) throw new Error(`no asset ${name}`);
    return asset;
  }

  expected(asset: CompiledAsset): ExpectedDays {
    switch (asset.partitionSet) {
      case undefined:
        return ONE_PARTITION;
      case 'months':
        return monthsOf(this.calendar);
      case 'days': {
        const set = this.pipeline.partitionSets.find((each) => each.name === 'days');
        const { from = '', to = '' } = set?.type === 'days' ? set : {};
        return everyDay(parseDay(from) ?? 0, (parseDay(to) ?? 0) + 1);
      }
      default:
        return this.calendar;
    }
  }

  partition(asset: string, day: Day): ModelPartition {
    return this.#partitions.get(asset)?.get(day) ?? NEVER;
  }

  /** Whether the newest that changed a partition's content was that it was removed. */
  wasRemoved(asset: string, day: Day): boolean {
    return this.#removed.has(`${asset} ${day}`);
  }

  /** The recorded days of an asset, ascending. */
  recordedDays(asset: string): Day[] {
    return [...(this.#partitions.get(asset)?.keys() ?? [])].sort((a, b) => a - b);
  }

  save(asset: string, day: Day, partition: ModelPartition): void {
    const of = this.#partitions.get(asset) ?? new Map<Day, ModelPartition>();
    this.#partitions.set(asset, of.set(day, partition));
    if (partition.content !== 'none') this.#removed.delete(`${asset} ${day}`);
    this.changed();
  }

  remove(asset: string, day: Day): void {
    if (this.partition(asset, day).content !== 'none') this.#removed.add(`${asset} ${day}`);
    this.#partitions.get(asset)?.delete(day);
    this.changed();
  }

  /** The recorded days of an asset that have rows, ascending. */
  daysWithRows(asset: string): Day[] {
    return this.recordedDays(asset).filter((day) => this.partition(asset, day).content === 'rows');
  }

  /** Everything that decides the content of a partition, as it is now. */
  inputs(asset: CompiledAsset, index: number): Inputs {
    const own = this.expected(asset);
    return {
      code: asset.codeVersion,
      edges: asset.upstream.map((edge): EdgeInput => {
        const holds = this.#holds(asset, edge, index);
        const days = this.daysWithRows(edge.asset).filter(holds);
        return {
          upstream: edge.asset,
          held: new Map(days.map((day) => [day, this.partition(edge.asset, day)])),
        };
      }),
      period:
        asset.sql?.readsPeriod === true
          ? (own.periods[own.periodIndex[index] ?? -1]?.start ?? 0)
          : null,
      files: asset.kind === 'source' ? (this.files.get(asset.name) ?? null) : null,
    };
  }

  /** Whether a partition has content that was made from other inputs than there are now. */
  isOutdated(asset: CompiledAsset, index: number): boolean {
    const { content, inputs } = this.partition(asset.name, this.dayAt(asset, index));
    return content !== 'none' && textOf(inputs) !== textOf(this.inputs(asset, index));
  }

  /** The status of the partition at an index, the first of design 6 that applies. */
  status(asset: CompiledAsset, index: number): string {
    const key = `${asset.name} ${index}`;
    const known = this.#statuses.get(key) ?? this.#status(asset, index);
    this.#statuses.set(key, known);
    return known;
  }

  #status(asset: CompiledAsset, index: number): string {
    if (this.isEmptyByCalendar(asset, index)) return 'expected-empty';
    const { content, attempt } = this.partition(asset.name, this.dayAt(asset, index));
    if (attempt === 'failed') return 'failed';
    if (asset.freeze === 'once' && content === 'rows') return 'current';
    const isCurrent = content !== 'none' && !this.isOutdated(asset, index);
    if (isCurrent) return content === 'empty' ? 'expected-empty' : 'current';
    if (this.isBlocked(asset, index)) return 'blocked';
    return content === 'none' ? 'missing' : 'stale';
  }

  /** Whether something upstream in the window is to be made, or may change itself. */
  mayChange(asset: CompiledAsset, index: number): boolean {
    if (this.isEmptyByCalendar(asset, index)) return false;
    const { content } = this.partition(asset.name, this.dayAt(asset, index));
    const isKept = asset.freeze === 'once' && content === 'rows';
    if (isKept && this.status(asset, index) === 'current') return false;
    return asset.upstream.some((edge) => {
      const source = this.asset(edge.asset);
      return this.upstreamPartitions(asset, edge, index).some((at) => {
        const isDone = ['current', 'expected-empty'].includes(this.status(source, at));
        return !isDone || this.mayChange(source, at);
      });
    });
  }

  /** Whether a rule on the calendar says that the partition is empty. */
  isEmptyByCalendar(asset: CompiledAsset, index: number): boolean {
    const own = this.expected(asset);
    const day = own.days[index] ?? 0;
    const start = own.periods[own.periodIndex[index] ?? -1]?.start;
    if (start === undefined || day < start) return false;
    return asset.expectedEmpty.some(
      (rule) => rule.type === 'first_days_of_period' && day < start + rule.days,
    );
  }

  /** Whether a required upstream partition in the window is missing, failed or blocked. */
  isBlocked(asset: CompiledAsset, index: number): boolean {
    return asset.upstream.some((edge) => this.blockers(asset, edge, index) !== undefined);
  }

  /**
   * The positions of the upstream partitions that keep one from being made: none where nothing was ever made of
   * which it wants the latest; undefined where nothing is in the way.
   */
  blockers(asset: CompiledAsset, edge: Edge, index: number): readonly number[] | undefined {
    if (edge.optional) return undefined;
    const source = this.asset(edge.asset);
    const bad = this.upstreamPartitions(asset, edge, index).filter((at) =>
      ['missing', 'failed', 'blocked'].includes(this.status(source, at)),
    );
    const isLatest = edge.window.type === 'latest' || edge.window.type === 'latest_before';
    const holds = this.#holds(asset, edge, index);
    if (isLatest && !this.daysWithRows(edge.asset).some(holds)) return bad;
    return bad.length > 0 ? bad : undefined;
  }

  dayAt(asset: CompiledAsset, index: number): Day {
    return this.expected(asset).days[index] ?? 0;
  }

  /** The positions of the expected upstream partitions in a window. */
  upstreamPartitions(asset: CompiledAsset, edge: Edge, index: number): number[] {
    const holds = this.#holds(asset, edge, index);
    const { days } = this.expected(this.asset(edge.asset));
    return [...days.keys()].filter((at) => holds(days[at] ?? 0));
  }

  #holds(asset: CompiledAsset, edge: Edge, index: number): (day: Day) => boolean {
    const source = this.asset(edge.asset);
    if (source.partitionSet === undefined) return () => true;
    const own = this.expected(asset);
    const materialized = this.daysWithRows(edge.asset);
    return naiveWindow(edge.window, { own, upstream: this.expected(source), materialized }, index);
  }

  /** Where the window of every edge begins or which partition it is, where that can move: two equal texts did not. */
  windowTexts(asset: CompiledAsset, index: number): string[] {
    return asset.upstream.map((edge) => {
      const { window } = edge;
      const own = this.expected(asset);
      const day = own.days[index] ?? 0;
      const { days, periods } = this.expected(this.asset(edge.asset));
      const ends: Partial<Record<typeof window.type, () => unknown>> = {
        before_partitions: () =>
          [...days]
            .filter((each) => each < day)
            .slice(-(window as { partitions: number }).partitions)[0],
        before_period: () =>
          (
            own.periods[own.periodIndex[index] ?? -1] ??
            periods.filter((each) => Math.min(each.first, each.start) <= day).at(-1)
          )?.first,
        latest: () =>
          this.daysWithRows(edge.asset)
            .filter((each) => each <= day)
            .at(-1),
        latest_before: () =>
          this.daysWithRows(edge.asset)
            .filter((each) => each < day)
            .at(-1),
      };
      return `${JSON.stringify(window)} ${String(ends[window.type]?.())}`;
    });
  }
}

type Edge = CompiledAsset['upstream'][number];

/** Inputs as one text; what a window would hold besides what it holds decides nothing. */
export function textOf(inputs: Inputs | undefined): string {
  if (!inputs) return '';
  const { code, edges, period, files } = inputs;
  const held = edges.map((edge) => Array.from(edge.held, ([day, { data }]) => [day, data]));
  return JSON.stringify([code, held, period, files]);
}
