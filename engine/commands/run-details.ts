import type {
  AttemptRecord,
  CheckResult,
  EventRecord,
  RunRecord,
  StateReader,
  StepRecord,
} from '../../state/store.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { describeGroupDays, type FailureGroup, groupFailures } from '../report/failure-groups.ts';
import {
  formatBytes,
  formatCount,
  formatSeconds,
  type Paint,
  renderTable,
  truncate,
} from '../report/text.ts';

/** What is recorded of one run, oldest first. */
export interface RunDetails {
  readonly steps: readonly StepRecord[];
  readonly attempts: readonly AttemptRecord[];
  readonly checks: readonly CheckResult[];
  readonly failures: readonly EventRecord[];
}

const MOST_FAILURES = 20;
/** Characters of an offending row that a line shows; `--json` has all of it. */
const SAMPLE_WIDTH = 160;

/** What is recorded of a run whose status, as of now, is given: what a dead one left unfinished has crashed with it. */
export function runDetails(
  run: RunRecord,
  reader: StateReader,
  status: RunRecord['status'],
): RunDetails {
  const events = reader.eventsOfRun(run.id).toReversed();
  const steps = reader.steps(run.id).toSorted((a, b) => a.id - b.id);
  return {
    steps: steps.map((step) =>
      step.status === 'running' && status === 'crashed' ? { ...step, status } : step,
    ),
    attempts: reader.attempts(run.id),
    checks: reader.checks(run.id).filter((check) => check.failures > 0),
    failures: events.filter((event) => event.type === 'failed' || event.type === 'blocked'),
  };
}

export function runDetailsJson(details: RunDetails): Record<string, unknown> {
  return {
    steps: details.steps.map((step) => ({
      step: step.id,
      asset: step.asset,
      from: step.partitions === 0 ? null : formatDay(step.firstDay),
      to: step.partitions === 0 ? null : formatDay(step.lastDay),
      partitions: partitionsOf(step),
      status: step.status,
      rows: step.rows,
      seconds: secondsOf(step) ?? null,
      ...countsJson(step),
      ...bytesJson(step),
    })),
    attempts: details.attempts.map((attempt) => ({
      step: attempt.stepId,
      attempt: attempt.number,
      seconds: (attempt.endedAt - attempt.startedAt) / 1000,
      category: attempt.category,
      message: attempt.message,
    })),
    checks: details.checks.map((check) => ({
      asset: check.asset,
      partition: formatDay(check.day),
      check: check.check,
      severity: check.severity,
      blocking: check.blocking,
      rows: check.failures,
      sample: sampleRows(check),
    })),
    failures: details.failures.map((event) => ({
      asset: event.asset,
      partition: formatDay(event.day),
      type: event.type,
      category: event.category,
      message: event.message,
    })),
  };
}

export function runDetailsText(details: RunDetails, paint: Paint): string {
  if (details.steps.length === 0) return '\nno steps: there was nothing to do\n';
  const sections = [stepTable(details.steps, paint)];
  const failedAttempts = details.attempts.filter((attempt) => attempt.category !== null);
  if (failedAttempts.length > 0) {
    sections.push(attemptTable(failedAttempts, details.steps, paint));
  }
  if (details.checks.length > 0) sections.push(checkTable(details.checks, paint));
  if (details.failures.length > 0) sections.push(failureLines(details.failures, paint));
  return sections.map((section) => `\n${section}`).join('');
}

/** `2024-01-15`, or `2024-01-15..2024-02-01`. */
export function daysText(first: Day, last: Day): string {
  return first === last ? formatDay(first) : `${formatDay(first)}..${formatDay(last)}`;
}

/** Failures of one story together, across the partitions that it happened to. */
export function failureGroups(events: readonly EventRecord[]): readonly FailureGroup[] {
  const failures = events.map((event) => ({
    asset: event.asset,
    day: event.day,
    type: event.type === 'blocked' ? ('blocked' as const) : ('failed' as const),
    category: event.category ?? '',
    message: event.message ?? '',
  }));
  return groupFailures(failures);
}

/** `failed EMPTY_RESULT 2024-01-15, 2024-01-17: no rows`, without the asset. */
export function failureText(group: FailureGroup): string {
  const category = group.category === '' ? '' : ` ${group.category}`;
  const message = group.message === '' ? '' : `: ${group.message}`;
  return `${group.type}${category} ${describeGroupDays(group)}${message}`;
}

