import type { StateStore } from '../../state/store.ts';
import { EXIT, PipelineError } from '../errors.ts';
import type { RunId } from '../ids.ts';

const HEARTBEAT_MS = 2_000;
/** A holder that was silent for this long is taken to be dead. */
export const STALE_MS = 30_000;

export interface LeaseRequest {
  readonly target: string;
  readonly runId: RunId;
  readonly host: string;
  readonly command: string;
  readonly now: () => number;
}

export interface HeldLease {
  /** Aborted when another run took the lease over: this one must not write any more. */
  readonly lost: AbortSignal;
  readonly release: () => void;
}

/** Takes the lease of a target and keeps it by heartbeats; throws, exit code 3, when another run holds it. */
export function holdLease(store: StateStore, request: LeaseRequest): HeldLease {
  const { target, runId, host, command, now } = request;
  const answer = store.acquireLease({
    target,
    runId,
    pid: process.pid,
    host,
    command,
    now: now(),
    staleMs: STALE_MS,
  });
  if (!answer.acquired) {
    const { holder } = answer;
    const since = new Date(holder.acquiredAt).toISOString().replace('T', ' ').slice(0, 19);
    throw new PipelineError(
      `target ${target} is held by run ${holder.runId} (${holder.command}, process ${holder.pid} on ${holder.host}) since ${since} UTC`,
      {
        code: 'TARGET_HELD',
        exitCode: EXIT.locked,
        hint: `wait for it (fastbreak runs shows it), or end process ${holder.pid}; its lease then passes on by itself`,
      },
    );
  }
  const lost = new AbortController();
  const timer = setInterval(() => {
    if (!store.heartbeat(target, runId, now())) lost.abort(new Error('the lease was lost'));
  }, HEARTBEAT_MS);
  timer.unref();
  return {
    lost: lost.signal,
    release: () => {
      clearInterval(timer);
      store.releaseLease(target, runId);
    },
  };
}
