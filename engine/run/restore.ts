import type { CompiledAsset } from '../compile/compiled.ts';
import { type AssetName, unsafeAssetName, unsafeCodeVersion } from '../ids.ts';
import type {
  RecordedDefinition,
  RecordedMaterialization,
  Warehouse,
} from '../warehouse/warehouse.ts';
import type { StateSnapshot, StateStore } from '../../state/store.ts';
import { calendarFromText } from './calendars.ts';

interface RestoreContext {
  readonly assets: ReadonlyMap<AssetName, CompiledAsset>;
  readonly warehouse: Warehouse;
  readonly store: StateStore;
  readonly target: string;
}

/** What a code version of an asset is made of, as it is kept. */
export function definitionOf(asset: CompiledAsset): RecordedDefinition {
  return {
    asset: asset.name,
    codeVersion: asset.codeVersion,
    parts: JSON.stringify(asset.codeParts),
    upstream: asset.upstream.map((upstream) => upstream.asset),
  };
}

/** Takes over from the warehouse what the record lacks besides partitions: what code was, what files were. */
export async function restoreFacts(
  context: RestoreContext,
  snapshot: StateSnapshot,
  rows: readonly RecordedMaterialization[],
): Promise<void> {
  for (const definition of await context.warehouse.readDefinitions()) {
    const asset = unsafeAssetName(definition.asset);
    const codeVersion = unsafeCodeVersion(definition.codeVersion);
    if (context.store.definition(asset, codeVersion)) continue;
    const { parts, upstream } = definition;
    context.store.saveDefinition({ asset, codeVersion, parts, upstream });
  }
  for (const { name, document } of await context.warehouse.readCalendars()) {
    const kept = calendarFromText(document);
    if (snapshot.calendars.get(name)?.fingerprint === kept.fingerprint) continue;
    context.store.saveCalendar(context.target, kept);
  }
  for (const [name, row] of newestBySource(rows)) {
    const asset = unsafeAssetName(name);
    if (!row.source || snapshot.observations.has(asset) || !context.assets.has(asset)) continue;
    const { quick, content } = row.source;
    context.store.saveObservation(context.target, { asset, quick, content });
  }
}

function newestBySource(
  rows: readonly RecordedMaterialization[],
): ReadonlyMap<string, RecordedMaterialization> {
  const newest = new Map<string, RecordedMaterialization>();
  for (const row of rows) {
    const known = newest.get(row.asset);
    if (row.source && (!known || lastTouched(row) > lastTouched(known))) newest.set(row.asset, row);
  }
  return newest;
}

function lastTouched({ at, marked }: RecordedMaterialization): number {
  return marked?.at ?? at;
}
