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
    case 'sql':
      return `${failures} offending row(s)`;
    default:
      return unreachable(check);
  }
}

/** `2`, `at least 2`, `at most 2` or `2 to 4` */
function boundsText({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (min === undefined) return `at most ${max}`;
  if (max === undefined) return `at least ${min}`;
  return min === max ? String(min) : `${min} to ${max}`;
}
