import { conditionSelect } from '../assets/sql-asset.ts';
import type { CheckPlan } from '../checks/definition.ts';
import { type CheckFinding, findFailures } from '../checks/evaluate.ts';
import { type Day, formatDay, parseDay, UNPARTITIONED } from '../partitions/date.ts';
import { equalHash } from '../partitions/hash64.ts';
import { CONTENT } from '../partitions/records.ts';
import { dataVersionAt, packInputs } from '../staleness/input-version.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { StagedPartition } from '../warehouse/warehouse.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import { checkScope, historyRelation } from './check-scope.ts';
import type { RunContext } from './context.ts';
import { everybodyExpected, type FoundFailures } from './find-failures.ts';
import { absenceText, isAbsent } from './observe.ts';
import { functionsOf, type Staged } from './stage.ts';

export interface Settled {
  readonly outcomes: readonly PartitionOutcome[];
  readonly findings: readonly CheckFinding[];
  /** Unchanged without staged rows: frozen ones that nothing could take the place of. */
  readonly kept: ReadonlySet<Day>;
}

interface SettledBatch {
  readonly indexes: readonly number[];
  readonly staged: Staged;
  readonly checks: readonly CheckPlan[];
  /** Who is expected and has no row; absent for an asset without a universe. */
  readonly failures: FoundFailures | undefined;
}

/**
 * Decides how each partition of a staged batch ends: good, unchanged, failed by a blocking check, expected to
 * be empty by a rule or since everybody is excused, or failed because it has no rows and nothing says why (invariant 3).
 */
export async function settleBatch(
  context: RunContext,
  evaluation: AssetEvaluation,
  batch: SettledBatch,
): Promise<Settled> {
  const byDay = new Map(batch.staged.partitions.map((partition) => [partition.day, partition]));
  const empty = batch.indexes.filter((index) => !byDay.has(evaluation.expected.days[index] ?? 0));
  const reasons = await emptyReasons(context, evaluation, empty);
  const findings = [
    ...(await checkFindings(context, evaluation, batch)),
    ...(batch.failures?.findings ?? []),
  ];
  const blockingByDay = Map.groupBy(
    findings.filter((finding) => finding.blocking),
    (finding) => finding.day,
  );
  const kept = new Set<Day>();
  const outcomes = batch.indexes.map((index): PartitionOutcome => {
    const day = evaluation.expected.days[index] ?? 0;
    const fault = batch.staged.failed?.get(day);
    if (fault) return { type: 'failed', day, ...fault };
    const partition = byDay.get(day);
    if (!partition) {
      const reason = reasons.get(day) ?? everybodyExpected(batch.failures, day);
      const frozen = reason === undefined ? undefined : frozenOutcome(evaluation, index);
      if (frozen) {
        kept.add(day);
        return frozen;
      }
      return emptyOutcome(evaluation, index, reason);
    }
    const blocking = blockingByDay.get(day);
    return blocking ? checkFailure(day, blocking) : goodOutcome(evaluation, index, partition);
  });
  return { outcomes, findings, kept };
}

/** A frozen partition that was asked for again and has no rows by now keeps those that it has: they cannot come back. */
function frozenOutcome(evaluation: AssetEvaluation, index: number): PartitionOutcome | undefined {
  const { asset, records, recordIndex } = evaluation;
  const at = recordIndex[index] ?? -1;
  if (asset.freeze !== 'once' || records.content[at] !== CONTENT.materialized) return undefined;
  return {
    type: 'unchanged',
    day: evaluation.expected.days[index] ?? 0,
    rows: records.rows[at] ?? 0,
    data: dataVersionAt(records, at),
    ...inputsOf(evaluation, index),
  };
}

function goodOutcome(
  evaluation: AssetEvaluation,
  index: number,
  partition: StagedPartition,
): PartitionOutcome {
  const at = evaluation.recordIndex[index] ?? -1;
  const isUnchanged =
    at >= 0 &&
    evaluation.records.content[at] === CONTENT.materialized &&
    evaluation.records.rows[at] === partition.rows &&
    equalHash(dataVersionAt(evaluation.records, at), partition.data);
  return {
    type: isUnchanged ? 'unchanged' : 'materialized',
    day: partition.day,
    rows: partition.rows,
    data: partition.data,
    ...inputsOf(evaluation, index),
  };
}

