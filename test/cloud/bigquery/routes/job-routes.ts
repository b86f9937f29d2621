import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../http/api-error.ts';
import { type ApiReply, jsonBody } from '../../http/call.ts';
import { uploadParts } from '../../http/multipart.ts';
import { resultError } from '../duckdb-errors.ts';
import type { Job } from '../jobs/job.ts';
import { jobResource, resultFields } from '../jobs/job-resource.ts';
import type { JobConfiguration, JobResource, QueryConfiguration } from '../resources.ts';
import { restRow, type ValueFormat } from '../row-values.ts';
import { billedBytes } from '../script/outcome.ts';
import { pageOf } from './paging.ts';
import type { Route, Visit } from './router.ts';
import { wantedFormat } from './value-format.ts';

export const JOB_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    pattern: '/jobs',
    handle: (visit) => insertJob(visit, jsonBody<JobResource>(visit.request)),
  },
  { method: 'POST', pattern: '/upload/jobs', handle: uploadJob },
  { method: 'PUT', pattern: '/upload/jobs', handle: continueUpload },
  { method: 'GET', pattern: '/jobs', handle: listJobs },
  { method: 'GET', pattern: '/jobs/*', handle: (visit) => polledJob(visit) },
  {
    method: 'POST',
    pattern: '/jobs/*/cancel',
    handle: (visit) => {
      const job = jobOf(visit);
      visit.backend.jobs.cancel(job);
      return { json: { kind: 'bigquery#jobCancelResponse', job: resourceOf(visit, job) } };
    },
  },
  { method: 'GET', pattern: '/queries/*', handle: getResults },
  { method: 'POST', pattern: '/queries', handle: runQuery },
];

const DEFAULT_WAIT_MS = 10_000;

function resourceOf({ backend }: Pick<Visit, 'backend'>, job: Job): unknown {
  return jobResource(job, backend.store.catalog.project);
}

function jobOf({ backend, request, names: [id = ''] }: Visit): Job {
  return backend.jobs.get(id, request.call.query.get('location'));
}

async function insertJob(visit: Visit, resource: JobResource, media?: Buffer): Promise<ApiReply> {
  const job = await visit.backend.jobs.submit(resource, {
    call: visit.request.call,
    fault: visit.fault,
    media,
  });
  return { json: resourceOf(visit, job) };
}

async function uploadJob(visit: Visit): Promise<ApiReply> {
  const { headers, body, call } = visit.request;
  if (call.query.get('uploadType') === 'resumable') {
    return visit.backend.uploads.begin(visit.request, jsonBody<JobResource>(visit.request));
  }
  const { resource, media } = uploadParts<JobResource>(headers['content-type'] ?? '', body);
  return insertJob(visit, resource, media.bytes);
}

function continueUpload(visit: Visit): Promise<ApiReply> {
  return visit.backend.uploads.put(visit.request, (upload) =>
    insertJob(visit, upload.resource, upload.bytes),
  );
}

function listJobs(visit: Visit): ApiReply {
  const { query } = visit.request.call;
  const parent = query.get('parentJobId');
  const states = query.getAll('stateFilter').map((state) => state.toUpperCase());
  const since = Number(query.get('minCreationTime') ?? 0);
  const jobs = visit.backend.jobs
    .list()
    .filter((job) => (parent === null ? job.parentId === undefined : job.parentId === parent))
    .filter((job) => states.length === 0 || states.includes(job.state))
    .filter((job) => job.createdAt >= since);
  const page = pageOf(jobs, query, visit.backend.pageRows);
  return {
    json: {
      kind: 'bigquery#jobList',
      ...(page.items.length === 0 ? {} : { jobs: page.items.map((job) => listItem(visit, job)) }),
      ...(page.next === undefined ? {} : { nextPageToken: page.next }),
    },
  };
}

function listItem(visit: Visit, job: Job): unknown {
  const { error, state } = job;
  return {
    ...jobResource(job, visit.backend.store.catalog.project),
    state,
    ...(error === undefined ? {} : { errorResult: error }),
  };
}

function polledJob(visit: Visit): ApiReply {
  const job = jobOf(visit);
  const json = resourceOf(visit, job);
  job.hold?.polled();
  return { json };
}

