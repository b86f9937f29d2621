#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import type { CommandName, OptionsByCommand } from './engine/commands/command-table.ts';
import type { Effects, GlobalOptions } from './engine/commands/context.ts';
import type { OptionValues } from './engine/commands/option-values.ts';

enableCompileCache();

type Run<Name extends CommandName> = (
  options: OptionsByCommand[Name] & GlobalOptions,
  effects: Effects,
) => Promise<number>;

/** Every command is imported only when it is asked for. */
const LOAD: { readonly [Name in CommandName]: () => Promise<Run<Name>> } = {
  init: async () => (await import('./engine/commands/init.ts')).runInit,
  compile: async () => (await import('./engine/commands/compile.ts')).runCompile,
  materialize: async () => (await import('./engine/commands/materialize.ts')).runMaterialize,
  backfill: async () => (await import('./engine/commands/materialize.ts')).runMaterialize,
  status: async () => (await import('./engine/commands/status.ts')).runStatus,
  stale: async () => (await import('./engine/commands/stale.ts')).runStale,
  why: async () => (await import('./engine/commands/why.ts')).runWhy,
  lineage: async () => (await import('./engine/commands/lineage.ts')).runLineage,
  runs: async () => (await import('./engine/commands/runs.ts')).runRuns,
  logs: async () => (await import('./engine/commands/logs.ts')).runLogs,
  query: async () => (await import('./engine/commands/query.ts')).runQuery,
  export: async () => (await import('./engine/commands/export.ts')).runExport,
  forget: async () => (await import('./engine/commands/forget.ts')).runForget,
  'mark-current': async () => (await import('./engine/commands/mark-current.ts')).runMarkCurrent,
  state: async () => (await import('./engine/commands/state.ts')).runState,
  check: async () => (await import('./engine/commands/check.ts')).runCheck,
  validate: async () => (await import('./engine/commands/validate.ts')).runValidate,
  health: async () => (await import('./engine/commands/health.ts')).runHealth,
  report: async () => (await import('./engine/commands/report.ts')).runReport,
  experiment: async () => (await import('./engine/commands/experiment.ts')).runExperiment,
  failures: async () => (await import('./engine/commands/failures.ts')).runFailures,
  profile: async () => (await import('./engine/commands/profile.ts')).runProfile,
  verify: async () => (await import('./engine/commands/verify.ts')).runVerify,
};

const args = process.argv.slice(2);
const { stdout, stderr, env } = process;
let hasAnswered = false;

stdout.on('error', endQuietly);
// A closed stderr must not end a run.
stderr.on('error', () => undefined);

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = await report(error);
}

async function main(): Promise<number> {
  const { parseCommandLine } = await import('./engine/commands/arguments.ts');
  const invocation = parseCommandLine(args);
  switch (invocation.type) {
    case 'version':
      stdout.write(`fastbreak ${await readVersion()}\n`);
      return 0;
    case 'help': {
      const { helpText } = await import('./engine/commands/help.ts');
      stdout.write(helpText(invocation.command));
      return 0;
    }
    case 'run':
      return runCommand(invocation.command, invocation.values);
  }
}

async function runCommand<Name extends CommandName>(
  command: Name,
  values: OptionValues,
): Promise<number> {
  const { commandOptions } = await import('./engine/commands/arguments.ts');
  const own = commandOptions(command, values);
  const run = await LOAD[command]();
  return run({ ...own, ...globalOptions(values) }, realEffects());
}

function globalOptions(values: OptionValues): GlobalOptions {
  const level = values.flag('debug') ? 'debug' : 'silent';
  return {
    file: values.text('file'),
    target: values.text('target'),
    json: values.flag('json'),
    quiet: values.flag('quiet'),
    logLevel: values.text('log-level') ?? level,
    color: hasColor(),
  };
}

function realEffects(): Effects {
  return {
    env,
    cwd: process.cwd(),
    now: Date.now,
    signal: abortOnSignals(),
    stdout: (text) => {
      hasAnswered = true;
      stdout.write(text);
    },
    stderr: (text) => void stderr.write(text),
    isTerminal: stderr.isTTY === true,
    width: (stdout.isTTY ? stdout.columns : stderr.columns) || Number(env['COLUMNS']) || 100,
  };
}

/** The first signal asks to stop after the current step, the second one stops at once. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    stderr.write('\nStopping as soon as the current step is safe; Ctrl-C again stops at once.\n');
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

function hasColor(): boolean {
  if (args.includes('--no-color') || (env['NO_COLOR'] ?? '') !== '') return false;
  return (env['FORCE_COLOR'] ?? '') !== '' || (stdout.isTTY === true && env['TERM'] !== 'dumb');
}

/** Whoever read our output has read enough (`fastbreak ... | head`). */
function endQuietly(error: Error): void {
  if ('code' in error && error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
}

async function readVersion(): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  // The package's own file, one folder up when compiled into dist/.
  const near = new URL('package.json', import.meta.url);
  const text = await readFile(near, 'utf8').catch(() =>
    readFile(new URL('../package.json', import.meta.url), 'utf8'),
  );
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}

async function report(error: unknown): Promise<number> {
  const { errorJson, errorText } = await import('./engine/report/error-text.ts');
  const { paintFor } = await import('./engine/report/text.ts');
  const { EXIT, isPipelineError } = await import('./engine/errors.ts');
  const showStack = args.includes('--debug') || /--log-level[ =](debug|trace)/.test(args.join(' '));
  stderr.write(errorText(error, paintFor(hasColor()), showStack));
  // Whoever asked for a document gets one, whatever happened.
  if (args.includes('--json') && !hasAnswered) stdout.write(errorJson(error));
  return isPipelineError(error) ? error.exitCode : EXIT.failed;
}
