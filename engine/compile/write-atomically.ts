import { mkdirSync, renameSync, writeFileSync } from 'node:fs';

/** Writes a file of the cache in one go; a folder that cannot be written costs time, nothing else. */
export function writeAtomically(folder: string, path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch {
    // The cache is only a cache: without it the next command compiles again.
  }
}
