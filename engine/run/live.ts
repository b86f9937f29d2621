import type { AssetName, CodeVersion } from '../ids.ts';
import { indexOfDay, lowerBound } from '../partitions/calendar.ts';
import {
  ATTEMPT,
  CONTENT,
  emptyRecords,
  NO_RECORDS,
  type PartitionRecords,
} from '../partitions/records.ts';
import type {
  CalendarRecord,
  PartitionOutcome,
  SourceObservation,
  StateSnapshot,
} from '../../state/store.ts';

/**
 * The record as a run sees it: the snapshot it began with, brought up to date by every step, so that what is
 * downstream of a step is planned from what the step really wrote.
 */
export class LiveSnapshot implements StateSnapshot {
  readonly codeVersions: CodeVersion[];
  readonly records: Map<AssetName, PartitionRecords>;
  readonly calendars: Map<string, CalendarRecord>;
  readonly observations: Map<AssetName, SourceObservation>;

  constructor(snapshot: StateSnapshot) {
    this.codeVersions = [...snapshot.codeVersions];
    this.records = new Map(snapshot.records);
    this.calendars = new Map(snapshot.calendars);
    this.observations = new Map(snapshot.observations);
  }

  /** Takes over the outcomes of one step; `sequences` are the numbers that the record gave them. */
  apply(
    asset: AssetName,
    codeVersion: CodeVersion,
    outcomes: readonly PartitionOutcome[],
    sequences: readonly number[],
  ): void {
    const code = this.#codeIndex(codeVersion);
    const before = this.records.get(asset) ?? NO_RECORDS;
    this.records.set(asset, mergeOutcomes(before, { code, outcomes, sequences }));
  }

  /** Forgets partitions that left the warehouse. */
  remove(asset: AssetName, days: ReadonlySet<number>): void {
    const before = this.records.get(asset);
    if (!before) return;
    const keep = [...before.days.keys()].filter((index) => !days.has(before.days[index] ?? 0));
    this.records.set(asset, pick(before, keep));
  }

  #codeIndex(codeVersion: CodeVersion): number {
    const found = this.codeVersions.indexOf(codeVersion);
    return found < 0 ? this.codeVersions.push(codeVersion) - 1 : found;
  }
}

interface Merge {
  readonly code: number;
  readonly outcomes: readonly PartitionOutcome[];
  readonly sequences: readonly number[];
}

/** A step's outcomes put into the records of its asset; costs a copy, however many partitions there are. */
function mergeOutcomes(before: PartitionRecords, merge: Merge): PartitionRecords {
  const added = merge.outcomes.filter((outcome) => indexOfDay(before.days, outcome.day) < 0);
  const after = withDays(before, Int32Array.from(added, (outcome) => outcome.day).sort());
  for (const [at, outcome] of merge.outcomes.entries()) {
    const index = indexOfDay(after.days, outcome.day);
    write(after, index, outcome, merge.code, merge.sequences[at] ?? 0);
  }
  return after;
}

/** A copy with room for new days, which must be ascending; copies stretches, not single partitions. */
function withDays(before: PartitionRecords, added: Int32Array): PartitionRecords {
  const after = emptyRecords(before.days.length + added.length);
  let from = 0;
  for (const [count, day] of added.entries()) {
    const to = lowerBound(before.days, day);
    if (to > from) copyStretch(before, after, { from, to, shift: count });
    after.days[to + count] = day;
    from = to;
  }
  copyStretch(before, after, { from, to: before.days.length, shift: added.length });
  return after;
}

function copyStretch(
  before: PartitionRecords,
  after: PartitionRecords,
  { from, to, shift }: { readonly from: number; readonly to: number; readonly shift: number },
): void {
  for (const column of COLUMNS) {
    after[column].set(before[column].subarray(from, to), from + shift);
  }
}

const COLUMNS = Object.keys(NO_RECORDS) as (keyof PartitionRecords)[];

function write(
  records: PartitionRecords,
  index: number,
  outcome: PartitionOutcome,
  code: number,
  sequence: number,
): void {
  if (outcome.type === 'failed' || outcome.type === 'blocked') {
    records.attempt[index] = outcome.type === 'failed' ? ATTEMPT.failed : ATTEMPT.blocked;
    return;
  }
  const isEmpty = outcome.type === 'expected_empty';
  records.attempt[index] = ATTEMPT.ok;
  records.content[index] = isEmpty ? CONTENT.expectedEmpty : CONTENT.materialized;
  records.rows[index] = isEmpty ? 0 : outcome.rows;
  records.dataHi[index] = isEmpty ? 0 : outcome.data.hi;
  records.dataLo[index] = isEmpty ? 0 : outcome.data.lo;
  records.inputHi[index] = outcome.input.hi;
  records.inputLo[index] = outcome.input.lo;
  records.code[index] = code;
  records.sequence[index] = sequence;
}

/** Copies the records at the given positions. */
function pick(before: PartitionRecords, order: readonly number[]): PartitionRecords {
  const after = emptyRecords(order.length);
  for (const column of COLUMNS) {
    for (const [to, from] of order.entries()) after[column][to] = before[column][from] ?? 0;
  }
  return after;
}
