import type { DuckDBResultReader } from '@duckdb/node-api';
import { ApiServer } from '../http/api-server.ts';
import type { ApiRequest, Call } from '../http/call.ts';
import { Faults } from '../http/faults.ts';
import { credentialVariables } from '../http/metadata-server.ts';
import { multipartParts } from '../http/multipart.ts';
import { ResumableUploads } from '../http/resumable.ts';
import { Catalog } from './catalog.ts';
import { JobEngine } from './jobs/job-engine.ts';
import type { ReadObject } from './jobs/load.ts';
import type { JobResource, QueryConfiguration } from './resources.ts';
import { DATASET_ROUTES } from './routes/dataset-routes.ts';
import { JOB_ROUTES } from './routes/job-routes.ts';
import { route } from './routes/router.ts';
import { TABLE_ROUTES } from './routes/table-routes.ts';
import { Translator } from './sql/translate.ts';
import { Store } from './store.ts';

export interface BigQueryServerOptions {
  readonly project?: string;
  /** Of datasets and jobs that name none. */
  readonly location?: string;
  /** DuckDB file of the rows; memory by default. */
  readonly path?: string;
  /** Rows or items of a page at most, however many are asked for. */
  readonly pageRows?: number;
  /** Milliseconds since 1970, for creation, modification and expiry of tables. `CURRENT_TIMESTAMP()` is DuckDB's. */
  readonly now?: () => number;
  /** Reads what load jobs name with `gs://`; the storage server has one. */
  readonly readObject?: ReadObject;
}

/** A running server. */
export interface BigQueryServer {
  readonly url: string;
  readonly project: string;
  /** Every call that arrived, in order. */
  readonly calls: readonly Call[];
  readonly faults: Faults;
  /** For a process whose client finds everything in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Reads rows with DuckDB's SQL, a schema per dataset, for assertions. */
  duckdb(sql: string): Promise<DuckDBResultReader>;
  stop(): Promise<void>;
}

const ROUTES = [...DATASET_ROUTES, ...TABLE_ROUTES, ...JOB_ROUTES];

/** Starts a server that speaks enough of BigQuery's REST API v2 for the client library. */
export async function startBigQueryServer(
  options: BigQueryServerOptions = {},
): Promise<BigQueryServer> {
  const { project = 'loopback', location = 'US', now = Date.now, pageRows = 100_000 } = options;
  const catalog = new Catalog(project, location, now);
  const store = await Store.open(catalog, options.path ?? ':memory:');
  const faults = new Faults();
  const jobs = new JobEngine(store, await Translator.load(), faults, options.readObject);
  const backend = { store, jobs, faults, uploads: new ResumableUploads<JobResource>(), pageRows };
  const calls: Call[] = [];
  const server = await ApiServer.start({
    project,
    faults,
    calls,
    prefix: /\/bigquery\/v2(?=\/)/g,
    describe,
    handle: (request, fault) => route(ROUTES, { backend, request, fault }),
  });
  return {
    url: server.url,
    project,
    calls,
    faults,
    env: { BIGQUERY_EMULATOR_HOST: server.url, ...credentialVariables(server.url, project) },
    duckdb: (sql) => store.read(sql),
    async stop() {
      await jobs.stop();
      faults.clear();
      await server.stop();
      store.close();
    },
  };
}

/** Job and statement of a call, from wherever it has them. */
function describe(request: ApiRequest): { readonly jobId?: string; readonly statement?: string } {
  const { path, method } = request.call;
  const [, named] = /\/(?:jobs|queries)\/([^/]+)/.exec(path) ?? [];
  if (named !== undefined) return { jobId: named };
  if (method !== 'POST' || !/\/(jobs|queries)$/.test(path)) return {};
  const resource = sentJob(request);
  return resource === undefined ? {} : describeJob(resource);
}

type SentJob = JobResource & Pick<QueryConfiguration, 'query'>;

function describeJob(resource: SentJob): { readonly jobId?: string; readonly statement?: string } {
  const jobId = resource.jobReference?.jobId;
  const statement = resource.configuration?.query?.query ?? resource.query;
  return {
    ...(jobId === undefined ? {} : { jobId }),
    ...(statement === undefined ? {} : { statement }),
  };
}

/** The body of `jobs.insert` or `jobs.query`. */
function sentJob({ headers, body }: ApiRequest): SentJob | undefined {
  const type = headers['content-type'] ?? '';
  const text = type.startsWith('multipart/') ? multipartParts(type, body)[0]?.bytes : body;
  try {
    return JSON.parse((text ?? body).toString('utf8')) as SentJob;
  } catch {
    return undefined;
  }
}
