import type { Fault, JobHold } from '../../http/faults.ts';
import type { ErrorProto, JobConfiguration } from '../resources.ts';
import type { ScriptOutcome, StatementOutcome } from '../script/outcome.ts';

export type JobState = 'PENDING' | 'RUNNING' | 'DONE';

/** What a load or copy job wrote. */
export interface WrittenRows {
  readonly rows: number;
  readonly inputBytes: number;
  readonly inputFiles: number;
}

export interface JobOptions {
  readonly id: string;
  readonly location: string;
  readonly configuration: JobConfiguration;
  readonly createdAt: number;
  readonly hold: JobHold | undefined;
  readonly fault: Fault | undefined;
  readonly parentId?: string;
}

/** A job from its acceptance on. */
export class Job {
  readonly id: string;
  readonly location: string;
  readonly configuration: JobConfiguration;
  readonly createdAt: number;
  readonly hold: JobHold | undefined;
  readonly fault: Fault | undefined;
  readonly parentId: string | undefined;
  state: JobState = 'PENDING';
  startedAt: number | undefined;
  endedAt: number | undefined;
  error: ErrorProto | undefined;
  outcome: ScriptOutcome | undefined;
  /** Of a script that failed. */
  statementsBeforeFault: readonly StatementOutcome[] = [];
  written: WrittenRows | undefined;
  /** Statement of a child job. */
  statement: StatementOutcome | undefined;
  childCount = 0;
  /** Stops what runs; set while it does. */
  interrupt: (() => void) | undefined;
  readonly #done = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<never>();
  #stopReason: ErrorProto | undefined;

  constructor(options: JobOptions) {
    this.id = options.id;
    this.location = options.location;
    this.configuration = options.configuration;
    this.createdAt = options.createdAt;
    this.hold = options.hold;
    this.fault = options.fault;
    this.parentId = options.parentId;
    this.#stopped.promise.catch(() => undefined);
  }

  get type(): 'QUERY' | 'LOAD' | 'COPY' {
    if (this.configuration.load) return 'LOAD';
    return this.configuration.copy ? 'COPY' : 'QUERY';
  }

  /** When it is done, however it ended. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  get stopReason(): ErrorProto | undefined {
    return this.#stopReason;
  }

  /** Cancels it, for the reason given; without effect when it is done. */
  stop(reason: ErrorProto): void {
    if (this.state === 'DONE' || this.#stopReason !== undefined) return;
    this.#stopReason = reason;
    this.#stopped.reject(new Error(reason.message));
    // Again until it ends: an interruption between two statements is lost.
    const timer = setInterval(() => this.interrupt?.(), 10);
    void this.done.then(() => clearInterval(timer));
  }

  /** Waits until it is let go, or throws when it is stopped. */
  async whenReleased(): Promise<void> {
    if (this.hold !== undefined) await Promise.race([this.hold.released, this.#stopped.promise]);
  }

  finish(at: number, error: ErrorProto | undefined): void {
    this.state = 'DONE';
    this.endedAt = at;
    this.error = error;
    this.interrupt = undefined;
    this.#done.resolve();
  }
}
