import type { StateReader, StateSnapshot } from '../../state/store.ts';
import { PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import type { ExpectedDays } from '../partitions/calendar.ts';
import { buildPlan, type Plan } from '../plan/build.ts';
import type { PlanRequest } from '../plan/plan.ts';
import { evaluateGraph, type GraphEvaluation } from '../staleness/status.ts';
import { EMPTY_SNAPSHOT, type Effects, type Project } from './context.ts';
import { requestedDays } from './dates.ts';
import { observeSources, type ObservedSources } from './sources.ts';

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
  /** Remove the rows of partitions that left the calendar. */
  readonly prune?: boolean;
  /** With force: make frozen partitions again too. */
  readonly thaw?: boolean;
  /** A page about the run to write when it is over. */
  readonly html?: string | undefined;
  readonly command: 'materialize' | 'backfill';
}

/** A request together with what is known before anything is written. */
export interface Preparation {
  readonly project: Project;
  readonly request: PlanRequest;
  readonly sources: ObservedSources;
  /** The record as it was read. */
  readonly snapshot: StateSnapshot;
  readonly evaluation: GraphEvaluation;
  readonly plan: Plan;
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
  return { project, request, sources, snapshot: recordedSnapshot, evaluation, plan };
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
    monthSets: monthSetsOf(project.pipeline),
    force: options.force,
    only: parseOnly(options.only),
    prune: options.prune ?? false,
    thaw: mayThaw(options),
  };
}

function monthSetsOf({ partitionSets }: Project['pipeline']): ReadonlySet<string> {
  return new Set(partitionSets.filter(({ type }) => type === 'months').map(({ name }) => name));
}

/** What was frozen was to stay: to make it again it must be asked for by force and by name. */
function mayThaw({ thaw, force, selection }: MaterializeOptions): boolean {
  if (!thaw) return false;
  if (force && selection.length > 0) return true;
  throw new PipelineError('expected --thaw together with --force and the assets to thaw', {
    code: 'INVALID_OPTION',
    hint: 'fastbreak materialize ASSET --partitions RANGE --force --thaw',
  });
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
