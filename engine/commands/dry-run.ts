import type { StateReader } from '../../state/store.ts';
import { EXIT } from '../errors.ts';
import { formatDay } from '../partitions/date.ts';
import { estimateStep } from '../plan/estimate.ts';
import type { Step } from '../plan/plan.ts';
import { renderPlan } from '../report/plan-text.ts';
import { jsonText } from '../report/json.ts';
import { plural } from '../report/text.ts';
import { EMPTY_SNAPSHOT, type Effects, type GlobalOptions } from './context.ts';
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
    requireExpectedDays(preparation.project, prepared.request, calendars);
  }
  const target = preparation.project.target.name;
  const seconds = reader?.secondsPerPartition(target) ?? new Map();
  const steps = prepared.plan.steps.map((step) => stepJson(step, estimateStep(step, seconds)));
  const leaving = partitionsThatLeft(prepared);
  const frozen = sumOf([...prepared.plan.assets.values()], (asset) => asset.frozen);
  if (options.json) {
    effects.stdout(jsonText({ target, steps, prune: leaving.map(leavingJson), frozen }));
  } else {
    const plan = renderPlan({ target, plan: prepared.plan, secondsPerPartition: seconds });
    effects.stdout(plan + leaving.map(leavingText).join('') + frozenText(frozen));
  }
  return EXIT.ok;
}

function frozenText(frozen: number): string {
  return frozen === 0 ? '' : `${plural(frozen, 'frozen partition')} left alone (--thaw)\n`;
}

function sumOf<Item>(items: readonly Item[], pick: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + pick(item), 0);
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
