import type { LeaseHolder, StateReader, StateSnapshot } from '../../state/store.ts';
import type { AssetName } from '../ids.ts';
import type { DayRange } from '../partitions/window.ts';
import { evaluateGraph, type GraphEvaluation } from '../staleness/status.ts';
import { duckdbFingerprint } from '../warehouse/duckdb-fingerprint.ts';
import { type Effects, EMPTY_SNAPSHOT, openReader, type Project } from './context.ts';
import { liveRunOf } from './live-run.ts';
import { type SeenSources, seeSources } from './sources.ts';
import { warehousePath } from './warehouse-path.ts';

/** What the record says about a project: the status of every partition, and who is at work. */
export interface ProjectRecord {
  /** Absent when nothing was ever recorded. */
  readonly reader: StateReader | undefined;
  readonly snapshot: StateSnapshot;
  readonly evaluation: GraphEvaluation;
  readonly liveRun: LeaseHolder | undefined;
  /** Sources whose files are not there now. */
  readonly unseen: readonly AssetName[];
}

/** Reads the record, calls `use` with it and closes it when that has ended; the warehouse is not opened. */
export async function withRecord<Result>(
  project: Project,
  effects: Effects,
  use: (record: ProjectRecord) => Result | Promise<Result>,
): Promise<Result> {
  const reader = await openReader(project);
  try {
    const snapshot = reader?.snapshot(project.target.name) ?? EMPTY_SNAPSHOT;
    const seen = await seeSources(project, effects, snapshot.observations);
    const record = readRecord(project, reader, { now: effects.now(), snapshot, seen });
    warnOfUnseen(record, effects);
    warnOfWarehouse(project, record, effects);
    return await use(record);
  } finally {
    reader?.close();
  }
}

/** Evaluates every partition from the record, and from what the files of sources were seen to be. */
export function readRecord(
  project: Project,
  reader: StateReader | undefined,
  found: { readonly now: number; readonly snapshot: StateSnapshot; readonly seen: SeenSources },
): ProjectRecord {
  const { pipeline, today, target } = project;
  const { snapshot, seen } = found;
  const liveRun = liveRunOf(reader, target.name, found.now);
  const running = runningRanges(reader, liveRun);
  const sourceContent = seen.content;
  const evaluation = evaluateGraph({ pipeline, snapshot, today, running, sourceContent });
  return { reader, snapshot, evaluation, liveRun, unseen: seen.unseen };
}

function warnOfUnseen({ unseen }: ProjectRecord, effects: Effects): void {
  if (unseen.length === 0) return;
  effects.stderr(
    `warning: the files of ${unseen.join(', ')} are not there now; their status is as of when they were last read\n`,
  );
}

/** The record only says what the last run left; a file that is not as it was then may hold something else. */
function warnOfWarehouse(
  project: Project,
  { reader, liveRun }: ProjectRecord,
  effects: Effects,
): void {
  const recorded = reader?.warehouseFingerprint(project.target.name);
  if (recorded === undefined || liveRun || project.target.warehouse !== 'duckdb') return;
  const found = duckdbFingerprint(warehousePath(project, effects));
  if (found === recorded) return;
  const what = found === undefined ? 'is gone' : 'was changed by something else';
  effects.stderr(
    `warning: the warehouse file of ${project.target.name} ${what} since the last run; fastbreak materialize compares it with the record and makes what it lacks\n`,
  );
}

/** The partitions that the live run's unfinished steps hold. */
function runningRanges(
  reader: StateReader | undefined,
  liveRun: LeaseHolder | undefined,
): ReadonlyMap<AssetName, readonly DayRange[]> {
  const ranges = new Map<AssetName, DayRange[]>();
  if (!reader || !liveRun) return ranges;
  for (const step of reader.steps(liveRun.runId)) {
    if (step.status !== 'running') continue;
    const range = { lo: step.firstDay, hi: step.lastDay + 1 };
    ranges.set(step.asset, [...(ranges.get(step.asset) ?? []), range]);
  }
  return ranges;
}
