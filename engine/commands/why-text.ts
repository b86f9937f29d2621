import type { EventRecord } from '../../state/store.ts';
import { formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { categoryHint } from '../report/messages.ts';
import { STATUS_STYLES } from '../report/stale-text.ts';
import { formatInstant, listOf, type Paint, plural, renderTable } from '../report/text.ts';
import type { StatusName } from '../staleness/status.ts';
import { hasOlderRows, type Story, type WindowStory } from './why-story.ts';

export interface StoryTextOptions {
  readonly timezone: string;
  readonly paint: Paint;
}

const MOST_HISTORY = 10;

/** The answer to a colleague: status and cause first, then the details, the command that mends it last. */
export function storyText(story: Story, options: StoryTextOptions): string {
  const { paint } = options;
  const mend = story.fix === undefined ? '' : `${mendWords(story)}: ${paint('bold', story.fix)}\n`;
  return [
    `${firstLine(story, options)}\n${besides(story, options)}`,
    moreCauses(story, paint),
    rootCause(story, options),
    upstream(story, paint),
    history(story, options),
    mend,
  ]
    .filter((block) => block !== '')
    .join('\n');
}

function mendWords(story: Story): string {
  if (story.isFrozen) return 'To make it again nevertheless';
  return story.mayChange ? 'To bring its upstream up to date' : 'To mend it';
}

function firstLine(story: Story, options: StoryTextOptions): string {
  const { paint } = options;
  const date = story.day === UNPARTITIONED ? '' : ` ${formatDay(story.day)}`;
  const subject = paint('bold', `${story.of.asset.name}${date}`);
  return `${subject} ${statusWords(story, options)}`;
}

function statusWords(story: Story, options: StoryTextOptions): string {
  const status = (words: string): string => options.paint(STATUS_STYLES[story.status], words);
  const cause = story.causes[0]?.detail ?? 'the cause is not recorded';
  switch (story.status) {
    case 'current':
      return currentWords(story, options);
    case 'expected-empty':
      return `is ${status('expected to be empty')}: ${story.emptyReason ?? 'a rule says so'}.`;
    case 'running':
      return `is ${status('being made now')} by run ${story.liveRun ?? 'unknown'}.`;
    case 'failed':
      return `${status('failed')}: ${cause}`;
    case 'stale':
    case 'missing':
    case 'blocked':
      return `is ${status(story.status)}: ${cause}.`;
  }
}

function currentWords(story: Story, options: StoryTextOptions): string {
  const style = STATUS_STYLES.current;
  const made = madeText(story, options);
  if (!story.isFrozen) return `is ${options.paint(style, 'current')}${made}.`;
  const difference = story.wouldDiffer ? 'be made from other inputs' : 'be the same';
  return `is ${options.paint(style, 'current (frozen)')}${made}; made now it would ${difference}.`;
}

/** What was made when, as far as the first line did not say it. */
function besides(story: Story, options: StoryTextOptions): string {
  const lines: string[] = [];
  const [category] = story.causes.flatMap((cause) =>
    cause.kind === 'failed' ? [cause.label] : [],
  );
  const hint = category === undefined ? undefined : categoryHint(category);
  if (hint !== undefined) lines.push(options.paint('dim', hint));
  if (story.status !== 'current' && story.content) {
    const readable = hasOlderRows(story) ? ' Its older rows stay readable.' : '';
    const made = MADE_WORDS[story.content.type] ?? 'Last materialized';
    lines.push(`${made}${madeText(story, options)}.${readable}`);
  }
  if (story.mayChange) {
    lines.push('It may change: upstream partitions in its windows are not current.');
  }
  if (story.period) lines.push(`It belongs to ${story.periodName} ${story.period.name}.`);
  return lines.map((line) => `${line}\n`).join('');
}

const MADE_WORDS: Partial<Record<EventRecord['type'], string>> = {
  expected_empty: 'Found to be so',
  marked: 'Declared current, not made again',
};

function madeText({ content }: Story, { timezone }: StoryTextOptions): string {
  if (!content) return '';
  const rows = content.rows ? plural(content.rows, 'row') : 'no rows';
  const marked = content.type === 'marked' ? 'declared current ' : '';
  return `: ${rows}, ${marked}${formatInstant(content.at, timezone)} by run ${content.runId}`;
}

function moreCauses(story: Story, paint: Paint): string {
  if (story.causes.length < 2 && !story.wouldDiffer) return '';
  return block(
    paint('bold', story.wouldDiffer ? 'What changed since' : 'All causes'),
    story.causes.map((cause) => cause.detail),
  );
}

function rootCause(story: Story, { timezone, paint }: StoryTextOptions): string {
  if (story.path.length < 2) return '';
  const lines = story.path.map(({ asset, day, text, event }, depth) => {
    const branch = depth === 0 ? '' : `${'  '.repeat(depth - 1)}└ `;
    const date = day === UNPARTITIONED ? '' : ` ${formatDay(day)}`;
    const when = event
      ? paint('dim', ` (${formatInstant(event.at, timezone)}, run ${event.runId})`)
      : '';
    return `${branch}${asset}${date} ${text}${when}`;
  });
  return block(paint('bold', 'The way to the root cause'), lines);
}

function upstream(story: Story, paint: Paint): string {
  if (story.windows.length === 0) return '';
  const rows = story.windows.map((window) => [
    window.upstream.asset,
    window.window + (window.upstream.optional ? ', optional' : ''),
    spanText(window),
    statusesText(window, paint),
  ]);
  const columns = ['reads', 'window', 'partitions', 'status'].map((header) => ({ header }));
  return block(paint('bold', 'Upstream'), renderTable(columns, rows, paint).trimEnd().split('\n'));
}

function spanText({ first, last, count }: WindowStory): string {
  if (first === undefined || last === undefined) return 'none';
  if (first === last) return formatDay(first);
  return `${formatDay(first)}..${formatDay(last)} (${count})`;
}

function statusesText({ statuses }: WindowStory, paint: Paint): string {
  const texts = [...statuses].map(([status, count]: [StatusName, number]) =>
    paint(STATUS_STYLES[status], `${count} ${status}`),
  );
  return texts.length > 0 ? listOf(texts) : '-';
}

function history(story: Story, options: StoryTextOptions): string {
  if (story.history.length === 0) return '';
  const rows = story.history.slice(0, MOST_HISTORY).map((event) => historyRow(event, options));
  const columns = ['when', 'what', 'rows', 'run', 'message'].map((header) => ({ header }));
  const lines = renderTable(columns, rows, options.paint).trimEnd().split('\n');
  const rest = story.history.length - MOST_HISTORY;
  return block(
    options.paint('bold', 'History'),
    rest > 0 ? [...lines, `and ${rest} older`] : lines,
  );
}

function historyRow(event: EventRecord, { timezone }: StoryTextOptions): string[] {
  const isChange =
    event.rowsBefore !== null && event.rows !== null && event.rows !== event.rowsBefore;
  const rows = isChange ? `${event.rowsBefore} → ${event.rows}` : `${event.rows ?? '-'}`;
  const category = event.category === null ? '' : `${event.category}: `;
  const what = event.type.replace('_', '-');
  return [
    formatInstant(event.at, timezone),
    what,
    rows,
    event.runId,
    `${category}${event.message ?? ''}`,
  ];
}

function block(title: string, lines: readonly string[]): string {
  return `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
