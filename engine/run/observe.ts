import type { CompiledAsset } from '../compile/compiled.ts';
import { isWarehouseError, messageOf } from '../errors.ts';
import type { AssetName } from '../ids.ts';
import type { ObjectStore, SourceObject } from '../warehouse/object-store.ts';
import type { SourceObservation } from '../../state/store.ts';
import { sha256, shortHash } from '../util/hash.ts';

/** The content of a source without files. */
const NO_FILES = shortHash('');

/** The files of one source as they are now. */
export interface ObservedSource {
  readonly asset: AssetName;
  /** The files' address with variables filled in; never recorded. */
  readonly address: string;
  readonly objects: readonly SourceObject[];
  readonly observation: SourceObservation;
  /** Whether the content differs from what was recorded. */
  readonly changed: boolean;
}

/** A source whose files could not be observed. */
export interface UnobservedSource {
  readonly asset: AssetName;
  /** `SOURCE_MISSING`, `SOURCE_EMPTY`, `SOURCE_UNREADABLE`, or what a service has of its own, e.g. `ACCESS_DENIED`. */
  readonly category: string;
  readonly message: string;
}

export interface ObserveOptions {
  readonly store: ObjectStore;
  /** The address of a source with variables and relative paths resolved. */
  readonly addressOf: (asset: CompiledAsset) => string;
  readonly recorded: ReadonlyMap<AssetName, SourceObservation>;
}

/**
 * Looks at a source's files without reading them: only when size, time or place differ from the last
 * observation is the content hashed again.
 */
export async function observeSource(
  asset: CompiledAsset,
  options: ObserveOptions,
): Promise<ObservedSource | UnobservedSource> {
  const address = options.addressOf(asset);
  try {
    const format = asset.source?.format ?? 'parquet';
    const objects = await options.store.list(address, format);
    const problem = findProblem(asset, address, objects);
    if (problem) return problem;
    if (objects.length === 0) {
      return (await lostFolder(asset, address, options)) ?? withoutFiles(asset, address, options);
    }
    const quick = quickHash(objects);
    const recorded = options.recorded.get(asset.name);
    const content =
      recorded?.quick === quick ? recorded.content : await contentHash(objects, options.store);
    return {
      asset: asset.name,
      address,
      objects,
      observation: { asset: asset.name, quick, content },
      changed: recorded?.content !== content,
    };
  } catch (error) {
    return {
      asset: asset.name,
      category: categoryOf(error),
      message: `${declaredPath(asset)} cannot be read: ${messageOf(error).replaceAll(address, declaredPath(asset))}`,
    };
  }
}

/** Whether an optional source has no files. */
export function isAbsent({ objects }: ObservedSource): boolean {
  return objects.length === 0;
}

/** Why every partition of an optional source without files is empty. */
export function absenceText(asset: CompiledAsset): string {
  return `there is no file at ${declaredPath(asset)}`;
}

/** Files that were read once and whose very folder is gone: a path that is wrong by now, not a source without files. */
async function lostFolder(
  asset: CompiledAsset,
  address: string,
  { store, recorded }: ObserveOptions,
): Promise<UnobservedSource | undefined> {
  const before = recorded.get(asset.name)?.content ?? NO_FILES;
  if (before === NO_FILES || (await store.hasFolderOf(address))) return undefined;
  return {
    asset: asset.name,
    category: 'SOURCE_MISSING',
    message: `files were read from ${declaredPath(asset)} before, and now even its folder is not there`,
  };
}

/** An observation like any other, so that files that appear make partitions stale. */
function withoutFiles(
  asset: CompiledAsset,
  address: string,
  { recorded }: ObserveOptions,
): ObservedSource {
  return {
    asset: asset.name,
    address,
    objects: [],
    observation: { asset: asset.name, quick: NO_FILES, content: NO_FILES },
    changed: recorded.get(asset.name)?.content !== NO_FILES,
  };
}

function categoryOf(error: unknown): string {
  if (!isWarehouseError(error)) return 'SOURCE_UNREADABLE';
  // A service that knows no such place.
  return error.category.endsWith('NOT_FOUND') ? 'SOURCE_MISSING' : error.category;
}

export function isObserved(source: ObservedSource | UnobservedSource): source is ObservedSource {
  return 'observation' in source;
}

function findProblem(
  asset: CompiledAsset,
  address: string,
  objects: readonly SourceObject[],
): UnobservedSource | undefined {
  if (objects.length === 0 && asset.source?.optional !== true) {
    return {
      asset: asset.name,
      category: 'SOURCE_MISSING',
      message: `expected a ${asset.source?.format ?? ''} file or a folder of them at ${declaredPath(asset)}, found nothing`,
    };
  }
  const empty = objects.find((object) => object.bytes === 0);
  if (!empty) return undefined;
  return {
    asset: asset.name,
    category: 'SOURCE_EMPTY',
    message: `${declaredPath(asset)}${empty.address.slice(address.length)} is empty (0 bytes)`,
  };
}

/** As pipeline.yaml has it: the values of variables are not recorded. */
function declaredPath(asset: CompiledAsset): string {
  return asset.source?.path ?? '';
}

function quickHash(objects: readonly SourceObject[]): string {
  return shortHash(
    objects.map((each) => `${each.address}|${each.bytes}|${each.version}`).join('\n'),
  );
}

async function contentHash(objects: readonly SourceObject[], store: ObjectStore): Promise<string> {
  const hashes = await Promise.all(objects.map((object) => store.hash(object)));
  return sha256(hashes.join('\n')).slice(0, 16);
}
