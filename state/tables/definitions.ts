import type { AssetName, CodeVersion } from '../../engine/ids.ts';
import { prepared, type Connection } from '../connection.ts';
import type { CodeDefinition } from '../store.ts';

/** What each code version of an asset was made of. */
export function definitionsTable(db: Connection) {
  const find = prepared<[string, string], { readonly parts: string; readonly upstream: string }>(
    db,
    `SELECT parts, upstream FROM definitions
     WHERE asset = (SELECT id FROM assets WHERE name = ?)
       AND code = (SELECT id FROM code_versions WHERE name = ?)`,
  );
  const save = prepared<[number, number, string, string]>(
    db,
    'INSERT OR REPLACE INTO definitions (asset, code, parts, upstream) VALUES (?, ?, ?, ?)',
  );
  return {
    get(asset: AssetName, codeVersion: CodeVersion): CodeDefinition | undefined {
      const row = find().get(asset, codeVersion);
      if (!row) return undefined;
      // Written by `save` below from a list of names.
      const upstream = JSON.parse(row.upstream) as readonly string[];
      return { asset, codeVersion, parts: row.parts, upstream };
    },
    save: (asset: number, code: number, definition: CodeDefinition): void =>
      void save().run(asset, code, definition.parts, JSON.stringify(definition.upstream)),
  };
}
