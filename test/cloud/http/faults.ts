import type { Call } from './call.ts';

/** What a fault does to a call. */
export type Fault =
  /** Answered with an error before it is acted on; `retryAfter` in seconds. */
  | {
      readonly status: number;
      readonly reason: string;
      readonly message?: string;
      readonly retryAfter?: number;
    }
  /** The connection is cut before the call is acted on. */
  | 'drop before'
  /** The call is acted on and the connection cut instead of an answer. */
  | 'drop after'
  /** Google's front end answers 502 with a page of HTML; not acted on. */
  | 'html'
  /** 401, as when an access token has run out; not acted on. */
  | 'token expired'
  /** 503 for a page after the first; matches only calls with a page token. */
  | 'page fails'
  | { readonly slowMs: number }
  /** The job is accepted and ends with this error; with `acted`, after its statements took effect. */
  | {
      readonly jobFails: {
        readonly reason: string;
        readonly message: string;
        readonly acted?: boolean;
      };
    }
  /** A download ends, its connection cut, after so many bytes. */
  | { readonly breakAfterBytes: number }
  /** A byte of a download is changed, the checksum in its header is not. */
  | 'corrupt';

/** Which calls are meant; what is absent matches everything. */
export interface CallMatch {
  readonly method?: string;
  /** Part of the path, or a pattern. */
  readonly path?: string | RegExp;
  /** Against the text of the job's statement. */
  readonly statement?: RegExp;
  /** Only the n-th call that matches the rest, from 1. */
  readonly nth?: number;
}

/** A fault that was asked for. */
export interface Injected {
  /** How often it has struck. */
  readonly fired: number;
  /** The calls it struck. */
  readonly calls: readonly Call[];
  /** It strikes no more. */
  cancel(): void;
}

/** A job that stays RUNNING. */
export interface Hold {
  /** Ids of the jobs that it holds or held. */
  readonly jobIds: readonly string[];
  /** Lets them go on. */
  release(): void;
}

export interface HoldOptions {
  readonly match?: CallMatch;
  /** Released by itself when the job was asked for so many times. */
  readonly polls?: number;
  /** Whether it is held before its statements run (default) or when they have taken effect. */
  readonly acts?: 'before' | 'after';
}

/** What a job finds out about the hold on it. */
export interface JobHold {
  readonly acts: 'before' | 'after';
  /** Whether it is released by being asked for. */
  readonly isPolled: boolean;
  readonly released: Promise<void>;
  polled(): void;
  release(): void;
}

class Injection implements Injected {
  readonly calls: Call[] = [];
  #seen = 0;
  readonly #times: number;
  readonly #match: (call: Call) => boolean;
  readonly #nth: number | undefined;
  readonly fault: Fault;
  #isCancelled = false;

  constructor(fault: Fault, match: (call: Call) => boolean, nth: number | undefined, times = 1) {
    this.fault = fault;
    this.#match = match;
    this.#nth = nth;
    this.#times = times;
  }

  get fired(): number {
    return this.calls.length;
  }

  cancel(): void {
    this.#isCancelled = true;
  }

  /** Whether it is for this call, unless another one struck it already; then it is for the next that matches. */
  strikes(call: Call, isTaken: boolean): boolean {
    if (this.#isCancelled || this.fired >= this.#times || !this.#match(call)) return false;
    if (this.fault === 'page fails' && !call.query.has('pageToken')) return false;
    this.#seen++;
    if (isTaken || this.#seen < (this.#nth ?? 0)) return false;
    this.calls.push(call);
    return true;
  }
}

/** The faults of one server. */
export class Faults {
  readonly #injections: Injection[] = [];
  readonly #holds: { readonly matches: (call: Call) => boolean; readonly hold: HeldJobs }[] = [];

  /** Strikes the next call that matches, or the next `times` of them. */
  failNext(options: {
    readonly match?: CallMatch;
    readonly with: Fault;
    readonly times?: number;
  }): Injected {
    const { match = {}, times } = options;
    const injection = new Injection(
      options.with,
      (call) => matches(call, match),
      match.nth,
      times ?? 1,
    );
    this.#injections.push(injection);
    return injection;
  }

  /** Strikes the n-th call from now, from 1, whatever it is. */
  failCall(n: number, fault: Fault): Injected {
    const injection = new Injection(fault, () => true, n);
    this.#injections.push(injection);
    return injection;
  }

  /** Keeps the jobs that matching calls start from ending. */
  holdJobs(options: HoldOptions = {}): Hold {
    const { match = {} } = options;
    const hold = new HeldJobs(options);
    let seen = 0;
    this.#holds.push({
      hold,
      matches: (call) => matches(call, match) && (match.nth === undefined || ++seen === match.nth),
    });
    return hold;
  }

  /** No more faults; what is held goes on. */
  clear(): void {
    this.#injections.length = 0;
    for (const { hold } of this.#holds.splice(0)) hold.release();
  }

  /** The fault that strikes a call, the oldest first. Every injection sees the call, so that each counts by itself. */
  take(call: Call): Fault | undefined {
    let fault: Fault | undefined;
    for (const injection of this.#injections) {
      if (injection.strikes(call, fault !== undefined)) fault = injection.fault;
    }
    return fault;
  }

  /** The hold on the job that a call starts. */
  holdOn(call: Call, jobId: string): JobHold | undefined {
    return this.#holds.find((each) => each.matches(call))?.hold.add(jobId);
  }
}

class HeldJobs implements Hold {
  readonly jobIds: string[] = [];
  readonly #options: HoldOptions;
  readonly #gates: (() => void)[] = [];
  #isReleased = false;

  constructor(options: HoldOptions) {
    this.#options = options;
  }

  add(jobId: string): JobHold | undefined {
    if (this.#isReleased) return undefined;
    this.jobIds.push(jobId);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gates.push(resolve);
    const { polls = Infinity, acts = 'before' } = this.#options;
    let count = 0;
    return {
      acts,
      isPolled: polls !== Infinity,
      released: promise,
      release: resolve,
      polled: () => {
        if (++count >= polls) resolve();
      },
    };
  }

  release(): void {
    this.#isReleased = true;
    for (const open of this.#gates.splice(0)) open();
  }
}

function matches(call: Call, match: CallMatch): boolean {
  if (match.method !== undefined && call.method !== match.method.toUpperCase()) return false;
  if (typeof match.path === 'string' && !call.path.includes(match.path)) return false;
  if (match.path instanceof RegExp && !match.path.test(call.path)) return false;
  return match.statement === undefined || match.statement.test(call.statement ?? '');
}
