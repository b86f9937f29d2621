import { basename, extname } from 'node:path';
import type { AssetKind, SourceFiles } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { AssetSpec } from './spec.ts';

/** Looks for a file below the pipeline's folder. */
export type FileExists = (relativePath: string) => boolean;

export interface AssetOrigin {
  readonly kind: AssetKind;
  readonly file?: string;
  readonly source?: SourceFiles;
}

const EXTENSIONS = { sql: ['.sql'], module: ['.ts', '.mts', '.js', '.mjs'] } as const;

/** Where an asset's rows come from: the declared file or source, else the file of its name in its group's folder. */
export function findOrigin(
  name: string,
  asset: AssetSpec,
  problems: Problems,
  fileExists: FileExists,
): AssetOrigin | undefined {
  const declared = (['sql', 'module', 'source'] as const).filter((key) => asset[key] !== undefined);
  const [kind, second] = declared;
  if (kind !== undefined && second !== undefined) {
    problems.add({
      code: 'AMBIGUOUS_ORIGIN',
      message: `asset "${name}" has ${declared.join(' and ')}; it can have only one of them`,
      path: ['assets', name, second],
      atKey: true,
    });
    return undefined;
  }
  if (asset.source) return sourceOrigin(name, asset.source, problems);
  if (kind === 'sql' || kind === 'module') {
    return declaredFile({ name, kind, file: asset[kind] ?? '' }, problems, fileExists);
  }
  return conventionalFile(name, asset.group, problems, fileExists);
}

function sourceOrigin(
  name: string,
  source: NonNullable<AssetSpec['source']>,
  problems: Problems,
): AssetOrigin | undefined {
  const { path } = source;
  const format = source.format ?? formatOf(path);
  const optional = source.optional === true ? ({ optional: true } as const) : {};
  if (format !== undefined) return { kind: 'source', source: { path, format, ...optional } };
  problems.add({
    code: 'UNKNOWN_FORMAT',
    message: `the format of "${path}" cannot be told from its ending`,
    path: ['assets', name, 'source', 'path'],
    hint: 'add format: parquet, csv or json to the source',
  });
  return undefined;
}

function formatOf(path: string): SourceFiles['format'] | undefined {
  const ending = /\.(parquet|csv|json|jsonl|ndjson)(?:\.gz|\.zst)?\}?$/.exec(path)?.[1];
  if (ending === 'jsonl' || ending === 'ndjson') return 'json';
  // The pattern allows only these three besides.
  return ending as SourceFiles['format'] | undefined;
}

function declaredFile(
  asset: { readonly name: string; readonly kind: 'sql' | 'module'; readonly file: string },
  problems: Problems,
  fileExists: FileExists,
): AssetOrigin | undefined {
  const { name, kind, file } = asset;
  const path = ['assets', name, kind];
  const ending = extname(file);
  const endings: readonly string[] = EXTENSIONS[kind];
  if (!endings.includes(ending)) {
    problems.add({
      code: 'WRONG_FILE_TYPE',
      message: `"${kind}" of "${name}" names ${file}; its ending must be ${endings.join(' or ')}`,
      path,
    });
    return undefined;
  }
  // A module may make several assets that differ in their settings.
  if (kind === 'sql' && basename(file, ending) !== name) {
    problems.add({
      code: 'FILE_NAME_MISMATCH',
      message: `asset "${name}" lives in ${file}; the file must have the asset's name`,
      path,
      hint: `rename the file to ${name}${ending}, or the asset to ${basename(file, ending)}`,
    });
  }
  if (fileExists(file)) return { kind, file };
  problems.add({ code: 'MISSING_FILE', message: `there is no file ${file}`, path });
  return undefined;
}

function conventionalFile(
  name: string,
  group: string,
  problems: Problems,
  fileExists: FileExists,
): AssetOrigin | undefined {
  const sql = `assets/${group}/${name}.sql`;
  const module = `assets/${group}/${name}.ts`;
  const [hasSql, hasModule] = [fileExists(sql), fileExists(module)];
  if (hasSql !== hasModule) {
    return hasSql ? { kind: 'sql', file: sql } : { kind: 'module', file: module };
  }
  problems.add(
    hasSql
      ? {
          code: 'AMBIGUOUS_ORIGIN',
          message: `asset "${name}" has two files: ${sql} and ${module}`,
          path: ['assets', name],
          atKey: true,
          hint: 'remove one of them, or name the right one with sql: or module:',
        }
      : {
          code: 'MISSING_FILE',
          message: `asset "${name}" has no file: neither ${sql} nor ${module} exists`,
          path: ['assets', name],
          atKey: true,
          hint: 'create one of them, or declare `source:`',
        },
  );
  return undefined;
}