async function getResults(visit: Visit): Promise<ApiReply> {
  const job = jobOf(visit);
  const { query } = visit.request.call;
  if (job.type !== 'QUERY') {
    throw new ApiError(400, 'invalid', 'Cannot query results of a job that is not a query');
  }
  await waitFor(job, Number(query.get('timeoutMs') ?? DEFAULT_WAIT_MS));
  return {
    json: resultsOf(visit, job, wantedFormat(query), query, 'bigquery#getQueryResultsResponse'),
  };
}

/** A job that is held by a number of polls is not waited for: every answer is one of them. */
async function waitFor(job: Job, milliseconds: number): Promise<void> {
  if (job.hold?.isPolled === true && job.state !== 'DONE') {
    job.hold.polled();
    await sleep(5);
    return;
  }
  const controller = new AbortController();
  await Promise.race([
    job.done,
    sleep(milliseconds, undefined, { signal: controller.signal }).catch(() => undefined),
  ]);
  controller.abort();
}

function resultsOf(
  visit: Visit,
  job: Job,
  format: ValueFormat,
  query: URLSearchParams,
  kind: string,
): unknown {
  const { project } = visit.backend.store.catalog;
  const jobReference = { projectId: project, jobId: job.id, location: job.location };
  if (job.state !== 'DONE') return { kind, jobReference, jobComplete: false };
  if (job.error !== undefined) throw resultError(job.error);
  const rows = job.outcome?.result?.rows ?? [];
  const fields = resultFields(job);
  const page = pageOf(rows, query, visit.backend.pageRows);
  return {
    kind,
    etag: job.id,
    jobReference,
    jobComplete: true,
    ...(fields.length === 0 ? {} : { schema: { fields } }),
    totalRows: String(rows.length),
    ...(page.items.length === 0
      ? {}
      : { rows: page.items.map((row) => restRow(row, fields, format)) }),
    ...(page.next === undefined ? {} : { pageToken: page.next }),
    ...costOf(job),
  };
}

function costOf({ outcome }: Job): Readonly<Record<string, unknown>> {
  const statements = outcome?.statements ?? [];
  const bytes = statements.reduce((sum, each) => sum + each.bytes, 0);
  const affected = outcome?.isScript === false ? statements.at(-1)?.affected : undefined;
  return {
    ...(affected === undefined ? {} : { numDmlAffectedRows: String(affected) }),
    totalBytesProcessed: String(bytes),
    totalBytesBilled: String(billedBytes(bytes)),
    cacheHit: false,
  };
}

/** Body of `jobs.query`: a query configuration and some of a job's. */
interface QueryRequest extends QueryConfiguration {
  readonly timeoutMs?: number;
  readonly maxResults?: number;
  readonly location?: string;
  readonly dryRun?: boolean;
  readonly labels?: JobConfiguration['labels'];
  readonly formatOptions?: {
    readonly useInt64Timestamp?: boolean;
    readonly timestampOutputFormat?: string;
  };
}

async function runQuery(visit: Visit): Promise<ApiReply> {
  const body = jsonBody<QueryRequest>(visit.request);
  const {
    timeoutMs = DEFAULT_WAIT_MS,
    maxResults,
    location,
    labels,
    dryRun,
    formatOptions,
    ...query
  } = body;
  const resource: JobResource = {
    configuration: {
      query,
      ...(labels === undefined ? {} : { labels }),
      ...(dryRun === undefined ? {} : { dryRun }),
    },
    ...(location === undefined ? {} : { jobReference: { location } }),
  };
  const { call } = visit.request;
  const job = await visit.backend.jobs.submit(resource, {
    call,
    fault: visit.fault,
    media: undefined,
  });
  await waitFor(job, timeoutMs);
  const page = new URLSearchParams(
    maxResults === undefined ? {} : { maxResults: String(maxResults) },
  );
  const format = {
    useInt64Timestamp:
      formatOptions?.useInt64Timestamp === true || formatOptions?.timestampOutputFormat === 'INT64',
  };
  return { json: resultsOf(visit, job, format, page, 'bigquery#queryResponse') };
}
