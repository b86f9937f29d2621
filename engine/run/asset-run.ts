import type { CheckFinding } from '../checks/evaluate.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { isWarehouseError } from '../errors.ts';
import type { AssetResult, OutcomeCounts, PartitionFailure } from '../events.ts';
import type { AssetName } from '../ids.ts';
import { formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { NO_RECORDS } from '../partitions/records.ts';
import { contains } from '../partitions/subset.ts';
import { type AssetPlan, planAsset, type PlanRequest, type Step, stepsOf } from '../plan/plan.ts';
import { calendarsOf, definesOwnCalendar, outdatedCalendars } from '../staleness/calendar-state.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import { expectedBySet } from '../staleness/expected.ts';
import { type AssetEvaluation, daysNoLongerExpected, evaluateAsset } from '../staleness/status.ts';
import { refreshCalendars } from './calendars.ts';
import type { RunContext } from './context.ts';
import { addCounts, NO_OUTCOMES } from './outcome-counts.ts';
import { pruneAsset } from './prune.ts';
import { allOver } from './schedule.ts';
import type { Slots } from './slots.ts';
import { recordBlocked, runDiscovery, runStep } from './step.ts';
import type { StopRule } from './stop-rule.ts';
import type { StepResult } from './step-work.ts';

/** What an asset's part of a run shares with the others. */
export interface AmongAssets {
  /** Its position among the assets of the run. */
  readonly order: number;
  readonly slots: Slots;
  /** Of the assets that are done. */
  readonly evaluations: ReadonlyMap<AssetName, AssetEvaluation>;
  /** Told of all that fails. */
  readonly stopRule: StopRule;
}

/** What is kept of a step: its outcomes would be too many to keep them all until the asset is done. */
interface StepSummary extends Pick<
  StepResult,
  'counts' | 'rows' | 'bytesBilled' | 'seconds' | 'findings' | 'absent'
> {
  readonly partitions: number;
  readonly failures: readonly PartitionFailure[];
}

/** The part of a run that concerns one asset. */
export class AssetRun {
  evaluation: AssetEvaluation;
  readonly failures: PartitionFailure[] = [];
  readonly findings: CheckFinding[] = [];
  readonly #context: RunContext;
  readonly #asset: CompiledAsset;
  readonly #among: AmongAssets;
  #counts: OutcomeCounts = NO_OUTCOMES;
  #rows = 0;
  #bytesBilled = 0;
  readonly #absent = new Map<string, number>();
  #frozen = 0;
  #pruned = 0;
  #seconds = 0;

  constructor(context: RunContext, asset: CompiledAsset, among: AmongAssets) {
    this.#context = context;
    this.#asset = asset;
    this.#among = among;
    this.evaluation = this.#evaluate();
  }

  async execute(request: PlanRequest): Promise<AssetResult> {
    const { pipeline } = this.#context;
    const before = this.#recordedDays();
    if (definesOwnCalendar(pipeline, this.#asset)) await this.#discoverInTurn(request);
    else await this.#runSteps(request);
    const after = this.#recordedDays();
    this.#pruned = before.filter((day) => !after.includes(day)).length;
    return this.#result();
  }

  /** Accounts for an asset that the run does not get to any more. */
  #skip(request: PlanRequest): void {
    const plan = this.#plan(request);
    this.#countRest(plan);
    this.#countSkipped(plannedCount(plan) + plan.blocked.filter(Boolean).length);
  }

  #result(): AssetResult {
    const { name } = this.#asset;
    return {
      name,
      ...this.#counts,
      rows: this.#rows,
      ...(this.#bytesBilled > 0 ? { bytesBilled: this.#bytesBilled } : {}),
      seconds: this.#seconds,
      ...(this.#absent.size > 0 ? { absent: Object.fromEntries(this.#absent) } : {}),
      frozen: this.#frozen,
      pruned: this.#pruned,
      noLongerExpected: daysNoLongerExpected(this.evaluation).length,
    };
  }

  async #discoverInTurn(request: PlanRequest): Promise<void> {
    const { slots, order } = this.#among;
    const { pool } = this.#asset;
    const result = await slots.run({ order, pool }, async () => {
      await this.#discover(request);
      return this.#result();
    });
    if (result === undefined) this.#skip(request);
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
    this.#add(this.#summaryOf(result));
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
    const message = `${this.#asset.name} has ${left.length} date(s) that are no longer expected, e.g. ${first}; remove them with --prune`;
    this.#context.emit({ type: 'warning', message });
  }

  async #runSteps(request: PlanRequest): Promise<void> {
    const { slots, order } = this.#among;
    const { live, pipeline } = this.#context;
    const { name } = this.#asset;
    const begun = await slots.run({ order }, () => this.#begin(request));
    if (begun === undefined) return this.#skip(request);
    const done = await this.#runAll(stepsOf(begun.plan));
    // Once, not after every step: an asset does not read itself, so that its steps are independent of each other.
    const isChanged = begun.before !== live.records.get(name);
    if (isChanged) this.evaluation = this.#evaluate();
    this.#countSkipped(plannedCount(begun.plan) - done);
    this.#reportUnobserved();
    if (!isChanged || calendarsOf(pipeline, name).length === 0) return;
    await slots.run({ order, isOwed: true }, async () => {
      await this.#refreshCalendars();
      return this.#result();
    });
  }

  /** What comes before the steps; nothing else can change what it finds. */
  async #begin(request: PlanRequest) {
    await this.#pruneOrReport(request);
    const plan = this.#plan(request);
    this.#countRest(plan);
    const before = this.#context.live.records.get(this.#asset.name);
    const { evaluations } = this.#among;
    if (plan.blocked.includes(1)) {
      const blocked = recordBlocked(this.#context, this.evaluation, plan.blocked, evaluations);
      this.#add(this.#summaryOf(blocked));
    }
    return { plan, before };
  }

  /** Runs steps as many at once as may be; returns how many partitions came to an end. */
  async #runAll(steps: readonly Step[]): Promise<number> {
    const { slots, order } = this.#among;
    const { pool } = this.#asset;
    const width = Math.min(slots.limitOf(pool), steps.length);
    const summaries = new Map<number, StepSummary>();
    const left = steps.entries();
    const oneAfterTheOther = async (): Promise<void> => {
      for (const [at, step] of left) {
        const summary = await slots.run({ order, pool }, async () =>
          this.#summaryOf(
            await runStep(this.#context, this.evaluation, step, { isAlone: width === 1 }),
          ),
        );
        if (summary === undefined) return;
        summaries.set(at, summary);
      }
    };
    await allOver(Array.from({ length: width }, oneAfterTheOther));
    const inOrder = [...summaries].sort(([a], [b]) => a - b).map(([, summary]) => summary);
    for (const summary of inOrder) this.#add(summary);
    return inOrder.reduce((sum, { partitions }) => sum + partitions, 0);
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
    this.#among.stopRule.assetFailed(asset, category);
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
      assets: this.#among.evaluations,
    });
  }

  #plan(request: PlanRequest): AssetPlan {
    return planAsset(this.evaluation, request, new Map(), this.#among.evaluations);
  }

  #countRest(plan: AssetPlan): void {
    const { skipped, expectedEmpty, frozen } = plan;
    this.#frozen = frozen;
    this.#counts = addCounts(this.#counts, { ...NO_OUTCOMES, skipped, expectedEmpty });
  }

  #countSkipped(skipped: number): void {
    this.#counts = addCounts(this.#counts, { ...NO_OUTCOMES, skipped });
  }

  /** Takes note of failures at once: nothing new may begin after them. */
  #summaryOf({ outcomes, ...result }: StepResult): StepSummary {
    const { counts, rows, bytesBilled, seconds, findings, absent } = result;
    const failures = outcomes.flatMap((outcome) => this.#failureOf(outcome));
    this.#among.stopRule.stepEnded(this.#asset.name, { outcomes, findings });
    const partitions = outcomes.length;
    return { counts, rows, bytesBilled, seconds, findings, absent, partitions, failures };
  }

  #failureOf(outcome: PartitionOutcome): PartitionFailure[] {
    if (outcome.type !== 'failed' && outcome.type !== 'blocked') return [];
    const category = outcome.type === 'failed' ? outcome.category : 'BLOCKED';
    const { type, day, message } = outcome;
    return [{ asset: this.#asset.name, day, type, category, message }];
  }

  #add(summary: StepSummary): void {
    this.#counts = addCounts(this.#counts, summary.counts);
    this.#rows += summary.rows;
    this.#bytesBilled += summary.bytesBilled;
    this.#seconds += summary.seconds;
    for (const [category, entities] of summary.absent) {
      this.#absent.set(category, (this.#absent.get(category) ?? 0) + entities);
    }
    this.findings.push(...summary.findings);
    this.failures.push(...summary.failures);
  }
}

/** Partitions that steps would make. */
function plannedCount(plan: AssetPlan): number {
  return plan.reasons.filter(Boolean).length;
}
