import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

import type { RunStatus, StateStore } from '../../state/store.ts';
import { openStateStore } from '../../state/sqlite.ts';
import type { CompiledAsset } from '../compile/compiled.ts';
import { EXIT, messageOf } from '../errors.ts';
import type { RunResult } from '../events.ts';
import { type AssetName, type RunId, unsafeRunId } from '../ids.ts';
import { estimatePlan } from '../plan/estimate.ts';
import { createReporter, type Reporter } from '../report/reporter.ts';
import type { RunContext } from '../run/context.ts';
import { execute, type Execution } from '../run/executor.ts';
import { LiveSnapshot } from '../run/live.ts';
import { reconcile } from '../run/reconcile.ts';
import { definesOwnCalendar, outdatedCalendars } from '../staleness/calendar-state.ts';
import { refreshCalendars } from '../run/calendars.ts';
import { duckdbFingerprint } from '../warehouse/duckdb-fingerprint.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';
import { type Effects, type GlobalOptions, openWarehouse, type Project } from './context.ts';
import { requireExpectedDays } from './empty-range.ts';
import { holdLease } from './lease.ts';
import { type MaterializeOptions, type Preparation, prepare } from './prepare.ts';
import { localFiles } from './sources.ts';
import { warehousePath } from './warehouse-path.ts';

interface RunEnvironment {
  readonly project: Project;
  readonly options: MaterializeOptions & GlobalOptions;
  readonly effects: Effects;
  readonly store: StateStore;
  readonly runId: RunId;
  readonly reporter: Reporter;
  /** Filled in when the run is over, for the report. */
  readonly expectedDays: Map<AssetName, Int32Array>;
  /** Aborted by Ctrl-C, and when the lease was lost to another run. */
  readonly signal: AbortSignal;
}

/** Takes the target's lease, runs the request, and leaves record and warehouse in agreement. */
export async function runPipeline(
  project: Project,
  options: MaterializeOptions & GlobalOptions,
  context: { readonly effects: Effects; readonly startedAt: number },
): Promise<number> {
  const { effects } = context;
  const store = openStateStore(project.statePath);
  try {
    const runId = newRunId(effects.now());
    const { command } = options;
    const lease = holdLease(store, {
      target: project.target.name,
      runId,
      host: hostname(),
      command,
      now: effects.now,
    });
    const expectedDays = new Map<AssetName, Int32Array>();
    try {
      const environment: RunEnvironment = {
        project,
        options,
        effects,
        store,
        runId,
        reporter: createReporter(options, effects, (name) => expectedDays.get(name)),
        expectedDays,
        signal: AbortSignal.any([effects.signal, lease.lost]),
      };
      return await recordedRun(environment, context.startedAt);
    } finally {
      lease.release();
    }
  } finally {
    store.close();
  }
}

/** A run from its first to its last record; whatever happens between, the run is closed. */
async function recordedRun(environment: RunEnvironment, startedAt: number): Promise<number> {
  const { store, runId, effects, project, options, reporter } = environment;
  const target = project.target.name;
  const { command } = options;
  store.startRun({ id: runId, target, command, startedAt: effects.now() });
  reporter.listener({ type: 'run-started', runId, target, command, at: effects.now() });
  try {
    const execution = await runOnWarehouse(environment);
    for (const [name, days] of execution.expectedDays) environment.expectedDays.set(name, days);
    const status = statusOf(execution);
    store.endRun(runId, status, effects.now(), null);
    const result: RunResult = {
      runId,
      target,
      status: status === 'succeeded' || status === 'interrupted' ? status : 'failed',
      seconds: (effects.now() - startedAt) / 1000,
      assets: execution.assets,
      failures: execution.failures,
    };
    reporter.listener({ type: 'run-finished', result });
    reporter.finish(result);
    if (execution.interrupted) return EXIT.interrupted;
    return status === 'succeeded' ? EXIT.ok : EXIT.failed;
  } catch (error) {
    store.endRun(runId, 'failed', effects.now(), messageOf(error));
    throw error;
  }
}

function statusOf(execution: Execution): RunStatus {
  if (execution.interrupted) return 'interrupted';
  return execution.failures.length > 0 ? 'failed' : 'succeeded';
}

async function runOnWarehouse(environment: RunEnvironment): Promise<Execution> {
  const { project, effects, store } = environment;
  const target = project.target.name;
  const path = warehousePath(project, effects);
  const recorded = store.warehouseFingerprint(target);
  const isAsLeft = recorded !== undefined && recorded === duckdbFingerprint(path);
  const crashed = store.closeCrashedRuns(target, environment.runId, effects.now());
  const warehouse = await openWarehouse(project, effects, 'write');
  let isInOrder = false;
  try {
    // Until it is closed properly nobody can tell by its fingerprint what is in it.
    store.saveWarehouseFingerprint(target, null);
    if (!isAsLeft || crashed.length > 0) await bringTogether(environment, warehouse, crashed);
    const execution = await executeOn(environment, warehouse);
    isInOrder = true;
    return execution;
  } finally {
    await warehouse.close();
    // After a bug the next run must compare record and warehouse.
    if (isInOrder) store.saveWarehouseFingerprint(target, duckdbFingerprint(path) ?? null);
  }
}

async function bringTogether(
  environment: RunEnvironment,
  warehouse: Warehouse,
  crashedRuns: readonly RunId[],
): Promise<void> {
  const { project, store, effects, runId } = environment;
  const target = project.target.name;
  const assets = assetsByName(project);
  const context = { assets, warehouse, store, target, runId, now: effects.now };
  const { adopted, removed } = await reconcile(context, store.snapshot(target));
  if (adopted + removed + crashedRuns.length === 0) return;
  environment.reporter.listener({ type: 'reconciled', crashedRuns, adopted, removed });
}

async function executeOn(environment: RunEnvironment, warehouse: Warehouse): Promise<Execution> {
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
  const steps = preparation.plan.steps;
  context.emit({
    type: 'planned',
    assets: new Set(steps.map((step) => step.asset)).size,
    steps: steps.length,
    partitions: steps.reduce((sum, step) => sum + step.days.length, 0),
    estimateSeconds: estimatePlan(steps, store.secondsPerPartition(context.target)),
  });
  const execution = await execute(context, preparation.request);
  requireSomething(environment, preparation, execution, context);
  return execution;
}

function runContext(
  environment: RunEnvironment,
  warehouse: Warehouse,
  preparation: Preparation,
): RunContext {
  const { project, options, effects, store, runId, reporter, signal } = environment;
  return {
    pipeline: project.pipeline,
    assets: assetsByName(project),
    target: project.target.name,
    runId,
    warehouse,
    store,
    live: new LiveSnapshot(store.snapshot(project.target.name)),
    today: project.today,
    policy: options.failFast ? 'fail-fast' : 'continue',
    emit: reporter.listener,
    now: effects.now,
    random: Math.random,
    signal,
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
  requireExpectedDays(environment.project, preparation.request, context.live.calendars);
}

function assetsByName(project: Project): ReadonlyMap<AssetName, CompiledAsset> {
  return new Map(project.pipeline.assets.map((asset) => [asset.name, asset]));
}

/** Sorts by start: the UTC time, then four random digits for runs of one second. */
function newRunId(now: number): RunId {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return unsafeRunId(`${time}-${randomBytes(2).toString('hex')}`);
}
