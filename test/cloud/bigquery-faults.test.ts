import { BigQuery } from '@google-cloud/bigquery';
import { expect, test } from 'vitest';
import {
  type BigQueryAndClient,
  failure,
  rowsOf,
  started,
  startedBigQuery,
  statusOf,
} from './clients.ts';

async function shop(options: { readonly pageRows?: number } = {}): Promise<BigQueryAndClient> {
  const cloud = await startedBigQuery(options);
  await cloud.client.createDataset('shop');
  await rowsOf(cloud.client, 'CREATE TABLE shop.t AS SELECT 1 AS n');
  return cloud;
}

const INSERT = 'INSERT INTO shop.t (n) VALUES (2)';

async function count(cloud: BigQueryAndClient): Promise<unknown> {
  return (await rowsOf(cloud.client, 'SELECT COUNT(*) AS n FROM shop.t'))[0]?.['n'];
}

test('a status with its reason is answered once, instead of acting', async () => {
  await using cloud = await shop();
  for (const [status, reason] of [
    [403, 'rateLimitExceeded'],
    [429, 'rateLimitExceeded'],
    [500, 'internalError'],
    [503, 'backendError'],
  ] as const) {
    const fault = cloud.server.faults.failNext({
      match: { path: '/jobs' },
      with: { status, reason },
    });
    expect(await failure(rowsOf(cloud.client, INSERT))).toMatchObject({ code: status, reason });
    expect(fault.fired).toBe(1);
    expect(fault.calls[0]?.status).toBe(status);
  }
  expect(await count(cloud)).toBe(1);
});

test('Retry-After is sent along', async () => {
  await using cloud = await shop();
  cloud.server.faults.failNext({ with: { status: 503, reason: 'backendError', retryAfter: 7 } });
  const answer = await fetch(`${cloud.server.url}/bigquery/v2/projects/loopback/datasets`);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7']);
});

test('a connection dropped before leaves nothing, dropped after leaves the job', async () => {
  await using cloud = await shop();
  const insert = (jobId: string): Promise<unknown> =>
    cloud.client.createQueryJob({ query: INSERT, jobId });
  cloud.server.faults.failNext({ match: { statement: /INSERT/ }, with: 'drop before' });
  expect((await failure(insert('before'))).message).toContain('socket hang up');
  expect(await failure(cloud.client.job('before').getMetadata())).toMatchObject({ code: 404 });
  cloud.server.faults.failNext({ match: { statement: /INSERT/ }, with: 'drop after' });
  expect((await failure(insert('after'))).message).toContain('socket hang up');
  expect(await failure(insert('after'))).toMatchObject({ code: 409 });
  await cloud.client.job('after', { location: 'US' }).getQueryResults();
  expect(await count(cloud)).toBe(2);
});

test('every call from now can be failed by its number', async () => {
  await using cloud = await shop();
  const ends: string[] = [];
  for (let n = 1; n <= 4; n++) {
    const fault = cloud.server.faults.failCall(n, { status: 503, reason: 'backendError' });
    ends.push(
      await rowsOf(cloud.client, 'SELECT 1 AS n').then(
        () => 'done',
        () => 'failed',
      ),
    );
    expect(fault.fired).toBe(n <= 2 ? 1 : 0);
    fault.cancel();
  }
  // Starting the job and reading its rows are two calls.
  expect(ends).toEqual(['failed', 'failed', 'done', 'done']);
});

