import { unsafeAssetName } from '../ids.ts';
import { type FileExists, findOrigin } from './asset-file.ts';
import { mergeSettings, type MergedSettings } from './asset-settings.ts';
import { maxBytesBilled } from './byte-size.ts';
import { parseDuration } from './duration.ts';
import { normalizeChecks, normalizeExpectedEmpty } from './normalize-checks.ts';
import { normalizeUniverse } from './normalize-universe.ts';
import { normalizeModule } from './normalize-module.ts';
import { normalizeColumns } from './normalize-columns.ts';
import { normalizeUpstream } from './normalize-upstream.ts';
import type { Asset, Calendar, PartitionSet, RetryPolicy, Union } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { AssetSpec, PipelineSpec } from './spec.ts';

/** What an asset is normalized against. */
export interface AssetSurroundings {
  readonly spec: PipelineSpec;
  readonly calendars: readonly Calendar[];
  readonly partitionSets: readonly PartitionSet[];
  readonly unions: readonly Union[];
  /** Declared names, those of entries with errors included. */
  readonly names: DeclaredNames;
  readonly fileExists: FileExists;
}

export interface DeclaredNames {
  readonly assets: readonly string[];
  readonly groups: readonly string[];
  readonly unions: readonly string[];
  readonly columns: readonly string[];
  readonly partitionSets: readonly string[];
  readonly pools: readonly string[];
}

export interface NormalizedAsset {
  readonly asset: Asset;
  /** False when columns, upstream or file had errors: comparing them with the SQL would only repeat these. */
  readonly isComplete: boolean;
}

const RESERVED = ['partitions', 'none', 'this'];

/** An asset with all defaults applied; what is wrong with it is added to the problems. */
export function normalizeAsset(
  name: string,
  spec: AssetSpec,
  around: AssetSurroundings,
  problems: Problems,
): NormalizedAsset {
  const settings = mergeSettings(around.spec, name, spec);
  checkNames(name, spec, around, problems);
  const origin = findOrigin(name, spec, problems, around.fileExists);
  const partitioning = normalizePartitioning(name, settings, around, problems);
  const columns = normalizeColumns(
    {
      name,
      spec: around.spec,
      settings,
      isSource: spec.source !== undefined,
      partitionColumn: partitioning.partitionColumn,
      dictionaryNames: around.names.columns,
    },
    problems,
  );
  const upstream = normalizeUpstream(
    {
      name,
      spec: around.spec,
      settings,
      unions: around.unions,
      knownRelations: [...around.names.assets, ...around.names.unions],
      periodName: partitioning.periodName,
    },
    problems,
  );
  const hasPeriods = partitioning.periodName !== undefined;
  const asset: Asset = {
    name: unsafeAssetName(name),
    group: spec.group,
    dataset: around.spec.groups?.[spec.group]?.dataset ?? spec.group,
    description: spec.description ?? '',
    ...(origin ?? { kind: 'sql' }),
    ...normalizeModule({ name, spec, ...(origin && { origin }) }, around.fileExists, problems),
    ...partitioning.declared,
    upstream: upstream ?? [],
    columns: columns ?? [],
    expectedEmpty: normalizeExpectedEmpty(settings, hasPeriods, problems),
    ...normalizeUniverse({ name, settings, columns, upstream, spec: around.spec }, problems),
    checks: normalizeChecks(settings, columns, problems),
    ...withDefaults(settings),
    ...normalizePool(settings, around, problems),
  };
  const isComplete = origin !== undefined && columns !== undefined && upstream !== undefined;
  return { asset, isComplete };
}

/** The settings that need no more than a default. */
function withDefaults(settings: MergedSettings) {
  return {
    key: settings.key?.value ?? [],
    retry: normalizeRetry(settings),
    timeoutSeconds: parseDuration(settings.timeout?.value ?? '10m') ?? 600,
    batch: settings.batch?.value ?? 5000,
    freeze: settings.freeze?.value ?? 'never',
    tags: settings.tags,
    ...withoutDefaults(settings),
  };
}

