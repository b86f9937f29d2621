import { BigQuery, type Job, type JobMetadata, type TableMetadata } from '@google-cloud/bigquery';
import { Storage } from '@google-cloud/storage';
import {
  type BigQueryServer,
  type BigQueryServerOptions,
  startBigQueryServer,
} from './bigquery/server.ts';
import {
  startStorageServer,
  type StorageServer,
  type StorageServerOptions,
} from './storage/server.ts';

/** A server with the client library pointed at it, stopped when it goes out of scope. */
export interface BigQueryAndClient extends AsyncDisposable {
  readonly server: BigQueryServer;
  readonly client: BigQuery;
}

/** Starts a server and a client that finds it, and its credentials, in the environment; it does not retry. */
export async function startedBigQuery(
  options: BigQueryServerOptions = {},
): Promise<BigQueryAndClient> {
  const server = await startBigQueryServer(options);
  const restore = setVariables(server.env);
  const client = new BigQuery({
    projectId: server.project,
    location: 'US',
    retryOptions: { autoRetry: false },
  });
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      restore();
      await server.stop();
    },
  };
}

/** Sets variables of this process; what it returns puts back what was there. */
export function setVariables(variables: Readonly<Record<string, string>>): () => void {
  const names = Object.keys(variables);
  const before = names.map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

export interface StorageAndClient extends AsyncDisposable {
  readonly server: StorageServer;
  readonly client: Storage;
}

/** Starts a storage server and a client; `retries` is how often the client tries again. */
export async function startedStorage(
  options: StorageServerOptions = {},
  retries = 0,
): Promise<StorageAndClient> {
  const server = await startStorageServer(options);
  const client = new Storage({
    apiEndpoint: server.url,
    projectId: server.project,
    retryOptions: { autoRetry: retries > 0, maxRetries: retries, maxRetryDelay: 1 },
  });
  return { server, client, [Symbol.asyncDispose]: () => server.stop() };
}

/** What the client throws. */
export interface ClientError {
  readonly code?: number | string;
  readonly message: string;
  readonly reason?: string;
}

/** What goes wrong when something is tried; throws when nothing does. */
export async function failure(work: Promise<unknown>): Promise<ClientError> {
  try {
    await work;
  } catch (error) {
    const { code, message, errors } = error as {
      readonly code?: number | string;
      readonly message: string;
      readonly errors?: readonly { readonly reason?: string }[];
    };
    const reason = errors?.[0]?.reason;
    return {
      message,
      ...(code === undefined ? {} : { code }),
      ...(reason === undefined ? {} : { reason }),
    };
  }
  throw new Error('expected a failure, found none');
}

/** Runs a query as a job and returns its rows as plain values; options go into the job's configuration. */
export async function rowsOf(
  client: BigQuery,
  query: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const [job] = await client.createQueryJob({ ...options, query });
  const [rows] = await job.getQueryResults();
  return rows as readonly Readonly<Record<string, unknown>>[];
}

/** Starts a query without waiting for it. */
export async function started(client: BigQuery, query: string): Promise<Job> {
  const [job] = await client.createQueryJob({ query });
  return job;
}

/** Metadata of a table or dataset, which the client leaves without a type. */
export async function metadataOf(resource: {
  getMetadata(): Promise<readonly unknown[]>;
}): Promise<TableMetadata> {
  const [metadata] = await resource.getMetadata();
  return metadata as TableMetadata;
}

/** Metadata of a job, asked for now. */
export async function statusOf(job: Job): Promise<JobMetadata> {
  const [metadata] = (await job.getMetadata()) as readonly JobMetadata[];
  return metadata ?? {};
}
