import {
  type ExpectedDays,
  indexOfDay,
  lowerBound,
  periodAt,
  periodHolding,
} from '../partitions/calendar.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { commandText } from '../report/command-text.ts';
import { formatCount, type Paint } from '../report/text.ts';
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
  if (rows !== undefined) {
    lines.push(
      `${formatCount(rows)} rows are recorded for it: they were made when it was expected.`,
    );
  }
  const fix = fixOf(request);
  if (fix !== undefined) lines.push(`Next: ${paint('bold', fix)}`);
  return lines.map((line) => `${line}\n`).join('');
}

export function notAPartitionJson(request: WhyRequest): object {
  const { before, after } = neighboursOf(request);
  return {
    asset: request.of.asset.name,
    partition: formatDay(request.day),
    status: 'not-a-partition',
    reason: reasonOf(request),
    neighbours: [before, after].map((day) => (day === undefined ? null : formatDay(day))),
    causes: [],
    upstream: [],
    history: [],
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
  const { project, of, scope } = request;
  if (!isUnread(request)) return undefined;
  const set = project.pipeline.partitionSets.find((each) => each.name === of.asset.partitionSet);
  if (!set || set.type === 'days') return undefined;
  const calendar = project.pipeline.calendars.find((each) => each.name === set.calendar);
  return calendar && commandText(scope, 'materialize', `+${calendar.asset}`);
}
