import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import {
  everyDay,
  type ExpectedDays,
  monthsOf,
  NO_DAYS,
  ONE_PARTITION,
} from '../partitions/calendar.ts';
import { type Day, parseDay } from '../partitions/date.ts';

/** The expected days of every partition set; calendars that were never read have none. */
export function expectedBySet(
  pipeline: CompiledPipeline,
  calendars: ReadonlyMap<string, ExpectedDays>,
  today: Day,
): ReadonlyMap<string, ExpectedDays> {
  const bySet = new Map<string, ExpectedDays>();
  for (const set of pipeline.partitionSets) {
    switch (set.type) {
      case 'calendar':
        bySet.set(set.name, calendars.get(set.calendar) ?? NO_DAYS);
        break;
      case 'months':
        bySet.set(set.name, monthsOf(calendars.get(set.calendar) ?? NO_DAYS));
        break;
      case 'days': {
        const to = set.to === undefined ? today : parseDay(set.to);
        bySet.set(set.name, everyDay(parseDay(set.from) ?? today, (to ?? today) + 1));
        break;
      }
    }
  }
  return bySet;
}

/** The partitions that an asset is expected to have. */
export function expectedOf(
  asset: CompiledAsset,
  bySet: ReadonlyMap<string, ExpectedDays>,
): ExpectedDays {
  if (asset.partitionSet === undefined) return ONE_PARTITION;
  return bySet.get(asset.partitionSet) ?? NO_DAYS;
}
