import type { AssetName } from '../ids.ts';
import { formatDay } from '../partitions/date.ts';
import type { Plan } from '../plan/build.ts';
import { estimatePlan, estimateStep } from '../plan/estimate.ts';
import type { Step } from '../plan/plan.ts';
import { formatBytes } from './text.ts';

export interface PlanText {
  readonly target: string;
  readonly plan: Plan;
  readonly secondsPerPartition: ReadonlyMap<AssetName, number>;
  /** What a step would read, where reading is billed. */
  readonly bytesByStep?: ReadonlyMap<Step, number> | undefined;
}

/** A plan for people: one line per step with what, how many, why and how long; then what stands in the way. */
export function renderPlan(text: PlanText): string {
  const { target, plan, secondsPerPartition, bytesByStep } = text;
  const blocked = [...plan.assets].flatMap(([name, asset]) => {
    const count = asset.blocked.reduce((sum, flag) => sum + flag, 0);
    return count === 0
      ? []
      : [`  ${name}: ${count} partition(s) blocked by upstream outside the plan`];
  });
  if (plan.steps.length === 0 && blocked.length === 0) {
    return `nothing to do on ${target}: everything asked for is current\n`;
  }
  const width = Math.max(0, ...plan.steps.map((step) => step.asset.length));
  const lines = plan.steps.map(
    (step) =>
      `  ${step.asset.padEnd(width)}  ${rangeText(step)}  ${reasonText(step)}${secondsText(estimateStep(step, secondsPerPartition))}${bytesText(bytesByStep?.get(step))}`,
  );
  const partitions = plan.steps.reduce((sum, step) => sum + step.days.length, 0);
  const estimate = secondsText(estimatePlan(plan.steps, secondsPerPartition));
  const head = `plan for ${target}: ${plan.steps.length} step(s), ${partitions} partition(s)${estimate}`;
  return [head, ...lines, ...blocked, ''].join('\n');
}

function rangeText(step: Step): string {
  const from = formatDay(step.days[0] ?? 0);
  const to = formatDay(step.days.at(-1) ?? 0);
  const count = String(step.days.length).padStart(5);
  return from === to ? `${from.padEnd(22)} ${count}` : `${from}..${to} ${count}`;
}

function reasonText(step: Step): string {
  const { missing, stale, failed, forced, mayChange } = step.reasons;
  const parts: string[] = [];
  if (missing > 0) parts.push(`${missing} missing`);
  if (stale > 0) parts.push(`${stale} stale`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (forced > 0) parts.push(`${forced} forced`);
  if (mayChange > 0) parts.push(`${mayChange} only if upstream comes out different`);
  return parts.join(', ');
}

function bytesText(bytes: number | undefined): string {
  return bytes === undefined ? '' : `, ${formatBytes(bytes)}`;
}

function secondsText(seconds: number | undefined): string {
  return seconds === undefined
    ? ''
    : `, about ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
