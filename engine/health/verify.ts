import { tableOf } from '../assets/batch.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { WarehouseError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import { equalHash, type Hash64 } from '../partitions/hash64.ts';
import { withSplit } from '../run/split.ts';
import { dataVersionAt } from '../staleness/input-version.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { StagedPartition } from '../warehouse/warehouse.ts';
import { type RecomputeContext, selectAlone, stageRows, STAGES } from './recompute.ts';
import {
  differencesQuery,
  readDifferences,
  type RowDifferences,
  tableRowsSelect,
} from './row-differences.ts';
import type { AssetSample, LeftOut } from './sample.ts';

export interface VerifyContext extends RecomputeContext {
  /** Called after every few partitions. */
  readonly onProgress: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  readonly asset: AssetName;
  /** Partitions of the asset so far, and in all. */
  readonly done: number;
  readonly total: number;
  readonly differences: number;
}

/** What a difference says about where to look. */
export type DifferenceCause =
  /** The table holds what was recorded; made alone, the partition comes out otherwise. */
  | 'alone'
  /** The rows in the table are not those that were recorded. */
  | 'table'
  /** Table and recomputation agree, the record holds another data version. */
  | 'record'
  /** The partition cannot be made alone. */
  | 'failed';

/** A partition that does not come out as the batch wrote it. */
export interface Difference {
  readonly asset: AssetName;
  readonly day: Day;
  readonly cause: DifferenceCause;
  /** Rows in the table, as recorded, and made alone; the first and the last are unknown after a failure. */
  readonly rows: number | undefined;
  readonly rowsRecorded: number;
  readonly rowsAlone: number | undefined;
  /** Keys whose rows differ, and some of them; absent where rows were not compared. */
  readonly differing: RowDifferences | undefined;
  /** Why the partition could not be made alone. */
  readonly message: string | undefined;
}

/** What `verify` found out. */
export interface Verification {
  readonly target: string;
  /** Absent when all partitions were verified. */
  readonly seed: number | undefined;
  /** Partitions per verified asset. */
  readonly verified: ReadonlyMap<AssetName, number>;
  readonly differences: readonly Difference[];
  readonly leftOut: readonly LeftOut[];
  /** False when something else than a run wrote to the warehouse: then any asset's upstream may be to blame. */
  readonly isAsLastRunLeftIt: boolean;
}

/** Partitions per statement. */
const GROUP = 8;
/** Rows are compared for this many partitions of an asset; the others only by version. */
const MOST_COMPARED = 20;

/**
 * Makes partitions again, each alone, and compares them with what is in their table and in the record.
 *
 * Alone means: the relation `partitions` has one row, and every upstream relation is bounded by constants to the
 * window of that one partition. For a partition of date d and a window that ends before d no row of d or later
 * is in the statement's reach, whatever its SQL says. The batch's bounds are the union of many windows, within
 * which SQL must keep the windows apart by itself. The same content both ways proves for the partition that it
 * did (invariant 6), and so that no row from outside of its window decided any of it (invariant 4).
 */
export async function verifyPartitions(
  context: VerifyContext,
  sample: readonly AssetSample[],
): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const { evaluation, indexes } of sample) {
    const found: Difference[] = [];
    const { kind, name } = evaluation.asset;
    // A module's rows are loaded one set at a time.
    const size = kind === 'module' ? 1 : GROUP;
    for (let from = 0; from < indexes.length; from += size) {
      const group = indexes.slice(from, from + size);
      found.push(...(await verifyGroup(context, evaluation, group, found.length)));
      const done = from + group.length;
      const progress = { asset: name, total: indexes.length, differences: found.length };
      context.onProgress({ ...progress, done });
    }
    differences.push(...found);
  }
  return differences;
}

