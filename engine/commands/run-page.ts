import { writeFile } from 'node:fs/promises';
import type { EventRecord, StateReader, StepRecord } from '../../state/store.ts';
import { PipelineError, messageOf } from '../errors.ts';
import type { AssetResult, PartitionFailure, RunResult } from '../events.ts';
import type { AssetName, RunId } from '../ids.ts';
import type { DaysOfAsset } from '../report/failure-groups.ts';
import type { AbsentEntities } from '../report/run-html-absent.ts';
import { type RunOutcome, runPage } from '../report/run-html.ts';
import { formatInstant } from '../report/text.ts';
import { NO_OUTCOMES } from '../run/outcome-counts.ts';
import type { Effects, GlobalOptions, Project } from './context.ts';
import { placeOf } from './output-place.ts';
import type { MaterializeOptions } from './prepare.ts';

/** What a run that may leave a page was asked for. */
export type PageOptions = Pick<MaterializeOptions, 'html' | 'dryRun' | 'command'> & GlobalOptions;

/** Says what is wrong with `--html` before anything is done. */
export function checkPage({ html, dryRun }: PageOptions, { cwd }: Effects): void {
  if (html === undefined) return;
  if (dryRun) {
    throw new PipelineError('expected --html or --dry-run, found both', {
      code: 'INVALID_OPTIONS',
      hint: 'a dry run does nothing that a page could show',
    });
  }
  placeOf(html, cwd).check();
}

/** What a page is made of besides the result. */
export interface PageSource {
  readonly project: Project;
  readonly options: PageOptions;
  readonly effects: Effects;
  readonly startedAt: number;
  /** Absent when nothing ran. */
  readonly record?: StateReader | undefined;
  readonly daysOf?: DaysOfAsset | undefined;
  readonly absent?: AbsentEntities | undefined;
}

/**
 * Writes the page of a run, if one was asked for. That it cannot be written is said and changes nothing about the
 * run, which is over and recorded.
 */
export async function writeRunPage(
  { project, options, effects, startedAt, record, daysOf, absent }: PageSource,
  result: RunResult,
  error?: string,
): Promise<void> {
  const { html } = options;
  if (html === undefined) return;
  const { timezone, name } = project.pipeline;
  const { runId } = result;
  const at = effects.now();
  const page = runPage({
    result,
    command: options.command,
    pipeline: name,
    scope: options,
    daysOf,
    steps: runId === undefined ? [] : (record?.steps(runId) ?? []),
    outcomes: runId === undefined ? [] : outcomesOf(record?.eventsOfRun(runId) ?? []),
    absent,
    error,
    began: formatInstant(startedAt, timezone),
    made: formatInstant(at, timezone),
    at,
  });
  try {
    const place = placeOf(html, effects.cwd);
    await place.write((path) => writeFile(path, page));
  } catch (cause) {
    effects.stderr(`warning: the page ${html} could not be written: ${messageOf(cause)}\n`);
  }
}

/** The page of a run that an error ended: what the record says of it. */
export async function writeFailedRunPage(
  source: PageSource & { readonly record: StateReader },
  runId: RunId,
  error: unknown,
): Promise<void> {
  if (source.options.html === undefined) return;
  const { record, project, effects, startedAt } = source;
  const steps = record.steps(runId);
  const events = record.eventsOfRun(runId);
  const result: RunResult = {
    runId,
    target: project.target.name,
    status: 'failed',
    seconds: Math.max(0, effects.now() - startedAt) / 1000,
    assets: assetResults(steps),
    failures: events.flatMap(failureOf),
    checks: [],
  };
  await writeRunPage(source, result, messageOf(error));
}

function outcomesOf(events: readonly EventRecord[]): readonly RunOutcome[] {
  return events.flatMap(({ asset, day, type }) =>
    type === 'removed' || type === 'marked' ? [] : { asset, day, type },
  );
}

function assetResults(steps: readonly StepRecord[]): readonly AssetResult[] {
  const byAsset = Map.groupBy(steps, ({ asset }) => asset);
  return [...byAsset].map(([name, own]) => assetResult(name, own));
}

function assetResult(name: AssetName, steps: readonly StepRecord[]): AssetResult {
  const sum = (pick: (step: StepRecord) => number | undefined): number =>
    steps.reduce((total, step) => total + (pick(step) ?? 0), 0);
  return {
    ...NO_OUTCOMES,
    name,
    materialized: sum(({ summary }) => summary?.materialized),
    unchanged: sum(({ summary }) => summary?.unchanged),
    expectedEmpty: sum(({ summary }) => summary?.expectedEmpty),
    failed: sum(({ summary }) => summary?.failed),
    blocked: sum(({ summary }) => summary?.blocked),
    skipped: sum(({ summary }) => summary?.skipped),
    bytesBilled: sum(({ summary }) => summary?.bytesBilled),
    rows: sum(({ rows }) => rows),
    seconds: sum(({ startedAt, endedAt }) => ((endedAt ?? startedAt) - startedAt) / 1000),
  };
}

function failureOf(event: EventRecord): readonly PartitionFailure[] {
  const { type, asset, day, message } = event;
  if (type !== 'failed' && type !== 'blocked') return [];
  return [{ asset, day, type, category: event.category ?? 'BLOCKED', message: message ?? '' }];
}
