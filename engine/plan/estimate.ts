import type { AssetName } from '../ids.ts';
import type { Step } from './plan.ts';

/**
 * How long a step will take, in seconds, from the recorded seconds per partition of the asset's recent steps;
 * undefined for an asset that never ran.
 */
export function estimateStep(
  step: Step,
  secondsPerPartition: ReadonlyMap<AssetName, number>,
): number | undefined {
  const seconds = secondsPerPartition.get(step.asset);
  return seconds === undefined ? undefined : seconds * step.days.length;
}

/** The estimate of a whole plan; undefined when nothing in it ever ran. */
export function estimatePlan(
  steps: readonly Step[],
  secondsPerPartition: ReadonlyMap<AssetName, number>,
): number | undefined {
  let total: number | undefined;
  for (const step of steps) {
    const seconds = estimateStep(step, secondsPerPartition);
    if (seconds !== undefined) total = (total ?? 0) + seconds;
  }
  return total;
}
