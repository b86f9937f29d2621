import { readFileSync } from 'node:fs';
import { hasErrorCode } from '../engine/errors.ts';
import type { LeaseHolder } from './store.ts';

/** Of a process that beats every two seconds: a few beats are missing. */
const SILENT_MS = 10_000;
/** What the system tells of a process is exact to a second. */
const INEXACT_MS = 2_000;
/** Of the times in /proc, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** From where, and when, a lease is looked at. */
export interface Viewpoint {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly host: string;
  /** A holder that was silent for longer is taken to be dead, wherever it is. */
  readonly staleMs: number;
}

/**
 * Whether the holder of a lease may still be at work. Of its own host one knows at once: its process is there, and it
 * is that process. Of another host only the heartbeats tell.
 */
export function isAtWork(holder: LeaseHolder, { now, host, staleMs }: Viewpoint): boolean {
  const silentMs = now - holder.heartbeatAt;
  if (silentMs > staleMs) return false;
  if (holder.host !== host) return true;
  if (!processExists(holder.pid)) return false;
  const process = processFacts(holder.pid);
  if (process === undefined) return true;
  if (process.isEnded) return false;
  // Another process that was given the number of the dead one. Clocks may jump, so that times alone prove nothing.
  return silentMs <= SILENT_MS || process.startedAt <= holder.acquiredAt + INEXACT_MS;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal (EPERM) still means that it exists.
    return !hasErrorCode(error, 'ESRCH');
  }
}

interface ProcessFacts {
  /** Dead, and only not yet buried by its parent. */
  readonly isEnded: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** What Linux tells of a process; undefined elsewhere. */
function processFacts(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Its name comes before, in brackets, and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const bootedAt = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    const startedAt = (bootedAt + Number(fields[19]) / TICKS_PER_SECOND) * 1000;
    if (Number.isNaN(startedAt)) return undefined;
    return { isEnded: fields[0] === 'Z' || fields[0] === 'X', startedAt };
  } catch {
    // No /proc, or no right to look: then that the process exists is all that is known.
    return undefined;
  }
}
