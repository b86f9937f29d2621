import type {
  CheckResult,
  EventRecord,
  RunRecord,
  StateReader,
  StepRecord,
} from '../../state/store.ts';
import { EXIT } from '../errors.ts';
import { formatDay } from '../partitions/date.ts';
import { jsonText } from '../report/json.ts';
import { formatCount, formatSeconds, paintFor, plural, type Style } from '../report/text.ts';
import { type Effects, type GlobalOptions, openProject, openReader } from './context.ts';
import { findRun } from './find-run.ts';
import {
  countsJson,
  daysText,
  failureGroups,
  failureText,
  sampleRows,
  sampleText,
} from './run-details.ts';

export interface LogsOptions {
  /** Id of the run, the beginning of one, or `last`. */
  readonly id: string;
}

/** One thing that happened, as `--json` shows it; `text` and `style` are for people. */
interface Entry {
  readonly at: number;
  readonly type: string;
  readonly asset?: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly style?: Style;
}

/** `fastbreak logs ID`: what a run did, in the order of time. */
export async function runLogs(
  options: LogsOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const reader = await openReader(project);
  try {
    const found = findRun(project, reader, options.id);
    if (options.json) {
      effects.stdout(jsonText(logsJson(found.run, found.reader)));
    } else {
      const paint = paintFor(options.color);
      for (const entry of timeline(found.run, found.reader)) {
        const time = paint('dim', formatTime(entry.at, project.pipeline.timezone));
        const text = entry.style === undefined ? entry.text : paint(entry.style, entry.text);
        effects.stdout(`${[time, entry.asset, text].filter(Boolean).join('  ')}\n`);
      }
    }
  } finally {
    reader?.close();
  }
  return EXIT.ok;
}

function logsJson(run: RunRecord, reader: StateReader): Record<string, unknown> {
  const partitions = reader.eventsOfRun(run.id).toReversed().map(partitionEntry);
  const entries = inOrder([...startEntries(run), ...stepEntries(run, reader), ...partitions], run);
  return {
    run_id: run.id,
    events: entries.map(({ at, type, asset, fields }) => ({
      at: new Date(at).toISOString(),
      type,
      ...(asset === undefined ? {} : { asset }),
      ...fields,
    })),
  };
}

/** For people: partitions that went well are counted in the step's last line, failures with one story told once. */
function timeline(run: RunRecord, reader: StateReader): readonly Entry[] {
  const events = reader.eventsOfRun(run.id).toReversed();
  const bad = events.filter((event) => event.type === 'failed' || event.type === 'blocked');
  const marked = Map.groupBy(
    events.filter((event) => event.type === 'marked'),
    (event) => event.asset,
  );
  const removed = Map.groupBy(
    events.filter((event) => event.type === 'removed'),
    (event) => event.asset,
  );
  return inOrder(
    [
      ...startEntries(run),
      ...stepEntries(run, reader),
      ...[...removed.values()].flatMap(removedEntry),
      ...[...marked.values()].flatMap(markedEntry),
      ...[...Map.groupBy(bad, (event) => event.at).values()].flatMap(failureEntries),
    ],
    run,
  );
}

function startEntries(run: RunRecord): readonly Entry[] {
  const { id, target, command } = run;
  return [
    {
      at: run.startedAt,
      type: 'run_started',
      fields: { run_id: id, target, command },
      text: `run ${id} started in target ${target}: ${command}`,
      style: 'bold',
    },
  ];
}

/** What happened at the same instant keeps its order; the run's end comes last. */
function inOrder(entries: readonly Entry[], run: RunRecord): readonly Entry[] {
  const sorted = entries.toSorted((a, b) => a.at - b.at);
  if (run.endedAt === null) return sorted;
  const seconds = (run.endedAt - run.startedAt) / 1000;
  const reason = run.message === null ? '' : `: ${run.message}`;
  const end: Entry = {
    at: run.endedAt,
    type: 'run_ended',
    fields: { status: run.status, seconds, message: run.message },
    text: `run ${run.status} after ${formatSeconds(seconds)}${reason}`,
    style: run.status === 'succeeded' ? 'bold' : 'red',
  };
  return [...sorted, end];
}

