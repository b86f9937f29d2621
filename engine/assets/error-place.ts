import { realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ENGINE = resolve(import.meta.dirname, '..') + sep;
/** A file with a line, as stacks name it: a URL, or a path where the file cannot be parsed. */
const PLACE = /(file:\/\/\S+?|(?:\/|[A-Za-z]:\\).+?):(\d+)(?::\d+)?\)?$/gm;

/**
 * Where in the pipeline's own files an error arose, to be put behind its message: ` (assets/models/fit.ts:12)`.
 * @param root absolute path of the pipeline's folder
 * @returns nothing when its stack names no file of the pipeline
 */
export function errorPlace(error: unknown, root: string): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const roots = [root, realRoot(root)];
  for (const [, place = '', line] of stack.matchAll(PLACE)) {
    const path = pathOf(place);
    if (path === undefined || path.startsWith(ENGINE)) continue;
    const file = roots.map((each) => relative(each, path)).find(isOwn);
    if (file !== undefined) return ` (${file.split(sep).join('/')}:${line})`;
  }
  return '';
}

function isOwn(file: string): boolean {
  return !file.startsWith('..') && !file.split(sep).includes('node_modules');
}

function pathOf(place: string): string | undefined {
  if (!place.startsWith('file:')) return place;
  try {
    return fileURLToPath(place);
  } catch {
    return undefined;
  }
}

/** Node names modules by their real paths, whatever link leads to them. */
function realRoot(root: string): string {
  try {
    return realpathSync(root);
  } catch {
    return root;
  }
}
