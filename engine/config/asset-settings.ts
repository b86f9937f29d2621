import type { YamlPath } from './load.ts';
import type { AssetSettingsSpec, AssetSpec, PipelineSpec } from './spec.ts';

/** A setting, and where in the document it was written. */
export interface Located<T> {
  readonly value: T;
  readonly path: YamlPath;
}

type LayeredSettings = {
  readonly [Key in Exclude<keyof AssetSettingsSpec, 'upstream' | 'retry' | 'tags'>]?: Located<
    NonNullable<AssetSettingsSpec[Key]>
  >;
};

/** An asset's settings after defaults < group < asset; `upstream` and `retry` merge by key, tags add up. */
export type MergedSettings = LayeredSettings & {
  readonly upstream: ReadonlyMap<
    string,
    Located<NonNullable<AssetSettingsSpec['upstream']>[string]>
  >;
  readonly retry: Located<NonNullable<AssetSettingsSpec['retry']>>;
  readonly tags: readonly string[];
};

interface Layer {
  readonly settings: AssetSettingsSpec;
  readonly path: YamlPath;
}

const REPLACED = [
  'partitions',
  'partition_column',
  'columns',
  'key',
  'expected_empty',
  'universe',
  'failures',
  'checks',
  'timeout',
  'batch',
  'freeze',
  'owner',
  'pool',
  'max_bytes_billed',
  'profile',
] as const;

/** Puts an asset's own settings over those of its group and of the pipeline. */
export function mergeSettings(spec: PipelineSpec, name: string, asset: AssetSpec): MergedSettings {
  const layers = layersOf(spec, name, asset);
  const replaced: Record<string, Located<unknown>> = {};
  const upstream = new Map<string, Located<NonNullable<AssetSettingsSpec['upstream']>[string]>>();
  let retry: MergedSettings['retry'] = { value: {}, path: ['assets', name, 'retry'] };
  const tags = new Set<string>();
  for (const { settings, path } of layers) {
    for (const key of REPLACED) {
      const value = settings[key];
      if (value !== undefined) replaced[key] = { value, path: [...path, key] };
    }
    for (const [relation, value] of Object.entries(settings.upstream ?? {})) {
      upstream.set(relation, { value, path: [...path, 'upstream', relation] });
    }
    if (settings.retry) {
      retry = { value: { ...retry.value, ...settings.retry }, path: [...path, 'retry'] };
    }
    for (const tag of settings.tags ?? []) tags.add(tag);
  }
  // Each key holds the value that the same key of a layer had.
  return { ...(replaced as LayeredSettings), upstream, retry, tags: [...tags].sort() };
}

function layersOf(spec: PipelineSpec, name: string, asset: AssetSpec): readonly Layer[] {
  const group = spec.groups?.[asset.group]?.defaults;
  return [
    { settings: spec.defaults ?? {}, path: ['defaults'] },
    { settings: group ?? {}, path: ['groups', asset.group, 'defaults'] },
    { settings: asset, path: ['assets', name] },
  ];
}
