import type { RunStatus } from '../../state/store.ts';
import { EXIT, isPipelineError, isWarehouseError, messageOf } from '../errors.ts';
import type { RunResult } from '../events.ts';
import type { AssetName } from '../ids.ts';
import type { Plan } from '../plan/build.ts';
import { estimatePlan } from '../plan/estimate.ts';
import type { AbsentEntities } from '../report/run-html-absent.ts';
import { createReporter, type Reporter } from '../report/reporter.ts';
import type { RunContext } from '../run/context.ts';
import { execute, type Execution } from '../run/executor.ts';
import { LiveSnapshot } from '../run/live.ts';
import { definesOwnCalendar, outdatedCalendars } from '../staleness/calendar-state.ts';
import { refreshCalendars } from '../run/calendars.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { absentAfterRun } from './absent-after-run.ts';
import type { Effects, GlobalOptions, Project } from './context.ts';
import { requireExpectedDays } from './empty-range.ts';
import { assetsByName, type HeldTarget, holdTarget, withWarehouse } from './held-target.ts';
import { type MaterializeOptions, type Preparation, prepare } from './prepare.ts';
import { peekCalendars } from './peek-calendars.ts';
import { profileAfterRun } from './profile-after-run.ts';
import { writeFailedRunPage, writeRunPage } from './run-page.ts';
import { localFiles } from './sources.ts';

interface RunEnvironment extends HeldTarget {
  readonly options: MaterializeOptions & GlobalOptions;
  readonly reporter: Reporter;
  /** Filled in when the run is over, for the report. */
  readonly expectedDays: Map<AssetName, Int32Array>;
}

/** Takes the target's lease, runs the request, and leaves record and warehouse in agreement. */
export async function runPipeline(
  project: Project,
  options: MaterializeOptions & GlobalOptions,
  context: { readonly effects: Effects; readonly startedAt: number },
): Promise<number> {
  const { effects, startedAt } = context;
  const expectedDays = new Map<AssetName, Int32Array>();
  const reporter = createReporter(options, effects, (name) => expectedDays.get(name));
  return holdTarget(project, { effects, command: options.command }, (held) =>
    recordedRun({ ...held, options, reporter, expectedDays }, startedAt),
  );
}

/** A run from its first to its last record; whatever happens between, the run is closed. */
async function recordedRun(environment: RunEnvironment, startedAt: number): Promise<number> {
  const { store, runId, effects, project, options, reporter } = environment;
  const target = project.target.name;
  const { command } = options;
  store.startRun({ id: runId, target, command, startedAt: effects.now() });
  reporter.listener({ type: 'run-started', runId, target, command, at: effects.now() });
  try {
    const execution = await withWarehouse(environment, reporter.listener, (warehouse) =>
      executeOn(environment, warehouse),
    ).catch((error: unknown) => {
      if (!wasInterrupted(error, effects)) throw error;
      return NOTHING_DONE;
    });
    for (const [name, days] of execution.expectedDays) environment.expectedDays.set(name, days);
    const status = statusOf(execution);
    store.endRun(runId, status, effects.now(), null);
    const result: RunResult = {
      runId,
      target,
      status: status === 'succeeded' || status === 'interrupted' ? status : 'failed',
      // A clock may be set back.
      seconds: Math.max(0, effects.now() - startedAt) / 1000,
      assets: execution.assets,
      failures: execution.failures,
      checks: execution.checks,
      stopped: execution.stopped,
    };
    reporter.listener({ type: 'run-finished', result });
    reporter.finish(result);
    const { absent } = execution;
    await writeRunPage({ ...pageSource(environment, startedAt), absent }, result);
    if (execution.interrupted) return EXIT.interrupted;
    return status === 'succeeded' ? EXIT.ok : EXIT.failed;
  } catch (error) {
    store.endRun(runId, 'failed', effects.now(), messageOf(error));
    await writeFailedRunPage(pageSource(environment, startedAt), runId, error);
    throw error;
  }
}

function pageSource(environment: RunEnvironment, startedAt: number) {
  const { project, options, effects, store, expectedDays } = environment;
  const daysOf = (name: AssetName): Int32Array | undefined => expectedDays.get(name);
  return { project, options, effects, startedAt, record: store, daysOf };
}

interface Executed extends Execution {
  /** For the page of the run, if one was asked for. */
  readonly absent?: AbsentEntities | undefined;
}

/** What a run comes to that was told to stop before its first step. */
const NOTHING_DONE: Executed = {
  assets: [],
  failures: [],
  checks: [],
  interrupted: true,
  expectedDays: new Map(),
};

/** Ctrl-C while a calendar is read or the record compared; a lease that was lost is another matter. */
function wasInterrupted(error: unknown, { signal }: Effects): boolean {
  return isWarehouseError(error) && error.kind === 'interrupted' && signal.aborted;
}

