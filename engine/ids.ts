declare const brand: unique symbol;

/** A string that only its own parse function may make, so that two kinds cannot be mixed up. */
type Branded<Kind extends string> = string & { readonly [brand]: Kind };

/** The name of a declared asset: lower-case letters, digits and underscores. */
export type AssetName = Branded<'AssetName'>;
/** Identifies one run; sorts by start time. */
export type RunId = Branded<'RunId'>;
/** Hash of what decides an asset's rows: normalized source, functions used, window, columns. 16 hex digits. */
export type CodeVersion = Branded<'CodeVersion'>;

/** For names that the compiler has already checked, and for tests. */
export function unsafeAssetName(text: string): AssetName {
  return text as AssetName;
}

/** For ids read back from the state database. */
export function unsafeRunId(text: string): RunId {
  return text as RunId;
}

/** For hashes just computed or read back. */
export function unsafeCodeVersion(text: string): CodeVersion {
  return text as CodeVersion;
}
