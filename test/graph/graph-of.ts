import { DEFAULT_RULES } from '../../engine/config/health-rules.ts';
import type { CompiledAsset, CompiledPipeline } from '../../engine/compile/compiled.ts';
import { AssetGraph } from '../../engine/graph/asset-graph.ts';
import { unsafeAssetName, unsafeCodeVersion } from '../../engine/ids.ts';

export interface AssetShape {
  readonly upstream?: readonly string[];
  readonly group?: string;
  readonly tags?: readonly string[];
  readonly kind?: CompiledAsset['kind'];
}

/** A graph of bare assets, listed in topological order. */
export function graphOf(shapes: Readonly<Record<string, AssetShape>>): AssetGraph {
  const assets = Object.entries(shapes).map(([name, shape]) => compiledAsset(name, shape));
  const pipeline: CompiledPipeline = {
    format: 1,
    file: '/pipeline.yaml',
    root: '/',
    name: 'test',
    description: '',
    timezone: 'UTC',
    defaultTarget: 'local',
    targets: [],
    calendars: [],
    partitionSets: [],
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
  return new AssetGraph(pipeline);
}

function compiledAsset(name: string, shape: AssetShape): CompiledAsset {
  return {
    name: unsafeAssetName(name),
    group: shape.group ?? 'main',
    dataset: 'main',
    description: '',
    kind: shape.kind ?? 'sql',
    upstream: (shape.upstream ?? []).map((upstream) => ({
      asset: unsafeAssetName(upstream),
      relation: upstream,
      window: { type: 'same' },
      optional: false,
    })),
    columns: [],
    key: [],
    expectedEmpty: [],
    checks: [],
    retry: { attempts: 1, baseDelaySeconds: 1, maxDelaySeconds: 1 },
    timeoutSeconds: 60,
    batch: 100,
    freeze: 'never',
    tags: shape.tags ?? [],
    codeVersion: unsafeCodeVersion('0'),
    codeParts: { source: '', functions: '', windows: '', columns: '' },
  };
}
