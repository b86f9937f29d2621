import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { hasErrorCode } from '../errors.ts';
import { sha256 } from '../util/hash.ts';
import type { CompiledInput } from './compiled.ts';

/** The hash of a file that does not exist: its appearance is a change. */
export const ABSENT = '';

/** The files that a compilation looked at, below (or beside) the pipeline's folder. */
export class InputFiles {
  readonly root: string;
  readonly #hashByPath = new Map<string, string>();

  constructor(root: string) {
    this.root = root;
  }

  /** The file's text, or undefined if there is none; either way the compilation depends on it. */
  read(path: string): string | undefined {
    return this.#lookAt(path)?.toString('utf8');
  }

  /** The SHA-256 of the file's bytes, or undefined if there is none; either way the compilation depends on it. */
  hash(path: string): string | undefined {
    const bytes = this.#lookAt(path);
    return bytes === undefined ? undefined : sha256(bytes);
  }

  exists(path: string): boolean {
    return this.#lookAt(path) !== undefined;
  }

  #lookAt(path: string): Buffer | undefined {
    const name = isAbsolute(path) ? relative(this.root, path) : path;
    const bytes = bytesIfPresent(join(this.root, name));
    this.#hashByPath.set(name, bytes === undefined ? ABSENT : sha256(bytes));
    return bytes;
  }

  get inputs(): readonly CompiledInput[] {
    return [...this.#hashByPath]
      .map(([path, hash]) => ({ path, sha256: hash }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

/** True when every file is as it was. */
export function areUnchanged(root: string, inputs: readonly CompiledInput[]): boolean {
  return inputs.every((input) => {
    const path = join(root, input.path);
    // An exception for each of a thousand files that are not there would take longer than reading the others.
    if (input.sha256 === ABSENT) return isAbsent(path);
    const bytes = bytesIfPresent(path);
    return bytes !== undefined && sha256(bytes) === input.sha256;
  });
}

/** What `readIfPresent` gives no text for. */
function isAbsent(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined || stats.isDirectory();
}

/** A file's text; undefined if it is not there or a folder. */
export function readIfPresent(path: string): string | undefined {
  return bytesIfPresent(path)?.toString('utf8');
}

function bytesIfPresent(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].some((code) => hasErrorCode(error, code))) return undefined;
    throw error;
  }
}
