import type { Day } from '../partitions/date.ts';
import { isExpectedEmptyByCalendar, STATUS, STATUS_NAMES } from '../staleness/status.ts';
import { type Finding, mendWords, percentText } from './finding.ts';
import {
  type AssetScope,
  dayAt,
  isExpectedEmpty,
  recordedRows,
  rowsAt,
} from './validation-scope.ts';

/** Dates with rows against dates that should have some. */
export interface Coverage {
  /** Partitions in the range without those that are expected to be empty. */
  readonly expected: number;
  readonly withRows: number;
  readonly rows: number;
  /** 100 where nothing is expected. */
  readonly percent: number;
  readonly target: number;
  readonly expectedEmpty: number;
  /** How many partitions are expected to be empty for each reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Partitions in the range by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

export function coverageOf(scope: AssetScope): Coverage {
  const { of, indexes, rules } = scope;
  const wanted = indexes.filter((index) => !isExpectedEmpty(scope, index));
  const withRows = wanted.filter((index) => rowsAt(scope, index) > 0).length;
  const statuses: Record<string, number> = {};
  for (const index of indexes) {
    const name = STATUS_NAMES[of.status[index] ?? 0] ?? 'missing';
    statuses[name] = (statuses[name] ?? 0) + 1;
  }
  return {
    expected: wanted.length,
    withRows,
    rows: indexes.reduce((sum, index) => sum + rowsAt(scope, index), 0),
    percent: wanted.length === 0 ? 100 : (100 * withRows) / wanted.length,
    target: rules.coverage,
    expectedEmpty: indexes.length - wanted.length,
    reasons: emptyReasons(scope),
    statuses,
  };
}

/** Coverage below the target, and rows that are not what the record says. */
export function coverageFindings(scope: AssetScope, coverage: Coverage): readonly Finding[] {
  return [...belowTarget(scope, coverage), ...otherThanRecorded(scope)];
}

function belowTarget(scope: AssetScope, coverage: Coverage): readonly Finding[] {
  const { asset } = scope.of;
  if (coverage.percent >= coverage.target) return [];
  const days = scope.indexes.map((index) => dayAt(scope, index));
  const hasNone = coverage.withRows === 0;
  const { withRows, expected, percent, target } = coverage;
  return [
    {
      kind: hasNone ? 'no_rows' : 'coverage',
      severity: 'error',
      asset: asset.name,
      days: [],
      found: `${withRows} of ${expected} partitions have rows (${percentText(percent)})`,
      expected: `at least ${target}%`,
      mend: mendWords('materialize', `+${asset.name}`, days),
    },
  ];
}

/** The record and the table disagree: somebody else wrote to the warehouse. */
function otherThanRecorded(scope: AssetScope): readonly Finding[] {
  const { asset } = scope.of;
  if (scope.counts.failed.has(asset.name)) return [];
  const other = scope.indexes.filter(
    (index) => recordedRows(scope, index) !== rowsAt(scope, index),
  );
  const first = other[0];
  if (first === undefined) return [];
  const days = other.map((index) => dayAt(scope, index));
  const sum = (rows: (index: number) => number): number =>
    other.reduce((total, index) => total + rows(index), 0);
  const recorded = sum((index) => recordedRows(scope, index));
  return [
    {
      kind: 'lost_rows',
      severity: 'error',
      asset: asset.name,
      days,
      found: `${sum((index) => rowsAt(scope, index))} rows in the table in ${days.length} partitions`,
      expected: `the ${recorded} rows that the record says were written`,
      cause: 'something other than a run wrote to the warehouse',
      mend: mendWords('materialize', asset.name, days, '--force'),
    },
  ];
}

function emptyReasons(scope: AssetScope): Readonly<Record<string, number>> {
  const { of, reader, target, indexes } = scope;
  const empty = indexes.filter((index) => isExpectedEmpty(scope, index));
  const byRule: number[] = [];
  const rest: Day[] = [];
  for (const index of empty) {
    if (isExpectedEmptyByCalendar(of.asset, of.expected, index)) byRule.push(index);
    else rest.push(dayAt(scope, index));
  }
  const counts: Record<string, number> = {};
  const add = (reason: string): void => void (counts[reason] = (counts[reason] ?? 0) + 1);
  const rule = of.asset.expectedEmpty.find((each) => each.type === 'first_days_of_period');
  for (const _ of byRule) add(rule?.reason ?? 'by the calendar');
  const details = rest.length === 0 ? undefined : reader?.details(target, of.asset.name, rest);
  for (const day of rest) add(details?.get(day)?.message ?? 'by a rule');
  return counts;
}

/** Partitions that have no rows and should, or have older ones after a failure. */
export function isGap(scope: AssetScope, index: number): boolean {
  const status = scope.of.status[index];
  return status === STATUS.missing || status === STATUS.failed || status === STATUS.blocked;
}
