import type { AssetName } from '../ids.ts';
import type { GraphEvaluation } from '../staleness/status.ts';
import { type AssetPlan, planAsset, type PlanRequest, type Step, stepsOf } from './plan.ts';

/** Everything that a run would do, in topological order. A pure function: printing it changes nothing. */
export interface Plan {
  readonly assets: ReadonlyMap<AssetName, AssetPlan>;
  readonly steps: readonly Step[];
}

/** Plans a request over the whole graph; the executor plans each asset again when its upstream is done. */
export function buildPlan(evaluation: GraphEvaluation, request: PlanRequest): Plan {
  const assets = new Map<AssetName, AssetPlan>();
  const steps: Step[] = [];
  for (const [name, each] of evaluation.assets) {
    if (!request.assets.has(name)) continue;
    const plan = planAsset(each, request, assets, evaluation.assets);
    assets.set(name, plan);
    steps.push(...stepsOf(plan));
  }
  return { assets, steps };
}

/** Whether a run would have nothing to record: no step, and nothing that is blocked. */
export function isNothingToDo(plan: Plan): boolean {
  if (plan.steps.length > 0) return false;
  return [...plan.assets.values()].every((asset) => !asset.blocked.includes(1));
}