function emptyOutcome(
  evaluation: AssetEvaluation,
  index: number,
  reason: string | undefined,
): PartitionOutcome {
  const day = evaluation.expected.days[index] ?? 0;
  if (reason !== undefined) {
    return { type: 'expected_empty', day, reason, ...inputsOf(evaluation, index) };
  }
  return {
    type: 'failed',
    day,
    category: 'EMPTY_RESULT',
    message: `no rows for ${formatDay(day)}, where rows are expected and no rule says that there are none`,
  };
}

function checkFailure(day: Day, findings: readonly CheckFinding[]): PartitionOutcome {
  const [first, ...others] = findings;
  const names = others.map((finding) => `"${finding.check}"`);
  const also = names.length === 0 ? '' : `; so did ${names.join(', ')}`;
  return {
    type: 'failed',
    day,
    category: 'CHECK_FAILED',
    message: `${first?.message ?? ''}${also}`,
  };
}

function inputsOf(
  evaluation: AssetEvaluation,
  index: number,
): Pick<PartitionOutcome & { type: 'materialized' }, 'input' | 'inputs'> {
  return {
    input: { hi: evaluation.inputHi[index] ?? 0, lo: evaluation.inputLo[index] ?? 0 },
    inputs: packInputs(
      evaluation.edges.map((edge) => edge.sums),
      index,
    ),
  };
}

/** For partitions without rows, the reason of the first rule on the data that says this is expected. */
async function emptyReasons(
  context: RunContext,
  evaluation: AssetEvaluation,
  indexes: readonly number[],
): Promise<ReadonlyMap<Day, string>> {
  const reasons = new Map<Day, string>();
  const source = context.sources.get(evaluation.asset.name);
  if (source !== undefined && isAbsent(source)) {
    const reason = absenceText(evaluation.asset);
    return new Map(indexes.map((index) => [evaluation.expected.days[index] ?? 0, reason]));
  }
  let left = indexes;
  for (const rule of evaluation.asset.expectedEmpty) {
    if (rule.type !== 'condition' || left.length === 0) continue;
    const sql = conditionSelect(
      { evaluation, indexes: left },
      context.assets,
      rule.condition,
      context.warehouse.capabilities.dialect,
    );
    const functions = functionsOf(context, evaluation.asset);
    const { signal, onCost } = context;
    const options = { signal, onCost, functions, purpose: 'expected_empty' };
    const result = await context.warehouse.query(sql, options);
    for (const [date] of result.rows) {
      const day = date === null ? UNPARTITIONED : parseDay(String(date).slice(0, 10));
      if (day !== undefined) reasons.set(day, rule.reason);
    }
    left = left.filter((index) => !reasons.has(evaluation.expected.days[index] ?? 0));
  }
  return reasons;
}

/** Every check that failed for a partition of the batch. */
async function checkFindings(
  context: RunContext,
  evaluation: AssetEvaluation,
  { indexes, staged, checks }: SettledBatch,
): Promise<readonly CheckFinding[]> {
  const { asset } = evaluation;
  const { warehouse, signal, onCost } = context;
  const days = new Set(indexes.map((index) => evaluation.expected.days[index]));
  const batch = { evaluation, indexes };
  // Of the run itself: other steps of the asset may have published by now.
  const records = context.live.records.get(asset.name) ?? evaluation.records;
  const scope = checkScope(batch, context.assets, {
    dialect: warehouse.capabilities.dialect,
    rows: warehouse.stagedRelation(staged.request.table, staged.request.stage),
    history: historyRelation(batch, checks, { records, warehouse }),
  });
  return findFailures({
    plans: checks,
    rows: staged.request,
    // A source that defines its calendar is staged with rows that are on no date of it.
    partitions: staged.partitions.filter((partition) => days.has(partition.day)),
    scope,
    warehouse,
    options: { signal, onCost, timeoutMs: asset.timeoutSeconds * 1000 },
  });
}
