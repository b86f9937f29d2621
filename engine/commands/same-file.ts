import { statSync } from 'node:fs';

import { EXIT, PipelineError } from '../errors.ts';

/** Which file a path leads to, whatever is in it; undefined when there is none. */
export function fileIdentity(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}

/** Throws when a warehouse file is not the one that was opened: what was written went with that one. */
export function requireSameFile(path: string, opened: string | undefined): void {
  const found = fileIdentity(path);
  if (found === opened) return;
  const what = found === undefined ? 'deleted' : 'replaced';
  throw new PipelineError(
    `the warehouse file ${path} was ${what} while the run wrote to it: what the run made is lost`,
    {
      code: 'WAREHOUSE_REPLACED',
      exitCode: EXIT.failed,
      hint: 'run the same command again: it compares what is there now with the record, and makes what is missing',
    },
  );
}
