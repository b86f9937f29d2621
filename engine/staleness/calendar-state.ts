import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import type { Calendar } from '../config/pipeline.ts';
import type { AssetName } from '../ids.ts';
import { formatHash, mixWords, parseHash } from '../partitions/hash64.ts';
import { NO_RECORDS, type PartitionRecords } from '../partitions/records.ts';
import type { StateSnapshot } from '../../state/store.ts';
import { prefixSums } from './input-version.ts';

/** The calendars that are read from the rows of an asset. */
export function calendarsOf(pipeline: CompiledPipeline, asset: AssetName): readonly Calendar[] {
  return pipeline.calendars.filter((calendar) => calendar.asset === asset);
}

/**
 * The assets in the order in which a run makes them: topological, with those that calendars are read from (and
 * their upstream) first, since until then nobody knows which partitions the others are expected to have.
 */
export function executionOrder(pipeline: CompiledPipeline): readonly CompiledAsset[] {
  const byName = new Map(pipeline.assets.map((asset) => [asset.name, asset]));
  const first = new Set<AssetName>();
  const add = (name: AssetName): void => {
    if (first.has(name)) return;
    for (const upstream of byName.get(name)?.upstream ?? []) add(upstream.asset);
    first.add(name);
  };
  for (const calendar of pipeline.calendars) add(calendar.asset);
  return [
    ...pipeline.assets.filter((asset) => first.has(asset.name)),
    ...pipeline.assets.filter((asset) => !first.has(asset.name)),
  ];
}

/** Whether an asset is partitioned by a calendar that is read from its own rows. */
export function definesOwnCalendar(pipeline: CompiledPipeline, asset: CompiledAsset): boolean {
  const set = pipeline.partitionSets.find((each) => each.name === asset.partitionSet);
  if (set?.type !== 'calendar') return false;
  return calendarsOf(pipeline, asset.name).some((calendar) => calendar.name === set.calendar);
}

/** Text that changes whenever the rows that a calendar is read from, or its declaration, change. */
export function calendarFingerprint(
  pipeline: CompiledPipeline,
  calendar: Calendar,
  records: PartitionRecords,
): string {
  const asset = pipeline.assets.find((each) => each.name === calendar.asset);
  const sums = prefixSums(records);
  const code = parseHash(asset?.codeVersion ?? '');
  const declaration = JSON.stringify([
    calendar.dateColumn,
    calendar.where,
    calendar.periodColumn,
    calendar.periodStartWhere,
  ]);
  const words = [code.hi, code.lo, sums.hi.at(-1) ?? 0, sums.lo.at(-1) ?? 0];
  return formatHash(mixWords([...words, ...Buffer.from(declaration)]));
}

/** The calendars whose recorded days were not read from what is recorded now. */
export function outdatedCalendars(
  pipeline: CompiledPipeline,
  snapshot: StateSnapshot,
): readonly Calendar[] {
  return pipeline.calendars.filter((calendar) => {
    const records = snapshot.records.get(calendar.asset) ?? NO_RECORDS;
    const recorded = snapshot.calendars.get(calendar.name);
    if (records.days.length === 0) return recorded !== undefined && recorded.days.length > 0;
    return recorded?.fingerprint !== calendarFingerprint(pipeline, calendar, records);
  });
}
