/** Where a piece of work stands among the others. */
export interface Place {
  /** Of what can begin, the lowest begins first; equal ones in the order in which they came. */
  readonly order: number;
  /** Counts among the work of this pool too. */
  readonly pool?: string | undefined;
  /** Work that ends what was begun: it begins even when nothing new is to. */
  readonly isOwed?: boolean;
}

export interface SlotOptions {
  /** How much runs at once in all. */
  readonly limit: number;
  /** How much of each pool. */
  readonly pools: ReadonlyMap<string, number>;
  /** Asked right before anything begins. */
  readonly mayBegin: () => boolean;
}

interface Waiting extends Place {
  readonly begin: () => Promise<void>;
  readonly drop: () => void;
}

/**
 * Lets work run at once, up to a limit in all and one for each pool. What waits for its pool keeps no slot that
 * other work could use. After work has thrown nothing more begins.
 */
export class Slots {
  readonly #options: SlotOptions;
  readonly #waiting: Waiting[] = [];
  readonly #runningByPool = new Map<string, number>();
  #running = 0;
  #isFilling = false;
  #isBroken = false;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /** How much work of a pool, or of none, can run at once. */
  limitOf(pool: string | undefined): number {
    const { limit, pools } = this.#options;
    const ofPool = pool === undefined ? undefined : pools.get(pool);
    return Math.min(limit, ofPool ?? limit);
  }

  /** Does the work when there is room for it; undefined when it was not begun since nothing new is to begin. */
  run<Result extends object>(
    place: Place,
    work: () => Promise<Result>,
  ): Promise<Result | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<Result | undefined>();
    const begin = async (): Promise<void> => {
      try {
        resolve(await work());
      } catch (error) {
        this.#isBroken = true;
        reject(error);
      }
    };
    const after = this.#waiting.findLastIndex((other) => other.order <= place.order);
    this.#waiting.splice(after + 1, 0, { ...place, begin, drop: () => resolve(undefined) });
    this.#fillSoon();
    return promise;
  }

  /**
   * Not before whoever waited for the end of something has said what comes next: with a limit of 1 everything
   * happens in the given order, as if it were one loop.
   */
  #fillSoon(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    setImmediate(() => {
      this.#isFilling = false;
      this.#fill();
    });
  }

  #fill(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (this.#isBroken || !(next.isOwed || this.#options.mayBegin())) next.drop();
      else void this.#begin(next);
    }
  }

  /** Takes out the first that there is room for. */
  #next(): Waiting | undefined {
    if (this.#running >= this.#options.limit) return undefined;
    const at = this.#waiting.findIndex(({ pool }) => this.#hasRoom(pool));
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }

  #hasRoom(pool: string | undefined): boolean {
    return pool === undefined || this.#runningIn(pool) < this.limitOf(pool);
  }

  #runningIn(pool: string): number {
    return this.#runningByPool.get(pool) ?? 0;
  }

  async #begin({ pool, begin }: Waiting): Promise<void> {
    this.#count(pool, 1);
    await begin();
    this.#count(pool, -1);
    this.#fillSoon();
  }

  #count(pool: string | undefined, by: 1 | -1): void {
    this.#running += by;
    if (pool !== undefined) this.#runningByPool.set(pool, this.#runningIn(pool) + by);
  }
}
