import { EXIT, PipelineError } from '../errors.ts';
import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { contains, type DaySet } from '../partitions/subset.ts';
import type { AssetEvaluation } from '../staleness/status.ts';

/**
 * What a command that only reads says of dates that are no partition of any of its assets, expected or recorded: neither
 * that all is well, nor that something is to be materialized. Undefined when one is, or when no date is known at all.
 */
export function outsideOf(
  evaluations: readonly AssetEvaluation[],
  wanted: DaySet,
): PipelineError | undefined {
  let first = Infinity;
  let last = -Infinity;
  for (const { expected, records } of evaluations) {
    for (const day of [...expected.days, ...records.days]) {
      if (day === UNPARTITIONED) continue;
      if (contains(wanted, day)) return undefined;
      first = Math.min(first, day);
      last = Math.max(last, day);
    }
  }
  return first > last ? undefined : outside(first, last);
}

function outside(first: Day, last: Day): PipelineError {
  return new PipelineError('none of the dates asked for has a partition', {
    code: 'EMPTY_RANGE',
    hint: `partitions of what was asked for go from ${formatDay(first)} to ${formatDay(last)}; fastbreak why ASSET DATE tells about one date`,
    exitCode: EXIT.failed,
  });
}
