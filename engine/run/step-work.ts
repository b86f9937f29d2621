import type { CheckFinding } from '../checks/evaluate.ts';
import type { AssetName } from '../ids.ts';
import { type Day, UNPARTITIONED } from '../partitions/date.ts';
import type { OutcomeCounts } from '../events.ts';
import type { WarehouseError } from '../errors.ts';
import type { StatementCost } from '../warehouse/warehouse.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { PartitionOutcome, StepStatus } from '../../state/store.ts';
import type { RunContext } from './context.ts';
import { countOutcomes, rowsOf } from './outcome-counts.ts';
import { reportFindings, reportOutcomes } from './outcome-events.ts';

/** A step under way, and where its parts are gathered. */
export interface StepWork {
  readonly stepId: number;
  readonly asset: AssetName;
  readonly evaluation: AssetEvaluation;
  readonly days: readonly Day[];
  /** Asked for with `--force`. */
  readonly isForced: boolean;
  /** No other step of the asset runs while this one does. */
  readonly isAlone: boolean;
  readonly startedAt: number;
  readonly findings: CheckFinding[];
  /** Entities without a row in what was published, by category. */
  readonly absent: Map<string, number>;
  /** Of the parts of a batch that are done; what is in the warehouse even if the rest is interrupted. */
  readonly outcomes: PartitionOutcome[];
  statements: number;
  attempts: number;
  /** Of all statements of the step, where the warehouse says so. */
  bytesProcessed: number;
  bytesBilled: number;
  /** Stages that were begun. */
  stages: number;
}

/** How a step ended; a failed one has timings and outcomes too. */
export interface StepResult {
  readonly status: StepStatus;
  readonly counts: OutcomeCounts;
  readonly rows: number;
  readonly bytesBilled: number;
  readonly seconds: number;
  readonly outcomes: readonly PartitionOutcome[];
  /** Checks that failed. */
  readonly findings: readonly CheckFinding[];
  /** Entities without a row in what was published, by category. */
  readonly absent: ReadonlyMap<string, number>;
}

/** Records a step as started, before anything else happens (design 7). */
export function beginStep(
  context: RunContext,
  evaluation: AssetEvaluation,
  days: readonly Day[],
  { isForced = false, isAlone = true } = {},
): StepWork {
  const asset = evaluation.asset.name;
  const startedAt = context.now();
  // The step that reads a calendar for the first time is about no date yet: about all of the asset.
  const firstDay = days[0] ?? UNPARTITIONED;
  const lastDay = days.at(-1) ?? firstDay;
  const partitions = days.length;
  const stepId = context.store.startStep({
    runId: context.runId,
    asset,
    firstDay,
    lastDay,
    partitions,
    startedAt,
  });
  const at = startedAt;
  context.emit({ type: 'step-started', stepId, asset, firstDay, lastDay, partitions, at });
  const gathered = { findings: [], outcomes: [], absent: new Map<string, number>() };
  const counters = { statements: 0, attempts: 0, stages: 0, bytesProcessed: 0, bytesBilled: 0 };
  const how = { isForced, isAlone };
  return { stepId, asset, evaluation, days, ...how, startedAt, ...gathered, ...counters };
}

/** The context of a step's statements: what they cost is added up. */
export function costed(context: RunContext, work: StepWork): RunContext {
  const onCost = (cost: StatementCost): void => {
    work.bytesProcessed += cost.bytesProcessed;
    work.bytesBilled += cost.bytesBilled;
  };
  return { ...context, onCost };
}

/** A name for the next stage of a step, for every part of its batch and every attempt another one. */
export function nextStage(work: StepWork): string {
  work.stages++;
  return `s${work.stepId}_${work.stages}`;
}

/** Records the outcome of every partition of a step, and tells listeners. */
export function finishStep(
  context: RunContext,
  work: StepWork,
  outcomes: readonly PartitionOutcome[],
  failure?: WarehouseError,
): StepResult {
  const counts = countOutcomes(outcomes);
  const isFailed = failure !== undefined || counts.failed + counts.blocked > 0;
  const status: StepStatus = isFailed ? 'failed' : 'succeeded';
  const result = recordEnd(context, work, { status, counts, outcomes });
  reportFindings(context, work.asset, work.findings);
  reportOutcomes(context, work.asset, outcomes);
  context.emit({
    type: 'step-finished',
    stepId: work.stepId,
    asset: work.asset,
    firstDay: outcomes[0]?.day ?? work.days[0] ?? UNPARTITIONED,
    lastDay: outcomes.at(-1)?.day ?? work.days.at(-1) ?? UNPARTITIONED,
    counts,
    rows: result.rows,
    seconds: result.seconds,
    at: context.now(),
  });
  return result;
}

/** Records a step that was cut short because the run was told to stop: what it published stays. */
export function interruptStep(context: RunContext, work: StepWork): StepResult {
  const { outcomes } = work;
  const result = recordEnd(context, work, {
    status: 'interrupted',
    counts: countOutcomes(outcomes),
    outcomes,
  });
  reportOutcomes(context, work.asset, outcomes);
  return result;
}

/** Records one failed attempt of a step and tells listeners. */
export function recordFailure(
  context: RunContext,
  work: StepWork,
  failure: { readonly error: WarehouseError; readonly retryInMs: number | undefined },
): void {
  const { error, retryInMs } = failure;
  if (error.kind === 'interrupted') return;
  work.attempts++;
  const at = context.now();
  const { category, message } = error;
  context.store.recordAttempt({
    stepId: work.stepId,
    number: work.attempts,
    startedAt: at,
    endedAt: at,
    category,
    message,
  });
  const { stepId, asset, attempts: attempt } = work;
  context.emit({ type: 'attempt-failed', stepId, asset, attempt, category, message, retryInMs });
}

/** Only where statements are billed. */
function bytesOf({ bytesProcessed, bytesBilled }: StepWork) {
  return bytesProcessed + bytesBilled === 0 ? {} : { bytesProcessed, bytesBilled };
}

function recordEnd(
  context: RunContext,
  work: StepWork,
  end: Pick<StepResult, 'status' | 'counts' | 'outcomes'>,
): StepResult {
  const { codeVersion } = work.evaluation.asset;
  const endedAt = context.now();
  const sequences = context.store.endStep({
    stepId: work.stepId,
    asset: work.asset,
    codeVersion,
    status: end.status,
    endedAt,
    summary: { ...end.counts, statements: work.statements, ...bytesOf(work) },
    outcomes: end.outcomes,
    checks: work.findings.map((finding) => ({ ...finding, stepId: work.stepId })),
  });
  context.live.apply(work.asset, codeVersion, end.outcomes, sequences);
  return {
    ...end,
    findings: work.findings,
    absent: work.absent,
    rows: rowsOf(end.outcomes),
    bytesBilled: work.bytesBilled,
    seconds: Math.max(0, endedAt - work.startedAt) / 1000,
  };
}
