import type { StateReader } from '../../state/store.ts';
import { EXIT } from '../errors.ts';
import { formatDay } from '../partitions/date.ts';
import type { Plan } from '../plan/build.ts';
import { estimateStep } from '../plan/estimate.ts';
import type { Step } from '../plan/plan.ts';
import { renderPlan } from '../report/plan-text.ts';
import { jsonText } from '../report/json.ts';
import { formatBytes, plural } from '../report/text.ts';
import { EMPTY_SNAPSHOT, type Effects, type GlobalOptions } from './context.ts';
import { type BytesEstimate, estimateBytes } from './estimate-bytes.ts';
import { requireExpectedDays } from './empty-range.ts';
import { leavingJson, leavingText, partitionsThatLeft } from './leaving.ts';
import { type MaterializeOptions, type Preparation, prepare } from './prepare.ts';
import { peekCalendars } from './peek-calendars.ts';

/** `--dry-run`: prints the plan that a run would begin with; nothing is written. */
export async function runDryRun(
  preparation: Preparation,
  options: MaterializeOptions & GlobalOptions,
  context: { readonly effects: Effects; readonly reader: StateReader | undefined },
): Promise<number> {
  const { effects, reader } = context;
  const { name } = preparation.project.target;
  const peeked = await peekCalendars(preparation, reader?.snapshot(name) ?? EMPTY_SNAPSHOT);
  const prepared =
    peeked === undefined
      ? preparation
      : await prepare(preparation.project, options, { ...context, calendars: peeked });
  for (const { asset, message } of prepared.sources.unobserved.values()) {
    effects.stderr(`warning: a run would fail at ${asset}: ${message}\n`);
  }
  if (prepared.plan.steps.length === 0) {
    const snapshot = reader?.snapshot(preparation.project.target.name) ?? EMPTY_SNAPSHOT;
    const calendars = new Map([...snapshot.calendars, ...(peeked ?? [])]);
    requireExpectedDays(preparation.project, prepared.request, calendars, { wantsDates: true });
  }
  const cost = await estimateBytes(prepared, effects);
  effects.stdout(
    options.json ? planJson(prepared, reader, cost) : planText(prepared, reader, cost),
  );
  return EXIT.ok;
}

function planJson(
  { project, plan, ...rest }: Preparation,
  reader: StateReader | undefined,
  cost: BytesEstimate | undefined,
): string {
  const target = project.target.name;
  const seconds = reader?.secondsPerPartition(target) ?? new Map();
  const steps = plan.steps.map((step) => ({
    ...stepJson(step, estimateStep(step, seconds)),
    ...(cost ? { estimate_bytes: cost.byStep.get(step) ?? null } : {}),
  }));
  const bytes = cost && {
    estimate_bytes: cost.bytes,
    estimate_price: Math.round(cost.price * 1e6) / 1e6,
    steps_of_unknown_bytes: cost.unknownSteps,
  };
  const prune = partitionsThatLeft({ project, plan, ...rest }).map(leavingJson);
  return jsonText({ target, steps, prune, frozen: frozenOf(plan), ...bytes });
}

function planText(
  prepared: Preparation,
  reader: StateReader | undefined,
  cost: BytesEstimate | undefined,
): string {
  const { plan, project } = prepared;
  const target = project.target.name;
  const secondsPerPartition = reader?.secondsPerPartition(target) ?? new Map();
  const lines = renderPlan({ target, plan, secondsPerPartition, bytesByStep: cost?.byStep });
  const leaving = partitionsThatLeft(prepared).map(leavingText).join('');
  return lines + leaving + frozenText(frozenOf(plan)) + costText(cost);
}

function frozenOf(plan: Plan): number {
  return [...plan.assets.values()].reduce((sum, asset) => sum + asset.frozen, 0);
}

function costText(cost: BytesEstimate | undefined): string {
  if (cost === undefined) return '';
  const { bytes, price, unknownSteps } = cost;
  const unknown =
    unknownSteps === 0
      ? ''
      : `, and what ${plural(unknownSteps, 'step')} read whose upstream tables are not there yet`;
  return `would read about ${formatBytes(bytes)} (${price.toFixed(2)} at price_per_tib)${unknown}\n`;
}

function frozenText(frozen: number): string {
  return frozen === 0 ? '' : `${plural(frozen, 'frozen partition')} left alone (--thaw)\n`;
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
