import type { CheckFinding } from '../checks/evaluate.ts';
import type { FailedCheck } from '../events.ts';
import type { AssetName } from '../ids.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import type { RunContext } from './context.ts';

/** Tells listeners of every partition that did not end well. */
export function reportOutcomes(
  context: RunContext,
  asset: AssetName,
  outcomes: readonly PartitionOutcome[],
): void {
  for (const outcome of outcomes) {
    const { day } = outcome;
    if (outcome.type === 'failed') {
      const { category, message } = outcome;
      context.emit({ type: 'partition-failed', asset, day, category, message });
    } else if (outcome.type === 'blocked') {
      context.emit({ type: 'partition-blocked', asset, day, message: outcome.message });
    }
  }
}

/** What was found, once per check. */
export function failedChecks(findings: readonly CheckFinding[]): readonly FailedCheck[] {
  const groups = Map.groupBy(findings, ({ asset, check }) => JSON.stringify([asset, check]));
  return [...groups.values()].flatMap((found) => {
    const [first] = found.toSorted((a, b) => a.day - b.day);
    if (first === undefined) return [];
    const { asset, check, severity, blocking, message } = first;
    const rows = found.reduce((sum, finding) => sum + finding.failures, 0);
    const days = found.map((finding) => finding.day).sort((a, b) => a - b);
    return [{ asset, check, severity, blocking, days, rows, message }];
  });
}

/** Tells listeners once per check what it found in a step. */
export function reportFindings(
  context: RunContext,
  asset: AssetName,
  findings: readonly CheckFinding[],
): void {
  for (const { check, severity, days, rows } of failedChecks(findings)) {
    const partitions = days.length;
    context.emit({ type: 'check-failed', asset, check, severity, partitions, rows });
  }
}
