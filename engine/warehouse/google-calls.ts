import { setTimeout as sleep } from 'node:timers/promises';

import { WarehouseError } from '../errors.ts';
import { googleFault } from './google-faults.ts';

const ATTEMPTS = 5;
const FIRST_DELAY_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/** How a call is made. */
export interface CallOptions {
  /** How often it is tried in all. */
  readonly attempts?: number;
  /** What to wait for an answer after the signal, in milliseconds: what the call began must be known. */
  readonly graceMs?: number;
}

/**
 * Makes one call to the service, again after a transient fault: shortly, with full jitter, since a step as a whole is
 * retried by its own policy. Only for calls that do no harm twice. Throws the last fault as a WarehouseError, or an
 * interruption when the signal aborts.
 */
export async function called<T>(
  call: () => Promise<T>,
  signal?: AbortSignal,
  { attempts = ATTEMPTS, graceMs = 0 }: CallOptions = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted) throw interrupted();
    try {
      return await untilAborted(call(), signal, graceMs);
    } catch (error) {
      const fault = googleFault(error);
      if (fault.kind !== 'transient' || attempt >= attempts) throw fault;
      const jitter = Math.random() * FIRST_DELAY_MS * 2 ** (attempt - 1);
      const wait = Math.min(LONGEST_WAIT_MS, Math.max(fault.retryAfterMs ?? 0, jitter));
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** The call's result, or an interruption when it does not come soon after the signal. */
async function untilAborted<T>(
  call: Promise<T>,
  signal: AbortSignal | undefined,
  graceMs: number,
): Promise<T> {
  if (signal === undefined) return call;
  const { promise, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    timer = setTimeout(() => reject(interrupted()), graceMs);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([call, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

export function interrupted(): WarehouseError {
  return new WarehouseError('interrupted', { kind: 'interrupted', category: 'INTERRUPTED' });
}
