import { isWarehouseError } from '../errors.ts';
import type { BigqueryJobs } from './bigquery-jobs.ts';
import { leaseRow, type OwnTables, script, text } from './bigquery-sql.ts';
import type { SharedHolder, SharedLease } from './warehouse.ts';

/** A holder that was silent for this long, by BigQuery's clock, is taken to be dead. */
export const SHARED_STALE_SECONDS = 180;

/**
 * The lease of a shared warehouse: one row, which whoever takes it must change. BigQuery lets only one of two changes
 * of a row happen at a time, so that there is one holder whatever the clocks of the machines say; and every transaction
 * that writes changes the row too (`confirmLease`), so that a holder that slept cannot write any more.
 */
export class BigqueryLease implements SharedLease {
  readonly #jobs: BigqueryJobs;
  readonly #own: OwnTables;
  readonly #alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly #lost = new AbortController();
  #runId: string | undefined;

  constructor(
    jobs: BigqueryJobs,
    own: OwnTables,
    /** Does work while nothing else is written by this process. */
    alone: <T>(work: () => Promise<T>) => Promise<T>,
  ) {
    this.#jobs = jobs;
    this.#own = own;
    this.#alone = alone;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The run that holds the lease, once it is taken. */
  get runId(): string | undefined {
    return this.#runId;
  }

  async acquire(request: {
    readonly runId: string;
    readonly host: string;
    readonly pid: number;
    readonly command: string;
  }): Promise<SharedHolder | undefined> {
    this.#jobs.nameRun(request.runId);
    const sql = acquireScript(this.#own, request);
    const { rows } = await this.#jobs.repeatedly({ purpose: 'lease', sql, wantsRows: true }, {});
    const holder = holderOf(rows[0]);
    if (holder?.runId !== request.runId) return holder;
    this.#runId = request.runId;
    return undefined;
  }

  async renew(): Promise<boolean> {
    if (this.#lost.signal.aborted || this.#runId === undefined) return false;
    const sql = renewStatement(this.#own, this.#runId);
    const { changedRows } = await this.#alone(() =>
      this.#jobs.repeatedly({ purpose: 'heartbeat', sql, wantsRows: false }, {}),
    );
    if (changedRows === 0) this.#lost.abort();
    return changedRows > 0;
  }

  async release(): Promise<void> {
    if (this.#runId === undefined || this.#lost.signal.aborted) return;
    const sql = releaseStatement(this.#own, this.#runId);
    this.#runId = undefined;
    await this.#alone(() =>
      this.#jobs.repeatedly({ purpose: 'release', sql, wantsRows: false }, {}),
    );
  }

  async holder(): Promise<SharedHolder | undefined> {
    const sql = readLeaseQuery(this.#own);
    const { rows } = await this.#jobs.repeatedly({ purpose: 'holder', sql, wantsRows: true }, {});
    return holderOf(rows[0]);
  }

  /** Does work that confirms the lease, and remembers when it turns out to be lost. */
  async watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isWarehouseError(error) && error.category === 'LEASE_LOST') this.#lost.abort();
      throw error;
    }
  }
}

function holderOf(row: readonly unknown[] | undefined): SharedHolder | undefined {
  const [runId, host, pid, command, acquiredAt, silentSeconds] = row ?? [];
  if (typeof runId !== 'string') return undefined;
  return {
    runId,
    host: String(host),
    pid: Number(pid),
    command: String(command),
    acquiredAt: Number(acquiredAt),
    silentSeconds: Number(silentSeconds),
  };
}
/** Takes the lease if it is free or its holder silent; the result is its row, whoever's it is by then. */
export function acquireScript(
  own: OwnTables,
  request: {
    readonly runId: string;
    readonly host: string;
    readonly pid: number;
    readonly command: string;
  },
): string {
  const { runId, host, pid, command } = request;
  return script([
    // The row that every holder changes: two that change it at once cannot both succeed.
    `INSERT INTO ${own.lease} (run_id) SELECT CAST(NULL AS STRING) FROM (SELECT 1 AS one) AS _one WHERE NOT EXISTS (SELECT 1 FROM ${own.lease} AS _l)`,
    `UPDATE ${own.lease} SET run_id = ${text(runId)}, host = ${text(host)}, pid = ${pid}, command = ${text(command)}, acquired_at = CURRENT_TIMESTAMP(), heartbeat_at = CURRENT_TIMESTAMP()
WHERE run_id IS NULL OR heartbeat_at < TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL ${SHARED_STALE_SECONDS} SECOND)`,
    readLeaseQuery(own),
  ]);
}

/** The lease's row: who holds it, since when, and for how many seconds it has been silent. */
export function readLeaseQuery(own: OwnTables): string {
  return `SELECT run_id, host, pid, command, UNIX_MILLIS(acquired_at) AS acquired_at, TIMESTAMP_DIFF(CURRENT_TIMESTAMP(), heartbeat_at, SECOND) AS silent_seconds FROM ${leaseRow(own)} AS _l`;
}

/** Says that the run lives; changes no row when the lease is another's by now. */
export function renewStatement(own: OwnTables, runId: string): string {
  return `UPDATE ${own.lease} SET heartbeat_at = CURRENT_TIMESTAMP() WHERE run_id = ${text(runId)}`;
}

export function releaseStatement(own: OwnTables, runId: string): string {
  return `UPDATE ${own.lease} SET run_id = NULL WHERE run_id = ${text(runId)}`;
}
