import { hostname } from 'node:os';

import { isAtWork } from '../../state/holder.ts';
import type { LeaseHolder, StateReader } from '../../state/store.ts';
import { STALE_MS } from './lease.ts';

/**
 * The run that is at work on a target at this time, in milliseconds since 1970; undefined when there is none, also
 * when one died and its lease is still in the record.
 */
export function liveRunOf(
  reader: StateReader | undefined,
  target: string,
  now: number,
): LeaseHolder | undefined {
  const holder = reader?.leaseHolder(target);
  return holder && isAtWork(holder, { now, host: hostname(), staleMs: STALE_MS })
    ? holder
    : undefined;
}
