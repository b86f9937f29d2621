import { setTimeout as sleep } from 'node:timers/promises';

import type { RetryPolicy } from '../config/pipeline.ts';
import { isWarehouseError, WarehouseError } from '../errors.ts';

export interface RetryContext {
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** A number from 0 to 1, for jitter. */
  readonly random: () => number;
  /** Told of every attempt that failed; `retryInMs` is undefined for the last. */
  readonly onFailure: (failure: {
    readonly attempt: number;
    readonly error: WarehouseError;
    readonly retryInMs: number | undefined;
  }) => void;
}

/**
 * Tries again after transient faults only, with exponential backoff and full jitter; throws the last fault, or an
 * interruption when it was told to stop before it could try again.
 */
export async function withRetry<T>(work: () => Promise<T>, context: RetryContext): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isWarehouseError(error)) throw error;
      const isLast = error.kind !== 'transient' || attempt >= context.policy.attempts;
      const retryInMs = isLast ? undefined : delayMs(attempt, error, context);
      context.onFailure({ attempt, error, retryInMs });
      if (retryInMs === undefined) throw error;
      await sleep(retryInMs, undefined, { signal: context.signal }).catch(() => undefined);
      if (context.signal.aborted) throw interruption(error);
    }
  }
}

/** Nobody knows whether another attempt would have failed too. */
function interruption(cause: WarehouseError): WarehouseError {
  const message = `interrupted while waiting to try again after: ${cause.message}`;
  return new WarehouseError(message, { kind: 'interrupted', category: 'INTERRUPTED', cause });
}

/** Full jitter: anywhere between nothing and the doubled delay, but never before what the service asked for. */
function delayMs(attempt: number, error: WarehouseError, context: RetryContext): number {
  const { baseDelaySeconds, maxDelaySeconds } = context.policy;
  const ceiling = Math.min(maxDelaySeconds, baseDelaySeconds * 2 ** (attempt - 1)) * 1000;
  return Math.max(error.retryAfterMs ?? 0, Math.round(context.random() * ceiling));
}
