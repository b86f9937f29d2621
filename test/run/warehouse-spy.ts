import { onTestFinished, vi } from 'vitest';
import { WarehouseError } from '../../engine/errors.ts';
import { openDuckdbWarehouse } from '../../engine/warehouse/duckdb.ts';
import type { Warehouse } from '../../engine/warehouse/warehouse.ts';

type Method = 'stage' | 'publish' | 'query' | 'discard';

/**
 * Runs something before every call of a method of any DuckDB warehouse, which then does its work as ever; what is
 * thrown there is what the call ends with. Undone when the test is over.
 */
export async function beforeEvery(
  method: Method,
  intrude: (call: number, args: readonly unknown[]) => void | Promise<void>,
): Promise<void> {
  await around(method, async (call, args, work) => {
    await intrude(call, args);
    return work();
  });
}

/** Runs something after every call of a method. */
export async function afterEvery(method: Method, intrude: (call: number) => void): Promise<void> {
  await around(method, async (call, _, work) => {
    const result = await work();
    intrude(call);
    return result;
  });
}

async function around(
  method: Method,
  wrap: (call: number, args: readonly unknown[], work: () => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const some = await openDuckdbWarehouse({
    path: ':memory:',
    memoryLimit: '100MB',
    threads: 1,
    readOnly: false,
  });
  await some.close();
  const prototype = Object.getPrototypeOf(some) as Record<Method, unknown>;
  const original = prototype[method] as (...args: unknown[]) => Promise<unknown>;
  let calls = 0;
  const spy = vi.spyOn(prototype as Warehouse, method);
  spy.mockImplementation(async function (this: Warehouse, ...args: readonly unknown[]) {
    calls++;
    // The answer is the original's.
    return wrap(calls, args, () => original.apply(this, [...args])) as never;
  });
  onTestFinished(() => spy.mockRestore());
}

/** A fault that may be gone when it is tried again. */
export function transientFault(retryAfterMs?: number): WarehouseError {
  return new WarehouseError('the line was busy', {
    kind: 'transient',
    category: 'CONNECTION_ERROR',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
