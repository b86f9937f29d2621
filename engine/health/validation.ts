import type { AssetName } from '../ids.ts';
import { UNPARTITIONED } from '../partitions/date.ts';
import type { DayRange } from '../partitions/window.ts';
import type { GraphEvaluation } from '../staleness/status.ts';
import { lagFindings } from './calendar-lag.ts';
import { downstreamOf } from './cascade.ts';
import { columnFindings } from './columns.ts';
import { countIn, type Measure } from './counts.ts';
import { type Coverage, coverageFindings, coverageOf } from './coverage.ts';
import { type Finding, mendWords, sortFindings } from './finding.ts';
import { countedFreshness, type Freshness } from './freshness.ts';
import { gapFindings, staleFindings } from './gaps.ts';
import { comparePeriods, periodFindings, type PeriodComparison } from './previous-period.ts';
import { type AssetRegression, regressionFindings, regressionOf } from './regression.ts';
import { rowProfile, type RowProfile, volumeFindings } from './row-volume.ts';
import { assetScope, type AssetScope, rowsAt, type ValidationScope } from './validation-scope.ts';

export type Verdict = 'PASSED' | 'PASSED with warnings' | 'FAILED';

export interface AssetResult {
  readonly asset: AssetName;
  readonly group: string;
  readonly coverage: Coverage;
  /** Rows beyond the first of each key; undefined for an asset without a key. */
  readonly duplicates: number | undefined;
  readonly freshness: Freshness;
  readonly regression: AssetRegression;
  readonly periods: readonly PeriodComparison[];
  readonly scale: RowProfile['scale'];
}

export interface Validation {
  readonly range: DayRange;
  readonly verdict: Verdict;
  readonly assets: readonly AssetResult[];
  /** The worst first. */
  readonly findings: readonly Finding[];
}

const DUPLICATES: Measure = { type: 'duplicates' };
/** Findings about the rows themselves, which go on downstream. */
const OF_ROWS: ReadonlySet<string> = new Set([
  'few_rows',
  'many_rows',
  'drop',
  'contaminated',
  'unusual_nulls',
  'lost_rows',
]);
/** Findings of which it matters what was built on them. */
const CASCADING: ReadonlySet<string> = new Set([
  'gap',
  'contaminated',
  'unusual_nulls',
  'few_rows',
  'lost_rows',
  'drop',
]);

/** Holds the rows of some assets against what is expected of them; pure, the rows are counted already. */
export function validateAssets(
  scope: ValidationScope,
  selected: ReadonlySet<AssetName>,
): Validation {
  const assets: AssetResult[] = [];
  const findings: Finding[] = [];
  for (const of of scope.evaluation.assets.values()) {
    if (!selected.has(of.asset.name)) continue;
    const own = assetScope(scope, of);
    if (own.indexes.length === 0 && of.expected.days.length > 0) continue;
    const result = validateAsset(own);
    assets.push(result.result);
    findings.push(...result.findings);
  }
  const explained = findings.map((finding) => withOrigin(scope.evaluation, finding, findings));
  const sorted = sortFindings(explained.map((finding) => withDownstream(scope, finding)));
  return { range: scope.range, verdict: verdictOf(sorted), assets, findings: sorted };
}

function validateAsset(scope: AssetScope): {
  readonly result: AssetResult;
  readonly findings: readonly Finding[];
} {
  const { asset } = scope.of;
  const coverage = coverageOf(scope);
  const freshness = countedFreshness(scope.of, scope.today, {
    range: scope.counted,
    hasRows: (index) => rowsAt(scope, index) > 0,
  });
  const profile = rowProfile(scope);
  const duplicates = asset.key.length === 0 ? undefined : duplicatesIn(scope);
  const regression = regressionOf(scope);
  const periods = comparePeriods(scope, profile);
  const result: AssetResult = {
    asset: asset.name,
    group: asset.group,
    coverage,
    duplicates,
    freshness,
    regression,
    periods,
    scale: profile.scale,
  };
  const failure = scope.counts.failed.get(asset.name);
  if (failure !== undefined) {
    return { result, findings: [queryFailed(scope, failure), ...gapFindings(scope, coverage)] };
  }
  return {
    result,
    findings: [
      ...coverageFindings(scope, coverage),
      ...gapFindings(scope, coverage),
      ...duplicateFindings(scope, duplicates ?? 0),
      ...volumeFindings(scope, profile),
      ...columnFindings(scope),
      ...regressionFindings(scope, regression),
      ...periodFindings(scope, periods),
      ...staleFindings(scope),
      ...lagFindings(scope, freshness),
    ],
  };
}

function duplicatesIn(scope: AssetScope): number {
  const isWhole = scope.of.asset.partitionSet === undefined;
  const range = isWhole ? { lo: UNPARTITIONED, hi: UNPARTITIONED + 1 } : scope.range;
  return countIn(scope.own, DUPLICATES, range);
}

function duplicateFindings({ of }: AssetScope, duplicates: number): readonly Finding[] {
  if (duplicates === 0) return [];
  const { name, key } = of.asset;
  return [
    {
      kind: 'duplicates',
      severity: 'error',
      asset: name,
      days: [],
      found: `${duplicates} rows have the key (${key.join(', ')}) of another row`,
      expected: 'every key once',
      mend: ['check', name],
    },
  ];
}

function queryFailed({ of }: AssetScope, message: string): Finding {
  return {
    kind: 'query_failed',
    severity: 'error',
    asset: of.asset.name,
    days: [],
    found: `its rows could not be counted: ${message}`,
    expected: 'a table with the declared columns',
    cause: 'what could not be checked counts as not passed',
    mend: mendWords('materialize', `+${of.asset.name}`, []),
  };
}

/** Rows that are wrong because those that they are made from are: the first of them upstream is to be mended. */
function withOrigin(
  evaluation: GraphEvaluation,
  finding: Finding,
  all: readonly Finding[],
): Finding {
  if (!OF_ROWS.has(finding.kind) || finding.cause !== undefined) return finding;
  const direct = new Set(
    evaluation.assets.get(finding.asset)?.asset.upstream.map((upstream) => upstream.asset),
  );
  const first = finding.days[0];
  const origin = all.find(
    ({ kind, asset, severity, days }) =>
      OF_ROWS.has(kind) &&
      severity !== 'info' &&
      direct.has(asset) &&
      days.some((day) => day === first),
  );
  if (origin === undefined) return finding;
  const { cause, mend } = withOrigin(evaluation, origin, all);
  const where = origin.column === undefined ? origin.asset : `${origin.asset}.${origin.column}`;
  const own = `of ${where}: ${origin.found}`;
  return { ...finding, cause: cause ?? own, ...(mend === undefined ? {} : { mend }) };
}

function withDownstream(scope: ValidationScope, finding: Finding): Finding {
  if (!CASCADING.has(finding.kind) || finding.severity === 'info') return finding;
  const downstream = downstreamOf(scope.evaluation, finding.asset, finding.days);
  return downstream.length === 0 ? finding : { ...finding, downstream };
}

/** Where rows are expected and there are none, that is a finding; a range that is empty by rule is sound. */
function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.some(({ severity }) => severity === 'error')) return 'FAILED';
  const hasWarning = findings.some(({ severity }) => severity === 'warn');
  return hasWarning ? 'PASSED with warnings' : 'PASSED';
}
