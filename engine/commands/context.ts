import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import type { StateReader, StateSnapshot } from '../../state/store.ts';
import type { CompiledPipeline } from '../compile/compiled.ts';
import { loadCompiledPipeline } from '../compile/load-compiled.ts';
import type { Target } from '../config/pipeline.ts';
import { PipelineError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import { type Day, dayInTimezone } from '../partitions/date.ts';
import { evaluateGraph, type GraphEvaluation } from '../staleness/status.ts';
import { nearestName } from '../util/nearest-name.ts';
import { pipelineOf } from './target-pipeline.ts';
import type { Warehouse } from '../warehouse/warehouse.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  /** pipeline.yaml, relative to the working folder; searched upwards when absent. */
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly logLevel: string;
  readonly color: boolean;
}

/** The outside world as commands see it; `cli.ts` passes the real one, tests pass their own. */
export interface Effects {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborted by the first Ctrl-C: finish or roll back the current step, then stop. */
  readonly signal: AbortSignal;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal: progress bars and colours. */
  readonly isTerminal: boolean;
  /** Width of the terminal in characters. */
  readonly width: number;
}

/** A compiled pipeline with the folder that holds its state, and the target that the command is about. */
export interface Project {
  readonly pipeline: CompiledPipeline;
  readonly target: Target;
  /** FASTBREAK_HOME. */
  readonly home: string;
  readonly cacheDir: string;
  readonly statePath: string;
  readonly today: Day;
}

/** Finds and compiles the pipeline; throws PipelineError for everything a user can mend. */
export async function openProject(options: GlobalOptions, effects: Effects): Promise<Project> {
  const file = findPipelineFile(options.file, effects.cwd);
  const home = resolve(dirname(file), effects.env['FASTBREAK_HOME'] ?? '.fastbreak');
  const cacheDir = join(home, 'cache');
  const compiled = await loadCompiledPipeline({ file, cacheDir });
  const target = chooseTarget(compiled, options.target);
  const pipeline = pipelineOf(compiled, target);
  return {
    pipeline,
    target,
    home,
    cacheDir,
    statePath: join(home, 'state.sqlite'),
    today: dayInTimezone(effects.now(), pipeline.timezone),
  };
}

/** Opens the record for reading; undefined when nothing was ever recorded. */
export async function openReader(project: Project): Promise<StateReader | undefined> {
  if (!existsSync(project.statePath)) return undefined;
  const { openStateReader } = await import('../../state/sqlite.ts');
  return openStateReader(project.statePath);
}

/** The status of every partition from the record alone; the warehouse is not opened. */
export function evaluateProject(
  project: Project,
  reader: StateReader | undefined,
  sourceContent?: ReadonlyMap<AssetName, string>,
): GraphEvaluation & { readonly snapshot: StateSnapshot } {
  const snapshot = reader?.snapshot(project.target.name) ?? EMPTY_SNAPSHOT;
  const evaluation = evaluateGraph({
    pipeline: project.pipeline,
    snapshot,
    today: project.today,
    ...(sourceContent === undefined ? {} : { sourceContent }),
  });
  return { ...evaluation, snapshot };
}

/** Opens the target's warehouse; the driver is imported only here. */
export async function openWarehouse(
  project: Project,
  effects: Effects,
  mode: 'read' | 'write',
): Promise<Warehouse> {
  const { openTarget } = await import('./open-target.ts');
  return openTarget(project, effects, mode);
}

export const EMPTY_SNAPSHOT: StateSnapshot = {
  codeVersions: [],
  records: new Map(),
  calendars: new Map(),
  observations: new Map(),
};

function findPipelineFile(file: string | undefined, cwd: string): string {
  if (file !== undefined) {
    const path = resolve(cwd, file);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
      throw new PipelineError(`expected a pipeline file, found a folder at ${path}`, {
        code: 'PIPELINE_NOT_FOUND',
        hint: `name the file in it: --file ${join(file, 'pipeline.yaml')}`,
      });
    }
    if (existsSync(path)) return path;
    throw new PipelineError(`expected a pipeline file, found nothing at ${path}`, {
      code: 'PIPELINE_NOT_FOUND',
      hint: 'name the file with --file, or make a new pipeline with: fastbreak init DIR',
    });
  }
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, 'pipeline.yaml');
    if (existsSync(path)) return path;
    if (dirname(folder) === folder) break;
  }
  throw new PipelineError(`no pipeline.yaml in ${cwd} or a folder above it`, {
    code: 'PIPELINE_NOT_FOUND',
    hint: 'go to the folder of your pipeline, name it with --file, or start one: fastbreak init DIR',
  });
}

function chooseTarget(pipeline: CompiledPipeline, wanted: string | undefined): Target {
  const name = wanted ?? pipeline.defaultTarget;
  const target = pipeline.targets.find((each) => each.name === name);
  if (target) return target;
  const names = pipeline.targets.map((each) => each.name);
  const nearest = nearestName(name, names);
  throw new PipelineError(
    `unknown target "${name}"${nearest === undefined ? '' : `, did you mean "${nearest}"?`}`,
    { code: 'UNKNOWN_TARGET', hint: `targets in pipeline.yaml: ${names.join(', ')}` },
  );
}
