import type { Day } from '../partitions/date.ts';
import type { CheckPlan } from './definition.ts';

/** How many partitions before its own the checks of an asset compare a partition with; 0 when none does. */
export function partitionsBefore(plans: readonly CheckPlan[]): number {
  const counts = plans.map(({ test }) => {
    if (test.type !== 'statement') return 0;
    const { check } = test;
    return check.type === 'drift' || check.type === 'distribution_shift' ? check.over : 0;
  });
  return Math.max(0, ...counts);
}

/**
 * The published partitions that a batch is compared with besides its own rows: the last ones before it, and those
 * between its partitions. Both lists ascending; `materialized` are all that have published rows.
 */
export function historyDays(
  batch: readonly Day[],
  materialized: readonly Day[],
  before: number,
): readonly Day[] {
  const [first, last] = [batch[0], batch.at(-1)];
  if (before === 0 || first === undefined || last === undefined) return [];
  const own = new Set(batch);
  const start = materialized.findIndex((day) => day >= first);
  const earlier = start < 0 ? materialized.length : start;
  return materialized
    .slice(Math.max(0, earlier - before))
    .filter((day) => day < last && !own.has(day));
}
