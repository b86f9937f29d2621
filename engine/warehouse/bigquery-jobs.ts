import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { BigQuery, Job, JobMetadata } from '@google-cloud/bigquery';

import { isWarehouseError, WarehouseError } from '../errors.ts';
import { called, interrupted } from './google-calls.ts';
import { googleFault, serviceFault } from './google-faults.ts';
import { type Field, fieldsOf, plainRow } from './bigquery-values.ts';
import type { StatementCost, StatementOptions } from './warehouse.ts';

/** What every job of a warehouse carries. */
export interface JobSettings {
  readonly location: string;
  /** Labels of every job, e.g. the pipeline's name. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface QueryRequest {
  /** What the job is for; part of its id, e.g. `stage_s12_1`. */
  readonly purpose: string;
  readonly sql: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Bytes that the job may bill; absent for no limit. */
  readonly maxBytesBilled?: number | undefined;
  /** Whether the rows of the last statement are wanted. */
  readonly wantsRows: boolean;
}

/** The rows of a job's last statement, with values as `plainRow` gives them. */
export interface JobRows {
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly unknown[])[];
  /** Rows that a single INSERT, UPDATE or DELETE changed. */
  readonly changedRows: number;
}

const PAGE_ROWS = 10_000;
const CANCEL_POLLS = 100;
const CANCEL_POLL_MS = 200;
/** What to wait for the answer that a job was accepted, after the run was told to stop. */
const ACCEPTED_MS = 10_000;
/** This process cancels a job that runs too long; BigQuery does it should there be no such process any more. */
const TIMEOUT_GRACE_MS = 30_000;
/** A job that no step runs again is sent so often. */
const REPEATS = 3;

/**
 * Runs jobs: each has an id of its own that is known before it is sent, so that a job whose answer was lost is found
 * again instead of being run twice. Waits by long polling; cancels on abort and timeout, and then waits for its end.
 */
export class BigqueryJobs {
  readonly #client: BigQuery;
  readonly #settings: JobSettings;
  /** Tells what this process makes from what others do. */
  readonly session = randomBytes(4).toString('hex');
  #run: string | undefined;
  #count = 0;

