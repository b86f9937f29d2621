import { EXIT, isWarehouseError, PipelineError } from '../errors.ts';
import type { RunId } from '../ids.ts';
import type { SharedHolder, SharedLease } from '../warehouse/warehouse.ts';

/** Well below what makes a holder count as dead; publishing says that the run lives too. */
const HEARTBEAT_MS = 45_000;

export interface SharedLeaseRequest {
  readonly target: string;
  readonly runId: RunId;
  readonly host: string;
  readonly command: string;
  /** Told when another run took the lease over. */
  readonly onLost: (error: PipelineError) => void;
}

/**
 * Takes the lease of a warehouse that several machines share and keeps it by heartbeats; throws, exit code 3, when a run
 * elsewhere holds it. Returns what gives it back.
 */
export async function holdSharedLease(
  lease: SharedLease,
  request: SharedLeaseRequest,
): Promise<() => Promise<void>> {
  const { target, runId, host, command } = request;
  const holder = await lease.acquire({ runId, host, pid: process.pid, command });
  if (holder) throw heldElsewhere(target, holder);
  const onLost = (): void => request.onLost(lostElsewhere(target, runId));
  lease.lost.addEventListener('abort', onLost, { once: true });
  const timer = setInterval(() => {
    // A service that does not answer for a moment takes nothing away: every publish asks again.
    lease.renew().catch(() => undefined);
  }, HEARTBEAT_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    lease.lost.removeEventListener('abort', onLost);
    try {
      await lease.release();
    } catch (error) {
      // It passes on by itself after some minutes; what was done is done.
      if (!isWarehouseError(error)) throw error;
    }
  };
}

function heldElsewhere(target: string, holder: SharedHolder): PipelineError {
  const { runId, command, pid, host, acquiredAt, silentSeconds } = holder;
  const since = new Date(acquiredAt).toISOString().replace('T', ' ').slice(0, 19);
  return new PipelineError(
    `target ${target} is held by run ${runId} (${command}, process ${pid} on ${host}) since ${since} UTC, last heard of ${silentSeconds} s ago`,
    {
      code: 'TARGET_HELD',
      exitCode: EXIT.locked,
      hint: 'wait for it, or end it on its machine; a run that was killed is taken for dead after three minutes of silence',
    },
  );
}

function lostElsewhere(target: string, runId: RunId): PipelineError {
  return new PipelineError(
    `run ${runId} stopped: it was silent for too long, and a run elsewhere took target ${target} over`,
    {
      code: 'LEASE_LOST',
      exitCode: EXIT.locked,
      hint: 'what it had published before is complete and recorded; run the same command again when the other run is over',
    },
  );
}
