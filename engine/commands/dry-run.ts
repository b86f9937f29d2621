import type { StateReader } from '../../state/store.ts';
import { EXIT } from '../errors.ts';
import { formatDay } from '../partitions/date.ts';
import { estimateStep } from '../plan/estimate.ts';
import type { Step } from '../plan/plan.ts';
import { renderPlan } from '../report/plan-text.ts';
import { jsonText } from '../report/json.ts';
import type { Effects, GlobalOptions } from './context.ts';
import { type MaterializeOptions, type Preparation, prepare } from './prepare.ts';
import { peekCalendars } from './peek-calendars.ts';

/** `--dry-run`: prints the plan that a run would begin with; nothing is written. */
export async function runDryRun(
  preparation: Preparation,
  options: MaterializeOptions & GlobalOptions,
  context: { readonly effects: Effects; readonly reader: StateReader | undefined },
): Promise<number> {
  const { effects, reader } = context;
  const peeked = await peekCalendars(preparation);
  const prepared =
    peeked === undefined
      ? preparation
      : await prepare(preparation.project, options, { ...context, calendars: peeked });
  const target = preparation.project.target.name;
  const seconds = reader?.secondsPerPartition(target) ?? new Map();
  const steps = prepared.plan.steps.map((step) => stepJson(step, estimateStep(step, seconds)));
  if (options.json) effects.stdout(jsonText({ target, steps }));
  else effects.stdout(renderPlan({ target, plan: prepared.plan, secondsPerPartition: seconds }));
  return EXIT.ok;
}

function stepJson(step: Step, seconds: number | undefined): object {
  const { missing, stale, failed, forced, mayChange } = step.reasons;
  return {
    asset: step.asset,
    partitions: {
      from: formatDay(step.days[0] ?? 0),
      to: formatDay(step.days.at(-1) ?? 0),
      count: step.days.length,
    },
    reasons: { missing, stale, failed, forced, may_change: mayChange },
    estimate_seconds: seconds === undefined ? null : Math.round(seconds * 1000) / 1000,
  };
}