test('only the n-th call that matches is meant, and as often as asked', async () => {
  await using cloud = await shop();
  const fault = { status: 500, reason: 'internalError' };
  cloud.server.faults.failNext({ match: { statement: /SELECT 2/, nth: 2 }, with: fault });
  await rowsOf(cloud.client, 'SELECT 1 AS n');
  await rowsOf(cloud.client, 'SELECT 2 AS n');
  expect(await failure(rowsOf(cloud.client, 'SELECT 2 AS n'))).toMatchObject({ code: 500 });
  await rowsOf(cloud.client, 'SELECT 2 AS n');
  const twice = cloud.server.faults.failNext({
    match: { method: 'get', path: /\/queries\// },
    with: fault,
    times: 2,
  });
  await failure(rowsOf(cloud.client, 'SELECT 1 AS n'));
  await failure(rowsOf(cloud.client, 'SELECT 1 AS n'));
  await rowsOf(cloud.client, 'SELECT 1 AS n');
  expect(twice.fired).toBe(2);
});

test('faults that wait for the same call strike one after another', async () => {
  await using cloud = await shop();
  cloud.server.faults.failNext({ with: { status: 500, reason: 'internalError' } });
  cloud.server.faults.failNext({ with: { status: 503, reason: 'backendError' } });
  expect(await failure(cloud.client.getDatasets())).toMatchObject({ code: 500 });
  expect(await failure(cloud.client.getDatasets())).toMatchObject({ code: 503 });
  expect((await cloud.client.getDatasets())[0]).toHaveLength(1);
});

test('a job is made to fail, before its statements take effect or after', async () => {
  await using cloud = await shop();
  const jobFails = { reason: 'jobBackendError', message: 'The job encountered an internal error.' };
  const error = { reason: jobFails.reason, message: jobFails.message };
  cloud.server.faults.failNext({ match: { statement: /INSERT/ }, with: { jobFails } });
  const job = await started(cloud.client, INSERT);
  expect(await failure(job.getQueryResults())).toMatchObject(error);
  expect((await statusOf(job)).status).toMatchObject({ state: 'DONE', errorResult: error });
  expect(await count(cloud)).toBe(1);
  const fault = { jobFails: { ...jobFails, acted: true } };
  cloud.server.faults.failNext({ match: { statement: /INSERT/ }, with: fault });
  expect(await failure(rowsOf(cloud.client, INSERT))).toMatchObject(error);
  expect(await count(cloud)).toBe(2);
});

test('a later page fails, and the first does not', async () => {
  await using cloud = await shop({ pageRows: 2 });
  const fault = cloud.server.faults.failNext({ with: 'page fails' });
  const job = await started(cloud.client, 'SELECT n FROM UNNEST([1, 2, 3]) AS n ORDER BY n');
  expect(await failure(job.getQueryResults())).toMatchObject({ code: 503, reason: 'backendError' });
  expect(fault.calls[0]?.query.has('pageToken')).toBe(true);
  expect((await job.getQueryResults())[0]).toHaveLength(3);
});

test('an expired token and a page of HTML are answered as Google does', async () => {
  await using cloud = await shop();
  cloud.server.faults.failNext({ with: 'token expired' });
  expect(await failure(cloud.client.getDatasets())).toMatchObject({
    code: 401,
    reason: 'authError',
  });
  cloud.server.faults.failNext({ with: 'html' });
  expect(await failure(cloud.client.getDatasets())).toMatchObject({ code: 502 });
});

test('a slow call is answered all the same', async () => {
  await using cloud = await shop();
  const fault = cloud.server.faults.failNext({ with: { slowMs: 30 } });
  expect((await cloud.client.getDatasets())[0]).toHaveLength(1);
  expect(fault.fired).toBe(1);
});

test('a job is held after its statements took effect', async () => {
  await using cloud = await shop();
  const hold = cloud.server.faults.holdJobs({ match: { statement: /INSERT/ }, acts: 'after' });
  const job = await started(cloud.client, INSERT);
  await expect.poll(() => count(cloud)).toBe(2);
  expect((await statusOf(job)).status?.state).toBe('RUNNING');
  hold.release();
  await job.getQueryResults();
  expect((await statusOf(job)).status?.state).toBe('DONE');
});

test('a client that retries gets through', async () => {
  await using cloud = await shop();
  const client = new BigQuery({
    projectId: cloud.server.project,
    retryOptions: { autoRetry: true, maxRetries: 2, retryDelayMultiplier: 1, maxRetryDelay: 0.01 },
  });
  const fault = cloud.server.faults.failNext({
    with: { status: 503, reason: 'backendError' },
    times: 2,
  });
  expect((await client.getDatasets())[0]).toHaveLength(1);
  expect(fault.fired).toBe(2);
});

test('no fault outlives clear()', async () => {
  await using cloud = await shop();
  const fault = cloud.server.faults.failNext({ with: 'html' });
  cloud.server.faults.holdJobs();
  cloud.server.faults.clear();
  expect(await rowsOf(cloud.client, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
  expect(fault.fired).toBe(0);
});
