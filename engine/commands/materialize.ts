import type { StateReader, StateSnapshot } from '../../state/store.ts';
import type { AssetResult, RunResult } from '../events.ts';
import { EXIT, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import type { AssetName } from '../ids.ts';
import type { ExpectedDays } from '../partitions/calendar.ts';
import { buildPlan, isNothingToDo, type Plan } from '../plan/build.ts';
import type { PlanRequest } from '../plan/plan.ts';
import { createReporter } from '../report/reporter.ts';
import { NO_OUTCOMES } from '../run/outcome-counts.ts';
import { outdatedCalendars } from '../staleness/calendar-state.ts';
import { evaluateGraph, type GraphEvaluation } from '../staleness/status.ts';
import { duckdbFingerprint } from '../warehouse/duckdb-fingerprint.ts';
import {
  EMPTY_SNAPSHOT,
  type Effects,
  type GlobalOptions,
  openProject,
  openReader,
  type Project,
} from './context.ts';
import { requestedDays } from './dates.ts';
import { observeSources, type ObservedSources } from './sources.ts';
import { warehousePath } from './warehouse-path.ts';

export interface MaterializeOptions {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
  readonly partitions?: string | undefined;
  readonly dates?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly only?: readonly string[] | undefined;
  readonly failFast: boolean;
  readonly command: 'materialize' | 'backfill';
}

/** A request together with what is known before anything is written. */
export interface Preparation {
  readonly project: Project;
  readonly request: PlanRequest;
  readonly sources: ObservedSources;
  readonly evaluation: GraphEvaluation;
  readonly plan: Plan;
}

/** `fastbreak materialize` and `backfill`: makes what is missing or stale; returns the exit code. */
export async function runMaterialize(
  options: MaterializeOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const startedAt = effects.now();
  const project = await openProject(options, effects);
  const reader = await openReader(project);
  try {
    const preparation = await prepare(project, options, { effects, reader });
    if (options.dryRun) {
      const { runDryRun } = await import('./dry-run.ts');
      return await runDryRun(preparation, options, { effects, reader });
    }
    if (isQuiet(preparation, effects, reader)) {
      const seconds = (effects.now() - startedAt) / 1000;
      createReporter(options, effects).finish(nothingToDo(preparation, seconds));
      return EXIT.ok;
    }
  } finally {
    reader?.close();
  }
  const { runPipeline } = await import('./run-pipeline.ts');
  return runPipeline(project, options, { effects, startedAt });
}

/** Observes sources, evaluates every partition and plans, all from the record. */
export async function prepare(
  project: Project,
  options: MaterializeOptions,
  context: {
    readonly effects: Effects;
    readonly reader: StateReader | undefined;
    /** Calendars to use instead of the recorded ones. */
    readonly calendars?: ReadonlyMap<string, ExpectedDays>;
  },
): Promise<Preparation> {
  const { effects, reader } = context;
  const request = planRequest(project, options);
  const recordedSnapshot = reader?.snapshot(project.target.name) ?? EMPTY_SNAPSHOT;
  const snapshot = withCalendars(recordedSnapshot, context.calendars);
  const recorded = snapshot.observations;
  const sources = await observeSources(project, effects, { assets: request.assets, recorded });
  const evaluation = evaluateGraph({
    pipeline: project.pipeline,
    snapshot,
    today: project.today,
    sourceContent: sources.content,
  });
  const plan = buildPlan(evaluation, request);
  return { project, request, sources, evaluation, plan };
}

function withCalendars(
  snapshot: StateSnapshot,
  peeked: ReadonlyMap<string, ExpectedDays> | undefined,
): StateSnapshot {
  if (peeked === undefined) return snapshot;
  const calendars = new Map(snapshot.calendars);
  for (const [name, days] of peeked) calendars.set(name, { ...days, name, fingerprint: '' });
  return { ...snapshot, calendars };
}

/** What the command line asks for, checked. */
export function planRequest(project: Project, options: MaterializeOptions): PlanRequest {
  const graph = new AssetGraph(project.pipeline);
  const assets = selectAssets(graph, [...options.selection], [...options.exclude]);
  if (assets.size === 0) {
    throw new PipelineError('the selection holds no asset', {
      code: 'EMPTY_SELECTION',
      hint: 'fastbreak status lists the assets',
    });
  }
  return {
    assets,
    days: requestedDays(options, project.today),
    force: options.force,
    only: parseOnly(options.only),
  };
}

const ONLY = ['missing', 'stale', 'failed'] as const;

function parseOnly(names: readonly string[] | undefined): PlanRequest['only'] {
  if (names === undefined || names.length === 0) return undefined;
  const wanted = names.flatMap((name) => name.split(',')).map((name) => name.trim());
  return new Set(
    wanted.map((name) => {
      const found = ONLY.find((each) => each === name);
      if (found !== undefined) return found;
      throw new PipelineError(`expected --only with ${ONLY.join(', ')}, found "${name}"`, {
        code: 'INVALID_OPTION',
        hint: 'e.g. --only missing,failed',
      });
    }),
  );
}

/** True when a run would change nothing and nothing suggests that the record is wrong. */
function isQuiet(
  preparation: Preparation,
  effects: Effects,
  reader: StateReader | undefined,
): boolean {
  const { project, plan, request, sources } = preparation;
  if (!reader || !isNothingToDo(plan) || sources.unobserved.size > 0) return false;
  if (reader.leaseHolder(project.target.name) !== undefined) return false;
  const snapshot = reader.snapshot(project.target.name);
  if (outdatedCalendars(project.pipeline, snapshot).length > 0) return false;
  if (hasUnknownCalendar(preparation, request.assets)) return false;
  const recorded = reader.warehouseFingerprint(project.target.name);
  return recorded !== undefined && recorded === duckdbFingerprint(warehousePath(project, effects));
}

function hasUnknownCalendar(preparation: Preparation, assets: ReadonlySet<AssetName>): boolean {
  const { evaluation } = preparation;
  return [...assets].some((name) => evaluation.assets.get(name)?.expected.days.length === 0);
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
  return { runId: undefined, target, status: 'nothing-to-do', seconds, assets, failures: [] };
}
