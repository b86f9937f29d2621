import type { AssetName, CodeVersion, RunId } from '../engine/ids.ts';
import type { Day } from '../engine/partitions/date.ts';
import type { ExpectedDays, Period } from '../engine/partitions/calendar.ts';
import type { PartitionRecords } from '../engine/partitions/records.ts';
import type { Hash64 } from '../engine/partitions/hash64.ts';

export type { Hash64 } from '../engine/partitions/hash64.ts';
export { ATTEMPT, CONTENT, type PartitionRecords } from '../engine/partitions/records.ts';

/** The days of one calendar with the periods that they belong to; ascending by day. */
export interface CalendarRecord extends ExpectedDays {
  readonly name: string;
  /** Changes whenever the rows that the calendar is read from change. */
  readonly fingerprint: string;
}

export type PeriodRecord = Period;

/** What was last seen of a source's files, so that unchanged ones need not be read again. */
export interface SourceObservation {
  readonly asset: AssetName;
  /** Hash of path, sizes and modification times (or Cloud Storage generations). */
  readonly quick: string;
  /** Hash of the files' content. */
  readonly content: string;
}

export interface StateSnapshot {
  readonly codeVersions: readonly CodeVersion[];
  readonly records: ReadonlyMap<AssetName, PartitionRecords>;
  readonly calendars: ReadonlyMap<string, CalendarRecord>;
  readonly observations: ReadonlyMap<AssetName, SourceObservation>;
}

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'interrupted' | 'crashed';

export interface RunRecord {
  readonly id: RunId;
  readonly target: string;
  readonly command: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly message: string | null;
}

export type StepStatus = 'running' | 'succeeded' | 'failed' | 'skipped' | 'interrupted' | 'crashed';

export interface StepRecord {
  readonly id: number;
  readonly runId: RunId;
  readonly asset: AssetName;
  readonly firstDay: Day;
  readonly lastDay: Day;
  readonly partitions: number;
  readonly status: StepStatus;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly rows: number;
  /** Counts of outcomes by kind, and what the step cost. */
  readonly summary: StepSummary | null;
}

export interface StepSummary {
  readonly materialized: number;
  readonly unchanged: number;
  readonly expectedEmpty: number;
  readonly failed: number;
  readonly blocked: number;
  readonly skipped: number;
  readonly statements: number;
  /** Where the warehouse bills what is read. */
  readonly bytesProcessed?: number;
  readonly bytesBilled?: number;
}

/** One try of a step: a first attempt, a retry after a transient fault, or a part of a split batch. */
export interface AttemptRecord {
  readonly stepId: number;
  readonly number: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly category: string | null;
  readonly message: string | null;
}

export interface CheckResult {
  readonly stepId: number;
  readonly asset: AssetName;
  readonly day: Day;
  readonly check: string;
  readonly severity: 'error' | 'warn';
  readonly blocking: boolean;
  /** Number of offending rows. */
  readonly failures: number;
  /** Some of the offending rows, as JSON. */
  readonly sample: string | null;
}

/** What happened to one partition in one step; exactly one per partition that a run was asked for (design 2.8). */
export type PartitionOutcome =
  | {
      readonly type: 'materialized' | 'unchanged';
      readonly day: Day;
      readonly rows: number;
      readonly data: Hash64;
      readonly input: Hash64;
      /** Per upstream edge the hash of its window, 8 bytes each, big-endian; tells later which one changed. */
      readonly inputs: Uint8Array;
    }
  | {
      readonly type: 'expected_empty';
      readonly day: Day;
      readonly reason: string;
      readonly input: Hash64;
      readonly inputs: Uint8Array;
    }
  | {
      readonly type: 'failed';
      readonly day: Day;
      /** Stable upper-snake category, e.g. `EMPTY_RESULT`. */
      readonly category: string;
      readonly message: string;
    }
  | {
      readonly type: 'blocked';
      readonly day: Day;
      /** The upstream partition that stands in the way. */
      readonly upstream: AssetName;
      readonly upstreamDay: Day;
      readonly message: string;
    };

