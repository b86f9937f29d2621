import { setTimeout as sleep } from 'node:timers/promises';

import { WarehouseError } from '../errors.ts';
import { googleFault } from './google-faults.ts';

const ATTEMPTS = 5;
const FIRST_DELAY_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/**
 * Makes one call to the service, again after a transient fault: shortly, with full jitter, since a step as a whole is
 * retried by its own policy. Only for calls that do no harm twice. Throws the last fault as a WarehouseError, or an
 * interruption as soon as the signal aborts.
 */
export async function called<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await untilAborted(call(), signal);
    } catch (error) {
      const fault = googleFault(error);
      if (fault.kind !== 'transient' || attempt >= ATTEMPTS) throw fault;
      const jitter = Math.random() * FIRST_DELAY_MS * 2 ** (attempt - 1);
      const wait = Math.min(LONGEST_WAIT_MS, Math.max(fault.retryAfterMs ?? 0, jitter));
      await sleep(wait, undefined, { signal }).catch(() => undefined);
      if (signal?.aborted) throw interrupted();
    }
  }
}

/** The call's result, or an interruption without waiting for it any longer. */
async function untilAborted<T>(call: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return call;
  if (signal.aborted) {
    call.catch(() => undefined);
    throw interrupted();
  }
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(interrupted());
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([call, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export function interrupted(): WarehouseError {
  return new WarehouseError('interrupted', { kind: 'interrupted', category: 'INTERRUPTED' });
}
