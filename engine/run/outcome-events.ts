import type { AssetName } from '../ids.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import type { RunContext } from './context.ts';
import type { CheckFinding } from './settle.ts';

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

/** Tells listeners once per check what it found in a step. */
export function reportFindings(
  context: RunContext,
  asset: AssetName,
  findings: readonly CheckFinding[],
): void {
  const byCheck = Map.groupBy(findings, (finding) => finding.check);
  for (const [check, found] of byCheck) {
    context.emit({
      type: 'check-failed',
      asset,
      check,
      severity: found[0]?.severity ?? 'error',
      partitions: found.length,
      rows: found.reduce((sum, finding) => sum + finding.failures, 0),
    });
  }
}
