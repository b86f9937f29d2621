import type { CheckFinding } from '../checks/evaluate.ts';
import type { AssetResult, FailedCheck, PartitionFailure } from '../events.ts';
import type { AssetName } from '../ids.ts';
import type { PlanRequest } from '../plan/plan.ts';
import { executionOrder } from '../staleness/calendar-state.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import { AssetRun } from './asset-run.ts';
import type { RunContext } from './context.ts';
import { failedChecks } from './outcome-events.ts';
import { inGraphOrder, prerequisitesOf } from './schedule.ts';
import { Slots } from './slots.ts';
import { StopRule } from './stop-rule.ts';

/** How a whole run ended. */
export interface Execution {
  readonly assets: readonly AssetResult[];
  readonly failures: readonly PartitionFailure[];
  readonly checks: readonly FailedCheck[];
  readonly interrupted: boolean;
  /** Why it began nothing new although it was not interrupted. */
  readonly stopped?: string | undefined;
  /** The expected days of every asset, as known at the end. */
  readonly expectedDays: ReadonlyMap<AssetName, Int32Array>;
}

const INTERRUPTED = 'the run was interrupted: what it did not get to was skipped';

/**
 * Runs a request over the graph: every asset when all that it reads is done, steps at once as the target and the
 * pools allow. Every asset is evaluated and planned again when its upstream is done: what came out with the same
 * content makes nothing downstream run (early cutoff). The result is in the order of a run of one step at a time.
 */
export async function execute(context: RunContext, request: PlanRequest): Promise<Execution> {
  const { pipeline, signal, policy, maxParallel: limit } = context;
  const order = executionOrder(pipeline);
  const evaluations = new Map<AssetName, AssetEvaluation>();
  const runs = new Map<AssetName, AssetRun>();
  // Asked again before every asset and step, since what came before may have taken long.
  const stopRule = new StopRule({ ...pipeline.stopAfter, failFast: policy === 'fail-fast' });
  const mayGoOn = (): boolean => !signal.aborted && stopRule.reason === undefined;
  const pools = new Map(pipeline.pools.map((pool) => [pool.name, pool.limit]));
  const slots = new Slots({ limit, pools, mayBegin: mayGoOn });
  const results = new Map<AssetName, AssetResult>();
  const work = async (name: AssetName): Promise<void> => {
    const at = order.findIndex((asset) => asset.name === name);
    const asset = order[at];
    if (asset === undefined) throw new Error(`Internal error: no asset ${name}`);
    const run = new AssetRun(context, asset, { order: at, slots, evaluations, stopRule });
    runs.set(name, run);
    if (request.assets.has(name)) results.set(name, await run.execute(request));
    evaluations.set(name, run.evaluation);
  };
  const names = order.map((asset) => asset.name);
  await inGraphOrder(names, prerequisitesOf(pipeline, order), work);
  // Partitions that were asked for count as skipped then although they are not current.
  const reason = signal.aborted ? INTERRUPTED : stopRule.reason;
  if (reason !== undefined) context.emit({ type: 'stopping', reason });
  const inOrder = names.flatMap((name) => runs.get(name) ?? []);
  const findings: CheckFinding[] = inOrder.flatMap((run) => run.findings);
  return {
    assets: names.flatMap((name) => results.get(name) ?? []),
    failures: inOrder.flatMap((run) => run.failures),
    checks: failedChecks(findings),
    interrupted: signal.aborted,
    stopped: signal.aborted ? undefined : stopRule.reason,
    expectedDays: new Map(
      Array.from(evaluations, ([name, evaluation]) => [name, evaluation.expected.days]),
    ),
  };
}