/** Partitions that one statement makes; where it fails, halved until those to blame stand alone. */
function verifyGroup(
  context: VerifyContext,
  evaluation: AssetEvaluation,
  indexes: readonly number[],
  foundBefore: number,
): Promise<readonly Difference[]> {
  return withSplit(indexes, {
    compute: (part) => compareGroup(context, evaluation, part, foundBefore < MOST_COMPARED),
    fail: (part, error) => part.map((index) => failure(evaluation, index, error)),
    onSplit: () => undefined,
  });
}

async function compareGroup(
  context: VerifyContext,
  evaluation: AssetEvaluation,
  indexes: readonly number[],
  comparesRows: boolean,
): Promise<readonly Difference[]> {
  const { asset } = evaluation;
  const days = indexes.map((index) => evaluation.expected.days[index] ?? 0);
  try {
    const inTable = await stageRows(context, asset, {
      stage: STAGES.inTable,
      select: tableRowsSelect(asset, days, context.warehouse.capabilities.dialect),
    });
    const alone = await stageRows(context, asset, {
      stage: STAGES.alone,
      select: await selectAlone(context, evaluation, indexes),
    });
    const found = indexes.flatMap((index) => differenceAt(evaluation, index, { inTable, alone }));
    const differing = comparesRows ? await compareRows(context, asset, found) : undefined;
    return found.map((each) => ({ ...each, differing: differing?.get(each.day) }));
  } finally {
    for (const stage of Object.values(STAGES)) {
      await context.warehouse.discard(tableOf(asset), stage).catch(() => undefined);
    }
  }
}

interface BothSides {
  readonly inTable: ReadonlyMap<Day, StagedPartition>;
  readonly alone: ReadonlyMap<Day, StagedPartition>;
}

function differenceAt(evaluation: AssetEvaluation, index: number, sides: BothSides): Difference[] {
  const { asset, records, recordIndex } = evaluation;
  const day = evaluation.expected.days[index] ?? 0;
  const at = recordIndex[index] ?? -1;
  const recorded = dataVersionAt(records, at);
  const inTable = contentOf(sides.inTable.get(day));
  const alone = contentOf(sides.alone.get(day));
  const cause = causeOf(recorded, inTable.data, alone.data);
  if (cause === undefined) return [];
  return [
    {
      asset: asset.name,
      day,
      cause,
      rows: inTable.rows,
      rowsRecorded: records.rows[at] ?? 0,
      rowsAlone: alone.rows,
      differing: undefined,
      message: undefined,
    },
  ];
}

function causeOf(recorded: Hash64, inTable: Hash64, alone: Hash64): DifferenceCause | undefined {
  const isAsRecorded = equalHash(recorded, inTable);
  if (equalHash(inTable, alone)) return isAsRecorded ? undefined : 'record';
  return isAsRecorded ? 'alone' : 'table';
}

/** A partition without rows was not staged. */
function contentOf(partition: StagedPartition | undefined): Pick<StagedPartition, 'rows' | 'data'> {
  return partition ?? { rows: 0, data: { hi: 0, lo: 0 } };
}

/** While the partitions made alone are still staged. */
async function compareRows(
  { warehouse, signal }: VerifyContext,
  asset: CompiledAsset,
  found: readonly Difference[],
): Promise<ReadonlyMap<Day, RowDifferences> | undefined> {
  const days = found.filter((each) => each.cause !== 'record').map((each) => each.day);
  if (days.length === 0) return undefined;
  const { dialect } = warehouse.capabilities;
  const alone = warehouse.stagedRelation(tableOf(asset), STAGES.alone);
  const sql = differencesQuery(asset, alone, days, dialect);
  return readDifferences(asset, await warehouse.query(sql, { signal }));
}

function failure(evaluation: AssetEvaluation, index: number, error: WarehouseError): Difference {
  if (error.kind === 'interrupted') throw error;
  return {
    asset: evaluation.asset.name,
    day: evaluation.expected.days[index] ?? 0,
    cause: 'failed',
    rows: undefined,
    rowsRecorded: evaluation.records.rows[evaluation.recordIndex[index] ?? -1] ?? 0,
    rowsAlone: undefined,
    differing: undefined,
    message: error.message,
  };
}
