import type { CompiledAsset } from '../compile/compiled.ts';
import type { FreshnessCheck } from '../config/check.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { CONTENT, type PartitionRecords } from '../partitions/records.ts';
import type { CheckFinding } from './evaluate.ts';

/** What the freshness of an asset is told from. */
export interface FreshnessInput {
  /** The partitions that the asset should have, ascending. */
  readonly expected: ArrayLike<Day>;
  readonly records: Pick<PartitionRecords, 'days' | 'content'>;
  readonly today: Day;
}

/**
 * The `freshness` checks of an asset that fail, told from the record alone: each finding is about the newest partition
 * that was made, with rows or expected to have none, or about the first expected one when none was.
 */
export function freshnessFindings(
  asset: Pick<CompiledAsset, 'name' | 'checks'>,
  input: FreshnessInput,
): readonly CheckFinding[] {
  const due = Array.from(input.expected).filter((day) => day <= input.today);
  const [first] = due;
  // Before the first partition is due nothing can be late.
  if (first === undefined) return [];
  const newest = newestMade(input);
  return asset.checks.flatMap((check): CheckFinding[] => {
    if (check.type !== 'freshness') return [];
    const late = due.filter((day) => newest === undefined || day > newest).length;
    const reasons = lateness(check, { newest, late, first, today: input.today });
    if (reasons.length === 0) return [];
    const { name, severity } = check;
    const message = `check "${name}" failed: ${newestText(newest)}: ${reasons.join('; ')}`;
    const day = newest ?? first;
    const rest = { severity, blocking: false, failures: late, sample: null, message };
    return [{ asset: asset.name, day, check: name, ...rest }];
  });
}

function newestMade({ records, today }: FreshnessInput): Day | undefined {
  const made = Array.from(records.days).filter(
    (day, at) => day <= today && records.content[at] !== CONTENT.none,
  );
  return made.length === 0 ? undefined : Math.max(...made);
}

function newestText(newest: Day | undefined): string {
  return newest === undefined
    ? 'no partition was made yet'
    : `the newest partition is ${formatDay(newest)}`;
}

function lateness(
  check: FreshnessCheck,
  of: {
    readonly newest: Day | undefined;
    readonly late: number;
    readonly first: Day;
    readonly today: Day;
  },
): readonly string[] {
  const { newest, late, first, today } = of;
  const reasons: string[] = [];
  if (check.partitions !== undefined && late > check.partitions) {
    reasons.push(
      `${late} expected partition(s) up to ${formatDay(today)} are newer, expected at most ${check.partitions}`,
    );
  }
  const days = today - (newest ?? first);
  if (check.days !== undefined && days > check.days) {
    const since = newest === undefined ? 'the first one is due' : 'that is';
    reasons.push(
      `${since} ${days} day(s) before ${formatDay(today)}, expected at most ${check.days}`,
    );
  }
  return reasons;
}
