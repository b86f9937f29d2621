import { periodHolding } from '../partitions/calendar.ts';
import type { DayRange } from '../partitions/window.ts';
import { nullableColumns, presentIn } from './columns.ts';
import { countIn } from './counts.ts';
import { type Finding, percentText } from './finding.ts';
import { explainWords } from './row-volume.ts';
import { type AssetScope, dayAt, mayBeEmpty, ROWS } from './validation-scope.ts';

/** A baseline of fewer rows says little. */
const LEAST_RECORDS = 500;
/** A column that nobody declared and that so many rows had a value in, in percent, is meant to have one. */
const MEANT = 90;
/** One that fewer had may be a remark, which goes away with what it remarks on; below this it surely is. */
const USUAL = 50;
/** So few values in the baseline may be of one odd partition. */
const LEAST_VALUES = 30;
/** 3 x 30 days, ending the day before the range. */
const BASELINE_DAYS = 91;

export type RegressionResult = 'REGRESSION' | 'DEGRADATION' | 'OK' | 'IMPROVEMENT';

/** The share of rows with a value now and in a baseline period, in percent. */
export interface ColumnRegression {
  readonly column: string;
  readonly coverage: number;
  readonly baseline_coverage: number;
  /** In percentage points. */
  readonly change: number;
  /** In percent of the baseline; null where that is 0. */
  readonly change_pct: number | null;
  readonly result: RegressionResult;
}

/** What a range is held against. */
export interface Baseline {
  readonly range: DayRange;
  readonly records: number;
  /** Why it is not the dates just before the range. */
  readonly note: string | undefined;
}

export interface AssetRegression {
  readonly records: number;
  /** Absent where there are no earlier rows. */
  readonly baseline: Baseline | undefined;
  readonly columns: readonly ColumnRegression[];
}

/** How one share compares with its baseline. */
export function compareCoverage(now: number, baseline: number): RegressionResult {
  if (baseline === 0) return now > 0 ? 'IMPROVEMENT' : 'OK';
  if (now < 0.9 * baseline) return 'REGRESSION';
  if (now < 0.95 * baseline) return 'DEGRADATION';
  return now >= 1.05 * baseline ? 'IMPROVEMENT' : 'OK';
}

/** The shares of values now and in the baseline period; declared columns, else all nullable ones. */
export function regressionOf(scope: AssetScope): AssetRegression {
  const records = countIn(scope.own, ROWS, scope.range);
  const baseline = scope.of.asset.partitionSet === undefined ? undefined : baselineOf(scope);
  if (records === 0 || baseline === undefined) return { records, baseline, columns: [] };
  const names = scope.declared.columns.map(({ column }) => column);
  const columns = names.length > 0 ? names : nullableColumns(scope.of.asset);
  return {
    records,
    baseline,
    columns: columns.map((column) => {
      const present = (range: DayRange): number => countIn(scope.own, presentIn(column), range);
      const now = (100 * present(scope.range)) / records;
      const before = (100 * present(baseline.range)) / baseline.records;
      return {
        column,
        coverage: now,
        baseline_coverage: before,
        change: now - before,
        change_pct: before === 0 ? null : (100 * (now - before)) / before,
        result: compareCoverage(now, before),
      };
    }),
  };
}

/**
 * Columns that lost values against the baseline: declared ones, and those that nearly all rows used to have a value in,
 * are errors; those that most rows had one in are worth a look. That fewer rows have a remark or a reason is no loss.
 */
export function regressionFindings(
  scope: AssetScope,
  { columns, baseline }: AssetRegression,
): readonly Finding[] {
  const { asset } = scope.of;
  const declared = new Set(scope.declared.columns.map(({ column }) => column));
  const days = scope.indexes.map((index) => dayAt(scope, index));
  const saysMuch = (before: number): boolean =>
    before >= USUAL && (before / 100) * (baseline?.records ?? 0) >= LEAST_VALUES;
  return columns
    .filter(({ result }) => result === 'REGRESSION' || result === 'DEGRADATION')
    .filter(({ column, baseline_coverage: before }) => declared.has(column) || saysMuch(before))
    .map(({ column, coverage, baseline_coverage: before, result }): Finding => {
      const isRegression = result === 'REGRESSION';
      const mayLack = mayBeEmpty(scope) || before < MEANT;
      const isWarning = !isRegression || (mayLack && !declared.has(column));
      return {
        kind: isRegression ? 'regression' : 'degradation',
        severity: isWarning ? 'warn' : 'error',
        asset: asset.name,
        column,
        days: [],
        found: `${percentText(coverage)} of ${column} has a value`,
        expected: `at least ${isRegression ? 90 : 95}% of the baseline's ${percentText(before)}`,
        ...(baseline?.note === undefined ? {} : { cause: `baseline: ${baseline.note}` }),
        mend: explainWords(scope, days),
      };
    });
}

function baselineOf(scope: AssetScope): Baseline | undefined {
  const { range } = scope;
  const counted = (of: DayRange, note?: string): Baseline => ({
    range: of,
    records: countIn(scope.own, ROWS, of),
    note,
  });
  if (scope.baseline !== undefined) return nonEmpty(counted(scope.baseline));
  const first = Math.max(range.lo, scope.of.expected.days[0] ?? range.lo);
  const before = counted({ lo: first - BASELINE_DAYS, hi: first });
  const isOffSeason = !scope.of.expected.days.some(
    (day) => before.range.lo <= day && day < before.range.hi,
  );
  if (!isOffSeason && before.records >= LEAST_RECORDS) return before;
  const name = periodName(scope);
  const shift = periodShift(scope);
  if (shift === undefined) return nonEmpty(before);
  const why = isOffSeason
    ? 'no date of the calendar lies in the 91 days before'
    : `the 91 days before have ${before.records} rows, fewer than ${LEAST_RECORDS}`;
  const note = `${why}; the same months of the previous ${name}`;
  const last = Math.min(range.hi, (scope.of.expected.days.at(-1) ?? range.hi) + 1);
  return nonEmpty(counted({ lo: first - shift, hi: Math.min(last - shift, first) }, note));
}

/** Days between the period that the range begins in and the one before. */
export function periodShift(scope: AssetScope): number | undefined {
  const { expected } = scope.of;
  const first = expected.days.find((day) => day >= scope.range.lo);
  if (first === undefined) return undefined;
  const period = periodHolding(expected, first);
  const previous = period && periodHolding(expected, Math.min(period.first, period.start) - 1);
  return period && previous && period.start - previous.start;
}

export function periodName(scope: AssetScope): string {
  const set = scope.pipeline.partitionSets.find(
    (each) => each.name === scope.of.asset.partitionSet,
  );
  const calendar =
    set === undefined || set.type === 'days'
      ? undefined
      : scope.pipeline.calendars.find((each) => each.name === set.calendar);
  return calendar?.periodName ?? 'period';
}

function nonEmpty(baseline: Baseline): Baseline | undefined {
  return baseline.records === 0 ? undefined : baseline;
}