export interface StepOutcome {
  readonly stepId: number;
  readonly asset: AssetName;
  readonly codeVersion: CodeVersion;
  readonly status: StepStatus;
  readonly endedAt: number;
  readonly summary: StepSummary;
  readonly outcomes: readonly PartitionOutcome[];
  readonly checks: readonly CheckResult[];
}

/** One entry of a partition's append-only history. */
export interface EventRecord {
  readonly sequence: number;
  readonly asset: AssetName;
  readonly day: Day;
  readonly type:
    | 'materialized'
    | 'unchanged'
    | 'expected_empty'
    | 'failed'
    | 'blocked'
    | 'removed'
    /** Declared current without being made again. */
    | 'marked';
  readonly runId: RunId;
  readonly at: number;
  readonly rowsBefore: number | null;
  readonly rows: number | null;
  readonly data: Hash64 | null;
  readonly codeVersion: CodeVersion | null;
  /** Failure or blocking message, or the reason of an expected-empty partition. */
  readonly message: string | null;
  readonly category: string | null;
}

/** The newest attempt's failure, blocking or expected-empty reason of one partition, and its recorded inputs. */
export interface PartitionDetail {
  readonly day: Day;
  readonly category: string | null;
  readonly message: string | null;
  readonly runId: RunId;
  /** Milliseconds since 1970 of the newest good materialization or, without one, of the newest attempt. */
  readonly at: number;
  readonly inputs: Uint8Array | null;
}

/** The parts that made up a code version, kept so that `stale` can say which of them changed. */
export interface CodeDefinition {
  readonly asset: AssetName;
  readonly codeVersion: CodeVersion;
  /** JSON of CodeParts. */
  readonly parts: string;
  /** Names of the upstream edges in the order of `inputs`. */
  readonly upstream: readonly string[];
}

/** What the warehouse's own table says was materialized last, per partition; the truth for invariant 1. */
export interface WarehouseMaterialization {
  readonly asset: AssetName;
  readonly day: Day;
  readonly rows: number;
  readonly data: Hash64;
  readonly input: Hash64;
  readonly inputs: Uint8Array;
  readonly codeVersion: CodeVersion;
  readonly runId: RunId;
  readonly at: number;
  /** Why it has no rows, where it is expected to be empty. */
  readonly reason?: string | undefined;
  /** The run that declared it current without making it again, and when. */
  readonly marked?: { readonly runId: RunId; readonly at: number } | undefined;
}

/** One column of a recorded profile; figures are NULL where no row had a value. */
export interface ProfileColumnRecord {
  readonly name: string;
  /** GoogleSQL type. */
  readonly type: string;
  readonly nulls: number;
  readonly distinct: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly sd: number | null;
  /** Empty where only the figures above were taken. */
  readonly quantiles: readonly number[];
}

/** What the rows of an asset held when they were looked at. */
export interface ProfileRecord {
  /** The run that made the rows, or the id of the command that looked at them. */
  readonly runId: RunId;
  readonly at: number;
  /** True when all rows of the asset were read. */
  readonly isWhole: boolean;
  /** First and last of the partitions that were read; null for an unpartitioned asset. */
  readonly firstDay: Day | null;
  readonly lastDay: Day | null;
  readonly rows: number;
  readonly columns: readonly ProfileColumnRecord[];
}

export interface NewProfile extends ProfileRecord {
  readonly target: string;
  readonly asset: AssetName;
}

export interface LeaseHolder {
  readonly runId: RunId;
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  readonly acquiredAt: number;
  readonly heartbeatAt: number;
}

