import type { RunRecord, StateReader } from '../../state/store.ts';
import { PipelineError } from '../errors.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { Project } from './context.ts';
import { liveRunOf } from './live-run.ts';

const MOST_SEARCHED = 10_000;
const HINT = 'fastbreak runs lists the runs with their ids';

/** The run that an id, the beginning of one, or `last` names. */
export function findRun(
  project: Project,
  reader: StateReader | undefined,
  id: string,
): { readonly run: RunRecord; readonly reader: StateReader } {
  if (reader === undefined) {
    throw new PipelineError(`there is no run ${id}: nothing was ever recorded`, {
      code: 'UNKNOWN_RUN',
      hint: 'start with: fastbreak materialize',
    });
  }
  const exact = id === 'last' ? reader.runs(project.target.name, 1)[0] : reader.run(id);
  return { run: exact ?? findByPrefix(project, reader, id), reader };
}

function findByPrefix(project: Project, reader: StateReader, prefix: string): RunRecord {
  const runs = project.pipeline.targets.flatMap((target) =>
    reader.runs(target.name, MOST_SEARCHED),
  );
  const matches = prefix === '' ? [] : runs.filter((run) => run.id.startsWith(prefix));
  const [only, ...others] = matches;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    const ids = matches.slice(0, 5).map((run) => run.id);
    throw new PipelineError(
      `${matches.length} runs have an id that begins with "${prefix}": ${ids.join(', ')}${matches.length > 5 ? ', …' : ''}`,
      { code: 'AMBIGUOUS_RUN', hint: 'write more of the id' },
    );
  }
  const ids = runs.map((run) => run.id);
  throw new PipelineError(`there is no run "${prefix}"${didYouMean(prefix, ids)}`, {
    code: 'UNKNOWN_RUN',
    hint: HINT,
  });
}

/** The status of a run as of now: one that nobody works on any more ended in a crash, whatever its record says. */
export function runStatus(run: RunRecord, reader: StateReader, now: number): RunRecord['status'] {
  if (run.status !== 'running') return run.status;
  return liveRunOf(reader, run.target, now)?.runId === run.id ? 'running' : 'crashed';
}

/** Seconds from start to end, or until now for a run that goes on; undefined when the end is unknown. */
export function runSeconds(
  run: RunRecord,
  status: RunRecord['status'],
  now: number,
): number | undefined {
  if (run.endedAt !== null) return (run.endedAt - run.startedAt) / 1000;
  return status === 'running' ? (now - run.startedAt) / 1000 : undefined;
}
