import { percentText, type Finding } from './finding.ts';
import type { Point } from './profile.ts';
import { periodName } from './regression.ts';
import { explainWords, type RowProfile, rowsText } from './row-volume.ts';
import { mean } from './statistics.ts';
import { type AssetScope, dayAt, isExpectedEmpty, rowsAt } from './validation-scope.ts';

/** Dates of a period in the range, and the same time of the period before. */
export interface PeriodComparison {
  readonly period: string;
  readonly previous: string;
  readonly coverage: number;
  readonly previous_coverage: number;
  /** Mean rows per unit, or per date where rows do not grow with the units. */
  readonly rows: number;
  readonly previous_rows: number;
  readonly scale: RowProfile['scale'];
  readonly change_pct: number;
}

/** Fewer dates are not compared. */
const LEAST_DATES = 5;
/** Rows that fell by more than this against the period before are a finding. */
const FALL = 0.1;

export function comparePeriods(
  scope: AssetScope,
  profile: RowProfile,
): readonly PeriodComparison[] {
  const { periods, periodIndex } = scope.of.expected;
  return periods.flatMap((period, at) => {
    const previous = periods[at - 1];
    const own = scope.indexes.filter((index) => periodIndex[index] === at);
    const firstDay = own[0] === undefined ? undefined : dayAt(scope, own[0]);
    if (!previous || firstDay === undefined || own.length < LEAST_DATES) return [];
    const lastDay = dayAt(scope, own.at(-1) ?? 0);
    const shift = period.start - previous.start;
    const earlier = [...scope.of.expected.days.keys()].filter((index) => {
      const day = dayAt(scope, index) + shift;
      return periodIndex[index] === at - 1 && firstDay <= day && day <= lastDay;
    });
    const now = valuesOf(profile, new Set(own));
    const before = valuesOf(profile, new Set(earlier));
    if (now.length < LEAST_DATES || before.length < LEAST_DATES) return [];
    return [
      {
        period: period.name,
        previous: previous.name,
        coverage: coverageOf(scope, own),
        previous_coverage: coverageOf(scope, earlier),
        rows: mean(now),
        previous_rows: mean(before),
        scale: profile.scale,
        change_pct: 100 * (mean(now) / mean(before) - 1),
      },
    ];
  });
}

/** Rows that are fewer than a period ago. */
export function periodFindings(
  scope: AssetScope,
  comparisons: readonly PeriodComparison[],
): readonly Finding[] {
  const name = periodName(scope);
  return comparisons
    .filter(({ rows, previous_rows: before }) => rows < before * (1 - FALL))
    .map(({ period, previous, rows, previous_rows: before, change_pct: change, scale }) => {
      const text = (value: number): string =>
        `${rowsText(scope, scale, value)}${scale === 'per_date' ? ' per date' : ''}`;
      const { periods, periodIndex } = scope.of.expected;
      const days = scope.indexes
        .filter((index) => periods[periodIndex[index] ?? -1]?.name === period)
        .map((index) => dayAt(scope, index));
      return {
        kind: 'previous_period',
        severity: 'warn',
        asset: scope.of.asset.name,
        days,
        found: `${text(rows)} in ${name} ${period}, ${percentText(-change)} fewer than the ${name} before`,
        expected: `about ${text(before)}, as at the same time of ${name} ${previous}`,
        mend: explainWords(scope, days),
      };
    });
}

function valuesOf(profile: RowProfile, indexes: ReadonlySet<number>): readonly number[] {
  return profile.points
    .filter(({ index }: Point) => indexes.has(index))
    .map(({ value }: Point) => value);
}

function coverageOf(scope: AssetScope, indexes: readonly number[]): number {
  const wanted = indexes.filter((index) => !isExpectedEmpty(scope, index));
  if (wanted.length === 0) return 100;
  return (100 * wanted.filter((index) => rowsAt(scope, index) > 0).length) / wanted.length;
}
