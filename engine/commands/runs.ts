import type { RunRecord, StateReader } from '../../state/store.ts';
import { EXIT } from '../errors.ts';
import { jsonText } from '../report/json.ts';
import {
  formatInstant,
  formatSeconds,
  type Paint,
  paintFor,
  renderTable,
  type Style,
} from '../report/text.ts';
import {
  type Effects,
  type GlobalOptions,
  openProject,
  openReader,
  type Project,
} from './context.ts';
import { findRun, runSeconds, runStatus } from './find-run.ts';
import { runDetails, runDetailsJson, runDetailsText } from './run-details.ts';

export interface RunsOptions {
  /** Largest number of runs in the list. */
  readonly limit: number;
  /** Id of the run to show, the beginning of one, or `last`; absent for the list. */
  readonly show?: string | undefined;
}

const STYLE_BY_STATUS: Readonly<Record<RunRecord['status'], Style>> = {
  running: 'cyan',
  succeeded: 'green',
  failed: 'red',
  interrupted: 'yellow',
  crashed: 'red',
};

/** `fastbreak runs` and `fastbreak runs show ID`: the history of the target. */
export async function runRuns(
  options: RunsOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const reader = await openReader(project);
  try {
    if (options.show === undefined) listRuns(project, reader, options, effects);
    else showRun(project, reader, { ...options, show: options.show }, effects);
  } finally {
    reader?.close();
  }
  return EXIT.ok;
}

function listRuns(
  project: Project,
  reader: StateReader | undefined,
  options: RunsOptions & GlobalOptions,
  effects: Effects,
): void {
  const runs = reader?.runs(project.target.name, options.limit) ?? [];
  const rows = runs.map((run) => {
    const status = reader === undefined ? run.status : runStatus(run, reader, effects.now());
    return { run, status, seconds: runSeconds(run, status, effects.now()) };
  });
  if (options.json) {
    const list = rows.map(({ run, status, seconds }) => runJson(run, status, seconds));
    effects.stdout(jsonText({ target: project.target.name, runs: list }));
    return;
  }
  if (runs.length === 0) {
    effects.stdout(
      `no runs yet in target ${project.target.name}; start with: fastbreak materialize\n`,
    );
    return;
  }
  const paint = paintFor(options.color);
  const cells = rows.map(({ run, status, seconds }) => [
    run.id,
    formatInstant(run.startedAt, project.pipeline.timezone),
    paint(STYLE_BY_STATUS[status], status),
    seconds === undefined ? '' : formatSeconds(seconds),
    run.command,
  ]);
  effects.stdout(runTable(cells, paint));
}

function runTable(cells: readonly (readonly string[])[], paint: Paint): string {
  return renderTable(
    [
      { header: 'run' },
      { header: 'started' },
      { header: 'status' },
      { header: 'took', align: 'right' },
      { header: 'command' },
    ],
    cells,
    paint,
  );
}

function showRun(
  project: Project,
  reader: StateReader | undefined,
  options: { readonly show: string } & GlobalOptions,
  effects: Effects,
): void {
  const found = findRun(project, reader, options.show);
  const status = runStatus(found.run, found.reader, effects.now());
  const seconds = runSeconds(found.run, status, effects.now());
  const details = runDetails(found.run, found.reader, status);
  if (options.json) {
    const run = runJson(found.run, status, seconds);
    effects.stdout(jsonText({ ...run, ...runDetailsJson(details) }));
    return;
  }
  const paint = paintFor(options.color);
  const { timezone } = project.pipeline;
  const facts = [
    `run      ${found.run.id}  ${paint(STYLE_BY_STATUS[status], status)}`,
    `command  ${found.run.command}`,
    `target   ${found.run.target}`,
    `started  ${formatInstant(found.run.startedAt, timezone)}${seconds === undefined ? '' : `, took ${formatSeconds(seconds)}`}`,
    ...(found.run.message === null ? [] : [`message  ${found.run.message}`]),
  ];
  // What forgets, prunes or marks has no steps, and yet did something.
  const hasEvents = found.reader.eventsOfRun(found.run.id).length > 0;
  const text =
    details.steps.length === 0 && hasEvents
      ? `\nno steps; what it did: fastbreak logs ${found.run.id}\n`
      : runDetailsText(details, paint);
  effects.stdout(`${facts.join('\n')}\n${text}`);
}

function runJson(
  run: RunRecord,
  status: RunRecord['status'],
  seconds: number | undefined,
): Record<string, unknown> {
  return {
    run_id: run.id,
    target: run.target,
    command: run.command,
    status,
    started_at: new Date(run.startedAt).toISOString(),
    ended_at: run.endedAt === null ? null : new Date(run.endedAt).toISOString(),
    seconds: seconds ?? null,
    message: run.message,
  };
}
