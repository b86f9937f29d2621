import type { LeaseHolder, StateStore } from '../../state/store.ts';
import { EXIT, isPipelineError, PipelineError, WarehouseError } from '../errors.ts';
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
  /**
   * Asked right before anything is written, since a process that slept learns of its loss only from the next
   * heartbeat; throws when the lease is another run's.
   */
  readonly confirm: () => void;
  readonly release: () => void;
  /** Says more of an error, where the one that the lease was taken over from is its likely cause. */
  readonly explain: (error: unknown) => unknown;
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
  if (!answer.acquired) throw heldError(target, answer.holder);
  const lost = new AbortController();
  const beat = (): void => {
    if (!store.heartbeat(target, runId, now())) lost.abort(new Error('the lease was lost'));
  };
  const timer = setInterval(() => {
    try {
      beat();
    } catch {
      // A record that is busy for a moment takes nothing away: the next heartbeat or `confirm` tells.
    }
  }, HEARTBEAT_MS);
  timer.unref();
  return {
    lost: lost.signal,
    confirm: () => {
      if (!lost.signal.aborted) beat();
      if (lost.signal.aborted) throw notHeld();
    },
    release: () => {
      clearInterval(timer);
      store.releaseLease(target, runId);
    },
    explain: (error) => {
      const isLocked = isPipelineError(error) && error.code === 'WAREHOUSE_LOCKED';
      return isLocked && answer.from ? sleepingError(target, answer.from, error) : error;
    },
  };
}

/** What a run ends with that lost its target. */
export function lostError(
  target: string,
  runId: RunId,
  holder: LeaseHolder | undefined,
): PipelineError {
  const by = holder ? `${holderText(holder)}, which holds it` : 'another run, which has ended';
  return new PipelineError(
    `run ${runId} stopped: it was silent for longer than ${STALE_MS / 1000} s, and lost target ${target} to ${by}`,
    {
      code: 'LEASE_LOST',
      exitCode: EXIT.locked,
      hint: 'what it had published before is complete and recorded; run the same command again when the other run is over',
    },
  );
}

/** The lease of a silent run could be had, the warehouse file could not: whoever has it open has not ended. */
function sleepingError(target: string, holder: LeaseHolder, cause: PipelineError): PipelineError {
  return new PipelineError(
    `target ${target} was last held by ${holderText(holder)}, which has been silent since ${instantText(holder.heartbeatAt)}, and ${cause.message}`,
    {
      code: 'WAREHOUSE_LOCKED',
      exitCode: EXIT.locked,
      hint: `if process ${holder.pid} only sleeps, wake it: it stops by itself; if it hangs, end it (kill -9 ${holder.pid}); then run this command again`,
      cause,
    },
  );
}

function heldError(target: string, holder: LeaseHolder): PipelineError {
  const since = instantText(holder.acquiredAt);
  return new PipelineError(`target ${target} is held by ${holderText(holder)} since ${since}`, {
    code: 'TARGET_HELD',
    exitCode: EXIT.locked,
    hint: `wait for it (fastbreak runs shows it), or end process ${holder.pid}; its lease then passes on by itself`,
  });
}

function instantText(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}

function holderText({ runId, command, pid, host }: LeaseHolder): string {
  return `run ${runId} (${command}, process ${pid} on ${host})`;
}

/** Rolls the step back as Ctrl-C does. */
function notHeld(): WarehouseError {
  return new WarehouseError('another run holds the target', {
    kind: 'interrupted',
    category: 'LEASE_LOST',
  });
}