function stepTable(steps: readonly StepRecord[], paint: Paint): string {
  const isBilled = steps.some((step) => (step.summary?.bytesBilled ?? 0) > 0);
  const cells = steps.map((step) => [
    step.asset,
    // A source does not know its partitions before it is read.
    step.partitions === 0 ? '' : daysText(step.firstDay, step.lastDay),
    formatCount(partitionsOf(step)),
    step.status,
    ...countCells(step),
    formatCount(step.rows),
    ...(isBilled ? [formatBytes(step.summary?.bytesBilled ?? 0)] : []),
    textOfSeconds(secondsOf(step)),
  ]);
  return renderTable(
    [
      { header: 'asset' },
      { header: 'partitions' },
      { header: 'count', align: 'right' },
      { header: 'status' },
      { header: 'materialized', align: 'right' },
      { header: 'unchanged', align: 'right' },
      { header: 'empty', align: 'right' },
      { header: 'failed', align: 'right' },
      { header: 'blocked', align: 'right' },
      { header: 'rows', align: 'right' },
      ...(isBilled ? [{ header: 'billed', align: 'right' } as const] : []),
      { header: 'took', align: 'right' },
    ],
    cells,
    paint,
  );
}

function attemptTable(
  attempts: readonly AttemptRecord[],
  steps: readonly StepRecord[],
  paint: Paint,
): string {
  const assetByStep = new Map(steps.map((step) => [step.id, step.asset]));
  const cells = attempts.map((attempt) => [
    assetByStep.get(attempt.stepId) ?? '',
    String(attempt.number),
    attempt.category ?? '',
    textOfSeconds((attempt.endedAt - attempt.startedAt) / 1000),
    attempt.message ?? '',
  ]);
  return renderTable(
    [
      { header: 'failed attempts' },
      { header: 'attempt', align: 'right' },
      { header: 'category' },
      { header: 'took', align: 'right' },
      { header: 'message' },
    ],
    cells,
    paint,
  );
}

/** Some of the offending rows, as they were recorded. */
export function sampleRows({ sample }: CheckResult): unknown {
  return sample === null ? null : (JSON.parse(sample) as unknown);
}

/** `2024-01-15: [{"game_id":1}]`, of the first partition that has some. */
export function sampleText(checks: readonly CheckResult[]): string {
  const first = checks.toSorted((a, b) => a.day - b.day).find((check) => check.sample !== null);
  if (first === undefined) return '';
  return `${formatDay(first.day)}: ${truncate(first.sample ?? '', SAMPLE_WIDTH)}`;
}

function checkTable(checks: readonly CheckResult[], paint: Paint): string {
  const groups = Map.groupBy(checks, (check) =>
    [check.asset, check.check, check.severity].join('\0'),
  );
  const cells = [...groups.values()].map((group) => [
    group[0]?.asset ?? '',
    group[0]?.check ?? '',
    group[0]?.severity ?? '',
    formatCount(group.length),
    formatCount(group.reduce((sum, check) => sum + check.failures, 0)),
    sampleText(group),
  ]);
  return renderTable(
    [
      { header: 'failed checks' },
      { header: 'check' },
      { header: 'severity' },
      { header: 'partitions', align: 'right' },
      { header: 'rows', align: 'right' },
      { header: 'for example' },
    ],
    cells,
    paint,
  );
}

function failureLines(failures: readonly EventRecord[], paint: Paint): string {
  const groups = failureGroups(failures);
  const lines = groups
    .slice(0, MOST_FAILURES)
    .map((group) => `${group.asset}  ${paint('red', failureText(group))}`);
  const hidden = groups.length - lines.length;
  if (hidden > 0) lines.push(`… and ${hidden} more; --json shows all`);
  return [paint('dim', 'failures'), ...lines].map((line) => `${line}\n`).join('');
}

/** Those asked for, or those that came out where nobody knew before. */
function partitionsOf(step: StepRecord): number {
  if (step.partitions > 0 || step.summary === null) return step.partitions;
  const { materialized, unchanged, expectedEmpty, failed, blocked } = step.summary;
  return materialized + unchanged + expectedEmpty + failed + blocked;
}

/** Outcomes of a step by kind, as `--json` names them. */
export function countsJson(step: StepRecord): Record<string, number> {
  if (step.summary === null) return {};
  const { materialized, unchanged, expectedEmpty, failed, blocked, skipped } = step.summary;
  return { materialized, unchanged, expected_empty: expectedEmpty, failed, blocked, skipped };
}

/** What the step's statements read and were billed, where that costs something. */
function bytesJson({ summary }: StepRecord): Record<string, number> {
  if (summary?.bytesProcessed === undefined) return {};
  return { bytes_processed: summary.bytesProcessed, bytes_billed: summary.bytesBilled ?? 0 };
}

function countCells(step: StepRecord): readonly string[] {
  if (step.summary === null) return ['', '', '', '', ''];
  const { materialized, unchanged, expectedEmpty, failed, blocked } = step.summary;
  return [materialized, unchanged, expectedEmpty, failed, blocked].map((count) =>
    count === 0 ? '·' : formatCount(count),
  );
}

function secondsOf(step: StepRecord): number | undefined {
  return step.endedAt === null ? undefined : (step.endedAt - step.startedAt) / 1000;
}

function textOfSeconds(seconds: number | undefined): string {
  return seconds === undefined ? '' : formatSeconds(seconds);
}
