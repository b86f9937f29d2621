import type { FailedCheck } from '../events.ts';
import { formatDay } from '../partitions/date.ts';
import { describeGroupDays, type DaysOfAsset } from './failure-groups.ts';
import type { Paint } from './text.ts';

/** Checks whose partitions were published all the same: what failed where, and what it found first. */
export function checkLines(
  checks: readonly FailedCheck[],
  options: { readonly paint: Paint; readonly daysOf?: DaysOfAsset | undefined },
): string {
  const { paint, daysOf } = options;
  const lines = checks.flatMap((check) => {
    const style = check.severity === 'error' ? 'red' : 'yellow';
    const days = describeGroupDays(check, daysOf);
    const first = check.days.length > 1 ? paint('dim', ` (${formatDay(check.days[0] ?? 0)})`) : '';
    return [
      `${paint(style, `check ${check.severity}`)} ${paint('bold', check.asset)} ${days}`,
      `  ${check.message}${first}`,
    ];
  });
  return lines.map((line) => `${line}\n`).join('');
}
