import type { StateReader } from '../../state/store.ts';
import type { AssetResult, RunResult } from '../events.ts';
import { EXIT } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import { isNothingToDo } from '../plan/build.ts';
import { createReporter } from '../report/reporter.ts';
import { NO_OUTCOMES } from '../run/outcome-counts.ts';
import { outdatedCalendars } from '../staleness/calendar-state.ts';
import { daysThatLeft } from '../staleness/status.ts';
import { duckdbFingerprint } from '../warehouse/duckdb-fingerprint.ts';
import { type Effects, type GlobalOptions, openProject, openReader } from './context.ts';
import { requireExpectedDays } from './empty-range.ts';
import { pendingCalendars } from './pending-calendars.ts';
import { type MaterializeOptions, type Preparation, prepare } from './prepare.ts';
import { checkPage, writeRunPage } from './run-page.ts';
import { warehousePath } from './warehouse-path.ts';

/** `fastbreak materialize` and `backfill`: makes what is missing or stale; returns the exit code. */
export async function runMaterialize(
  options: MaterializeOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const startedAt = effects.now();
  checkPage(options, effects);
  const project = await openProject(options, effects);
  const reader = await openReader(project);
  try {
    const preparation = await prepare(project, options, { effects, reader });
    if (options.dryRun) {
      const { runDryRun } = await import('./dry-run.ts');
      return await runDryRun(preparation, options, { effects, reader });
    }
    if (isQuiet(preparation, effects, reader)) {
      const { request, snapshot } = preparation;
      requireExpectedDays(project, request, snapshot.calendars, { wantsDates: true });
      const seconds = (effects.now() - startedAt) / 1000;
      const result = nothingToDo(preparation, seconds);
      createReporter(options, effects).finish(result);
      await writeRunPage({ project, options, effects, startedAt }, result);
      return EXIT.ok;
    }
  } finally {
    reader?.close();
  }
  const { runPipeline } = await import('./run-pipeline.ts');
  return runPipeline(project, options, { effects, startedAt });
}

/** True when a run would change nothing and nothing suggests that the record is wrong. */
function isQuiet(
  preparation: Preparation,
  effects: Effects,
  reader: StateReader | undefined,
): boolean {
  const { project, plan, request, sources, snapshot } = preparation;
  if (!reader || !isNothingToDo(plan) || sources.unobserved.size > 0) return false;
  if (reader.leaseHolder(project.target.name) !== undefined) return false;
  if (outdatedCalendars(project.pipeline, snapshot).length > 0) return false;
  if (pendingCalendars(preparation, snapshot).length > 0) return false;
  if (hasUnknownCalendar(preparation, request.assets)) return false;
  if (hasDaysThatLeft(preparation)) return false;
  const recorded = reader.warehouseFingerprint(project.target.name);
  return recorded !== undefined && recorded === duckdbFingerprint(warehousePath(project, effects));
}

function hasUnknownCalendar(preparation: Preparation, assets: ReadonlySet<AssetName>): boolean {
  const { evaluation } = preparation;
  return [...assets].some((name) => evaluation.assets.get(name)?.expected.days.length === 0);
}

/** Rows of dates that left the calendar are reported or pruned by a real run. */
function hasDaysThatLeft({ plan, evaluation }: Preparation): boolean {
  return [...plan.assets.keys()].some((name) => {
    const each = evaluation.assets.get(name);
    return each !== undefined && each.expected.days.length > 0 && daysThatLeft(each).length > 0;
  });
}

function nothingToDo(preparation: Preparation, seconds: number): RunResult {
  const assets = Array.from(preparation.plan.assets, ([name, plan]): AssetResult => ({
    ...NO_OUTCOMES,
    name,
    skipped: plan.skipped,
    expectedEmpty: plan.expectedEmpty,
    rows: 0,
    seconds: 0,
  }));
  const target = preparation.project.target.name;
  const { only } = preparation.request;
  return {
    runId: undefined,
    target,
    status: 'nothing-to-do',
    seconds,
    assets,
    failures: [],
    checks: [],
    ...(only === undefined ? {} : { only: [...only] }),
  };
}
