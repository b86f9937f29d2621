import { tableOf } from '../assets/batch.ts';
import { checksOf, ownStatements } from '../checks/definition.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { isPipelineError, isWarehouseError, WarehouseError } from '../errors.ts';
import { CONTENT, NO_RECORDS } from '../partitions/records.ts';
import { findBlocker, type Step } from '../plan/plan.ts';
import { formatDay } from '../partitions/date.ts';
import { type AssetEvaluation, STATUS_NAMES } from '../staleness/status.ts';
import type { AssetName } from '../ids.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import type { RunContext } from './context.ts';
import { discoverPartitions, keepCalendars } from './discover.ts';
import { countAbsent, findStagedFailures } from './find-failures.ts';
import { publishBatch } from './publish.ts';
import { withRetry } from './retry.ts';
import { settleBatch } from './settle.ts';
import { withSplit } from './split.ts';
import { stageBatch } from './stage.ts';
import {
  beginStep,
  costed,
  finishStep,
  interruptStep,
  nextStage,
  recordFailure,
  type StepResult,
  type StepWork,
} from './step-work.ts';

/**
 * Runs one step (design 7): record, stage, check, publish, record; an outcome for every partition of it. `isAlone`
 * says that no other step of the asset runs while this one does.
 */
export async function runStep(
  context: RunContext,
  evaluation: AssetEvaluation,
  step: Step,
  { isAlone }: { readonly isAlone: boolean },
): Promise<StepResult> {
  const isForced = step.reasons.forced > 0;
  const work = beginStep(context, evaluation, step.days, { isForced, isAlone });
  return guarded(context, work, async () => {
    const gather = (done: readonly PartitionOutcome[]): readonly PartitionOutcome[] => {
      work.outcomes.push(...done);
      return done;
    };
    const outcomes = await withSplit(step.indexes, {
      compute: async (part) =>
        gather(await retried(context, work, () => computeBatch(context, work, part))),
      fail: (part, error) => gather(part.map((index) => failedOutcome(evaluation, index, error))),
      onSplit: (part, { message }) => {
        const { stepId, asset } = work;
        context.emit({ type: 'batch-split', stepId, asset, partitions: part.length, message });
      },
    });
    return finishStep(context, work, outcomes);
  });
}

/** Runs the one step of an asset that defines its own calendar: all of it, whatever was asked for. */
export async function runDiscovery(
  context: RunContext,
  evaluation: AssetEvaluation,
  how: {
    readonly isForced: boolean;
    readonly reevaluate: (asset: CompiledAsset) => AssetEvaluation;
  },
): Promise<StepResult & { readonly failure?: WarehouseError }> {
  const work = beginStep(context, evaluation, [...evaluation.expected.days], how);
  return guarded(context, work, async () => {
    try {
      const found = await retried(context, work, () =>
        discoverPartitions(context, work, how.reevaluate),
      );
      const result = finishStep(context, work, found.outcomes);
      await keepCalendars(context, evaluation.asset);
      return result;
    } catch (error) {
      if (!isWarehouseError(error) || error.kind === 'interrupted') throw error;
      const outcomes = [...evaluation.expected.days.keys()].map((index) =>
        failedOutcome(evaluation, index, error),
      );
      return { ...finishStep(context, work, outcomes, error), failure: error };
    }
  });
}

/** Records partitions that a required upstream partition keeps from running. */
export function recordBlocked(
  context: RunContext,
  evaluation: AssetEvaluation,
  blocked: Uint8Array,
  evaluations: ReadonlyMap<AssetName, AssetEvaluation>,
): StepResult {
  const outcomes: PartitionOutcome[] = [];
  for (const [index, isBlocked] of blocked.entries()) {
    if (isBlocked === 1) outcomes.push(blockedOutcome(evaluation, index, evaluations));
  }
  const work = beginStep(
    context,
    evaluation,
    outcomes.map((outcome) => outcome.day),
  );
  return finishStep(context, work, outcomes);
}

