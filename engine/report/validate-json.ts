import type { CompiledPipeline } from '../compile/compiled.ts';
import type { Finding } from '../health/finding.ts';
import type { AssetResult, Validation } from '../health/validation.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { type CommandScope, commandText } from './command-text.ts';

/** What a report is about. */
export interface ReportAbout {
  readonly scope: CommandScope;
  readonly target: string;
  readonly pipeline: CompiledPipeline;
}

/** A validation as scripts read it. */
export function validationJson(validation: Validation, about: ReportAbout): object {
  const { findings, verdict, range } = validation;
  const count = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  return {
    pipeline: about.pipeline.name,
    target: about.target,
    from: formatDay(range.lo),
    to: formatDay(range.hi - 1),
    verdict,
    counts: { error: count('error'), warn: count('warn'), info: count('info') },
    findings: findings.map((finding) => findingJson(finding, about.scope)),
    assets: validation.assets.map(assetJson),
  };
}

export function findingJson(finding: Finding, scope: CommandScope): object {
  const { kind, severity, asset, column, days, found, expected, cause, downstream } = finding;
  return {
    severity,
    kind,
    asset,
    column: column ?? null,
    from: dateOf(days[0]),
    to: dateOf(days.at(-1)),
    partitions: days.length,
    found,
    expected,
    cause: cause ?? null,
    command: commandOf(finding, scope) ?? null,
    downstream: (downstream ?? []).map((each) => ({
      asset: each.asset,
      partitions: each.partitions,
      from: dateOf(each.first),
      to: dateOf(each.last),
    })),
  };
}

/** The command of a finding, to be pasted into a shell. */
export function commandOf({ mend }: Finding, scope: CommandScope): string | undefined {
  return mend === undefined ? undefined : commandText(scope, ...mend);
}

function assetJson(result: AssetResult): object {
  const { asset, group, coverage, duplicates, freshness, regression, periods, scale } = result;
  const { baseline } = regression;
  return {
    name: asset,
    group,
    coverage: {
      percent: rounded(coverage.percent),
      target: coverage.target,
      expected: coverage.expected,
      with_rows: coverage.withRows,
      rows: coverage.rows,
      expected_empty: coverage.expectedEmpty,
      expected_empty_reasons: coverage.reasons,
      statuses: coverage.statuses,
    },
    duplicates: duplicates ?? null,
    rows_scale: scale,
    freshness: {
      newest: dateOf(freshness.newest),
      age_days: freshness.age_days ?? null,
      behind: freshness.behind,
      expected: dateOf(freshness.expected),
    },
    regression: {
      records: regression.records,
      baseline_records: baseline?.records ?? 0,
      baseline_from: dateOf(baseline?.range.lo),
      baseline_to: dateOf(baseline === undefined ? undefined : baseline.range.hi - 1),
      note: baseline?.note ?? null,
      columns: regression.columns.map((column) => ({
        column: column.column,
        coverage: rounded(column.coverage),
        baseline_coverage: rounded(column.baseline_coverage),
        change: rounded(column.change),
        change_pct: column.change_pct === null ? null : rounded(column.change_pct),
        result: column.result,
      })),
    },
    previous_periods: periods.map((each) => ({
      ...each,
      coverage: rounded(each.coverage),
      previous_coverage: rounded(each.previous_coverage),
      rows: rounded(each.rows),
      previous_rows: rounded(each.previous_rows),
      change_pct: rounded(each.change_pct),
    })),
  };
}

function dateOf(day: Day | undefined): string | null {
  return day === undefined ? null : formatDay(day);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
