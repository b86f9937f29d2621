import { lowerBound } from '../partitions/calendar.ts';
import { type Hash64, type HashArrays, mixColumns } from '../partitions/hash64.ts';
import type { WindowRanges } from '../partitions/window.ts';
import { CONTENT, type PartitionRecords } from '../partitions/records.ts';

/**
 * Sums of partition hashes from the first recorded partition on: the hash of any window is a difference of two
 * of them, so staleness costs the same however wide the windows are (design 6). Entry i holds the sum of the
 * first i partitions, modulo 2^64.
 */
export interface PrefixSums {
  readonly days: Int32Array;
  readonly hi: Uint32Array;
  readonly lo: Uint32Array;
}

/** Per partition the hash of what an edge's window holds. */
export type WindowSums = HashArrays;

/** The prefix sums of an asset's recorded content; a partition without rows adds nothing. */
export function prefixSums(records: PartitionRecords): PrefixSums {
  const count = records.days.length;
  const hi = new Uint32Array(count + 1);
  const lo = new Uint32Array(count + 1);
  const hashes = mixColumns(count, [], [records.days, records.dataHi, records.dataLo]);
  for (let index = 0; index < count; index++) {
    const isRead = hasRows(records, index);
    const low = (lo[index] ?? 0) + (isRead ? (hashes.lo[index] ?? 0) : 0);
    const high = (hi[index] ?? 0) + (isRead ? (hashes.hi[index] ?? 0) : 0);
    lo[index + 1] = low;
    hi[index + 1] = high + (low > 0xffffffff ? 1 : 0);
  }
  return { days: records.days, hi, lo };
}

/** The hash of every window: the difference of the prefix sums at its two ends. */
export function windowSums(sums: PrefixSums, ranges: WindowRanges): WindowSums {
  const count = ranges.lo.length;
  const hi = new Uint32Array(count);
  const lo = new Uint32Array(count);
  const from = positionsOf(sums.days, ranges.lo);
  const to = positionsOf(sums.days, ranges.hi);
  for (let index = 0; index < count; index++) {
    const start = from[index] ?? 0;
    const end = Math.max(start, to[index] ?? 0);
    const low = (sums.lo[end] ?? 0) - (sums.lo[start] ?? 0);
    lo[index] = low;
    hi[index] = (sums.hi[end] ?? 0) - (sums.hi[start] ?? 0) - (low < 0 ? 1 : 0);
  }
  return { hi, lo };
}

/** What an input version is made of, in this order; all of it and nothing else decides staleness. */
export interface InputVersionParts {
  readonly code: Hash64;
  /** One per upstream edge, in the order of the asset's upstream. */
  readonly windows: readonly WindowSums[];
  /** For assets that read `partitions.period_start`: the start of each partition's period. */
  readonly periodStart: Int32Array | undefined;
  /** For sources: the content hash of the files. */
  readonly files: Hash64 | undefined;
}

/** The input versions of so many partitions. */
export function inputVersions(parts: InputVersionParts, count: number): HashArrays {
  const columns: (Int32Array | Uint32Array)[] = [];
  for (const window of parts.windows) columns.push(window.hi, window.lo);
  if (parts.periodStart) columns.push(parts.periodStart);
  if (parts.files) {
    columns.push(new Uint32Array(count).fill(parts.files.hi));
    columns.push(new Uint32Array(count).fill(parts.files.lo));
  }
  return mixColumns(count, [parts.code.hi, parts.code.lo], columns);
}

/** The window hashes of one partition as bytes, kept with its record so that a change can be named later. */
export function packInputs(windows: readonly WindowSums[], index: number): Uint8Array {
  const bytes = new Uint8Array(windows.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [edge, window] of windows.entries()) {
    view.setUint32(edge * 8, window.hi[index] ?? 0);
    view.setUint32(edge * 8 + 4, window.lo[index] ?? 0);
  }
  return bytes;
}

/** The window hash of one edge out of recorded bytes. */
export function unpackInput(bytes: Uint8Array, edge: number): Hash64 | undefined {
  if (bytes.length < edge * 8 + 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { hi: view.getUint32(edge * 8), lo: view.getUint32(edge * 8 + 4) };
}

/** Whether a recorded partition has rows that a downstream partition can read. */
export function hasRows(records: PartitionRecords, index: number): boolean {
  return records.content[index] === CONTENT.materialized && (records.rows[index] ?? 0) > 0;
}

export function dataVersionAt(records: PartitionRecords, index: number): Hash64 {
  return { hi: records.dataHi[index] ?? 0, lo: records.dataLo[index] ?? 0 };
}

/** The recorded days that have rows, ascending. */
export function daysWithRows(records: PartitionRecords): Int32Array {
  let count = 0;
  while (count < records.days.length && hasRows(records, count)) count++;
  // Nearly always all of them.
  if (count === records.days.length) return records.days;
  return records.days.filter((_, index) => hasRows(records, index));
}

/** For each of ascending or arbitrary values the number of days below it; linear when the values ascend. */
export function positionsOf(days: Int32Array, values: Int32Array): Int32Array {
  const positions = new Int32Array(values.length);
  let position = 0;
  let previous = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    if (value < previous) position = lowerBound(days, value);
    else while (position < days.length && (days[position] ?? 0) < value) position++;
    previous = value;
    positions[index] = position;
  }
  return positions;
}