function blockedOutcome(
  evaluation: AssetEvaluation,
  index: number,
  evaluations: ReadonlyMap<AssetName, AssetEvaluation>,
): PartitionOutcome {
  const blocker = findBlocker(evaluation, index, evaluations);
  if (!blocker) throw new Error(`Internal error: nothing blocks ${evaluation.asset.name}`);
  const { asset: upstream, day: upstreamDay, status, orBefore } = blocker;
  const which = `${upstream} of ${formatDay(upstreamDay)}${orBefore ? ' or before' : ''}`;
  return {
    type: 'blocked',
    day: evaluation.expected.days[index] ?? 0,
    upstream,
    upstreamDay,
    message: `needs ${which}, which is ${STATUS_NAMES[status] ?? 'missing'}`,
  };
}

async function guarded<T extends StepResult>(
  context: RunContext,
  work: StepWork,
  run: () => Promise<T>,
): Promise<T | StepResult> {
  try {
    return await run();
  } catch (error) {
    if (!isWarehouseError(error) || error.kind !== 'interrupted') throw error;
    return interruptStep(context, work);
  }
}

function retried<T>(context: RunContext, work: StepWork, run: () => Promise<T>): Promise<T> {
  const attempt = async (): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw asWarehouseError(error);
    }
  };
  return withRetry(attempt, {
    policy: work.evaluation.asset.retry,
    signal: context.signal,
    random: context.random,
    onFailure: (failure) => recordFailure(context, work, failure),
  });
}

async function computeBatch(
  uncosted: RunContext,
  work: StepWork,
  indexes: readonly number[],
): Promise<readonly PartitionOutcome[]> {
  const { evaluation } = work;
  const { asset } = evaluation;
  const context = costed(uncosted, work);
  const checks = checksOf(asset, context.warehouse.capabilities.dialect);
  // A part of a split batch is not all: the parts before it are in the table by now.
  const isWhole = indexes.length === work.days.length && isWholeTable(context, evaluation, indexes);
  // What another step publishes while this one computes must not go with the table that is replaced.
  const replacesAll = work.isAlone && isWhole;
  work.statements += 2 + ownStatements(checks);
  const stage = nextStage(work);
  try {
    const staged = await stageBatch(context, {
      evaluation,
      stage,
      indexes,
      checks,
      replacesAll,
      stepId: work.stepId,
    });
    const failures = await findStagedFailures(context, work, { evaluation, indexes, stage });
    const settled = await settleBatch(context, evaluation, { indexes, staged, checks, failures });
    const { outcomes, kept } = settled;
    const rewrites = work.isForced;
    await publishBatch(context, { asset, stage, outcomes, kept, replacesAll, rewrites, failures });
    work.findings.push(...settled.findings);
    countAbsent(work.absent, failures, outcomes);
    return settled.outcomes;
  } finally {
    await context.warehouse.discard(tableOf(asset), stage).catch(() => undefined);
  }
}

/**
 * Whether a batch holds every recorded partition, those of the steps before it included: then its staged rows may
 * take the table's place.
 */
function isWholeTable(
  context: RunContext,
  { asset, expected }: AssetEvaluation,
  indexes: readonly number[],
): boolean {
  const records = context.live.records.get(asset.name) ?? NO_RECORDS;
  const days = new Set(indexes.map((index) => expected.days[index]));
  return records.days.every(
    (day, index) => days.has(day) || records.content[index] !== CONTENT.materialized,
  );
}

/** A mistake that the user can mend fails the step, not the run. */
function asWarehouseError(error: unknown): unknown {
  if (!isPipelineError(error)) return error;
  const message = error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  return new WarehouseError(message, { kind: 'statement', category: error.code, cause: error });
}

function failedOutcome(
  evaluation: AssetEvaluation,
  index: number,
  error: WarehouseError,
): PartitionOutcome {
  if (error.kind === 'interrupted') throw error;
  const day = evaluation.expected.days[index] ?? 0;
  return { type: 'failed', day, category: error.category, message: error.message };
}
