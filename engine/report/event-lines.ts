import type { OutcomeCounts, RunEvent } from '../events.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { formatBytes, formatCount, formatSeconds, listOf, type Paint, plural } from './text.ts';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;
type LineOf = {
  readonly [Type in RunEvent['type']]?: (event: EventOf<Type>, paint: Paint) => string | undefined;
};

/** What is worth a line while a run goes on, also above a progress bar. */
const NOTABLE: LineOf = {
  reconciled: (event) =>
    `${event.crashedRuns.length > 0 ? 'after a crash' : 'the record was behind the warehouse'}: ${plural(event.adopted, 'partition')} taken over from the warehouse, ` +
    `${formatCount(event.removed)} removed from the record`,
  'attempt-failed': (event, paint) =>
    `${paint('yellow', 'attempt failed')} ${event.asset}: ${event.category}: ${event.message}` +
    (event.retryInMs === undefined ? '' : `; again in ${formatSeconds(event.retryInMs / 1000)}`),
  'batch-split': (event, paint) =>
    `${paint('yellow', 'splitting')} ${event.asset}: ${plural(event.partitions, 'partition')} ` +
    `tried in smaller batches: ${event.message}`,
  'check-failed': (event, paint) =>
    `${paint(event.severity === 'error' ? 'red' : 'yellow', `check ${event.check}`)} ${event.asset}: ` +
    `${plural(event.rows, 'row')} in ${plural(event.partitions, 'partition')} (${event.severity})`,
  log: (event) => `${event.asset}: ${event.message}`,
  warning: (event, paint) => `${paint('yellow', 'warning:')} ${event.message}`,
  stopping: (event, paint) => `${paint('yellow', 'stopping:')} ${event.reason}`,
};

/** The course of a run, one line per finished step; for output that is not a terminal. */
const COURSE: LineOf = {
  'source-observed': (event) =>
    `${event.asset}: ${plural(event.files, 'file')}, ${formatBytes(event.bytes)}` +
    (event.changed ? ', changed' : ', unchanged'),
  planned: (event) =>
    event.steps > 0
      ? `${plural(event.partitions, 'partition')} of ${plural(event.assets, 'asset')} to materialize` +
        ` in ${plural(event.steps, 'step')}`
      : undefined,
  'step-progress': (event) => moduleText(event),
  'step-finished': (event, paint) =>
    `${event.asset} ${formatSpan(event.firstDay, event.lastDay)}: ` +
    `${countsText(event.counts, paint)}, ${plural(event.rows, 'row')} in ${formatSeconds(event.seconds)}`,
};

/** The line of an event, or undefined when it deserves none at that level. */
export function eventLine(
  event: RunEvent,
  level: 'notable' | 'course',
  paint: Paint,
): string | undefined {
  return (
    lineFrom(NOTABLE, event, paint) ??
    (level === 'course' ? lineFrom(COURSE, event, paint) : undefined)
  );
}

/** `points_model 2024-01-01: 12 of 40 trees` */
export function moduleText({
  asset,
  firstDay,
  lastDay,
  done,
  total,
  what,
}: EventOf<'step-progress'>): string {
  const count = `${formatCount(done)} of ${formatCount(total)}`;
  return `${asset} ${formatSpan(firstDay, lastDay)}: ${count}${what === '' ? '' : ` ${what}`}`;
}

/** `2024-01-01..2024-02-01`, `2024-01-01`, or `all` */
export function formatSpan(first: Day, last: Day): string {
  return first === last ? formatDay(first) : `${formatDay(first)}..${formatDay(last)}`;
}

/** `12 materialized, 1 failed` */
export function countsText(counts: OutcomeCounts, paint: Paint): string {
  const texts: string[] = [];
  if (counts.materialized > 0) texts.push(`${formatCount(counts.materialized)} materialized`);
  if (counts.unchanged > 0) texts.push(`${formatCount(counts.unchanged)} unchanged`);
  if (counts.expectedEmpty > 0) texts.push(`${formatCount(counts.expectedEmpty)} expected-empty`);
  if (counts.skipped > 0) texts.push(`${formatCount(counts.skipped)} skipped`);
  if (counts.failed > 0) texts.push(paint('red', `${formatCount(counts.failed)} failed`));
  if (counts.blocked > 0) texts.push(paint('magenta', `${formatCount(counts.blocked)} blocked`));
  return texts.length > 0 ? listOf(texts) : 'nothing done';
}

function lineFrom(lines: LineOf, event: RunEvent, paint: Paint): string | undefined {
  // The table's key and the event's type are the same, which the compiler cannot follow.
  const line = lines[event.type] as
    ((event: RunEvent, paint: Paint) => string | undefined) | undefined;
  return line?.(event, paint);
}
