import type { CompiledAsset } from '../compile/compiled.ts';
import { PipelineError } from '../errors.ts';
import type { ExpectedDays } from '../partitions/calendar.ts';
import { formatDay } from '../partitions/date.ts';
import { contains } from '../partitions/subset.ts';
import type { PlanRequest } from '../plan/plan.ts';
import { expectedBySet } from '../staleness/expected.ts';
import type { Project } from './context.ts';

type Calendars = ReadonlyMap<string, ExpectedDays>;

/** Throws when a request holds no partition at all: a mistake, not a success. */
export function requireExpectedDays(
  project: Project,
  request: PlanRequest,
  calendars: Calendars,
): void {
  const { pipeline, today } = project;
  const partitioned = pipeline.assets.filter(
    (asset) => request.assets.has(asset.name) && asset.partitionSet !== undefined,
  );
  if (partitioned.length === 0) return;
  const bySet = expectedBySet(pipeline, calendars, today);
  const isAsked = ({ partitionSet = '' }: CompiledAsset): boolean => {
    const days = bySet.get(partitionSet)?.days ?? new Int32Array();
    const wanted = request.days;
    return wanted === undefined ? days.length > 0 : days.some((day) => contains(wanted, day));
  };
  if (!partitioned.some(isAsked)) {
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
    return `calendar ${name} goes from ${formatDay(first)} to ${formatDay(last)}`;
  });
  const message = request.days
    ? 'none of the dates asked for has a partition'
    : 'no partition is expected';
  return new PipelineError(message, {
    code: 'EMPTY_RANGE',
    hint: `${[...known, 'fastbreak why ASSET DATE tells about one date'].join('; ')}`,
  });
}
