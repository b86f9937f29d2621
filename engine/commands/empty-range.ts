import type { CompiledAsset } from '../compile/compiled.ts';
import { PipelineError } from '../errors.ts';
import type { ExpectedDays } from '../partitions/calendar.ts';
import { formatDay } from '../partitions/date.ts';
import type { DaySet } from '../partitions/subset.ts';
import { isAskedFor, type PlanRequest } from '../plan/plan.ts';
import { expectedBySet } from '../staleness/expected.ts';
import type { Project } from './context.ts';

type Calendars = ReadonlyMap<string, ExpectedDays>;

/**
 * Throws when a request holds no partition at all: a mistake, not a success. Where nothing was done, a month that holds
 * a date is no answer for who meant the date itself: with `wantsDates` it counts only if no asset of dates was asked for.
 */
export function requireExpectedDays(
  project: Project,
  request: PlanRequest,
  calendars: Calendars,
  { wantsDates }: { readonly wantsDates: boolean },
): void {
  const { pipeline, today } = project;
  const partitioned = pipeline.assets.filter(
    (asset) => request.assets.has(asset.name) && asset.partitionSet !== undefined,
  );
  if (partitioned.length === 0) return;
  const bySet = expectedBySet(pipeline, calendars, today);
  const isAsked = (asset: CompiledAsset): boolean => {
    const days = bySet.get(asset.partitionSet ?? '')?.days ?? new Int32Array();
    return days.some((day) => isAskedFor(request, asset, day));
  };
  const dated = partitioned.filter(
    ({ partitionSet }) => wantsDates && request.monthSets?.has(partitionSet ?? '') !== true,
  );
  if (!(dated.length > 0 ? dated : partitioned).some(isAsked)) {
    throw unknownCalendar(project, request, calendars) ?? emptyRange(request, calendars);
  }
}

function unknownCalendar(
  { pipeline }: Project,
  request: PlanRequest,
  calendars: Calendars,
): PipelineError | undefined {
  const unknown = pipeline.calendars.find(
    (calendar) => (calendars.get(calendar.name)?.days.length ?? 0) === 0,
  );
  if (!unknown || request.assets.has(unknown.asset)) return undefined;
  return new PipelineError(
    `calendar ${unknown.name} has no dates yet: ${unknown.asset}, which it is read from, was never materialized`,
    {
      code: 'CALENDAR_UNKNOWN',
      hint: `first: fastbreak materialize +${unknown.asset}`,
    },
  );
}

function emptyRange(request: PlanRequest, calendars: Calendars): PipelineError {
  const known = [...calendars].map(([name, { days }]) => {
    const [first, last] = [days[0], days.at(-1)];
    if (first === undefined || last === undefined) return `calendar ${name} has no dates`;
    const bounds = `calendar ${name} goes from ${formatDay(first)} to ${formatDay(last)}`;
    const nearest = neighbours(days, request);
    const verb = nearest.length === 1 ? 'is' : 'are';
    return nearest.length === 0 ? bounds : `${bounds}, nearest ${verb} ${nearest.join(' and ')}`;
  });
  const message = request.days
    ? `none of the dates asked for${dayInBrackets(request.days)} has a partition`
    : 'no partition is expected';
  return new PipelineError(message, {
    code: 'EMPTY_RANGE',
    hint: `${[...known, 'fastbreak why ASSET DATE tells about one date'].join('; ')}`,
  });
}

/** The one day asked for, which may have been called today. */
function dayInBrackets({ ranges }: DaySet): string {
  const [range, second] = ranges;
  const isOne = range !== undefined && second === undefined && range.hi === range.lo + 1;
  return isOne ? ` (${formatDay(range.lo)})` : '';
}

/** The last date before what was asked for, and the first after it. */
function neighbours(days: Int32Array, { days: wanted }: PlanRequest): readonly string[] {
  const lo = wanted?.ranges[0]?.lo;
  const hi = wanted?.ranges.at(-1)?.hi;
  if (lo === undefined || hi === undefined) return [];
  const before = days.findLast((day) => day < lo);
  const after = days.find((day) => day >= hi);
  return [before, after].filter((day) => day !== undefined).map(formatDay);
}
