import type { CompiledPipeline } from '../compile/compiled.ts';
import type { AssetValidation, ValidationRules } from '../config/health-rules.ts';
import type { Calendar } from '../config/pipeline.ts';
import type { AssetName } from '../ids.ts';
import { type Day, UNPARTITIONED } from '../partitions/date.ts';
import { CONTENT } from '../partitions/records.ts';
import type { DayRange } from '../partitions/window.ts';
import type { CauseReader } from '../staleness/cause.ts';
import type { PathContext } from '../staleness/root-cause.ts';
import type { AssetEvaluation, GraphEvaluation } from '../staleness/status.ts';
import type { CountedAssets } from './count-assets.ts';
import { type AssetCounts, countOn, type Measure, NO_COUNTS } from './counts.ts';
import { isEmptyAsExpected } from './expected-empty.ts';

export const ROWS: Measure = { type: 'rows' };

/** Everything that validation looks at; the record is read, the rows are counted already. */
export interface ValidationScope {
  readonly pipeline: CompiledPipeline;
  readonly evaluation: GraphEvaluation;
  readonly rules: ValidationRules;
  readonly reader: (CauseReader & NonNullable<PathContext['reader']>) | undefined;
  readonly codeVersions: readonly string[];
  readonly target: string;
  /** The dates that are validated. */
  readonly range: DayRange;
  /** Given by hand; else the 91 days before the range. */
  readonly baseline: DayRange | undefined;
  readonly today: Day;
  readonly counts: CountedAssets;
  /** The dates that rows were counted of: those that are validated, and others to hold them against. */
  readonly counted: DayRange;
  /** Rows of a calendar's asset that are units of its dates, by the calendar's name. */
  readonly units: ReadonlyMap<string, Measure>;
}

/** One asset in its scope. */
export interface AssetScope extends ValidationScope {
  readonly of: AssetEvaluation;
  readonly own: AssetCounts;
  readonly declared: AssetValidation;
  /** Positions of the partitions in the range, up to today. */
  readonly indexes: readonly number[];
}

const NOTHING_DECLARED: AssetValidation = { critical: [], columns: [] };

export function assetScope(scope: ValidationScope, of: AssetEvaluation): AssetScope {
  const { name } = of.asset;
  return {
    ...scope,
    of,
    own: scope.counts.byAsset.get(name) ?? NO_COUNTS,
    declared: scope.rules.assets[name] ?? NOTHING_DECLARED,
    indexes: [...of.expected.days.keys()].filter((index) => {
      const day = of.expected.days[index] ?? 0;
      if (day === UNPARTITIONED) return true;
      return scope.range.lo <= day && day < scope.range.hi && day <= scope.today;
    }),
  };
}

export function dayAt({ of }: AssetScope, index: number): Day {
  return of.expected.days[index] ?? 0;
}

export function rowsAt(scope: AssetScope, index: number): number {
  return countOn(scope.own, ROWS, dayAt(scope, index));
}

/** Rows as the record has them, 0 where it has none. */
export function recordedRows({ of }: AssetScope, index: number): number {
  const at = of.recordIndex[index] ?? -1;
  return of.records.content[at] === CONTENT.materialized ? (of.records.rows[at] ?? 0) : 0;
}

export function isExpectedEmpty({ of }: Pick<AssetScope, 'of'>, index: number): boolean {
  return isEmptyAsExpected(of, index);
}

/** The calendar whose dates an asset's partitions are, one by one. */
export function calendarOf(
  pipeline: CompiledPipeline,
  { asset }: AssetEvaluation,
): Calendar | undefined {
  const set = pipeline.partitionSets.find((each) => each.name === asset.partitionSet);
  if (set?.type !== 'calendar') return undefined;
  return pipeline.calendars.find((each) => each.name === set.calendar);
}

/**
 * How many units a date has: rows of the asset that its rows are declared to be counted per, else those that make it
 * a date of the calendar. Undefined without a calendar.
 */
export function unitsOn(scope: AssetScope, day: Day): number | undefined {
  const per = scope.declared.expectedRows?.per;
  const perCounts = per === undefined ? undefined : scope.counts.byAsset.get(per);
  if (perCounts !== undefined) return countOn(perCounts, ROWS, day);
  const calendar = calendarOf(scope.pipeline, scope.of);
  const measure = calendar && scope.units.get(calendar.name);
  const counts = calendar && scope.counts.byAsset.get(calendar.asset);
  return measure && counts ? countOn(counts, measure, day) : undefined;
}

/** The asset whose rows `unitsOn` counts; its own name where there is no calendar. */
export function unitAsset(scope: AssetScope): AssetName {
  const per = scope.declared.expectedRows?.per;
  return per ?? calendarOf(scope.pipeline, scope.of)?.asset ?? scope.of.asset.name;
}

/**
 * A source that may have nothing for a date may have something for part of it; one whose rule is about its upstream
 * (no game is over yet) has all or nothing.
 */
export function mayBeEmpty({ of }: AssetScope): boolean {
  const { kind, expectedEmpty, upstream } = of.asset;
  if (kind !== 'source' || upstream.length > 0) return false;
  return expectedEmpty.some(({ type }) => type === 'condition');
}
