import { freshnessFindings } from '../checks/freshness.ts';
import { formatDay } from '../partitions/date.ts';
import { type Finding, mendWords } from './finding.ts';
import type { Freshness } from './freshness.ts';
import type { AssetScope } from './validation-scope.ts';

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
