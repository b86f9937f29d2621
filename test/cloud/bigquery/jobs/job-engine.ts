import { createHash, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { ApiError, notFound } from '../../http/api-error.ts';
import type { Call } from '../../http/call.ts';
import type { Fault, Faults } from '../../http/faults.ts';
import { duplicate } from '../catalog.ts';
import { jobError, resultError } from '../duckdb-errors.ts';
import type {
  CopyConfiguration,
  ErrorProto,
  JobResource,
  QueryConfiguration,
} from '../resources.ts';
import type { ScriptOutcome, StatementOutcome } from '../script/outcome.ts';
import { splitScript } from '../sql/split-script.ts';
import { dryRunScript, runScript, ScriptFault } from '../script/run-script.ts';
import { ScriptSession } from '../script/session.ts';
import type { Translator } from '../sql/translate.ts';
import { relation, type Store } from '../store.ts';
import { Job, type JobOptions } from './job.ts';
import { inferredLocation, requireLocation, sameLocation } from './job-location.ts';
import { type ReadObject, runLoad } from './load.ts';
import { writeRows } from './write-rows.ts';

/** What comes with the resource that starts a job. */
export interface Submission {
  readonly call: Call;
  readonly fault: Fault | undefined;
  readonly media: Buffer | undefined;
}

/** All jobs of a server. Each runs on a connection of its own as soon as it is accepted. */
export class JobEngine {
  readonly #store: Store;
  readonly #translator: Translator;
  readonly #faults: Faults;
  readonly #readObject: ReadObject | undefined;
  readonly #jobs = new Map<string, Job>();

  constructor(
    store: Store,
    translator: Translator,
    faults: Faults,
    readObject: ReadObject | undefined,
  ) {
    this.#store = store;
    this.#translator = translator;
    this.#faults = faults;
    this.#readObject = readObject;
  }

  /** All jobs, the newest first. */
  list(): readonly Job[] {
    return [...this.#jobs.values()].toReversed();
  }

  /** A job by its id, in its location when one is named; counts as one poll for the hold on it. */
  get(id: string, location: string | null): Job {
    const job = this.#jobs.get(id);
    if (job === undefined || (location !== null && !sameLocation(location, job.location))) {
      throw notFound(`Job ${this.#store.catalog.project}:${id}`);
    }
    return job;
  }

  /** Accepts a job; throws when the request itself is wrong. A dry run is done when this returns, and forgotten. */
  async submit(resource: JobResource, submission: Submission): Promise<Job> {
    const { configuration = {} } = resource;
    const id =
      resource.jobReference?.jobId ?? `job_${randomUUID().replaceAll('-', '').slice(0, 28)}`;
    const location =
      resource.jobReference?.location ?? inferredLocation(configuration, this.#store.catalog);
    if (!/^[\w-]{1,1024}$/.test(id)) {
      throw new ApiError(
        400,
        'invalid',
        `Invalid job ID "${id}". Job IDs must be alphanumeric (plus underscores and dashes) and must be at most 1024 characters long.`,
      );
    }
    checkLabels(configuration.labels ?? {});
    if (this.#jobs.has(id) && configuration.dryRun !== true) {
      throw duplicate(`Job ${this.#store.catalog.project}:${location}.${id}`);
    }
    const now = this.#store.catalog.now();
    const options: JobOptions = {
      id,
      location,
      configuration,
      createdAt: now,
      hold: configuration.dryRun === true ? undefined : this.#faults.holdOn(submission.call, id),
      fault: submission.fault,
    };
    const job = new Job(options);
    if (configuration.dryRun === true) {
      await this.#dryRun(job);
      return job;
    }
    this.#jobs.set(id, job);
    await this.#analyze(job);
    void this.#run(job, submission.media);
    return job;
  }

  /** A single statement that makes no sense is refused at once; its job exists all the same. */
  async #analyze(job: Job): Promise<void> {
    const { query } = job.configuration;
    if (query === undefined || splitScript(query.query ?? '').length > 1) return;
    try {
      await this.#examine(job, query);
    } catch (error) {
      const problem = jobError(error, this.#store.catalog);
      // Whether it may run at all is for the job to say, as is what needs more than a look at the statement.
      if (!['invalidQuery', 'notFound'].includes(problem.reason)) return;
      job.startedAt = job.createdAt;
      job.finish(this.#store.catalog.now(), problem);
      throw resultError(problem);
    }
  }

  async #examine(job: Job, query: QueryConfiguration): Promise<ScriptOutcome> {
    const session = await ScriptSession.open(this.#store, this.#translator, query, job.location);
    try {
      return await dryRunScript(session, query.query ?? '');
    } finally {
      session.close();
    }
  }

  cancel(job: Job): void {
    job.stop({
      reason: 'stopped',
      message: 'Job execution was cancelled: User requested cancellation',
    });
  }

  /** Stops everything that runs, and waits for it. */
  async stop(): Promise<void> {
    for (const job of this.#jobs.values()) this.cancel(job);
    await Promise.all(Array.from(this.#jobs.values(), (job) => job.done));
  }

  async #dryRun(job: Job): Promise<void> {
    const query = job.configuration.query;
    if (query === undefined) throw new ApiError(400, 'invalid', 'Only query jobs can be dry-run.');
    job.startedAt = this.#store.catalog.now();
    job.outcome = await this.#examine(job, query);
    job.finish(this.#store.catalog.now(), undefined);
  }

  async #run(job: Job, media: Buffer | undefined): Promise<void> {
    const { jobTimeoutMs } = job.configuration;
    const timer =
      jobTimeoutMs === undefined
        ? undefined
        : setTimeout(() => job.stop(timedOut(jobTimeoutMs)), Number(jobTimeoutMs));
    let error: ErrorProto | undefined;
    // The answer to the call that starts it says PENDING, however fast it is.
    await setImmediate();
    try {
      await this.#act(job, media);
    } catch (thrown) {
      if (thrown instanceof ScriptFault) job.statementsBeforeFault = thrown.statements;
      error = job.stopReason ?? jobError(thrown, this.#store.catalog);
    } finally {
      clearTimeout(timer);
    }
    this.#addChildren(job);
    job.finish(this.#store.catalog.now(), error);
  }

  async #act(job: Job, media: Buffer | undefined): Promise<void> {
    const failure = plannedFailure(job.fault);
    job.state = 'RUNNING';
    job.startedAt = this.#store.catalog.now();
    if (job.hold?.acts === 'before') await job.whenReleased();
    if (failure !== undefined && failure.acted !== true) throw toError(failure);
    await this.#work(job, media);
    if (job.hold?.acts === 'after') await job.whenReleased();
    if (failure !== undefined) throw toError(failure);
  }

  async #work(job: Job, media: Buffer | undefined): Promise<void> {
    const { query, load, copy } = job.configuration;
    if (query !== undefined) return this.#query(job, query);
    const connection = await this.#store.connect();
    job.interrupt = () => connection.interrupt();
    try {
      if (load !== undefined) {
        requireLocation(job.location, load.destinationTable, this.#store.catalog);
        const files = media === undefined ? this.#objects(load.sourceUris ?? []) : [media];
        job.written = await runLoad(this.#store, connection, load, files);
      } else if (copy !== undefined) await this.#copy(connection, copy);
      else
        throw new ApiError(
          400,
          'required',
          'Required parameter is missing: configuration.query, load or copy',
        );
    } finally {
      connection.closeSync();
    }
  }

  async #query(job: Job, query: QueryConfiguration): Promise<void> {
    const session = await ScriptSession.open(this.#store, this.#translator, query, job.location);
    job.interrupt = () => session.cancel();
    try {
      const outcome = await runScript(session, query.query ?? '');
      const { destinationTable } = query;
      const last = outcome.statements.at(-1);
      if (destinationTable !== undefined && last?.kind === 'SELECT') {
        const resolved = await session.resolve(last.text);
        await writeRows(session.connection, this.#store.catalog, {
          destination: destinationTable,
          fields: outcome.result?.fields ?? [],
          query: this.#translator.toDuckdb(resolved.text),
          writeDisposition: query.writeDisposition ?? 'WRITE_EMPTY',
          createDisposition: query.createDisposition ?? 'CREATE_IF_NEEDED',
          resource: {},
        });
      }
      job.outcome = outcome;
    } finally {
      session.close();
    }
  }

  async #copy(
    connection: Awaited<ReturnType<Store['connect']>>,
    copy: CopyConfiguration,
  ): Promise<void> {
    const source = copy.sourceTable ?? copy.sourceTables?.[0];
    if (source === undefined || copy.destinationTable === undefined) {
      throw new ApiError(
        400,
        'required',
        'Required parameter is missing: sourceTable or destinationTable',
      );
    }
    const { catalog } = this.#store;
    const table = catalog.table(source.datasetId, source.tableId);
    const { timePartitioning, clustering } = table;
    await writeRows(connection, catalog, {
      destination: copy.destinationTable,
      fields: table.fields,
      query: `SELECT * FROM ${relation(table.dataset, table.name)}`,
      writeDisposition: copy.writeDisposition ?? 'WRITE_EMPTY',
      createDisposition: copy.createDisposition ?? 'CREATE_IF_NEEDED',
      resource: {
        ...(timePartitioning === undefined ? {} : { timePartitioning }),
        clustering: { fields: clustering },
      },
    });
  }

  #objects(uris: readonly string[]): readonly Buffer[] {
    const files = uris.flatMap((uri) => {
      const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
      const found =
        bucket === undefined || name === undefined ? [] : this.#readObject?.(bucket, name);
      if (found === undefined || found.length === 0) throw notFound(`URI ${uri}`);
      return found;
    });
    if (files.length === 0)
      throw new ApiError(400, 'required', 'Required parameter is missing: sourceUris');
    return files;
  }

  /** One job per statement of a script, as BigQuery has them. */
  #addChildren(job: Job): void {
    const isScript = job.outcome?.isScript ?? job.statementsBeforeFault.length > 0;
    const statements: readonly StatementOutcome[] =
      job.outcome?.statements ?? job.statementsBeforeFault;
    if (!isScript) return;
    for (const [index, statement] of statements.entries()) {
      const id = `script_job_${createHash('md5').update(job.id).digest('hex')}_${index}`;
      const child = new Job({
        id,
        location: job.location,
        configuration: { query: { query: statement.text, useLegacySql: false } },
        createdAt: job.createdAt,
        hold: undefined,
        fault: undefined,
        parentId: job.id,
      });
      child.statement = statement;
      child.startedAt = job.createdAt;
      child.finish(this.#store.catalog.now(), undefined);
      this.#jobs.set(id, child);
    }
    job.childCount = statements.length;
  }
}

interface PlannedFailure {
  readonly reason: string;
  readonly message: string;
  readonly acted?: boolean;
}

function plannedFailure(fault: Fault | undefined): PlannedFailure | undefined {
  return typeof fault === 'object' && 'jobFails' in fault ? fault.jobFails : undefined;
}

function toError({ reason, message }: PlannedFailure): ApiError {
  return new ApiError(400, reason, message);
}

function timedOut(milliseconds: string | number): ErrorProto {
  return {
    reason: 'timeout',
    message: `Job execution was cancelled: Job timed out after ${Number(milliseconds) / 1000}s`,
  };
}

function checkLabels(labels: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(labels)) {
    const isGood =
      /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u.test(key) &&
      /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u.test(value);
    if (!isGood) {
      throw new ApiError(
        400,
        'invalid',
        `Label "${key}": "${value}" is invalid: keys and values may hold lowercase letters, digits, "_" and "-", 63 at most, and a key begins with a letter.`,
      );
    }
  }
}
