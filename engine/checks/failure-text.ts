import type { StatisticsKind } from '../config/check.ts';
import type { Day } from '../partitions/date.ts';
import { unreachable } from '../util/unreachable.ts';
import type { CheckPlan, StatementCheck } from './definition.ts';

/** One partition that fails a check. */
export interface Failure {
  readonly day: Day;
  /** All rows of the partition. */
  readonly rows: number;
  readonly failures: number;
  readonly sample: readonly Readonly<Record<string, unknown>>[] | undefined;
}

/** `check "range_points" failed: 2 offending row(s), e.g. [{"game_id":1,"points":-4}]` */
export function failureText(plan: CheckPlan, failure: Failure): string {
  const isShown = plan.test.type !== 'row_count' && failure.sample !== undefined;
  const sample = isShown ? `, e.g. ${JSON.stringify(failure.sample)}` : '';
  return `check "${plan.name}" failed: ${reason(plan, failure)}${sample}`;
}

function reason({ test }: CheckPlan, { rows, failures }: Failure): string {
  switch (test.type) {
    case 'rows': {
      if (test.threshold === undefined) return `${failures} offending row(s)`;
      const percent = Math.floor(((rows - failures) * 1000) / rows) / 10;
      return `${percent} % of the rows have a value, expected ${test.threshold} %: ${failures} of ${rows} are NULL`;
    }
    case 'row_count':
      return `${rows} row(s), expected ${boundsText(test)}`;
    case 'statement':
      return statementReason(test.check, failures);
    default:
      return unreachable(test);
  }
}

function statementReason(check: StatementCheck, failures: number): string {
  switch (check.type) {
    case 'relationship':
      return `${failures} row(s) whose ${check.column} is not in ${check.to.relation}.${check.to.column}`;
    case 'row_count':
      return `${failures} row(s) of ${check.per.relation} without ${boundsText(check)} row(s) here`;
    case 'coverage': {
      const expected =
        check.threshold === undefined ? '' : `, expected ${check.threshold} % to have one`;
      return `${failures} row(s) of ${check.of.relation} without a row here${expected}`;
    }
    case 'sum_equals':
      return `${failures} group(s) whose sum of ${check.sum} is not the ${check.equals} of ${check.of.relation}${within(check)}`;
    case 'group':
      return `${failures} group(s) whose ${check.value} is not ${boundsText(check)}`;
    case 'mirror':
      return `${failures} row(s) that are not one of a pair, or not what the other says${within(check)}`;
    case 'sql':
      return `${failures} offending row(s)`;
    default:
      return statisticsReason(check, failures);
  }
}

function statisticsReason(check: StatisticsKind, failures: number): string {
  switch (check.type) {
    case 'constant':
      return `${failures} column(s) with one and the same value in ${check.minRows} rows or more`;
    case 'drift':
      return `${failures} figure(s) more than ${check.sd} standard deviations off the ${check.over} partitions before`;
    case 'distribution_shift':
      return `${check.column} is distributed unlike in the ${check.over} partitions before: the population stability index is above ${check.max}`;
    case 'correlation':
      return `${failures} column(s) whose correlation with ${check.column} is above ${check.max}`;
    default:
      return unreachable(check);
  }
}

function within({ tolerance }: { readonly tolerance: number }): string {
  return tolerance === 0 ? '' : ` within ${tolerance}`;
}

interface Bounds {
  readonly min?: number | string;
  readonly max?: number | string;
}

/** `2`, `at least 2`, `at most 2` or `2 to 4` */
function boundsText({ min, max }: Bounds): string {
  if (min === undefined) return `at most ${max}`;
  if (max === undefined) return `at least ${min}`;
  return min === max ? String(min) : `${min} to ${max}`;
}