function statusOf(execution: Execution): RunStatus {
  if (execution.interrupted) return 'interrupted';
  const hasFailedCheck = execution.checks.some((check) => check.severity === 'error');
  return execution.failures.length > 0 || hasFailedCheck ? 'failed' : 'succeeded';
}

async function executeOn(environment: RunEnvironment, warehouse: Warehouse): Promise<Executed> {
  const { project, options, effects, store } = environment;
  const preparation = await prepare(project, options, { effects, reader: store });
  const context = runContext(environment, warehouse, preparation);
  await mendCalendars(context, project);
  recordDefinitions(environment, preparation);
  for (const observed of preparation.sources.observed.values()) {
    const { asset, changed, objects } = observed;
    if (changed) store.saveObservation(context.target, observed.observation);
    context.live.observations.set(asset, observed.observation);
    const bytes = objects.reduce((sum, object) => sum + object.bytes, 0);
    context.emit({ type: 'source-observed', asset, files: objects.length, bytes, changed });
  }
  const { steps } = await announcedPlan(environment, preparation);
  context.emit({
    type: 'planned',
    assets: new Set(steps.map((step) => step.asset)).size,
    steps: steps.length,
    partitions: steps.reduce((sum, step) => sum + step.days.length, 0),
    estimateSeconds: estimatePlan(steps, store.secondsPerPartition(context.target)),
  });
  const execution = await execute(context, preparation.request);
  requireSomething(environment, preparation, execution, context);
  await profileAfterRun(context, project, execution);
  if (options.html === undefined) return execution;
  return { ...execution, absent: await absentAfterRun(context, execution) };
}

/**
 * The plan that progress is measured by. Where the run will first have to read a calendar, its dates are looked
 * up beforehand, since a bar that starts from two partitions tells nothing; what cannot be read fails in its step.
 */
async function announcedPlan(environment: RunEnvironment, preparation: Preparation): Promise<Plan> {
  const { project, options, effects, store } = environment;
  if (options.quiet || options.json) return preparation.plan;
  try {
    const calendars = await peekCalendars(preparation, preparation.snapshot);
    if (calendars === undefined) return preparation.plan;
    const prepared = await prepare(project, options, { effects, reader: store, calendars });
    return prepared.plan;
  } catch (error) {
    if (isPipelineError(error)) return preparation.plan;
    throw error;
  }
}

function runContext(
  environment: RunEnvironment,
  warehouse: Warehouse,
  preparation: Preparation,
): RunContext {
  const { project, options, effects, store, runId, reporter, signal } = environment;
  const { confirmLease } = environment;
  return {
    pipeline: project.pipeline,
    assets: assetsByName(project),
    target: project.target.name,
    runId,
    warehouse,
    store,
    live: new LiveSnapshot(preparation.snapshot),
    today: project.today,
    policy: options.failFast ? 'fail-fast' : 'continue',
    maxParallel: project.target.maxParallel,
    emit: reporter.listener,
    now: effects.now,
    random: Math.random,
    signal,
    confirmLease,
    sources: preparation.sources.observed,
    unobserved: preparation.sources.unobserved,
    localFiles: (source) => localFiles(project, source),
  };
}

/**
 * A crash between publishing rows and recording the calendar read from them leaves an old calendar. One that an
 * asset defines for itself is read anew with it: its table may lack the very dates that are to be found.
 */
async function mendCalendars(context: RunContext, project: Project): Promise<void> {
  for (const calendar of outdatedCalendars(project.pipeline, context.live)) {
    const asset = context.assets.get(calendar.asset);
    const records = context.live.records.get(calendar.asset);
    if (!asset || !records || records.days.length === 0) continue;
    const isKnown = context.live.calendars.has(calendar.name);
    if (isKnown && definesOwnCalendar(project.pipeline, asset)) continue;
    await refreshCalendars(context, asset);
  }
}

/** Keeps the parts of every code version that this run may write, so that a later change can be named. */
function recordDefinitions(environment: RunEnvironment, preparation: Preparation): void {
  const { store, project } = environment;
  for (const asset of project.pipeline.assets) {
    if (!preparation.request.assets.has(asset.name)) continue;
    if (store.definition(asset.name, asset.codeVersion)) continue;
    store.saveDefinition({
      asset: asset.name,
      codeVersion: asset.codeVersion,
      parts: JSON.stringify(asset.codeParts),
      upstream: asset.upstream.map((upstream) => upstream.asset),
    });
  }
}

/** A request that turns out to hold no partition at all is a mistake, not a success. */
function requireSomething(
  environment: RunEnvironment,
  preparation: Preparation,
  execution: Execution,
  context: RunContext,
): void {
  if (execution.interrupted || execution.failures.length > 0) return;
  const isDone = execution.assets.some((asset) => asset.materialized + asset.unchanged > 0);
  if (isDone) return;
  const { calendars } = context.live;
  // What was looked at may have been a month that came out empty.
  requireExpectedDays(environment.project, preparation.request, calendars, { wantsDates: false });
}
