import type { PartitionFailure } from '../events.ts';
import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import { describeDays } from '../partitions/subset.ts';

/** Partitions of one asset that failed or were blocked in the same way. */
export interface FailureGroup {
  readonly asset: AssetName;
  readonly type: 'failed' | 'blocked';
  readonly category: string;
  /** The message of the first partition. */
  readonly message: string;
  /** Whether the others' messages differ in dates or numbers. */
  readonly isVaried: boolean;
  readonly days: readonly Day[];
}

/** The expected days of an asset, to merge neighbours; without them only days that follow each other merge. */
export type DaysOfAsset = (asset: AssetName) => Int32Array | undefined;

/** Failures that differ only in dates and numbers belong together; failed ones first, in the run's order. */
export function groupFailures(failures: readonly PartitionFailure[]): readonly FailureGroup[] {
  const groups = new Map<string, PartitionFailure[]>();
  for (const failure of failures) {
    const { type, asset, category } = failure;
    const message = withoutExamples(failure.message).replaceAll(/\d+/g, '#');
    const key = JSON.stringify([type, asset, category, message]);
    const group = groups.get(key);
    if (group) group.push(failure);
    else groups.set(key, [failure]);
  }
  return [...groups.values()]
    .map(groupOf)
    .sort((a, b) => Number(a.type === 'blocked') - Number(b.type === 'blocked'));
}

/** `2024-01-15..2024-01-18 (4), 2024-02-02` */
export function describeGroupDays(
  group: Pick<FailureGroup, 'asset' | 'days'>,
  daysOf?: DaysOfAsset,
): string {
  return describeDays(group.days, daysOf?.(group.asset) ?? everyDayBetween(group.days));
}

/** Rows shown as examples differ from partition to partition. */
function withoutExamples(message: string): string {
  return message.replace(/, e\.g\. [^]*$/, '');
}

function groupOf(failures: readonly PartitionFailure[]): FailureGroup {
  const [first] = failures;
  if (!first) throw new Error('Internal error: a group of failures is empty');
  return {
    asset: first.asset,
    type: first.type,
    category: first.category,
    message: first.message,
    isVaried: failures.some((failure) => failure.message !== first.message),
    days: failures.map((failure) => failure.day).sort((a, b) => a - b),
  };
}

function everyDayBetween(days: readonly Day[]): Int32Array {
  const first = days[0] ?? 0;
  const last = days.at(-1) ?? first;
  return Int32Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
