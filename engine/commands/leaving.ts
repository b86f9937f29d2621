import type { AssetName } from '../ids.ts';
import { type Day, formatDay } from '../partitions/date.ts';
import { contains, describeDays } from '../partitions/subset.ts';
import { plural } from '../report/text.ts';
import { definesOwnCalendar } from '../staleness/calendar-state.ts';
import { type AssetEvaluation, daysNoLongerExpected } from '../staleness/status.ts';
import type { Preparation } from './prepare.ts';

/** Partitions of one asset whose dates left the calendar. */
export interface Leaving {
  readonly asset: AssetName;
  readonly days: readonly Day[];
  readonly rows: number;
  /** Whether the run would remove them; otherwise it reports them only. */
  readonly isRemoved: boolean;
}

/** What a run would find that is no longer expected. An asset that makes a calendar keeps in step with it always. */
export function partitionsThatLeft({
  project,
  plan,
  request,
  evaluation,
}: Preparation): readonly Leaving[] {
  return [...plan.assets.keys()].flatMap((asset): Leaving[] => {
    const of = evaluation.assets.get(asset);
    if (!of) return [];
    const isOwn = definesOwnCalendar(project.pipeline, of.asset);
    const days = daysNoLongerExpected(of).filter(
      (day) => isOwn || !request.days || contains(request.days, day),
    );
    if (days.length === 0) return [];
    return [{ asset, days, rows: rowsOf(of, days), isRemoved: isOwn || request.prune === true }];
  });
}

export function leavingJson({ asset, days, rows, isRemoved }: Leaving): object {
  return { asset, partitions: days.map(formatDay), rows, removed: isRemoved };
}

export function leavingText({ asset, days, rows, isRemoved }: Leaving): string {
  const what = `${plural(days.length, 'partition')} of ${asset}, ${plural(rows, 'row')}`;
  const dates = describeDays(days, new Int32Array());
  const verb = isRemoved ? 'would be removed' : 'no longer expected, --prune removes them';
  return `  ${what}: ${verb}: ${dates}\n`;
}

/** The rows recorded of some days. */
export function rowsOf({ records }: AssetEvaluation, days: readonly Day[]): number {
  const wanted = new Set(days);
  return records.rows.reduce(
    (sum, rows, index) => sum + (wanted.has(records.days[index] ?? 0) ? rows : 0),
    0,
  );
}