/** The settings that are absent unless somebody says them. */
function withoutDefaults({ max_bytes_billed: bytes, profile, owner }: MergedSettings) {
  return {
    ...maxBytesBilled(bytes?.value),
    ...(profile?.value === true ? { profile: true } : {}),
    ...(owner === undefined ? {} : { owner: owner.value }),
  };
}

function normalizePool(
  { pool }: MergedSettings,
  { names }: AssetSurroundings,
  problems: Problems,
): Pick<Asset, 'pool'> {
  if (pool === undefined || pool.value === 'none') return {};
  const { value: name, path } = pool;
  if (!names.pools.includes(name)) {
    problems.unknown({ what: 'pool', name, known: names.pools, path });
  }
  return { pool: name };
}

function checkNames(
  name: string,
  spec: AssetSpec,
  { names }: AssetSurroundings,
  problems: Problems,
): void {
  if (RESERVED.includes(name)) {
    problems.add({
      code: 'RESERVED_NAME',
      message: `"${name}" has a meaning of its own and cannot name an asset`,
      path: ['assets', name],
      atKey: true,
      hint: 'rename the asset',
    });
  }
  if (!names.groups.includes(spec.group)) {
    const path = ['assets', name, 'group'];
    problems.unknown({ what: 'group', name: spec.group, known: names.groups, path });
  }
}

interface Partitioning {
  readonly declared: Pick<Asset, 'partitionSet' | 'partitionColumn'>;
  readonly partitionColumn: string | undefined;
  /** Undefined when the asset's calendar has no periods. */
  readonly periodName: string | undefined;
}

function normalizePartitioning(
  name: string,
  settings: MergedSettings,
  around: AssetSurroundings,
  problems: Problems,
): Partitioning {
  const none = { declared: {}, partitionColumn: undefined, periodName: undefined };
  const { partitions, partition_column: column } = settings;
  if (partitions === undefined || partitions.value === 'none') {
    if (column?.path[0] === 'assets') {
      problems.add({
        code: 'PARTITION_COLUMN_WITHOUT_PARTITIONS',
        message: `"${name}" has a partition column but no partitions`,
        path: column.path,
        atKey: true,
        hint: 'add partitions: <partition set>, or remove partition_column',
      });
    }
    return none;
  }
  if (!around.names.partitionSets.includes(partitions.value)) {
    problems.unknown({
      what: 'partition set',
      name: partitions.value,
      known: ['none', ...around.names.partitionSets],
      path: partitions.path,
    });
    return none;
  }
  if (column === undefined) {
    problems.add({
      code: 'MISSING_KEY',
      message: `"${name}" has partitions but no partition_column`,
      path: ['assets', name],
      atKey: true,
      hint: 'name the DATE column that tells to which partition a row belongs',
    });
  }
  return {
    declared: {
      partitionSet: partitions.value,
      ...(column === undefined ? {} : { partitionColumn: column.value }),
    },
    partitionColumn: column?.value,
    periodName: periodNameOf(partitions.value, around),
  };
}

function periodNameOf(partitionSet: string, around: AssetSurroundings): string | undefined {
  const set = around.partitionSets.find((candidate) => candidate.name === partitionSet);
  if (set === undefined || set.type === 'days') return undefined;
  const calendar = around.calendars.find((candidate) => candidate.name === set.calendar);
  return calendar?.periodColumn === undefined ? undefined : calendar.periodName;
}

function normalizeRetry(settings: MergedSettings): RetryPolicy {
  const { attempts = 4, base_delay: base = '1s', max_delay: max = '30s' } = settings.retry.value;
  return {
    attempts,
    baseDelaySeconds: parseDuration(base) ?? 1,
    maxDelaySeconds: parseDuration(max) ?? 30,
  };
}
