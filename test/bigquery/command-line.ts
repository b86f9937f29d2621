import { commandOptions, parseCommandLine } from '../../engine/commands/arguments.ts';
import { runCheck } from '../../engine/commands/check.ts';
import type { CommandName, OptionsByCommand } from '../../engine/commands/command-table.ts';
import type { Effects, GlobalOptions } from '../../engine/commands/context.ts';
import { runExperiment } from '../../engine/commands/experiment.ts';
import { runExport } from '../../engine/commands/export.ts';
import { runFailures } from '../../engine/commands/failures.ts';
import { runForget } from '../../engine/commands/forget.ts';
import { runHealth } from '../../engine/commands/health.ts';
import { runMarkCurrent } from '../../engine/commands/mark-current.ts';
import { runMaterialize } from '../../engine/commands/materialize.ts';
import { runProfile } from '../../engine/commands/profile.ts';
import { runQuery } from '../../engine/commands/query.ts';
import { runReport } from '../../engine/commands/report.ts';
import { runRuns } from '../../engine/commands/runs.ts';
import { runStale } from '../../engine/commands/stale.ts';
import { runState } from '../../engine/commands/state.ts';
import { runStatus } from '../../engine/commands/status.ts';
import { runValidate } from '../../engine/commands/validate.ts';
import { runVerify } from '../../engine/commands/verify.ts';
import { runWhy } from '../../engine/commands/why.ts';
import type { OptionValues } from '../../engine/commands/option-values.ts';
import { isPipelineError } from '../../engine/errors.ts';
import { errorText } from '../../engine/report/error-text.ts';
import { paintFor } from '../../engine/report/text.ts';

type Known =
  | 'check'
  | 'experiment'
  | 'export'
  | 'failures'
  | 'forget'
  | 'health'
  | 'mark-current'
  | 'materialize'
  | 'profile'
  | 'query'
  | 'report'
  | 'runs'
  | 'stale'
  | 'state'
  | 'status'
  | 'validate'
  | 'verify'
  | 'why';

const COMMANDS: {
  readonly [Name in Known]: (
    options: OptionsByCommand[Name] & GlobalOptions,
    effects: Effects,
  ) => Promise<number>;
} = {
  check: runCheck,
  experiment: runExperiment,
  export: runExport,
  failures: runFailures,
  forget: runForget,
  health: runHealth,
  'mark-current': runMarkCurrent,
  materialize: runMaterialize,
  profile: runProfile,
  query: runQuery,
  report: runReport,
  runs: runRuns,
  stale: runStale,
  state: runState,
  status: runStatus,
  validate: runValidate,
  verify: runVerify,
  why: runWhy,
};

/** How a command ended and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the words of a command line in this process, as `cli.ts` does, errors included. */
export async function runWords(words: readonly string[], surroundings: Effects): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const effects: Effects = {
    ...surroundings,
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
  };
  const code = await dispatch(words, effects).catch((error: unknown) => {
    effects.stderr(errorText(error, paintFor(false), false));
    return isPipelineError(error) ? error.exitCode : 1;
  });
  return { code, out: out.join(''), err: err.join('') };
}

async function dispatch(words: readonly string[], effects: Effects): Promise<number> {
  const invocation = parseCommandLine(words);
  if (invocation.type !== 'run') throw new Error(`not a command: ${words.join(' ')}`);
  const { command, values } = invocation;
  if (!isKnown(command)) throw new Error(`not known here: ${command}`);
  return run(command, values, effects);
}

function run<Name extends Known>(
  command: Name,
  values: OptionValues,
  effects: Effects,
): Promise<number> {
  const globals: GlobalOptions = {
    file: values.text('file'),
    target: values.text('target'),
    json: values.flag('json'),
    quiet: values.flag('quiet'),
    logLevel: 'silent',
    color: false,
  };
  return COMMANDS[command]({ ...commandOptions(command, values), ...globals }, effects);
}

function isKnown(command: CommandName): command is Known {
  return command in COMMANDS;
}
