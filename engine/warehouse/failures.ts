import type { Day } from '../partitions/date.ts';

/** How a recorded failure stands: something to be done, nothing to be done, nobody knows yet, or mended. */
export type Resolution = 'UNRESOLVED' | 'PERMANENT' | 'INVESTIGATING' | 'RESOLVED';

/** Why an entity has no row, and what is to be made of that. */
export interface FailureKind {
  readonly category: string;
  readonly reason: string;
  readonly isExpected: boolean;
  readonly isCorrectable: boolean;
  readonly canRetry: boolean;
  readonly resolution: Resolution;
}

/** Entities of one partition with the same fate. */
export interface CountedEntities {
  readonly day: Day;
  /** A category, or undefined for entities that have a row without being expected. */
  readonly category: string | undefined;
  readonly isExpected: boolean;
  readonly entities: number;
  /** The first and the last of them. */
  readonly sample: readonly string[];
}

/** What `stageFailures` found. */
export interface StagedFailures {
  readonly counts: readonly CountedEntities[];
  /** Days whose recorded failures are not what they should be by now; days that nobody asked for may be among them. */
  readonly changed: readonly Day[];
}

/** A row of the warehouse's own table `_fastbreak_failures`. */
export interface RecordedFailure extends FailureKind {
  readonly asset: string;
  readonly day: Day;
  /** The value that tells who it is, or a JSON list of them. */
  readonly entity: string;
  readonly expectedCount: number | undefined;
  readonly actualCount: number | undefined;
  /** `YYYY-MM-DD`, in order; empty when nobody counts them. */
  readonly missingDates: readonly string[];
  /** The run that found it so, and the code version that it ran. */
  readonly runId: string;
  readonly codeVersion: string;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  readonly resolvedAt: number | undefined;
}

/** Which recorded failures are wanted: those that meet all that is given. */
export interface FailureFilter {
  readonly assets: readonly string[];
  /** Both ends included. */
  readonly days?: readonly { readonly from: Day; readonly to: Day }[] | undefined;
  readonly categories?: readonly string[] | undefined;
  /** As a whole, or one of several values. */
  readonly entity?: string | undefined;
  readonly isExpected?: boolean | undefined;
  /** Without those that are mended, or about which nothing is to be done. */
  readonly onlyOpen?: boolean | undefined;
}

/** Failures of one asset and day with the same fate. */
export interface FailureCount extends Omit<FailureKind, 'canRetry'> {
  readonly asset: string;
  readonly day: Day;
  readonly entities: number;
  /** The first of them. */
  readonly first: string;
}
