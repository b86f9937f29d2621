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

export const NO_RECORDS: PartitionRecords = {
  days: new Int32Array(0),
  content: new Uint8Array(0),
  attempt: new Uint8Array(0),
  rows: new Float64Array(0),
  dataHi: new Uint32Array(0),
  dataLo: new Uint32Array(0),
  inputHi: new Uint32Array(0),
  inputLo: new Uint32Array(0),
  code: new Int32Array(0),
  sequence: new Float64Array(0),
};
