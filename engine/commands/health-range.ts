import { EXIT, PipelineError } from '../errors.ts';
import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { type DayRange, MAX_DAY, MIN_DAY } from '../partitions/window.ts';
import { commandText } from '../report/command-text.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import type { GlobalOptions, Project } from './context.ts';
import { requestedDays } from './dates.ts';

export interface RangeOptions {
  /** First and last date; open where absent. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** The dates asked for; open ends are those of the calendars, up to today. */
export function wantedRange(
  options: RangeOptions & GlobalOptions,
  project: Project,
  evaluations: readonly AssetEvaluation[],
): DayRange {
  const asked = requestedDays({ from: options.from, to: options.to }, project.today)?.ranges[0];
  const days = evaluations
    .flatMap(({ expected }) => [...expected.days])
    .filter((day) => day !== UNPARTITIONED);
  const least = days.reduce((a, b) => Math.min(a, b), MAX_DAY);
  const most = days.reduce((a, b) => Math.max(a, b), MIN_DAY);
  const lo = asked === undefined || asked.lo <= MIN_DAY + 1 ? least : asked.lo;
  const end = Math.min(most, project.today) + 1;
  const hi = asked === undefined || asked.hi >= MAX_DAY ? end : asked.hi;
  const isEmpty = evaluations.some(({ asset }) => asset.partitionSet !== undefined);
  const isWanted = (day: Day): boolean => lo <= day && day < hi && day <= project.today;
  if (days.some(isWanted)) return { lo, hi };
  if (!isEmpty) return { lo: project.today, hi: project.today + 1 };
  throw nothingExpected(options, days.length === 0 ? undefined : { lo: least, hi: most + 1 });
}

function nothingExpected(
  { file, target, from, to }: RangeOptions & GlobalOptions,
  known: DayRange | undefined,
): PipelineError {
  if (known === undefined) {
    return new PipelineError('no date is expected yet: the calendars were never read', {
      code: 'NOT_MATERIALIZED',
      hint: commandText({ file, target }, 'materialize'),
      exitCode: EXIT.failed,
    });
  }
  const asked = from === undefined && to === undefined ? '' : ` lies in ${from ?? ''}..${to ?? ''}`;
  return new PipelineError(`no date of the calendars up to today${asked}`, {
    code: 'NO_PARTITIONS',
    hint: `the calendars reach from ${formatDay(known.lo)} to ${formatDay(known.hi - 1)}`,
    exitCode: EXIT.failed,
  });
}
