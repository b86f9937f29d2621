import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256, shortHash } from '../util/hash.ts';
import type { InputFiles } from './input-files.ts';

const IMPORT =
  /^\s*(?:import|export)\s+(?!type\s)(?:[^'";]*?\sfrom\s+)?['"](\.{1,2}\/[^'"]+)['"]/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*['"](\.{1,2}\/[^'"]+)['"]\s*\)/g;
/** What a worker is made of, or a file beside the module: `new URL('./worker.ts', import.meta.url)`. */
const NEW_URL = /\bnew\s+URL\(\s*['"](\.{1,2}\/[^'"]+)['"]\s*,\s*import\.meta\.url\s*,?\s*\)/g;
const CODE = /\.[cm]?[jt]s$/;
const ENGINE = join(dirname(fileURLToPath(import.meta.url)), '..');

/** A local import that leads nowhere. */
export interface MissingImport {
  /** The file that imports, relative to the pipeline's folder. */
  readonly file: string;
  readonly specifier: string;
  readonly offset: number;
}

export interface ModuleSource {
  readonly hash: string;
  readonly missing: readonly MissingImport[];
}

/**
 * The hash of a module with everything local that it imports or names by `new URL(…, import.meta.url)`, as workers
 * are, however deep. The engine itself is left out (an upgrade must not make every partition stale), and so are packages and types.
 */
export function moduleSource(file: string, files: InputFiles): ModuleSource {
  const hashByFile = new Map<string, string>();
  const missing: MissingImport[] = [];
  const waiting = [file];
  for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
    if (hashByFile.has(current)) continue;
    hashByFile.set(current, files.hash(current) ?? sha256(''));
    if (!CODE.test(current)) continue;
    const text = files.read(current) ?? '';
    for (const { specifier, offset, isUrl } of localImports(text)) {
      const target = join(files.root, dirname(current), specifier);
      if (!relative(ENGINE, target).startsWith('..')) continue;
      const name = relative(files.root, target);
      if (files.exists(name)) waiting.push(name);
      // What is no code may be a folder, or a file that the module itself writes.
      else if (!isUrl || CODE.test(specifier)) missing.push({ file: current, specifier, offset });
    }
  }
  const sorted = [...hashByFile].sort(([a], [b]) => (a < b ? -1 : 1));
  return { hash: shortHash(JSON.stringify(sorted)), missing };
}

function localImports(text: string) {
  return [IMPORT, DYNAMIC_IMPORT, NEW_URL].flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({
      specifier: match[1] ?? '',
      isUrl: pattern === NEW_URL,
      offset: match.index + match[0].lastIndexOf(match[1] ?? ''),
    })),
  );
}
