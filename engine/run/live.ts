import type { AssetName, CodeVersion } from '../ids.ts';
import { ATTEMPT, CONTENT, NO_RECORDS, type PartitionRecords } from '../partitions/records.ts';
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

/** A step's outcomes put into the records of its asset. */
export function mergeOutcomes(before: PartitionRecords, merge: Merge): PartitionRecords {
  const positions = new Map(Array.from(before.days, (day, index) => [day, index]));
  const added = merge.outcomes.filter((outcome) => !positions.has(outcome.day));
  const days = Int32Array.from([...before.days, ...added.map((outcome) => outcome.day)]).sort();
  const order = [...days].map((day) => positions.get(day) ?? -1);
  const after = pick(before, order);
  after.days.set(days);
  const place = new Map(Array.from(days, (day, index) => [day, index]));
  for (const [at, outcome] of merge.outcomes.entries()) {
    write(after, place.get(outcome.day) ?? 0, outcome, merge.code, merge.sequences[at] ?? 0);
  }
  return after;
}

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

/** Copies records at the given positions; -1 makes an empty one. */
function pick(before: PartitionRecords, order: readonly number[]): PartitionRecords {
  const size = order.length;
  return {
    days: Int32Array.from(order, (index) => before.days[index] ?? 0),
    content: Uint8Array.from(order, (index) => before.content[index] ?? CONTENT.none),
    attempt: Uint8Array.from(order, (index) => before.attempt[index] ?? ATTEMPT.ok),
    rows: Float64Array.from({ length: size }, (_, at) => before.rows[order[at] ?? -1] ?? 0),
    dataHi: Uint32Array.from(order, (index) => before.dataHi[index] ?? 0),
    dataLo: Uint32Array.from(order, (index) => before.dataLo[index] ?? 0),
    inputHi: Uint32Array.from(order, (index) => before.inputHi[index] ?? 0),
    inputLo: Uint32Array.from(order, (index) => before.inputLo[index] ?? 0),
    code: Int32Array.from(order, (index) => before.code[index] ?? -1),
    sequence: Float64Array.from(order, (index) => before.sequence[index] ?? 0),
  };
}
