import { type Day, UNPARTITIONED } from '../partitions/date.ts';
import { CONTENT } from '../partitions/records.ts';
import type { DayRange } from '../partitions/window.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import { isEmptyAsExpected } from './expected-empty.ts';

/** How old the newest rows are, by the calendar up to today. */
export interface Freshness {
  /** The newest partition with rows. */
  readonly newest: Day | undefined;
  /** Days from it to today. */
  readonly age_days: number | undefined;
  /** Expected partitions after it, up to today, that are not expected to be empty. */
  readonly behind: number;
  /** The newest date of the calendar up to today. */
  readonly expected: Day | undefined;
}

/** The freshness of an asset; `hasRows` says of the position of an expected partition whether there are rows of it. */
function freshnessOf(
  evaluation: AssetEvaluation,
  today: Day,
  hasRows: (index: number) => boolean,
): Freshness {
  const { days } = evaluation.expected;
  if (days[0] === UNPARTITIONED) {
    return { newest: undefined, age_days: undefined, behind: 0, expected: undefined };
  }
  let behind = 0;
  let newest: Day | undefined;
  let expected: Day | undefined;
  for (let index = days.length - 1; index >= 0 && newest === undefined; index--) {
    const day = days[index] ?? 0;
    if (day > today) continue;
    expected ??= day;
    if (hasRows(index)) newest = day;
    else if (!isEmptyAsExpected(evaluation, index)) behind++;
  }
  const age = newest === undefined ? undefined : today - newest;
  return { newest, age_days: age, behind, expected };
}

/** The same from the record alone, which says what was written and not whether it is still there. */
export function recordedFreshness(evaluation: AssetEvaluation, today: Day): Freshness {
  return freshnessOf(evaluation, today, (index) => isRecorded(evaluation, index));
}

/** Newest rows of those that were counted in a range; beyond it nothing was, and the record says what was written. */
export function countedFreshness(
  evaluation: AssetEvaluation,
  today: Day,
  counted: { readonly range: DayRange; readonly hasRows: (index: number) => boolean },
): Freshness {
  const { lo, hi } = counted.range;
  return freshnessOf(evaluation, today, (index) => {
    const day = evaluation.expected.days[index] ?? 0;
    return lo <= day && day < hi ? counted.hasRows(index) : isRecorded(evaluation, index);
  });
}

function isRecorded({ records, recordIndex }: AssetEvaluation, index: number): boolean {
  return records.content[recordIndex[index] ?? -1] === CONTENT.materialized;
}
