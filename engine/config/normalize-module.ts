import { isAbsolute, normalize } from 'node:path';

import type { AssetOrigin, FileExists } from './asset-file.ts';
import type { YamlPath } from './load.ts';
import type { Asset, SettingValue } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { AssetSpec } from './spec.ts';

/** What only assets that are modules can say: `settings` and `files`. */
export function normalizeModule(
  asset: { readonly name: string; readonly spec: AssetSpec; readonly origin?: AssetOrigin },
  fileExists: FileExists,
  problems: Problems,
): Pick<Asset, 'settings' | 'files'> {
  const { name, spec, origin } = asset;
  for (const key of ['settings', 'files'] as const) {
    if (spec[key] === undefined || origin === undefined || origin.kind === 'module') continue;
    problems.add({
      code: `${key.toUpperCase()}_WITHOUT_MODULE`,
      message: `"${name}" has ${key}, and is no module: nothing would read them`,
      path: ['assets', name, key],
      atKey: true,
      hint: `remove ${key}, or make the asset with a module: assets/${spec.group}/${name}.ts`,
    });
  }
  const files = normalizeFiles(name, spec.files ?? [], fileExists, problems);
  const settings = plainSettings(spec.settings ?? {}, ['assets', name, 'settings'], problems);
  return {
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(files.length === 0 ? {} : { files }),
  };
}

function normalizeFiles(
  name: string,
  files: readonly string[],
  fileExists: FileExists,
  problems: Problems,
): readonly string[] {
  for (const [index, file] of files.entries()) {
    const path = ['assets', name, 'files', index];
    const fault = fileFault(file, files.slice(0, index), fileExists);
    if (fault !== undefined) problems.add({ ...fault, path });
  }
  return files;
}

function fileFault(file: string, before: readonly string[], fileExists: FileExists) {
  if (isAbsolute(file)) {
    return {
      code: 'INVALID_VALUE',
      message: `expected a path relative to pipeline.yaml, found ${file}`,
      hint: 'a path of one machine would make another version of the code on every other one',
    };
  }
  if (before.some((other) => normalize(other) === normalize(file))) {
    return {
      code: 'DUPLICATE_FILE',
      message: `${file} is listed twice`,
      hint: 'remove one of them',
    };
  }
  if (fileExists(file)) return undefined;
  return {
    code: 'MISSING_FILE',
    message: `there is no file ${file}`,
    hint: 'name one file, by its path relative to pipeline.yaml; folders and patterns are not read',
  };
}

function plainSettings(
  settings: Readonly<Record<string, unknown>>,
  path: YamlPath,
  problems: Problems,
): Readonly<Record<string, SettingValue>> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      plainSetting(value, [...path, key], problems),
    ]),
  );
}

/** YAML can also say what JSON cannot: `.inf`, `.nan`. */
function plainSetting(value: unknown, path: YamlPath, problems: Problems): SettingValue {
  if (Array.isArray(value)) {
    return value.map((each: unknown, index) => plainSetting(each, [...path, index], problems));
  }
  if (typeof value === 'object' && value !== null) {
    return plainSettings(Object.fromEntries(Object.entries(value)), path, problems);
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  problems.add({
    code: 'INVALID_VALUE',
    message: `expected a value that JSON has, found ${String(value)}`,
    path,
    hint: 'write it as text, and let the module make a number of it',
  });
  return null;
}
