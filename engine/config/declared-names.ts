import type { AssetName } from '../ids.ts';
import type { YamlPath } from './load.ts';
import type { Asset } from './pipeline.ts';
import type { Problems } from './problems.ts';

/** Finds assets and columns by name; what is not there is reported with the nearest name. */
export class DeclaredNames {
  readonly #byName: ReadonlyMap<string, Asset>;
  readonly #problems: Problems;

  constructor(assets: readonly Asset[], problems: Problems) {
    this.#byName = new Map(assets.map((asset) => [asset.name, asset]));
    this.#problems = problems;
  }

  asset(name: string, path: YamlPath, atKey = false): Asset | undefined {
    const found = this.#byName.get(name);
    if (found === undefined) {
      this.#problems.unknown({ what: 'asset', name, known: [...this.#byName.keys()], path, atKey });
    }
    return found;
  }

  assets(names: readonly string[], path: YamlPath): readonly AssetName[] {
    return names.flatMap((name, at) => this.asset(name, [...path, at])?.name ?? []);
  }

  /** Whether the asset declares the column. */
  column(asset: Asset, name: string, path: YamlPath, atKey = false): boolean {
    const known = asset.columns.map((column) => column.name);
    if (known.includes(name)) return true;
    this.#problems.unknown({ what: 'column', name, known, path, atKey });
    return false;
  }

  /** `asset` or `asset.column`. */
  count(
    text: string,
    path: YamlPath,
  ): { readonly asset: AssetName; readonly column?: string } | undefined {
    const [name = '', column] = text.split('.');
    const asset = this.asset(name, path);
    if (asset === undefined) return undefined;
    if (column === undefined) return { asset: asset.name };
    return this.column(asset, column, path) ? { asset: asset.name, column } : undefined;
  }
}