/** Everything that only shows: opens the database read-only and takes no lock that a writer waits for. */
export interface StateReader {
  snapshot(target: string): StateSnapshot;
  /** Newest first. */
  runs(target: string, limit: number): readonly RunRecord[];
  run(id: string): RunRecord | undefined;
  steps(runId: RunId): readonly StepRecord[];
  attempts(runId: RunId): readonly AttemptRecord[];
  checks(runId: RunId): readonly CheckResult[];
  /** The events of a run, or of one partition; newest first. */
  eventsOfRun(runId: RunId): readonly EventRecord[];
  eventsOfPartition(target: string, asset: AssetName, day: Day): readonly EventRecord[];
  /** Events of an asset whose content changed after a sequence number, newest per day, for days lo <= day < hi. */
  changesSince(
    target: string,
    asset: AssetName,
    range: { readonly lo: Day; readonly hi: Day; readonly after: number },
  ): readonly EventRecord[];
  details(
    target: string,
    asset: AssetName,
    days: readonly Day[],
  ): ReadonlyMap<Day, PartitionDetail>;
  definition(asset: AssetName, codeVersion: CodeVersion): CodeDefinition | undefined;
  /** The recorded profiles of an asset, oldest first. */
  profiles(target: string, asset: AssetName): readonly ProfileRecord[];
  /** Per asset the seconds per partition of recent succeeded steps; for estimates. */
  secondsPerPartition(target: string): ReadonlyMap<AssetName, number>;
  /** Per asset the newest run that touched it and when that ended. */
  lastRuns(
    target: string,
  ): ReadonlyMap<
    AssetName,
    { readonly runId: RunId; readonly at: number; readonly status: string }
  >;
  leaseHolder(target: string): LeaseHolder | undefined;
  /** Identity of the warehouse as the last writer left it; undefined when it must be compared anew. */
  warehouseFingerprint(target: string): string | undefined;
  close(): void;
}

/** What a run needs besides reading. Every method is one SQLite transaction. */
export interface StateStore extends StateReader {
  /**
   * Takes the target's lease, or returns who holds it. A lease of a dead process, or without heartbeat for `staleMs`,
   * is taken over: then `from` says whose it was.
   */
  acquireLease(request: {
    readonly target: string;
    readonly runId: RunId;
    readonly pid: number;
    readonly host: string;
    readonly command: string;
    readonly now: number;
    readonly staleMs: number;
  }):
    | { readonly acquired: true; readonly from: LeaseHolder | undefined }
    | { readonly acquired: false; readonly holder: LeaseHolder };
  /** False when the lease was lost to another run. */
  heartbeat(target: string, runId: RunId, now: number): boolean;
  releaseLease(target: string, runId: RunId): void;

  startRun(run: {
    readonly id: RunId;
    readonly target: string;
    readonly command: string;
    readonly startedAt: number;
  }): void;
  endRun(id: RunId, status: RunStatus, endedAt: number, message: string | null): void;
  /** Marks runs and steps that a crash left `running` as `crashed`; returns the ids of these runs. */
  closeCrashedRuns(target: string, except: RunId, now: number): readonly RunId[];

  startStep(step: {
    readonly runId: RunId;
    readonly asset: AssetName;
    readonly firstDay: Day;
    readonly lastDay: Day;
    readonly partitions: number;
    readonly startedAt: number;
  }): number;
  recordAttempt(attempt: AttemptRecord): void;
  /**
   * Records the outcome of every partition of a step: status rows, events, check results, the step's end.
   * Returns the sequence number given to each outcome, in order.
   */
  endStep(outcome: StepOutcome): readonly number[];

  saveCalendar(target: string, calendar: CalendarRecord): void;
  saveObservation(target: string, observation: SourceObservation): void;
  saveDefinition(definition: CodeDefinition): void;
  saveProfile(profile: NewProfile): void;
  /** Forgets partitions (their content left the warehouse or the calendar); adds `removed` events. */
  removePartitions(request: {
    readonly target: string;
    readonly asset: AssetName;
    readonly days: readonly Day[];
    readonly runId: RunId;
    readonly at: number;
    readonly reason: string;
  }): void;
  /** Gives partitions with content new inputs, leaving the content as it is; adds `marked` events. */
  markCurrent(request: {
    readonly target: string;
    readonly asset: AssetName;
    readonly codeVersion: CodeVersion;
    readonly partitions: readonly {
      readonly day: Day;
      readonly input: Hash64;
      readonly inputs: Uint8Array;
    }[];
    readonly runId: RunId;
    readonly at: number;
    readonly reason: string;
  }): void;
  /** Takes over what the warehouse says of partitions whose record disagrees (after a crash), in the order given. */
  adoptMaterializations(target: string, rows: readonly WarehouseMaterialization[]): void;
  saveWarehouseFingerprint(target: string, fingerprint: string | null): void;
}
