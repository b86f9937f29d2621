import { type Day, UNPARTITIONED } from '../partitions/date.ts';
import { CONTENT } from '../partitions/records.ts';
import { type AssetEvaluation, STATUS } from '../staleness/status.ts';

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
export function freshnessOf(
  { expected: { days }, status }: Pick<AssetEvaluation, 'expected' | 'status'>,
  today: Day,
  hasRows: (index: number) => boolean,
): Freshness {
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
    else if (status[index] !== STATUS.expectedEmpty) behind++;
  }
  const age = newest === undefined ? undefined : today - newest;
  return { newest, age_days: age, behind, expected };
}

/** The same from the record alone, which says what was written and not whether it is still there. */
export function recordedFreshness(evaluation: AssetEvaluation, today: Day): Freshness {
  const { records, recordIndex } = evaluation;
  return freshnessOf(
    evaluation,
    today,
    (index) => records.content[recordIndex[index] ?? -1] === CONTENT.materialized,
  );
}
