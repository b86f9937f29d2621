import { DEFAULT_RULES } from '../../engine/config/health-rules.ts';
import type { CompiledAsset, CompiledPipeline } from '../../engine/compile/compiled.ts';
import type { PartitionSet, Upstream } from '../../engine/config/pipeline.ts';
import { unsafeAssetName, unsafeCodeVersion } from '../../engine/ids.ts';
import type { Window } from '../../engine/partitions/window.ts';

/** An edge to an asset of that name. */
export function reads(asset: string, window: Window, optional = false): Upstream {
  return { asset: unsafeAssetName(asset), relation: asset, window, optional };
}

/** A compiled asset of which only what matters is said; partitioned by the calendar `dates`. */
export function compiledAsset(name: string, parts: Partial<CompiledAsset> = {}): CompiledAsset {
  return {
    name: unsafeAssetName(name),
    group: 'group',
    dataset: 'dataset',
    description: '',
    kind: 'sql',
    partitionSet: 'dates',
    partitionColumn: 'day',
    upstream: [],
    columns: [],
    key: [],
    expectedEmpty: [],
    checks: [],
    retry: { attempts: 1, baseDelaySeconds: 0, maxDelaySeconds: 0 },
    timeoutSeconds: 60,
    batch: 1000,
    freeze: 'never',
    tags: [],
    codeVersion: codeOf(0),
    codeParts: { source: '', functions: '', windows: '', columns: '' },
    ...parts,
  };
}

/** The n-th version of some code. */
export function codeOf(version: number) {
  return unsafeCodeVersion(version.toString(16).padStart(16, '0'));
}

const SETS: readonly PartitionSet[] = [
  { name: 'dates', type: 'calendar', calendar: 'dates' },
  { name: 'months', type: 'months', calendar: 'dates' },
  { name: 'days', type: 'days', from: '2024-01-01', to: '2024-01-12' },
];

/** A pipeline of assets in topological order; its calendar `dates` is read from an asset. */
export function compiledPipeline(
  assets: readonly CompiledAsset[],
  calendarAsset = 'schedule',
): CompiledPipeline {
  return {
    format: 1,
    file: '/pipeline.yaml',
    root: '/',
    name: 'test',
    description: '',
    timezone: 'UTC',
    defaultTarget: 'local',
    targets: [{ name: 'local', warehouse: 'duckdb', memoryLimit: '1GB', maxParallel: 1 }],
    calendars: [
      {
        name: 'dates',
        asset: unsafeAssetName(calendarAsset),
        dateColumn: 'day',
        periodName: 'season',
      },
    ],
    partitionSets: SETS,
    functions: [],
    unions: [],
    ...DEFAULT_RULES,
    pools: [],
    assets,
    compiledCalendars: {},
    duckdbFunctions: {},
    googleFunctions: {},
    variables: [],
    inputs: [],
  };
}
