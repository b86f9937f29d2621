import type { FailureClass, FailureRule } from './pipeline.ts';

const expected: FailureClass = { isExpected: true, isCorrectable: false, canRetry: false };
const correctable: FailureClass = { isExpected: false, isCorrectable: true, canRetry: true };
const unknown: FailureClass = { isExpected: false, isCorrectable: false, canRetry: false };

/** The categories that every pipeline knows, with what is to be made of them unless a rule says otherwise. */
export const FAILURE_CATEGORIES: Readonly<Record<string, FailureClass>> = {
  /** Less history than the asset needs. */
  INSUFFICIENT_DATA: expected,
  /** Nobody could have enough yet, e.g. at the start of a period. */
  EXPECTED_INCOMPLETE: expected,
  /** Never had enough, and it cannot be loaded later. */
  INSUFFICIENT_HISTORY: expected,
  /** Shut out on purpose for now. */
  CIRCUIT_BREAKER_ACTIVE: { isExpected: true, isCorrectable: false, canRetry: true },
  /** Part of what should be there is not. */
  INCOMPLETE_DATA: correctable,
  INCOMPLETE_UPSTREAM: correctable,
  /** The upstream has no row of it. */
  MISSING_UPSTREAM: correctable,
  MISSING_UPSTREAM_IN_BACKFILL: correctable,
  MISSING_DEPENDENCY: correctable,
  /** The source lacks what it should have. */
  DATA_GAP: correctable,
  /** Partly a gap, partly as it should be. */
  MIXED: correctable,
  /** Nobody knows the name. */
  REGISTRY_LOOKUP_FAILED: correctable,
  MINIMUM_THRESHOLD_NOT_MET: unknown,
  UNKNOWN: unknown,
};

/** What an entity is put down as when it has no row and no rule says why. */
export const UNTRACKED: FailureRule = {
  category: 'UNTRACKED',
  reason: 'no row, and no rule says why',
  ...unknown,
  resolution: 'INVESTIGATING',
};

/** Names that cannot be given to a rule, and why. */
export const RESERVED_CATEGORIES: ReadonlyMap<string, string> = new Map([
  [UNTRACKED.category, 'it stands for whoever no rule applies to'],
  [
    'PROCESSING_ERROR',
    'a statement makes all entities of a partition at once: an error fails the partition, never one entity',
  ],
]);

/** What a recorded failure starts as. */
export function resolutionOf({
  isExpected,
  isCorrectable,
}: FailureClass): FailureRule['resolution'] {
  if (isCorrectable) return 'UNRESOLVED';
  return isExpected ? 'PERMANENT' : 'INVESTIGATING';
}
