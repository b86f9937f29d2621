import { existsSync, renameSync, rmSync } from 'node:fs';

import { openStateStore } from '../../state/sqlite.ts';
import { EXIT, isPipelineError, messageOf, PipelineError } from '../errors.ts';
import type { RunId } from '../ids.ts';
import { jsonText } from '../report/json.ts';
import { plural } from '../report/text.ts';
import { refreshCalendars } from '../run/calendars.ts';
import { LiveSnapshot } from '../run/live.ts';
import { outdatedCalendars } from '../staleness/calendar-state.ts';
import { changeTarget, type TargetChange } from './change-target.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { holdTarget } from './held-target.ts';
import { runStatePull } from './state-pull.ts';
import { warehousePath } from './warehouse-path.ts';

export interface StateOptions {
  readonly verb: 'rebuild' | 'pull';
}

interface Rebuilt {
  readonly target: string;
  readonly runId: RunId;
  readonly partitions: number;
  readonly assets: number;
  readonly calendars: number;
}

const NOT_BACK = 'runs, steps, check results, older events of partitions, the newest failures';

/** `fastbreak state rebuild`: makes the record anew from the warehouses of all targets. */
export async function runState(
  options: StateOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  if (options.verb === 'pull') return runStatePull(options, effects);
  const project = await openProject(options, effects);
  const targets = project.pipeline.targets
    .map((target) => ({ ...project, target }))
    .filter((each) => each.target.warehouse === 'duckdb' && existsSync(pathOf(each, effects)));
  if (targets.length === 0) {
    throw new PipelineError('there is no warehouse to rebuild the record from', {
      code: 'NOT_MATERIALIZED',
      hint: 'fastbreak materialize makes both',
    });
  }
  const fresh = `${project.statePath}.rebuilding`;
  removeFiles(fresh);
  try {
    const rebuilt = await whileHeld(targets, effects, async () => {
      const results: Rebuilt[] = [];
      for (const target of targets) {
        // That partitions are taken over is no news here.
        const quiet = { ...options, quiet: true };
        const request = { command: 'state rebuild', options: quiet, effects };
        results.push(await changeTarget({ ...target, statePath: fresh }, request, rebuildTarget));
      }
      return results;
    });
    const kept = replaceState(project.statePath, fresh, effects.now());
    effects.stdout(options.json ? rebuiltJson(rebuilt, kept) : rebuiltText(rebuilt, kept));
    return EXIT.ok;
  } finally {
    removeFiles(fresh);
  }
}

function pathOf(project: Project, effects: Effects): string {
  return warehousePath(project, effects);
}

/** Holds the old record's leases; one that cannot be read has none, and the warehouse's own lock must do. */
async function whileHeld<Result>(
  targets: readonly Project[],
  effects: Effects,
  work: () => Promise<Result>,
): Promise<Result> {
  const [first, ...others] = targets;
  if (first === undefined || !isReadable(first)) return work();
  return holdTarget(first, { effects, command: 'state rebuild' }, () =>
    whileHeld(others, effects, work),
  );
}

function isReadable({ statePath: path, target }: Project): boolean {
  if (!existsSync(path)) return false;
  try {
    const store = openStateStore(path);
    try {
      store.leaseHolder(target.name);
    } finally {
      store.close();
    }
    return true;
  } catch (error) {
    const isUseless =
      isPipelineError(error) && ['STATE_CORRUPT', 'STATE_TOO_NEW'].includes(error.code);
    if (isUseless) return false;
    throw error;
  }
}

/** Opening the warehouse with an empty record has brought the two together; what is left are calendars. */
async function rebuildTarget(change: TargetChange): Promise<Rebuilt> {
  const { project, store, runId } = change;
  const { pipeline } = project;
  const target = project.target.name;
  const live = new LiveSnapshot(store.snapshot(target));
  for (const calendar of outdatedCalendars(pipeline, live)) {
    const asset = pipeline.assets.find((each) => each.name === calendar.asset);
    const isKnown = live.calendars.has(calendar.name);
    if (!asset || isKnown) continue;
    await refreshCalendars({ ...change, pipeline, target, live }, asset);
  }
  const { records, calendars } = store.snapshot(target);
  const counts = [...records.values()].map((each) => each.days.length);
  return {
    target,
    runId,
    partitions: counts.reduce((sum, count) => sum + count, 0),
    assets: counts.filter((count) => count > 0).length,
    calendars: calendars.size,
  };
}

/** Puts the new file in the old one's place, which is kept beside it; returns where. */
function replaceState(path: string, fresh: string, now: number): string | undefined {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const kept = existsSync(path) ? `${path}.before-rebuild-${time}` : undefined;
  try {
    for (const suffix of ['-wal', '-shm', '']) {
      if (kept !== undefined && existsSync(path + suffix)) renameSync(path + suffix, kept + suffix);
      else rmSync(path + suffix, { force: true });
    }
    renameSync(fresh, path);
  } catch (error) {
    throw new PipelineError(`the record cannot be put in place: ${messageOf(error)}`, {
      code: 'STATE_UNWRITABLE',
      hint: `give this user write access to ${path} and its folder`,
      cause: error,
    });
  }
  return kept;
}

function removeFiles(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

function rebuiltJson(rebuilt: readonly Rebuilt[], kept: string | undefined): string {
  return jsonText({
    targets: rebuilt.map(({ runId, ...rest }) => ({ ...rest, run_id: runId })),
    kept: kept ?? null,
    not_rebuilt: NOT_BACK.split(', '),
  });
}

function rebuiltText(rebuilt: readonly Rebuilt[], kept: string | undefined): string {
  const lines = rebuilt.map(
    ({ target, partitions, assets, calendars }) =>
      `Rebuilt the record of ${target}: ${plural(partitions, 'partition')} of ${plural(assets, 'asset')}, ${plural(calendars, 'calendar')}.`,
  );
  if (kept !== undefined) lines.push(`The old file is kept as ${kept}`);
  lines.push(`What the warehouse does not know cannot come back: ${NOT_BACK}.`);
  return lines.map((line) => `${line}\n`).join('');
}
