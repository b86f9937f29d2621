import { statSync } from 'node:fs';

/**
 * Size, time and identity of a DuckDB file, to tell without opening it whether anybody else wrote to it;
 * undefined when there is none.
 */
export function duckdbFingerprint(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return undefined;
  const log = statSync(`${path}.wal`, { throwIfNoEntry: false });
  return [stats.ino, stats.size, stats.mtimeMs, log?.size ?? 0].join(':');
}
