import type { AssetName } from '../ids.ts';
import {
  type ExpectedDays,
  indexOfDay,
  lowerBound,
  periodAt,
  periodHolding,
} from '../partitions/calendar.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { commandText, partitionWords } from '../report/command-text.ts';
import { type Paint, plural } from '../report/text.ts';
import { STATUS } from '../staleness/status.ts';
import { eventJson } from './why-json.ts';
import type { WhyRequest } from './why-story.ts';

/** The answer when a date is no partition of the asset at all: an off day, a date outside of all seasons. */
export function notAPartitionText(request: WhyRequest, paint: Paint): string {
  const { of, day } = request;
  const { before, after } = neighboursOf(request);
  const lines = [
    `${paint('bold', `${of.asset.name} ${formatDay(day)}`)} is not a partition: ${reasonOf(request)}.`,
  ];
  const neighbours = [before, after].filter((each) => each !== undefined).map(formatDay);
  if (neighbours.length > 0) {
    const words = neighbours.length > 1 ? 'Its neighbours are' : 'The nearest partition is';
    lines.push(`${words} ${neighbours.join(' and ')}.`);
  }
  const rows = recordedRows(request);
  const maker = outdatedMaker(request);
  if (maker !== undefined) {
    lines.push(`${maker}, which the calendar is read from, is not current: its dates may change.`);
  }
  if (rows !== undefined) {
    lines.push(
      `${plural(rows, 'row')} of it ${rows === 1 ? 'is' : 'are'} still there: it is no longer expected. Windows that hold its date read ${rows === 1 ? 'it' : 'them'}.`,
    );
  }
  const fix = fixOf(request);
  if (fix !== undefined) {
    const words = rows === undefined ? 'Next' : 'To remove them';
    lines.push(`${words}: ${paint('bold', fix)}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

export function notAPartitionJson(request: WhyRequest): object {
  const { before, after } = neighboursOf(request);
  const { project, record, of, day } = request;
  return {
    asset: of.asset.name,
    partition: formatDay(day),
    status: 'not-a-partition',
    reason: reasonOf(request),
    no_longer_expected: recordedRows(request) !== undefined,
    rows: recordedRows(request) ?? 0,
    neighbours: [before, after].map((day) => (day === undefined ? null : formatDay(day))),
    causes: [],
    upstream: [],
    history: (record.reader?.eventsOfPartition(project.target.name, of.asset.name, day) ?? []).map(
      eventJson,
    ),
    fix: fixOf(request) ?? null,
  };
}

function neighboursOf({ of, day }: WhyRequest): {
  readonly before: Day | undefined;
  readonly after: Day | undefined;
} {
  const at = lowerBound(of.expected.days, day);
  return { before: of.expected.days[at - 1], after: of.expected.days[at] };
}

function reasonOf(request: WhyRequest): string {
  const { project, of, day } = request;
  const set = project.pipeline.partitionSets.find((each) => each.name === of.asset.partitionSet);
  switch (set?.type) {
    case 'calendar':
      return calendarReason(request, set.calendar);
    case 'months':
      return isUnread(request)
        ? calendarReason(request, set.calendar)
        : `no date of calendar ${set.calendar} is in ${formatDay(day).slice(0, 7)}`;
    default: {
      const { days } = of.expected;
      const first = formatDay(days[0] ?? 0);
      const last = formatDay(days.at(-1) ?? 0);
      return `partition set ${of.asset.partitionSet} goes from ${first} to ${last}`;
    }
  }
}

function calendarReason(request: WhyRequest, calendar: string): string {
  const { project, of, day } = request;
  const declared = project.pipeline.calendars.find((each) => each.name === calendar);
  if (isUnread(request)) {
    return `calendar ${calendar} was not read yet, it comes from ${declared?.asset}`;
  }
  return `it is not a date of calendar ${calendar} (${placeInCalendar(of.expected, day, declared?.periodName)})`;
}

function placeInCalendar(expected: ExpectedDays, day: Day, periodName = 'period'): string {
  const period = periodHolding(expected, day);
  if (day < (expected.days[0] ?? day)) return 'before its first date';
  if (period === undefined)
    return day > (expected.days.at(-1) ?? day) ? 'after its last date' : 'a day off';
  const last = expected.days.findLast((_, index) => periodAt(expected, index) === period);
  const name = `${periodName} ${period.name}`;
  return last !== undefined && day > last ? `after ${name}` : `a day off in ${name}`;
}

function isUnread({ of }: WhyRequest): boolean {
  return of.expected.days.length === 0;
}

function recordedRows({ of, day }: WhyRequest): number | undefined {
  const at = indexOfDay(of.records.days, day);
  const rows = of.records.rows[at];
  return rows === undefined || rows === 0 ? undefined : rows;
}

function fixOf(request: WhyRequest): string | undefined {
  const { of, scope } = request;
  const maker = isUnread(request) ? makerOf(request) : outdatedMaker(request);
  if (recordedRows(request) !== undefined && !isUnread(request)) {
    const days = partitionWords([request.day]);
    return commandText(scope, 'materialize', of.asset.name, ...days, '--prune');
  }
  return maker && commandText(scope, 'materialize', `+${maker}`);
}

/** The asset that the calendar of an asset's partitions is read from; none where they come from no calendar. */
function makerOf({ project, of }: WhyRequest): AssetName | undefined {
  const set = project.pipeline.partitionSets.find((each) => each.name === of.asset.partitionSet);
  if (!set || set.type === 'days') return undefined;
  return project.pipeline.calendars.find((each) => each.name === set.calendar)?.asset;
}

/** The same, where its files or its code changed since the calendar was read. */
function outdatedMaker(request: WhyRequest): AssetName | undefined {
  const maker = makerOf(request);
  const of = maker && request.record.evaluation.assets.get(maker);
  const isStale = of?.status.includes(STATUS.stale) === true;
  return isStale && !isUnread(request) ? maker : undefined;
}
