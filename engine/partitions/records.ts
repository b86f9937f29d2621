/** What is recorded of a partition's newest good content. */
export const CONTENT = { none: 0, materialized: 1, expectedEmpty: 2 } as const;
/** How the newest attempt at a partition ended. */
export const ATTEMPT = { ok: 0, failed: 1, blocked: 2 } as const;

/**
 * Everything recorded of one asset in one target: parallel arrays, one entry per partition, ascending by day.
 * `rows`, the hashes and the code version describe the newest good content, whatever the newest attempt did.
 */
export interface PartitionRecords {
  readonly days: Int32Array;
  /** One of CONTENT. */
  readonly content: Uint8Array;
  /** One of ATTEMPT. */
  readonly attempt: Uint8Array;
  readonly rows: Float64Array;
  readonly dataHi: Uint32Array;
  readonly dataLo: Uint32Array;
  readonly inputHi: Uint32Array;
  readonly inputLo: Uint32Array;
  /** Index into `StateSnapshot.codeVersions`. */
  readonly code: Int32Array;
  /** Sequence number of the event that wrote the content; grows with time over all assets. */
  readonly sequence: Float64Array;
}

/** Records of so many partitions of which nothing is known; to be filled in. */
export function emptyRecords(length: number): PartitionRecords {
  return {
    days: new Int32Array(length),
    content: new Uint8Array(length),
    attempt: new Uint8Array(length),
    rows: new Float64Array(length),
    dataHi: new Uint32Array(length),
    dataLo: new Uint32Array(length),
    inputHi: new Uint32Array(length),
    inputLo: new Uint32Array(length),
    code: new Int32Array(length).fill(-1),
    sequence: new Float64Array(length),
  };
}

export const NO_RECORDS: PartitionRecords = emptyRecords(0);
