import type { OutcomeCounts } from '../events.ts';
import type { PartitionOutcome } from '../../state/store.ts';

export const NO_OUTCOMES: OutcomeCounts = {
  materialized: 0,
  unchanged: 0,
  expectedEmpty: 0,
  skipped: 0,
  failed: 0,
  blocked: 0,
};

/** How many partitions ended in which way. */
export function countOutcomes(outcomes: readonly PartitionOutcome[]): OutcomeCounts {
  const count = (type: PartitionOutcome['type']): number =>
    outcomes.filter((outcome) => outcome.type === type).length;
  return {
    materialized: count('materialized'),
    unchanged: count('unchanged'),
    expectedEmpty: count('expected_empty'),
    skipped: 0,
    failed: count('failed'),
    blocked: count('blocked'),
  };
}

/** Rows of the partitions that were written. */
export function rowsOf(outcomes: readonly PartitionOutcome[]): number {
  let rows = 0;
  for (const outcome of outcomes) if (outcome.type === 'materialized') rows += outcome.rows;
  return rows;
}

export function addCounts(a: OutcomeCounts, b: OutcomeCounts): OutcomeCounts {
  return {
    materialized: a.materialized + b.materialized,
    unchanged: a.unchanged + b.unchanged,
    expectedEmpty: a.expectedEmpty + b.expectedEmpty,
    skipped: a.skipped + b.skipped,
    failed: a.failed + b.failed,
    blocked: a.blocked + b.blocked,
  };
}
