import type { CheckFinding } from '../checks/evaluate.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import type { AssetResult, FailedCheck, OutcomeCounts, PartitionFailure } from '../events.ts';
import { isWarehouseError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import { formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { contains } from '../partitions/subset.ts';
import { NO_RECORDS } from '../partitions/records.ts';
import { type AssetPlan, planAsset, type PlanRequest, stepsOf } from '../plan/plan.ts';
import { expectedBySet } from '../staleness/expected.ts';
import { type AssetEvaluation, daysNoLongerExpected, evaluateAsset } from '../staleness/status.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import {
  calendarsOf,
  definesOwnCalendar,
  executionOrder,
  outdatedCalendars,
} from '../staleness/calendar-state.ts';
import { refreshCalendars } from './calendars.ts';
import type { RunContext } from './context.ts';
import { addCounts, NO_OUTCOMES } from './outcome-counts.ts';
import { pruneAsset } from './prune.ts';
import { failedChecks } from './outcome-events.ts';
import { recordBlocked, runDiscovery, runStep } from './step.ts';
import type { StepResult } from './step-work.ts';

/** How a whole run ended. */
export interface Execution {
  readonly assets: readonly AssetResult[];
  readonly failures: readonly PartitionFailure[];
  readonly checks: readonly FailedCheck[];
  readonly interrupted: boolean;
  /** The expected days of every asset, as known at the end. */
  readonly expectedDays: ReadonlyMap<AssetName, Int32Array>;
}

/**
 * Runs a request over the graph in topological order. Every asset is evaluated and planned again when its
 * upstream is done: what came out with the same content makes nothing downstream run (early cutoff).
 */
export async function execute(context: RunContext, request: PlanRequest): Promise<Execution> {
  const evaluations = new Map<AssetName, AssetEvaluation>();
  const assets: AssetResult[] = [];
  const failures: PartitionFailure[] = [];
  const findings: CheckFinding[] = [];
  for (const asset of executionOrder(context.pipeline)) {
    const run = new AssetRun(context, asset, evaluations);
    if (request.assets.has(asset.name)) {
      assets.push(canGoOn(context, failures) ? await run.execute(request) : run.skip(request));
      failures.push(...run.failures);
      findings.push(...run.findings);
    }
    evaluations.set(asset.name, run.evaluation);
  }
  if (!canGoOn(context, failures)) context.emit({ type: 'stopping', reason: stopReason(context) });
  const expectedDays = new Map(
    Array.from(evaluations, ([name, evaluation]) => [name, evaluation.expected.days]),
  );
  const checks = failedChecks(findings);
  return { assets, failures, checks, interrupted: context.signal.aborted, expectedDays };
}

/** Asked again before every asset and step, since what came before may have taken long. */
function canGoOn(context: RunContext, failures: readonly PartitionFailure[]): boolean {
  if (context.signal.aborted) return false;
  return context.policy === 'continue' || failures.length === 0;
}

/** Why partitions that were asked for count as skipped although they are not current. */
function stopReason(context: RunContext): string {
  if (context.signal.aborted) return 'the run was interrupted: what it did not get to was skipped';
  return 'a partition failed and the run was to fail fast: what it did not get to was skipped';
}

/** The part of a run that concerns one asset. */
class AssetRun {
  evaluation: AssetEvaluation;
  readonly failures: PartitionFailure[] = [];
  readonly findings: CheckFinding[] = [];
  readonly #context: RunContext;
  readonly #asset: CompiledAsset;
  readonly #evaluations: ReadonlyMap<AssetName, AssetEvaluation>;
  #counts: OutcomeCounts = NO_OUTCOMES;
  #rows = 0;
  #frozen = 0;
  #pruned = 0;
  #seconds = 0;

  constructor(
    context: RunContext,
    asset: CompiledAsset,
    evaluations: ReadonlyMap<AssetName, AssetEvaluation>,
  ) {
    this.#context = context;
    this.#asset = asset;
    this.#evaluations = evaluations;
    this.evaluation = this.#evaluate();
  }

  async execute(request: PlanRequest): Promise<AssetResult> {
    const before = this.#recordedDays();
    if (definesOwnCalendar(this.#context.pipeline, this.#asset)) await this.#discover(request);
    else await this.#runSteps(request);
    const after = this.#recordedDays();
    this.#pruned = before.filter((day) => !after.includes(day)).length;
    return this.#result();
  }

  /** Accounts for an asset that the run does not get to any more. */
  skip(request: PlanRequest): AssetResult {
    const plan = this.#plan(request);
    this.#countRest(plan);
    this.#countSkipped(plannedCount(plan) + plan.blocked.filter(Boolean).length);
    return this.#result();
  }

  #result(): AssetResult {
    const { name } = this.#asset;
    return {
      name,
      ...this.#counts,
      rows: this.#rows,
      seconds: this.#seconds,
      frozen: this.#frozen,
      pruned: this.#pruned,
      noLongerExpected: daysNoLongerExpected(this.evaluation).length,
    };
  }

  async #discover(request: PlanRequest): Promise<void> {
    const plan = this.#plan({ ...request, days: undefined });
    const { pipeline, live } = this.#context;
    const isPending =
      request.force ||
      this.evaluation.expected.days.length === 0 ||
      outdatedCalendars(pipeline, live).some((calendar) => calendar.asset === this.#asset.name) ||
      plan.reasons.some(Boolean);
    if (!isPending) {
      this.#countRest(this.#plan(request));
      this.#reportUnobserved();
      return;
    }
    const result = await runDiscovery(this.#context, this.evaluation, {
      isForced: request.force,
      reevaluate: () => this.#evaluate(),
    });
    this.#add(result);
    if (result.status === 'interrupted') {
      const asked = this.#plan(request);
      this.#countRest(asked);
      this.#countSkipped(plannedCount(asked));
    }
    if ('failure' in result && result.failure && result.outcomes.length === 0) {
      this.#fail(result.failure);
    }
    this.evaluation = this.#evaluate();
  }

  /** Rows of dates that left the calendar would still be read by windows: they go, or are reported. */
  async #pruneOrReport(request: PlanRequest): Promise<void> {
    const { days } = request;
    const left = daysNoLongerExpected(this.evaluation).filter(
      (day) => !days || contains(days, day),
    );
    if (left.length === 0) return;
    if (request.prune) {
      await pruneAsset(this.#context, this.evaluation, left);
      this.evaluation = this.#evaluate();
      return;
    }
    const first = formatDay(left[0] ?? 0);
    const message = `${this.#asset.name} has rows of ${left.length} date(s) that are no longer expected, e.g. ${first}; remove them with --prune`;
    this.#context.emit({ type: 'warning', message });
  }

  async #runSteps(request: PlanRequest): Promise<void> {
    await this.#pruneOrReport(request);
    const plan = this.#plan(request);
    this.#countRest(plan);
    const before = this.#context.live.records.get(this.#asset.name);
    if (plan.blocked.includes(1)) {
      this.#add(recordBlocked(this.#context, this.evaluation, plan.blocked, this.#evaluations));
    }
    let left = plannedCount(plan);
    for (const step of stepsOf(plan)) {
      if (!canGoOn(this.#context, this.failures)) break;
      const result = await runStep(this.#context, this.evaluation, step);
      this.#add(result);
      left -= result.outcomes.length;
    }
    // Once, not after every step: an asset does not read itself, so that its steps are independent of each other.
    const isChanged = before !== this.#context.live.records.get(this.#asset.name);
    if (isChanged) this.evaluation = this.#evaluate();
    this.#countSkipped(left);
    this.#reportUnobserved();
    const hasCalendar = calendarsOf(this.#context.pipeline, this.#asset.name).length > 0;
    if (isChanged && hasCalendar) await this.#refreshCalendars();
  }

  async #refreshCalendars(): Promise<void> {
    try {
      await refreshCalendars(this.#context, this.#asset);
    } catch (error) {
      if (!isWarehouseError(error)) throw error;
      // Read again by the next run, whose record says that the calendar is older than its asset.
      if (error.kind !== 'interrupted') this.#fail(error);
    }
  }

  /** A failure of the asset as a whole. */
  #fail({ category, message }: { readonly category: string; readonly message: string }): void {
    const asset = this.#asset.name;
    this.failures.push({ asset, day: UNPARTITIONED, type: 'failed', category, message });
  }

  /** A source whose files are gone may have changed: that nothing is stale is then no success. */
  #reportUnobserved(): void {
    const problem = this.#context.unobserved.get(this.#asset.name);
    if (problem && this.failures.length === 0) this.#fail(problem);
  }

  #recordedDays(): readonly number[] {
    return [...(this.#context.live.records.get(this.#asset.name) ?? NO_RECORDS).days];
  }

  #evaluate(): AssetEvaluation {
    const { live, pipeline, today } = this.#context;
    return evaluateAsset(this.#asset, {
      pipeline,
      snapshot: live,
      today,
      bySet: expectedBySet(pipeline, live.calendars, today),
      assets: this.#evaluations,
    });
  }

  #plan(request: PlanRequest): AssetPlan {
    return planAsset(this.evaluation, request, new Map(), this.#evaluations);
  }

  #countRest(plan: AssetPlan): void {
    const { skipped, expectedEmpty, frozen } = plan;
    this.#frozen = frozen;
    this.#counts = addCounts(this.#counts, { ...NO_OUTCOMES, skipped, expectedEmpty });
  }

  #countSkipped(skipped: number): void {
    this.#counts = addCounts(this.#counts, { ...NO_OUTCOMES, skipped });
  }

  #add(result: StepResult): void {
    this.#counts = addCounts(this.#counts, result.counts);
    this.#rows += result.rows;
    this.#seconds += result.seconds;
    this.findings.push(...result.findings);
    for (const outcome of result.outcomes) this.#addFailure(outcome);
  }

  #addFailure(outcome: PartitionOutcome): void {
    if (outcome.type !== 'failed' && outcome.type !== 'blocked') return;
    const category = outcome.type === 'failed' ? outcome.category : 'BLOCKED';
    const { type, day, message } = outcome;
    this.failures.push({ asset: this.#asset.name, day, type, category, message });
  }
}

/** Partitions that steps would make. */
function plannedCount(plan: AssetPlan): number {
  return plan.reasons.filter(Boolean).length;
}
