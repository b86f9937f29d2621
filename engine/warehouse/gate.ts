import { WarehouseError } from '../errors.ts';

/** Lets one piece of work through at a time, in the order in which they came. */
export class Gate {
  #isTaken = false;
  readonly #waiting: (() => void)[] = [];

  /** Does the work when it is alone; throws an interruption where the signal aborts before that. */
  async alone<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#isTaken) await this.#turn(signal);
    this.#isTaken = true;
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.reject(interrupted());
    const enter = (): void => {
      signal?.removeEventListener('abort', stop);
      resolve();
    };
    const stop = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(enter), 1);
      reject(interrupted());
    };
    signal?.addEventListener('abort', stop, { once: true });
    this.#waiting.push(enter);
    return promise;
  }

  /** The next takes over at once: nobody who comes in between gets ahead of it. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}

/** What work ends with that was told to stop. */
export function interrupted(): WarehouseError {
  return new WarehouseError('interrupted', { kind: 'interrupted', category: 'INTERRUPTED' });
}