  constructor(client: BigQuery, settings: JobSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  /** From now on jobs carry this run's id. */
  nameRun(runId: string): void {
    this.#run = runId;
  }

  /** Runs a statement or a script again when it fails for a passing reason; only for what does no harm twice. */
  repeatedly(request: QueryRequest, options: StatementOptions): Promise<JobRows> {
    // The signal is the query's to hear: it cancels its job.
    return called(() => this.query(request, options), undefined, { attempts: REPEATS });
  }

  /** Runs a statement or a script. */
  async query(request: QueryRequest, options: StatementOptions): Promise<JobRows> {
    const { maxBytesBilled } = request;
    const job = await this.#insert(request, options, {
      query: {
        query: request.sql,
        useLegacySql: false,
        ...(maxBytesBilled === undefined ? {} : { maximumBytesBilled: String(maxBytesBilled) }),
      },
    });
    return this.#watched(job, options, async (signal) => {
      const result = await this.#results(job, request.wantsRows, signal);
      const metadata = await metadataOf(job, signal);
      const { statistics } = metadata;
      options.onCost?.(costOf(statistics));
      return { ...result, changedRows: Number(statistics?.query?.numDmlAffectedRows ?? 0) };
    });
  }

  /** Bytes that a statement would process; it is not run. */
  async dryRun(sql: string, options: StatementOptions = {}): Promise<number> {
    const configuration = {
      dryRun: true,
      labels: this.#labels({}),
      query: { query: sql, useLegacySql: false },
    };
    const { location } = this.#settings;
    const [, metadata] = await called(
      () => this.#client.createJob({ location, configuration }),
      options.signal,
    );
    return Number(metadata.statistics?.totalBytesProcessed ?? 0);
  }

  /** Waits for a load job that `start` sends with the id that it is given. */
  async load(
    purpose: string,
    start: (jobId: string) => Promise<Job>,
    options: StatementOptions,
  ): Promise<void> {
    const id = this.#nextId(purpose);
    const { location } = this.#settings;
    const sent = (): Promise<Job> =>
      start(id).catch((error: unknown) => {
        if (isAccepted(error)) return this.#client.job(id, { location });
        throw error;
      });
    const job = await called(sent, options.signal, { graceMs: ACCEPTED_MS });
    await this.#watched(job, options, async (signal) => {
      for (let wait = 50; ; wait = Math.min(2000, wait * 2)) {
        const metadata = await metadataOf(job, signal);
        if (metadata.status?.state === 'DONE') {
          const problem = problemOf(metadata.status);
          if (problem) throw problem;
          options.onCost?.(costOf(metadata.statistics));
          return;
        }
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    });
  }

  async #insert(
    { purpose, labels = {} }: QueryRequest,
    { signal, timeoutMs }: StatementOptions,
    work: { readonly query: object },
  ): Promise<Job> {
    const jobId = this.#nextId(purpose);
    const { location } = this.#settings;
    const configuration = {
      ...work,
      labels: this.#labels(labels),
      // Should this process die, the job does not run on for ever.
      ...(timeoutMs === undefined ? {} : { jobTimeoutMs: String(timeoutMs + TIMEOUT_GRACE_MS) }),
    };
    const insert = async (): Promise<Job> => {
      try {
        const [job] = await this.#client.createJob({ jobId, location, configuration });
        return job;
      } catch (error) {
        if (isAccepted(error)) return this.#client.job(jobId, { location });
        throw error;
      }
    };
    return called(insert, signal, { graceMs: ACCEPTED_MS });
  }

  /** Waits for the job's end, and reads the rows of its last statement page by page. */
  async #results(
    job: Job,
    wantsRows: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Omit<JobRows, 'changedRows'>> {
    const rows: (readonly unknown[])[] = [];
    let page = await this.#page(job, wantsRows, undefined, signal);
    // The service waits some seconds for the job's end, then says that it goes on.
    while (!page.isComplete) page = await this.#page(job, wantsRows, undefined, signal);
    const { fields } = page;
    for (;;) {
      for (const row of wantsRows ? page.rows : []) rows.push(plainRow(row, fields));
      if (!wantsRows || page.next === undefined) return { fields, rows };
      page = await this.#page(job, wantsRows, page.next, signal);
    }
  }

  async #page(
    job: Job,
    wantsRows: boolean,
    pageToken: string | undefined,
    signal: AbortSignal | undefined,
  ) {
    const options = {
      maxResults: wantsRows ? PAGE_ROWS : 0,
      autoPaginate: false,
      skipParsing: true,
      ...(pageToken === undefined ? {} : { pageToken }),
    };
    const [rows, , answer] = await called(() => job.getQueryResults(options), signal);
    const next = answer?.pageToken;
    return {
      rows,
      fields: fieldsOf(answer?.schema),
      isComplete: answer?.jobComplete !== false,
      next: typeof next === 'string' && next !== '' ? next : undefined,
    };
  }

  /**
   * Does the waiting for a job; on abort or timeout cancels it. What was done before it could be cancelled counts as
   * done: its result is waited for.
   */
  async #watched<T>(
    job: Job,
    { signal, timeoutMs }: StatementOptions,
    wait: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    const late = new AbortController();
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => late.abort(), timeoutMs);
    const stop = AbortSignal.any([late.signal, ...(signal ? [signal] : [])]);
    try {
      return await wait(stop);
    } catch (error) {
      if (!stop.aborted || googleFault(error).kind !== 'interrupted') throw error;
      if (await this.#endedWell(job)) return await wait(undefined);
      throw late.signal.aborted ? timedOut(timeoutMs ?? 0) : interrupted();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Cancels a job and waits until it has ended, so that nothing of it happens later; true when it was done by then. */
  async #endedWell(job: Job): Promise<boolean> {
    try {
      await called(() => job.cancel());
      for (let poll = 0; poll < CANCEL_POLLS; poll++) {
        const { status } = await metadataOf(job);
        if (status?.state === 'DONE') return problemOf(status) === undefined;
        await sleep(CANCEL_POLL_MS);
      }
    } catch (error) {
      // A job that cannot be cancelled ends by its own timeout; the next run compares record and warehouse.
      if (!isWarehouseError(error)) throw error;
    }
    return false;
  }

  #nextId(purpose: string): string {
    this.#count++;
    const owner = this.#run === undefined ? 'read' : this.#run;
    const id = `fastbreak_${owner}_${this.session}_${purpose}_${this.#count}`;
    return id.replaceAll(/[^\w-]/g, '_').slice(0, 1000);
  }

  #labels(more: Readonly<Record<string, string>>): Record<string, string> {
    const run = this.#run === undefined ? {} : { fastbreak_run: this.#run };
    const all = { ...this.#settings.labels, ...run, ...more };
    return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, labelValue(value)]));
  }
}

/** What BigQuery takes as a label: 63 lower-case letters, digits, `_` and `-`. */
export function labelValue(value: string): string {
  return value
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '_')
    .slice(0, 63);
}

async function metadataOf(job: Job, signal?: AbortSignal): Promise<JobMetadata> {
  const answer: unknown = await called(() => job.getMetadata(), signal);
  // The client does not say what it passes on: the service's description of the job.
  return (answer as readonly [JobMetadata])[0];
}

/** A job id that is known already is our own: its answer was lost. */
function isAccepted(error: unknown): boolean {
  return googleFault(error).category === 'ALREADY_EXISTS';
}

interface JobStatus {
  readonly errorResult?: {
    readonly reason?: string | null;
    readonly message?: string | null;
  } | null;
}

function problemOf({ errorResult }: JobStatus): WarehouseError | undefined {
  if (!errorResult) return undefined;
  return serviceFault({
    reason: errorResult.reason ?? undefined,
    message: errorResult.message ?? 'the job failed without a message',
  });
}

interface Statistics {
  readonly totalSlotMs?: string | null;
  readonly totalBytesProcessed?: string | null;
  readonly query?: { readonly totalBytesBilled?: string | null } | null;
}

function costOf(statistics: Statistics | null | undefined): StatementCost {
  return {
    bytesProcessed: Number(statistics?.totalBytesProcessed ?? 0),
    bytesBilled: Number(statistics?.query?.totalBytesBilled ?? 0),
    slotMs: Number(statistics?.totalSlotMs ?? 0),
  };
}

function timedOut(timeoutMs: number): WarehouseError {
  return new WarehouseError(
    `the statement ran longer than its timeout of ${timeoutMs / 1000} s and was cancelled`,
    { kind: 'timeout', category: 'TIMEOUT' },
  );
}
