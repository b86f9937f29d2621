import { freshnessFindings } from '../checks/freshness.ts';
import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { type Finding, mendWords } from './finding.ts';
import { type AssetScope, isExpectedEmpty, rowsAt } from './validation-scope.ts';

/** How old the newest rows are, by the calendar up to today. */
export interface Freshness {
  /** The newest partition with rows. */
  readonly newest: Day | undefined;
  /** Days from it to today. */
  readonly age_days: number | undefined;
  /** Expected partitions after it, up to today, that are not expected to be empty. */
  readonly behind: number;
  /** The newest date of the calendar up to today. */
  readonly expected: Day | undefined;
}

export function freshnessOf(scope: AssetScope): Freshness {
  const { days } = scope.of.expected;
  if (days[0] === UNPARTITIONED) {
    return { newest: undefined, age_days: undefined, behind: 0, expected: undefined };
  }
  let behind = 0;
  let newest: Day | undefined;
  let expected: Day | undefined;
  for (let index = days.length - 1; index >= 0 && newest === undefined; index--) {
    const day = days[index] ?? 0;
    if (day > scope.today) continue;
    expected ??= day;
    if (rowsAt(scope, index) > 0) newest = day;
    else if (!isExpectedEmpty(scope, index)) behind++;
  }
  const age = newest === undefined ? undefined : scope.today - newest;
  return { newest, age_days: age, behind, expected };
}

/**
 * An asset that lags behind its calendar, only where the range reaches to the calendar's end; and the `freshness`
 * checks that it declares and fails.
 */
export function lagFindings(scope: AssetScope, freshness: Freshness): readonly Finding[] {
  if (freshness.expected === undefined || freshness.expected >= scope.range.hi) return [];
  return [...behindFindings(scope, freshness), ...declaredFindings(scope)];
}

function declaredFindings({ of, today }: AssetScope): readonly Finding[] {
  const { asset, expected, records } = of;
  return freshnessFindings(asset, { expected: expected.days, records, today }).map(
    ({ day, severity, message }) => ({
      kind: 'freshness',
      severity,
      asset: asset.name,
      days: [day],
      found: message,
      expected: 'what its freshness checks declare',
      mend: mendWords('materialize', `+${asset.name}`, []),
    }),
  );
}

function behindFindings(scope: AssetScope, freshness: Freshness): readonly Finding[] {
  const { newest, behind, expected } = freshness;
  if (behind === 0 || newest === undefined || expected === undefined) return [];
  const { name } = scope.of.asset;
  return [
    {
      kind: 'freshness',
      severity: 'warn',
      asset: name,
      days: [newest],
      found: `the newest rows are of ${formatDay(newest)}, ${behind} ${behind === 1 ? 'date' : 'dates'} behind the calendar`,
      expected: `rows up to ${formatDay(expected)}`,
      mend: mendWords('materialize', `+${name}`, [newest + 1, expected]),
    },
  ];
}
