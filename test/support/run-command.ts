import { commandOptions, parseCommandLine } from '../../engine/commands/arguments.ts';
import type { Effects, GlobalOptions } from '../../engine/commands/context.ts';
import { runCheck } from '../../engine/commands/check.ts';
import { runFailures } from '../../engine/commands/failures.ts';
import { runForget } from '../../engine/commands/forget.ts';
import { runMarkCurrent } from '../../engine/commands/mark-current.ts';
import { runMaterialize } from '../../engine/commands/materialize.ts';
import { runState } from '../../engine/commands/state.ts';
import { runStatus } from '../../engine/commands/status.ts';
import { runWhy } from '../../engine/commands/why.ts';
import { isPipelineError, type PipelineError } from '../../engine/errors.ts';
import { GLOBALS, type TestProject } from './project.ts';

export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in process on a project, as `cli.ts` would; throws what the command throws. */
export async function runCommand(
  project: TestProject,
  line: string,
  changes: Partial<Effects> = {},
): Promise<CommandOutcome> {
  const out: string[] = [];
  const err: string[] = [];
  const effects: Effects = {
    ...project.effects(),
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    ...changes,
  };
  const code = await dispatch(line.split(' '), effects);
  return { code, out: out.join(''), err: err.join('') };
}

/** The document that a command prints with `--json`. */
export async function jsonOf<Document>(project: TestProject, line: string): Promise<Document> {
  const { out } = await runCommand(project, `${line} --json`);
  return JSON.parse(out) as Document;
}

/** The user error that a command ends with. */
export async function errorOf(
  project: TestProject,
  line: string,
  changes: Partial<Effects> = {},
): Promise<PipelineError> {
  try {
    await runCommand(project, line, changes);
  } catch (error) {
    if (isPipelineError(error)) return error;
    throw error;
  }
  throw new Error('Expected a PipelineError, nothing was thrown');
}

async function dispatch(words: readonly string[], effects: Effects): Promise<number> {
  const invocation = parseCommandLine(words);
  if (invocation.type !== 'run') throw new Error(`not a command: ${words.join(' ')}`);
  const { values, command } = invocation;
  const globals: GlobalOptions = {
    ...GLOBALS,
    json: values.flag('json'),
    quiet: values.flag('quiet'),
    logLevel: values.text('log-level') ?? 'silent',
  };
  switch (command) {
    case 'check':
      return runCheck({ ...globals, ...commandOptions(command, values) }, effects);
    case 'failures':
      return runFailures({ ...globals, ...commandOptions(command, values) }, effects);
    case 'forget':
      return runForget({ ...globals, ...commandOptions(command, values) }, effects);
    case 'mark-current':
      return runMarkCurrent({ ...globals, ...commandOptions(command, values) }, effects);
    case 'state':
      return runState({ ...globals, ...commandOptions(command, values) }, effects);
    case 'status':
      return runStatus({ ...globals, ...commandOptions(command, values) }, effects);
    case 'why':
      return runWhy({ ...globals, ...commandOptions(command, values) }, effects);
    case 'materialize':
      return runMaterialize({ ...globals, ...commandOptions(command, values) }, effects);
    default:
      throw new Error(`not known here: ${command}`);
  }
}
