import type { CompiledAsset } from '../compile/compiled.ts';
import type { AssetName } from '../ids.ts';

/** A column of an asset. */
export interface ColumnOrigin {
  readonly asset: AssetName;
  readonly column: string;
}

/** One asset that is read, however many names it is read under. */
export interface LineageRead {
  readonly asset: AssetName;
  /** The windows in words, e.g. `before 7 days`. */
  readonly window: string;
  readonly optional: boolean;
  /** Unions that it is read through. */
  readonly unions: readonly string[];
}

/** An asset with what it reads, for exports that say what assets are. */
export interface LineageAsset {
  readonly asset: CompiledAsset;
  /** Every upstream, also those that were not asked for. */
  readonly reads: readonly LineageRead[];
  /** What each column is made from, as far as the SQL could be followed; undefined when nobody asked. */
  readonly origins?: ReadonlyMap<string, readonly ColumnOrigin[]> | undefined;
}
