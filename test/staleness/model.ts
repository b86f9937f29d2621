import type { CompiledAsset, CompiledPipeline } from '../../engine/compile/compiled.ts';
import {
  type ExpectedDays,
  monthsOf,
  ONE_PARTITION,
  everyDay,
} from '../../engine/partitions/calendar.ts';
import { type Day, parseDay } from '../../engine/partitions/date.ts';
import { naiveWindow } from '../partitions/shapes.ts';

/** What the model remembers of one partition. */
export interface ModelPartition {
  readonly content: 'none' | 'rows' | 'empty';
  readonly data: number;
  readonly attempt: 'ok' | 'failed' | 'blocked';
  /** Everything that it was made from, written out. */
  readonly inputs: string;
}

const NEVER: ModelPartition = { content: 'none', data: 0, attempt: 'ok', inputs: '' };

/** The record without hashes and prefix sums: staleness by writing all inputs out and comparing the texts. */
export class Model {
  pipeline: CompiledPipeline;
  calendar: ExpectedDays;
  /** Content of the files of sources. */
  readonly files = new Map<string, string>();
  readonly #partitions = new Map<string, Map<Day, ModelPartition>>();

  constructor(pipeline: CompiledPipeline, calendar: ExpectedDays) {
    this.pipeline = pipeline;
    this.calendar = calendar;
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
      case 'days':
        return everyDay(parseDay('2024-01-01') ?? 0, (parseDay('2024-01-12') ?? 0) + 1);
      default:
        return this.calendar;
    }
  }

  partition(asset: string, day: Day): ModelPartition {
    return this.#partitions.get(asset)?.get(day) ?? NEVER;
  }

  save(asset: string, day: Day, partition: ModelPartition): void {
    const of = this.#partitions.get(asset) ?? new Map<Day, ModelPartition>();
    this.#partitions.set(asset, of.set(day, partition));
  }

  /** The recorded days of an asset that have rows, ascending. */
  daysWithRows(asset: string): Day[] {
    const of = this.#partitions.get(asset) ?? new Map<Day, ModelPartition>();
    return [...of]
      .filter(([, partition]) => partition.content === 'rows')
      .map(([day]) => day)
      .sort((a, b) => a - b);
  }

  /** Everything that decides the content of a partition, as it is now. */
  inputs(asset: CompiledAsset, index: number): string {
    const own = this.expected(asset);
    const windows = asset.upstream.map((edge) => {
      const holds = this.#holds(asset, edge.asset, index);
      return this.daysWithRows(edge.asset)
        .filter(holds(edge.window))
        .map((day) => [day, this.partition(edge.asset, day).data]);
    });
    const period = own.periods[own.periodIndex[index] ?? -1]?.start ?? 0;
    return JSON.stringify([
      asset.codeVersion,
      windows,
      asset.sql?.readsPeriod === true ? period : null,
      asset.kind === 'source' ? (this.files.get(asset.name) ?? null) : null,
    ]);
  }

  /** The status of the partition at an index, the first of design 6 that applies. */
  status(asset: CompiledAsset, index: number): string {
    const day = this.expected(asset).days[index] ?? 0;
    if (this.#isBootstrap(asset, index)) return 'expected-empty';
    const { content, attempt, inputs } = this.partition(asset.name, day);
    if (attempt === 'failed') return 'failed';
    if (asset.freeze === 'once' && content === 'rows') return 'current';
    const isCurrent = content !== 'none' && inputs === this.inputs(asset, index);
    if (isCurrent) return content === 'empty' ? 'expected-empty' : 'current';
    if (this.isBlocked(asset, index)) return 'blocked';
    return content === 'none' ? 'missing' : 'stale';
  }

  /** Whether a rule on the calendar says that the partition is empty. */
  #isBootstrap(asset: CompiledAsset, index: number): boolean {
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
    return asset.upstream.some((edge) => {
      if (edge.optional) return false;
      const source = this.asset(edge.asset);
      const holds = this.#holds(asset, edge.asset, index)(edge.window);
      const isLatest = edge.window.type === 'latest' || edge.window.type === 'latest_before';
      if (isLatest && !this.daysWithRows(edge.asset).some(holds)) return true;
      return [...this.expected(source).days].some(
        (day, at) =>
          holds(day) && ['missing', 'failed', 'blocked'].includes(this.status(source, at)),
      );
    });
  }

  #holds(asset: CompiledAsset, upstream: string, index: number) {
    const source = this.asset(upstream);
    const sides = {
      own: this.expected(asset),
      upstream: this.expected(source),
      materialized: this.daysWithRows(upstream),
    };
    if (source.partitionSet === undefined) return () => () => true;
    return (window: (typeof asset.upstream)[number]['window']) => naiveWindow(window, sides, index);
  }
}
