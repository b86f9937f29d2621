import { unsafeAssetName } from '../ids.ts';
import { parseDay } from '../partitions/date.ts';
import { maxBytesBilled } from './byte-size.ts';
import type { Calendar, PartitionSet, Pool, SqlFunction, Target } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { CalendarSpec, PartitionSetSpec, PipelineSpec, TargetSpec } from './spec.ts';

const KEYS_BY_WAREHOUSE = {
  duckdb: ['warehouse', 'path', 'memory_limit', 'threads', 'max_parallel'],
  bigquery: [
    'warehouse',
    'project',
    'location',
    'dataset_prefix',
    'max_parallel',
    'state_dataset',
    'max_bytes_billed',
    'price_per_tib',
  ],
} as const;

/** US dollars for a TiB read on demand, in most locations. */
const PRICE_PER_TIB = 6.25;

/** The targets with their defaults; keys of the other kind of warehouse are errors. */
export function normalizeTargets(spec: PipelineSpec, problems: Problems): readonly Target[] {
  return Object.entries(spec.targets ?? {}).map(([name, target]) => {
    const allowed: readonly string[] = KEYS_BY_WAREHOUSE[target.warehouse];
    for (const key of Object.keys(target).filter((candidate) => !allowed.includes(candidate))) {
      problems.add({
        code: 'UNKNOWN_KEY',
        message: `a ${target.warehouse} target has no "${key}"`,
        path: ['targets', name, key],
        atKey: true,
        hint: `allowed here: ${allowed.join(', ')}`,
      });
    }
    return toTarget(name, target, { pipeline: spec.name ?? '', problems });
  });
}

function toTarget(
  name: string,
  target: TargetSpec,
  around: { readonly pipeline: string; readonly problems: Problems },
): Target {
  if (target.warehouse === 'bigquery') return toBigquery(name, target, around);
  const { path, threads } = target;
  return {
    name,
    warehouse: 'duckdb',
    memoryLimit: target.memory_limit ?? '1GB',
    maxParallel: target.max_parallel ?? 1,
    ...(path === undefined ? {} : { path }),
    ...(threads === undefined ? {} : { threads }),
  };
}

function toBigquery(
  name: string,
  target: TargetSpec,
  { pipeline, problems }: { readonly pipeline: string; readonly problems: Problems },
): Target {
  if (target.project === undefined) {
    problems.add({
      code: 'MISSING_KEY',
      message: `targets.${name} has no "project" (the Google Cloud project)`,
      path: ['targets', name],
      atKey: true,
      hint: "write project: '${GCP_PROJECT}'",
    });
  }
  return {
    name,
    warehouse: 'bigquery',
    project: target.project ?? '',
    location: target.location ?? 'US',
    datasetPrefix: target.dataset_prefix ?? '',
    maxParallel: target.max_parallel ?? 4,
    stateDataset: target.state_dataset ?? `fastbreak_${pipeline}`,
    pricePerTib: target.price_per_tib ?? PRICE_PER_TIB,
    ...maxBytesBilled(target.max_bytes_billed),
  };
}

/** The calendars; their columns are checked once assets are known. */
export function normalizeCalendars(
  spec: PipelineSpec,
  assetNames: readonly string[],
  problems: Problems,
): readonly Calendar[] {
  return Object.entries(spec.calendars ?? {}).map(([name, calendar]) => {
    if (!assetNames.includes(calendar.asset)) {
      const path = ['calendars', name, 'asset'];
      problems.unknown({ what: 'asset', name: calendar.asset, known: assetNames, path });
    }
    return toCalendar(name, calendar);
  });
}

function toCalendar(name: string, calendar: CalendarSpec): Calendar {
  const { asset, date, where, period } = calendar;
  return {
    name,
    asset: unsafeAssetName(asset),
    dateColumn: date,
    periodName: period?.name ?? 'period',
    ...(where === undefined ? {} : { where }),
    ...(period === undefined ? {} : { periodColumn: period.column }),
    ...(period?.start === undefined ? {} : { periodStartWhere: period.start }),
  };
}

/** The partition sets. */
export function normalizePartitionSets(
  spec: PipelineSpec,
  calendarNames: readonly string[],
  problems: Problems,
): readonly PartitionSet[] {
  return Object.entries(spec.partition_sets ?? {}).flatMap(([name, set]) => {
    if (name === 'none') {
      problems.add({
        code: 'RESERVED_NAME',
        message: '"none" means no partitions and cannot name a partition set',
        path: ['partition_sets', name],
        atKey: true,
      });
    }
    const { calendar } = set;
    if (calendar !== undefined && !calendarNames.includes(calendar)) {
      const path = ['partition_sets', name, 'calendar'];
      problems.unknown({ what: 'calendar', name: calendar, known: calendarNames, path });
    }
    return toPartitionSet(name, set, problems) ?? [];
  });
}

function toPartitionSet(
  name: string,
  set: PartitionSetSpec,
  problems: Problems,
): PartitionSet | undefined {
  const { calendar, every, from, to } = set;
  checkDates(name, set, problems);
  const hasDates = from !== undefined || to !== undefined;
  if (every === 'day' && from !== undefined && calendar === undefined) {
    return { name, type: 'days', from, ...(to === undefined ? {} : { to }) };
  }
  if (every !== 'day' && calendar !== undefined && !hasDates) {
    return { name, type: every === 'month' ? 'months' : 'calendar', calendar };
  }
  problems.add({
    code: 'INVALID_PARTITION_SET',
    message: `partition set "${name}" has ${Object.keys(set).join(', ') || 'nothing'}`,
    path: ['partition_sets', name],
    atKey: true,
    hint: 'write { calendar: name }, { every: day, from: 2024-01-01 } or { every: month, calendar: name }',
  });
  return undefined;
}

function checkDates(name: string, set: PartitionSetSpec, problems: Problems): void {
  for (const key of ['from', 'to'] as const) {
    const date = set[key];
    if (date === undefined || parseDay(date) !== undefined) continue;
    problems.add({
      code: 'INVALID_DATE',
      message: `there is no date ${date}`,
      path: ['partition_sets', name, key],
    });
  }
  if (set.from === undefined || set.to === undefined || set.from <= set.to) return;
  problems.add({
    code: 'INVALID_DATE',
    message: `"to" (${set.to}) is before "from" (${set.from})`,
    path: ['partition_sets', name, 'to'],
  });
}

/** The project's SQL functions, in declared order. */
export function normalizeFunctions(spec: PipelineSpec): readonly SqlFunction[] {
  return Object.entries(spec.functions ?? {}).map(([name, definition]) => ({
    name,
    arguments: Object.entries(definition.arguments).map(([argument, type]) => ({
      name: argument,
      type,
    })),
    sql: definition.sql,
    description: definition.description ?? '',
  }));
}

/** The pools that steps share. */
export function normalizePools(spec: PipelineSpec, problems: Problems): readonly Pool[] {
  return Object.entries(spec.pools ?? {}).map(([name, pool]) => {
    if (name === 'none') {
      problems.add({
        code: 'RESERVED_NAME',
        message: '"none" means no pool and cannot name one',
        path: ['pools', name],
        atKey: true,
        hint: 'rename the pool',
      });
    }
    const { limit, description = '' } = typeof pool === 'number' ? { limit: pool } : pool;
    return { name, limit, description };
  });
}
