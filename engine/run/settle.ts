import { conditionSelect } from '../assets/sql-asset.ts';
import type { CheckPlan } from '../checks/definition.ts';
import type { AssetName } from '../ids.ts';
import { type Day, formatDay, parseDay, UNPARTITIONED } from '../partitions/date.ts';
import { equalHash } from '../partitions/hash64.ts';
import { CONTENT } from '../partitions/records.ts';
import { dataVersionAt, packInputs } from '../staleness/input-version.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { StagedPartition } from '../warehouse/warehouse.ts';
import type { CheckResult, PartitionOutcome } from '../../state/store.ts';
import type { RunContext } from './context.ts';
import { functionsOf, type Staged } from './stage.ts';

/** Failed checks of a partition; without the step's id, which only the step knows. */
export type CheckFinding = Omit<CheckResult, 'stepId'>;

export interface Settled {
  readonly outcomes: readonly PartitionOutcome[];
  readonly findings: readonly CheckFinding[];
}

const SAMPLE_ROWS = 3;
/** A check that fails nearly everywhere is understood from some of its days. */
const SAMPLED_DAYS = 100;

/**
 * Decides how each partition of a staged batch ends: good, unchanged, failed by a blocking check, expected to
 * be empty by a rule, or failed because it has no rows and no rule says why (invariant 3).
 */
export async function settleBatch(
  context: RunContext,
  evaluation: AssetEvaluation,
  batch: {
    readonly indexes: readonly number[];
    readonly staged: Staged;
    readonly checks: readonly CheckPlan[];
  },
): Promise<Settled> {
  const byDay = new Map(batch.staged.partitions.map((partition) => [partition.day, partition]));
  const empty = batch.indexes.filter((index) => !byDay.has(evaluation.expected.days[index] ?? 0));
  const reasons = await emptyReasons(context, evaluation, empty);
  const findings = await checkFindings(context, evaluation.asset.name, batch);
  const blockingByDay = new Map(
    findings.filter((finding) => finding.blocking).map((finding) => [finding.day, finding]),
  );
  const outcomes = batch.indexes.map((index): PartitionOutcome => {
    const day = evaluation.expected.days[index] ?? 0;
    const partition = byDay.get(day);
    if (!partition) return emptyOutcome(evaluation, index, reasons.get(day));
    const blocking = blockingByDay.get(day);
    return blocking ? checkFailure(blocking) : goodOutcome(evaluation, index, partition);
  });
  return { outcomes, findings };
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

function checkFailure(finding: CheckFinding): PartitionOutcome {
  const sample = finding.sample === null ? '' : `, e.g. ${finding.sample}`;
  return {
    type: 'failed',
    day: finding.day,
    category: 'CHECK_FAILED',
    message: `check "${finding.check}" failed: ${finding.failures} offending row(s)${sample}`,
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
  let left = indexes;
  for (const rule of evaluation.asset.expectedEmpty) {
    if (rule.type !== 'condition' || left.length === 0) continue;
    for (const statement of functionsOf(context, evaluation.asset)) {
      await context.warehouse.execute(statement, { signal: context.signal });
    }
    const sql = conditionSelect(
      { evaluation, indexes: left },
      context.assets,
      rule.condition,
      context.warehouse.capabilities.dialect,
    );
    const result = await context.warehouse.query(sql, { signal: context.signal });
    for (const [date] of result.rows) {
      const day = date === null ? UNPARTITIONED : parseDay(String(date).slice(0, 10));
      if (day !== undefined) reasons.set(day, rule.reason);
    }
    left = left.filter((index) => !reasons.has(evaluation.expected.days[index] ?? 0));
  }
  return reasons;
}

/** Every check that failed for a partition, with some of the offending rows. */
async function checkFindings(
  context: RunContext,
  asset: AssetName,
  batch: { readonly staged: Staged; readonly checks: readonly CheckPlan[] },
): Promise<readonly CheckFinding[]> {
  const findings: CheckFinding[] = [];
  for (const [at, { name: check, severity, blocking }] of batch.checks.entries()) {
    const failed = batch.staged.partitions.filter((each) => (each.offending[at] ?? 0) > 0);
    if (failed.length === 0) continue;
    const days = failed.slice(0, SAMPLED_DAYS).map((each) => each.day);
    const samples = await context.warehouse.sampleOffending(batch.staged.request, at, {
      days,
      rowsPerDay: SAMPLE_ROWS,
    });
    for (const { day, offending } of failed) {
      const rows = samples.get(day);
      // Distinct keys are counted by hash, which can take two for one; the rows themselves decide.
      if (rows === undefined && days.includes(day)) continue;
      const sample = rows === undefined ? null : JSON.stringify(rows);
      findings.push({
        asset,
        day,
        check,
        severity,
        blocking,
        failures: offending[at] ?? 0,
        sample,
      });
    }
  }
  return findings;
}
