import { ApiError } from '../../http/api-error.ts';
import type { Table } from '../catalog.ts';

interface Holder {
  readonly owner: object;
  /** When it lets go. */
  readonly released: Promise<void>;
  readonly release: () => void;
}

/**
 * Who changes rows of which table now. BigQuery looks at whole tables: of two transactions that update or delete rows of
 * one table the second is cancelled, and a statement outside of transactions waits for its turn. Inserts never conflict.
 */
export class TableLocks {
  readonly #project: string;
  readonly #holders = new Map<string, Holder>();
  /** When rows of a table were changed last, counted in changes. */
  readonly #changedAt = new Map<string, number>();
  #clock = 0;

  constructor(project: string) {
    this.#project = project;
  }

  /** The present, for `claim` to know what happened since a transaction began. */
  now(): number {
    return this.#clock;
  }

  /** Takes a table for a transaction that began at `since`; throws when another has it, or had it since then. */
  claim(table: Table, owner: object, since: number): void {
    const key = keyOf(table);
    const holder = this.#holders.get(key);
    if (holder?.owner === owner) return;
    if (holder !== undefined || (this.#changedAt.get(key) ?? 0) > since) {
      throw new ApiError(
        400,
        'invalidQuery',
        `Transaction is aborted due to concurrent update against table ${this.#project}:${key}.`,
        { location: 'query' },
      );
    }
    this.#hold(key, owner);
  }

  /** Takes a table for one statement as soon as nobody has it. */
  async wait(table: Table, owner: object): Promise<void> {
    const key = keyOf(table);
    for (let holder = this.#holders.get(key); holder; holder = this.#holders.get(key)) {
      await holder.released;
    }
    this.#hold(key, owner);
  }

  /** Lets go of everything that an owner has; `changed` when its changes are there now. */
  release(owner: object, changed: boolean): void {
    if (changed) this.#clock++;
    for (const [key, holder] of this.#holders) {
      if (holder.owner !== owner) continue;
      if (changed) this.#changedAt.set(key, this.#clock);
      this.#holders.delete(key);
      holder.release();
    }
  }

  #hold(key: string, owner: object): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#holders.set(key, { owner, released: promise, release: resolve });
  }
}

function keyOf({ dataset, name }: Table): string {
  return `${dataset}.${name}`;
}
