import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import type {
  CodeDefinition,
  EventRecord,
  PartitionDetail,
  StateReader,
} from '../../state/store.ts';
import type { AssetEvaluation, GraphEvaluation } from './status.ts';

export type CauseKind =
  | 'code'
  | 'upstream_changed'
  | 'upstream_added'
  | 'upstream_removed'
  | 'config'
  | 'files_changed'
  | 'never_materialized'
  | 'removed'
  | 'failed'
  | 'blocked';

/** One reason why a partition is not current. */
export interface Cause {
  readonly kind: CauseKind;
  readonly upstream?: AssetName;
  /** Upstream partitions, at most as many as were asked for. */
  readonly partitions?: readonly string[];
  /** How many upstream partitions there are in all. */
  readonly count?: number;
  /** The newest upstream events behind it, parallel to `partitions`; `rowsBefore` as when the partition was made. */
  readonly changes?: readonly EventRecord[];
  /** What it is without naming partitions; the same for partitions that have it for the same reason. */
  readonly label: string;
  /** In plain language, for one partition. */
  readonly detail: string;
}

/** The record as far as causes need it. */
export type CauseReader = Pick<
  StateReader,
  'details' | 'definition' | 'changesSince' | 'eventsOfPartition'
>;

export interface CauseRequest {
  readonly evaluation: GraphEvaluation;
  /** What the records' code indexes mean. */
  readonly codeVersions: readonly string[];
  /** Absent when nothing was ever recorded. */
  readonly reader: CauseReader | undefined;
  readonly target: string;
  readonly asset: AssetName;
  /** Positions in the asset's expected days. */
  readonly indexes: readonly number[];
  /** How many upstream partitions a cause names. */
  readonly most?: number;
}

/** A request with what is read once for all of its partitions. */
export interface CauseContext extends CauseRequest {
  readonly of: AssetEvaluation;
  readonly details: ReadonlyMap<Day, PartitionDetail>;
  readonly definitionOf: (codeVersion: string) => CodeDefinition | undefined;
  readonly most: number;
  /** What removed the rows of partitions that have none now, where that was the newest that changed them. */
  readonly removals: ReadonlyMap<Day, EventRecord>;
}
