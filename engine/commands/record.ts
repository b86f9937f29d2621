import type { LeaseHolder, StateReader, StateSnapshot } from '../../state/store.ts';
import type { AssetName } from '../ids.ts';
import type { DayRange } from '../partitions/window.ts';
import { evaluateGraph, type GraphEvaluation } from '../staleness/status.ts';
import { type Effects, EMPTY_SNAPSHOT, openReader, type Project } from './context.ts';
import { STALE_MS } from './lease.ts';

/** What the record says about a project: the status of every partition, and who is at work. */
export interface ProjectRecord {
  /** Absent when nothing was ever recorded. */
  readonly reader: StateReader | undefined;
  readonly snapshot: StateSnapshot;
  readonly evaluation: GraphEvaluation;
  readonly liveRun: LeaseHolder | undefined;
}

/** Reads the record, calls `use` with it and closes it; the warehouse is not opened. */
export async function withRecord<Result>(
  project: Project,
  effects: Effects,
  use: (record: ProjectRecord) => Result,
): Promise<Result> {
  const reader = await openReader(project);
  try {
    return use(readRecord(project, reader, effects.now()));
  } finally {
    reader?.close();
  }
}

export function readRecord(
  project: Project,
  reader: StateReader | undefined,
  now: number,
): ProjectRecord {
  const { pipeline, today, target } = project;
  const snapshot = reader?.snapshot(target.name) ?? EMPTY_SNAPSHOT;
  const liveRun = liveRunOf(reader, target.name, now);
  const running = runningRanges(reader, liveRun);
  const evaluation = evaluateGraph({ pipeline, snapshot, today, running });
  return { reader, snapshot, evaluation, liveRun };
}

function liveRunOf(
  reader: StateReader | undefined,
  target: string,
  now: number,
): LeaseHolder | undefined {
  const holder = reader?.leaseHolder(target);
  return holder && now - holder.heartbeatAt <= STALE_MS ? holder : undefined;
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
