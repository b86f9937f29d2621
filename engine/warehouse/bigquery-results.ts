import type { CheckedPartition, StagedPartition } from './warehouse.ts';

/** A row of the query that counts staged rows. */
export function stagedPartition(row: readonly unknown[], checks: number): StagedPartition {
  const [day, rows, lo, hi, ...offending] = row;
  // The halves are sums of 32-bit numbers: what does not fit in `lo` is carried, what does not fit in `hi` is dropped.
  const low = BigInt(String(lo ?? 0));
  const high = (BigInt(String(hi ?? 0)) + (low >> 32n)) & 0xffffffffn;
  return {
    day: Number(day),
    rows: Number(rows),
    data: { hi: Number(high), lo: Number(low & 0xffffffffn) },
    offending: offending.slice(0, checks).map(Number),
  };
}

/** A row of the query that counts offending rows. */
export function checkedPartition(row: readonly unknown[]): CheckedPartition {
  const [day, rows, ...offending] = row;
  return { day: Number(day), rows: Number(rows), offending: offending.map(Number) };
}

/** Bytes for a message. */
export function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
