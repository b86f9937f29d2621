import { resolve } from 'node:path';

import type { CompiledAsset } from '../compile/compiled.ts';
import { resolveVariables } from '../config/variables.ts';
import { isPipelineError } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import {
  isObserved,
  type ObservedSource,
  observeSource,
  type UnobservedSource,
} from '../run/observe.ts';
import type { ObjectStore, SourceObject } from '../warehouse/object-store.ts';
import { localObjectStore } from '../warehouse/object-store-local.ts';
import type { SourceObservation } from '../../state/store.ts';
import type { Effects, Project } from './context.ts';

/** The sources of a selection as their files are now. */
export interface ObservedSources {
  readonly observed: ReadonlyMap<AssetName, ObservedSource>;
  readonly unobserved: ReadonlyMap<AssetName, UnobservedSource>;
  /** Content hashes by asset, for the evaluation of staleness. */
  readonly content: ReadonlyMap<AssetName, string>;
}

/** Observes the files of every source of a selection; unchanged ones are not read. */
export async function observeSources(
  project: Project,
  effects: Effects,
  options: {
    readonly assets: ReadonlySet<AssetName>;
    readonly recorded: ReadonlyMap<AssetName, SourceObservation>;
  },
): Promise<ObservedSources> {
  const sources = project.pipeline.assets.filter(
    (asset) => asset.kind === 'source' && options.assets.has(asset.name),
  );
  const found = await Promise.all(
    sources.map(async (asset) => {
      const address = sourceAddress(project, effects, asset);
      const store = await objectStoreOf(project, address);
      return observeSource(asset, { store, addressOf: () => address, recorded: options.recorded });
    }),
  );
  const observed = found.filter(isObserved);
  return {
    observed: new Map(observed.map((each) => [each.asset, each])),
    unobserved: new Map(
      found.flatMap((each) => (isObserved(each) ? [] : [[each.asset, each] as const])),
    ),
    content: new Map(observed.map((each) => [each.asset, each.observation.content])),
  };
}

/** What can be told of sources without the network and without writing: for commands that only show. */
export interface SeenSources {
  readonly content: ReadonlyMap<AssetName, string>;
  /** Sources whose local files were not found; their status is as of the last observation. */
  readonly unseen: readonly AssetName[];
}

/**
 * Looks at the local files of sources that were observed before, so that a changed file shows as stale at once.
 * Remote files and variables that are not set are left to the commands that read them.
 */
export async function seeSources(
  project: Project,
  effects: Effects,
  recorded: ReadonlyMap<AssetName, SourceObservation>,
): Promise<SeenSources> {
  const seen = await Promise.all(
    project.pipeline.assets
      .filter((asset) => asset.kind === 'source' && recorded.has(asset.name))
      .map(async (asset) => {
        const address = addressIfLocal(project, effects, asset);
        if (address === undefined) return undefined;
        const options = { store: localObjectStore, addressOf: () => address, recorded };
        return observeSource(asset, options);
      }),
  );
  const found = seen.filter((each) => each !== undefined);
  return {
    content: new Map(
      found.filter(isObserved).map((each) => [each.asset, each.observation.content]),
    ),
    unseen: found.filter((each) => !isObserved(each)).map((each) => each.asset),
  };
}

function addressIfLocal(
  project: Project,
  effects: Effects,
  asset: CompiledAsset,
): string | undefined {
  try {
    const address = sourceAddress(project, effects, asset);
    return address.startsWith('gs://') ? undefined : address;
  } catch (error) {
    if (isPipelineError(error)) return undefined;
    throw error;
  }
}

/** Local paths of a source's files; remote ones are downloaded into the cache first. */
export async function localFiles(
  project: Project,
  source: ObservedSource,
): Promise<readonly string[]> {
  const store = await objectStoreOf(project, source.address);
  return Promise.all(source.objects.map((object: SourceObject) => store.localPath(object)));
}

/** A path in pipeline.yaml is relative to the pipeline's folder, also when a variable gives it. */
export function sourceAddress(project: Project, effects: Effects, asset: CompiledAsset): string {
  const declared = asset.source?.path ?? '';
  const path = resolveVariables(declared, effects.env, `assets.${asset.name}.source.path`);
  return path.startsWith('gs://') ? path : resolve(project.pipeline.root, path);
}

async function objectStoreOf(project: Project, address: string): Promise<ObjectStore> {
  if (!address.startsWith('gs://')) return localObjectStore;
  const { gcsObjectStore } = await import('../warehouse/object-store-gcs.ts');
  return gcsObjectStore(project.cacheDir);
}