function stepEntries(run: RunRecord, reader: StateReader): readonly Entry[] {
  const steps = reader.steps(run.id).toSorted((a, b) => a.id - b.id);
  const stepById = new Map(steps.map((step) => [step.id, step]));
  const attempts = reader.attempts(run.id).flatMap((attempt): Entry[] => {
    const { stepId, number, category, message } = attempt;
    if (category === null) return [];
    const asset = stepById.get(stepId)?.asset;
    return [
      {
        at: attempt.endedAt,
        type: 'attempt_failed',
        ...(asset === undefined ? {} : { asset }),
        fields: { step: stepId, attempt: number, category, message },
        text: `attempt ${number} failed ${category}: ${message ?? ''}`,
        style: 'yellow',
      },
    ];
  });
  const checks = Map.groupBy(reader.checks(run.id), (check) =>
    JSON.stringify([check.stepId, check.check]),
  );
  return [
    ...steps.map(stepStarted),
    ...attempts,
    ...[...checks.values()].flatMap((found) => checkFailed(found, stepById)),
    ...steps.flatMap(stepEnded),
  ];
}

/** One check of one step, over all partitions that failed it. */
function checkFailed(
  found: readonly CheckResult[],
  stepById: ReadonlyMap<number, StepRecord>,
): readonly Entry[] {
  const [first] = found;
  const step = first && stepById.get(first.stepId);
  if (first === undefined || step === undefined) return [];
  const { check, severity, blocking, asset } = first;
  const partitions = found.map(({ day }) => formatDay(day));
  const rows = found.reduce((sum, { failures }) => sum + failures, 0);
  const sample = sampleText(found);
  return [
    {
      // Checks run before a step ends and are recorded with it.
      at: step.endedAt ?? step.startedAt,
      type: 'check_failed',
      asset,
      fields: {
        step: step.id,
        check,
        severity,
        blocking,
        partitions,
        rows,
        sample: sampleRows(first),
      },
      text: `check ${check} (${severity}${blocking ? ', blocking' : ''}): ${plural(rows, 'row')} in ${plural(found.length, 'partition')}${sample === '' ? '' : `, e.g. ${sample}`}`,
      style: severity === 'error' ? 'red' : 'yellow',
    },
  ];
}

function stepStarted(step: StepRecord): Entry {
  const { id, asset, partitions } = step;
  const days = { from: formatDay(step.firstDay), to: formatDay(step.lastDay) };
  const range = daysText(step.firstDay, step.lastDay);
  // A source does not know its partitions before it is read.
  const isKnown = partitions > 0;
  return {
    at: step.startedAt,
    type: 'step_started',
    asset,
    fields: { step: id, ...(isKnown ? { ...days, partitions } : {}) },
    text: isKnown ? `started ${range}, ${plural(partitions, 'partition')}` : 'started',
  };
}

function stepEnded(step: StepRecord): readonly Entry[] {
  if (step.endedAt === null) return [];
  const { id, asset, status, rows } = step;
  const seconds = (step.endedAt - step.startedAt) / 1000;
  const counts = countsJson(step);
  const parts = [
    ...Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${formatCount(count)} ${name.replace('_', ' ')}`),
    plural(rows, 'row'),
    formatSeconds(seconds),
  ];
  return [
    {
      at: step.endedAt,
      type: 'step_ended',
      asset,
      fields: { step: id, status, rows, seconds, ...counts },
      text: `${status}: ${parts.join(', ')}`,
      ...(status === 'succeeded' ? {} : { style: 'red' as const }),
    },
  ];
}

function partitionEntry(event: EventRecord): Entry {
  const { at, type, asset, day, rows, rowsBefore, category, message } = event;
  return {
    at,
    type: `partition_${type}`,
    asset,
    fields: { partition: formatDay(day), rows, rows_before: rowsBefore, category, message },
    text: '',
  };
}

function removedEntry(events: readonly EventRecord[]): readonly Entry[] {
  const [first] = events;
  if (first === undefined) return [];
  return [
    {
      at: first.at,
      type: 'partition_removed',
      asset: first.asset,
      fields: {},
      text: `removed ${plural(events.length, 'partition')}${first.message === null ? '' : `: ${first.message}`}`,
      style: 'yellow',
    },
  ];
}

function markedEntry(events: readonly EventRecord[]): readonly Entry[] {
  const [first] = events;
  if (first === undefined) return [];
  const { at, asset, message } = first;
  const text = `declared ${plural(events.length, 'partition')} current: ${message ?? ''}`;
  return [{ at, type: 'partition_marked', asset, fields: {}, text, style: 'yellow' }];
}

function failureEntries(events: readonly EventRecord[]): readonly Entry[] {
  const at = events[0]?.at ?? 0;
  return failureGroups(events).map((group) => ({
    at,
    type: `partition_${group.type}`,
    asset: group.asset,
    fields: {},
    text: failureText(group),
    style: 'red',
  }));
}

/** `2024-01-15 08:30:01.250` in a time zone. */
function formatTime(instantMs: number, timezone: string): string {
  const text = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  }).format(instantMs);
  return text.replace(',', '');
}
