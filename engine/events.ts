import type { AssetName, RunId } from './ids.ts';
import type { Day } from './partitions/date.ts';

/** How many partitions ended in which way. */
export interface OutcomeCounts {
  readonly materialized: number;
  readonly unchanged: number;
  readonly expectedEmpty: number;
  readonly skipped: number;
  readonly failed: number;
  readonly blocked: number;
}

/** Everything that a run has to say; the engine speaks in no other way. Times are milliseconds since 1970. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly runId: RunId;
      readonly target: string;
      readonly command: string;
      readonly at: number;
    }
  /** The record and the warehouse disagreed after a crash, and were brought together. */
  | {
      readonly type: 'reconciled';
      readonly crashedRuns: readonly RunId[];
      readonly adopted: number;
      readonly removed: number;
    }
  | {
      readonly type: 'source-observed';
      readonly asset: AssetName;
      readonly files: number;
      readonly bytes: number;
      readonly changed: boolean;
    }
  | {
      readonly type: 'calendar-read';
      readonly calendar: string;
      readonly days: number;
      readonly first: Day | undefined;
      readonly last: Day | undefined;
      readonly periods: number;
    }
  | {
      readonly type: 'planned';
      /** Assets with something to do. */
      readonly assets: number;
      readonly steps: number;
      readonly partitions: number;
      readonly estimateSeconds: number | undefined;
    }
  | {
      readonly type: 'step-started';
      readonly stepId: number;
      readonly asset: AssetName;
      readonly firstDay: Day;
      readonly lastDay: Day;
      readonly partitions: number;
      readonly at: number;
    }
  /** How far a module is with its part of a step. */
  | {
      readonly type: 'step-progress';
      readonly stepId: number;
      readonly asset: AssetName;
      readonly firstDay: Day;
      readonly lastDay: Day;
      readonly done: number;
      readonly total: number;
      /** What is counted, e.g. `trees`; may be empty. */
      readonly what: string;
    }
  | {
      readonly type: 'attempt-failed';
      readonly stepId: number;
      readonly asset: AssetName;
      readonly attempt: number;
      readonly category: string;
      readonly message: string;
      /** Present when the step will be tried again. */
      readonly retryInMs: number | undefined;
    }
  | {
      readonly type: 'batch-split';
      readonly stepId: number;
      readonly asset: AssetName;
      readonly partitions: number;
      readonly message: string;
    }
  | {
      readonly type: 'check-failed';
      readonly asset: AssetName;
      readonly check: string;
      readonly severity: 'error' | 'warn';
      readonly partitions: number;
      readonly rows: number;
    }
  | {
      readonly type: 'step-finished';
      readonly stepId: number;
      readonly asset: AssetName;
      readonly firstDay: Day;
      readonly lastDay: Day;
      readonly counts: OutcomeCounts;
      readonly rows: number;
      readonly seconds: number;
      readonly at: number;
    }
  | {
      readonly type: 'partition-failed';
      readonly asset: AssetName;
      readonly day: Day;
      readonly category: string;
      readonly message: string;
    }
  | {
      readonly type: 'partition-blocked';
      readonly asset: AssetName;
      readonly day: Day;
      readonly message: string;
    }
  | { readonly type: 'log'; readonly asset: AssetName; readonly message: string }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'stopping'; readonly reason: string }
  | { readonly type: 'run-finished'; readonly result: RunResult };

/** What one run did to one asset. */
export interface AssetResult extends OutcomeCounts {
  readonly name: AssetName;
  readonly rows: number;
  /** What the statements of its steps were billed; absent where nothing is. */
  readonly bytesBilled?: number;
  readonly seconds: number;
  /** Expected entities without a row in what was published, by category. */
  readonly absent?: Readonly<Record<string, number>>;
  /** Frozen partitions that a forced run left alone. */
  readonly frozen?: number;
  /** Partitions removed since they are no longer expected, and those that are left. */
  readonly pruned?: number;
  readonly noLongerExpected?: number;
}

export interface PartitionFailure {
  readonly asset: AssetName;
  readonly day: Day;
  readonly type: 'failed' | 'blocked';
  readonly category: string;
  readonly message: string;
}

/** A check that failed in a run, over all partitions that it failed for. */
export interface FailedCheck {
  readonly asset: AssetName;
  readonly check: string;
  readonly severity: 'error' | 'warn';
  /** True when the partitions were not published: then they are among the failures too. */
  readonly blocking: boolean;
  readonly days: readonly Day[];
  /** Offending rows. */
  readonly rows: number;
  /** What it found in the first of the partitions. */
  readonly message: string;
}

/** What a run did, every asked partition accounted for. */
export interface RunResult {
  readonly runId: RunId | undefined;
  readonly target: string;
  readonly status: 'succeeded' | 'failed' | 'interrupted' | 'nothing-to-do';
  readonly seconds: number;
  readonly assets: readonly AssetResult[];
  readonly failures: readonly PartitionFailure[];
  readonly checks: readonly FailedCheck[];
  /** Why it began nothing new although nobody interrupted it. */
  readonly stopped?: string | undefined;
  /** With `--only`: the statuses that were asked for, so that what was left out is not called current. */
  readonly only?: readonly string[];
}

/** Receives events; reporters and logs are listeners. */
export type EventListener = (event: RunEvent) => void;
