import { BigQuery } from '@google-cloud/bigquery';
import { expect, test } from 'vitest';
import { failure, rowsOf, started, startedBigQuery, statusOf } from './clients.ts';

test('values of every type arrive as the client knows them', async () => {
  await using cloud = await startedBigQuery();
  const [row] = await rowsOf(
    cloud.client,
    `SELECT 1 AS i, CAST(9007199254740993 AS INT64) AS big, 1.5 AS f, CAST('nan' AS FLOAT64) AS nan,
     CAST('-inf' AS FLOAT64) AS inf, 2.0 AS whole, 'é"' AS s, TRUE AS t, FALSE AS b, DATE '2024-02-29' AS d,
     TIMESTAMP '2024-02-29 12:00:00.123456+00' AS ts, DATETIME '2024-02-29 12:00:00' AS dt,
     CAST('ab' AS BYTES) AS bytes, [1, 2] AS a, CAST([] AS ARRAY<STRING>) AS e,
     STRUCT(1 AS x, ['y'] AS y) AS st, [STRUCT(1 AS x), STRUCT(2 AS x)] AS sts,
     CAST(NULL AS INT64) AS ni, CAST(NULL AS ARRAY<INT64>) AS na`,
    { wrapIntegers: true },
  );
  expect(row).toMatchObject({
    i: 1,
    f: 1.5,
    nan: Number.NaN,
    inf: -Infinity,
    whole: 2,
    s: 'é"',
    t: true,
    b: false,
    d: { value: '2024-02-29' },
    ts: { value: '2024-02-29T12:00:00.123456000Z' },
    dt: { value: '2024-02-29T12:00:00' },
    bytes: Buffer.from('ab'),
    a: [1, 2],
    e: [],
    st: { x: 1, y: ['y'] },
    sts: [{ x: 1 }, { x: 2 }],
    ni: null,
    na: [],
  });
});

test('integers beyond 2^53 keep all their digits', async () => {
  await using cloud = await startedBigQuery();
  const [job] = await cloud.client.createQueryJob('SELECT 9007199254740993 AS big');
  const [rows] = await job.getQueryResults({ wrapIntegers: true });
  expect(rows).toEqual([
    { big: expect.objectContaining({ value: '9007199254740993' }) as unknown },
  ]);
  const tooMuch = await failure(
    rowsOf(
      cloud.client,
      'SELECT SUM(x) AS s FROM UNNEST([9223372036854775807, 9223372036854775807]) AS x',
    ),
  );
  expect(tooMuch).toMatchObject({ reason: 'invalidQuery' });
  expect(tooMuch.message).toContain('int64 overflow');
});

test('timestamps come as seconds unless the caller wants microseconds', async () => {
  await using cloud = await startedBigQuery();
  const [job] = await cloud.client.createQueryJob(
    "SELECT TIMESTAMP '2024-01-01 00:00:00.5+00' AS t",
  );
  const raw = async (useInt64Timestamp: boolean): Promise<unknown> => {
    const [rows] = await job.getQueryResults({
      skipParsing: true,
      'formatOptions.useInt64Timestamp': useInt64Timestamp,
    });
    return rows;
  };
  expect(await raw(true)).toEqual([{ f: [{ v: '1704067200500000' }] }]);
  expect(await raw(false)).toEqual([{ f: [{ v: '1.7040672005E9' }] }]);
});

test('an array with a NULL in it cannot be returned', async () => {
  await using cloud = await startedBigQuery();
  const refused = await failure(rowsOf(cloud.client, 'SELECT [1, NULL] AS a'));
  expect(refused.message).toContain('Array cannot have a null element; error in writing field a');
});

test('results are read page by page, by token or by index', async () => {
  await using cloud = await startedBigQuery({ pageRows: 4 });
  const query = 'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 10)) AS n ORDER BY n';
  const rows = await rowsOf(cloud.client, query);
  expect(rows.map((row) => row['n'])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const pages = cloud.server.calls.filter((call) => call.path.includes('/queries/'));
  expect(pages.map((call) => call.query.has('pageToken'))).toEqual([false, true, true]);
  const job = await started(cloud.client, query);
  const [some, next, answer] = await job.getQueryResults({
    autoPaginate: false,
    startIndex: '7',
    maxResults: 2,
  });
  expect(some).toEqual([{ n: 8 }, { n: 9 }]);
  expect(next).not.toBeNull();
  expect(answer?.totalRows).toBe('10');
  const [none, , first] = await job.getQueryResults({ autoPaginate: false, maxResults: 0 });
  expect(none).toEqual([]);
  expect(first?.pageToken).toBeUndefined();
});

test('the quick way of client.query() gives the same rows', async () => {
  await using cloud = await startedBigQuery({ pageRows: 2 });
  const [rows] = await cloud.client.query({
    query: "SELECT n, TIMESTAMP '2024-01-01' AS t FROM UNNEST([1, 2, 3]) AS n ORDER BY n",
  });
  expect(rows).toMatchObject(
    [1, 2, 3].map((n) => ({ n, t: { value: '2024-01-01T00:00:00.000Z' } })),
  );
  expect(cloud.server.calls[0]).toMatchObject({
    method: 'POST',
    path: '/projects/loopback/queries',
  });
});

test('a dry run tells bytes and fields, and does nothing', async () => {
  await using cloud = await startedBigQuery();
  await cloud.client.createDataset('shop');
  await rowsOf(
    cloud.client,
    'CREATE TABLE shop.t AS SELECT n, 1.5 AS x FROM UNNEST([1, 2, 3]) AS n',
  );
  const [, select] = await cloud.client.createQueryJob({
    query: 'SELECT n FROM shop.t',
    dryRun: true,
  });
  expect(select?.statistics).toMatchObject({
    totalBytesProcessed: '48',
    query: { statementType: 'SELECT', schema: { fields: [{ name: 'n', type: 'INTEGER' }] } },
  });
  const [job] = await cloud.client.createQueryJob({
    query: 'DELETE FROM shop.t WHERE TRUE',
    dryRun: true,
  });
  expect(await rowsOf(cloud.client, 'SELECT COUNT(*) AS n FROM shop.t')).toEqual([{ n: 3 }]);
  expect(await failure(job.getMetadata())).toMatchObject({ code: 404 });
  const script = 'CREATE OR REPLACE TABLE shop.u AS SELECT n FROM shop.t; SELECT * FROM shop.u;';
  const [, dry] = await cloud.client.createQueryJob({ query: script, dryRun: true });
  expect(dry?.statistics?.totalBytesProcessed).toBe('48');
  expect(await failure(cloud.client.dataset('shop').table('u').getMetadata())).toMatchObject({
    code: 404,
  });
  const wrong = await failure(
    cloud.client.createQueryJob({ query: 'SELECT m FROM shop.t', dryRun: true }),
  );
  expect(wrong).toMatchObject({
    code: 400,
    reason: 'invalidQuery',
    message: 'Unrecognized name: m at [1:1]',
  });
});

test('a job over its limit of bytes does not run', async () => {
  await using cloud = await startedBigQuery();
  await cloud.client.createDataset('shop');
  await rowsOf(cloud.client, 'CREATE TABLE shop.t AS SELECT 1 AS n');
  const limited = (maximumBytesBilled: string): Promise<unknown> =>
    rowsOf(cloud.client, 'SELECT n FROM shop.t', { maximumBytesBilled });
  expect(await failure(limited('10485759'))).toMatchObject({
    reason: 'bytesBilledLimitExceeded',
    message: 'Query exceeded limit for bytes billed: 10485759. 10485760 or higher required.',
  });
  expect(await limited('10485760')).toEqual([{ n: 1 }]);
});

test('a job id is taken once, and its job stays known', async () => {
  await using cloud = await startedBigQuery();
  const jobId = 'engine_run-1_stage';
  const [job] = await cloud.client.createQueryJob({
    query: 'SELECT 1 AS n',
    jobId,
    labels: { run: 'r1' },
  });
  await job.getQueryResults();
  expect(await failure(cloud.client.createQueryJob({ query: 'SELECT 2 AS n', jobId }))).toEqual({
    code: 409,
    reason: 'duplicate',
    message: `Already Exists: Job loopback:US.${jobId}`,
  });
  const [rows] = await cloud.client.job(jobId, { location: 'US' }).getQueryResults();
  expect(rows).toEqual([{ n: 1 }]);
  expect(await failure(cloud.client.job(jobId, { location: 'EU' }).getMetadata())).toMatchObject({
    code: 404,
  });
  const metadata = await statusOf(job);
  expect(metadata).toMatchObject({
    configuration: { labels: { run: 'r1' }, jobType: 'QUERY' },
    jobReference: { jobId, location: 'US', projectId: 'loopback' },
    status: { state: 'DONE' },
    statistics: { query: { statementType: 'SELECT', totalBytesBilled: '0' } },
  });
});

test('jobs are listed, the newest first, and by state', async () => {
  await using cloud = await startedBigQuery();
  for (const jobId of ['a', 'b']) {
    const [job] = await cloud.client.createQueryJob({ query: 'SELECT 1', jobId });
    await job.getQueryResults();
  }
  const hold = cloud.server.faults.holdJobs();
  await cloud.client.createQueryJob({ query: 'SELECT 1', jobId: 'c' });
  const ids = async (options: object): Promise<readonly unknown[]> =>
    (await cloud.client.getJobs(options))[0].map((job) => job.id);
  expect(await ids({})).toEqual(['c', 'b', 'a']);
  expect(await ids({ stateFilter: 'running' })).toEqual(['c']);
  expect(await ids({ stateFilter: 'done' })).toEqual(['b', 'a']);
  hold.release();
});

test('a statement that makes no sense is refused when its job is started', async () => {
  await using cloud = await startedBigQuery();
  await cloud.client.createDataset('shop');
  const refused = async (query: string): Promise<unknown> =>
    failure(cloud.client.createQueryJob(query));
  expect(await refused('SELECT * FROM shop.nothing')).toMatchObject({
    code: 404,
    reason: 'notFound',
    message: 'Not found: Table loopback:shop.nothing was not found in location US at [1:1]',
  });
  for (const name of ['`loopback.nowhere.t`', '`nowhere`.`t`', 'nowhere.t AS x, x.y']) {
    expect(await refused(`SELECT * FROM ${name}`)).toMatchObject({
      code: 404,
      message: 'Not found: Dataset loopback:nowhere was not found in location US at [1:1]',
    });
  }
  expect(await refused('\n  SELEC 1')).toMatchObject({ code: 400, reason: 'invalidQuery' });
  expect(await refused('SELECT 1 AS a, 2 AS a')).toMatchObject({
    code: 400,
    reason: 'invalidQuery',
  });
  expect(await refused('DELETE FROM shop.t')).toMatchObject({ code: 404, reason: 'notFound' });
});

test('a job sees the datasets of its own location only', async () => {
  await using cloud = await startedBigQuery();
  const { client, server } = cloud;
  await client.createDataset('shop', { location: 'EU' });
  await rowsOf(client, 'CREATE TABLE shop.t AS SELECT 1 AS n', { location: 'EU' });
  expect(await failure(rowsOf(client, 'SELECT n FROM shop.t'))).toMatchObject({
    code: 404,
    reason: 'notFound',
    message: 'Not found: Dataset loopback:shop was not found in location US at [1:1]',
  });
  const anywhere = new BigQuery({ projectId: server.project, apiEndpoint: server.url });
  const [job] = await anywhere.createQueryJob('SELECT n FROM `shop`.`t`');
  expect([job.location, (await job.getQueryResults())[0]]).toEqual(['EU', [{ n: 1 }]]);
});

test('what goes wrong while a statement runs is told with its results', async () => {
  await using cloud = await startedBigQuery();
  const [job] = await cloud.client.createQueryJob("SELECT ERROR('no such day') AS e");
  expect(await failure(job.getQueryResults())).toMatchObject({
    code: 400,
    reason: 'invalidQuery',
    message: expect.stringContaining('no such day') as unknown,
  });
  const metadata = await statusOf(job);
  expect(metadata.status).toMatchObject({ state: 'DONE', errorResult: { reason: 'invalidQuery' } });
});

test('a running job is not complete, and can be cancelled', async () => {
  await using cloud = await startedBigQuery();
  await cloud.client.createDataset('shop');
  await rowsOf(cloud.client, 'CREATE TABLE shop.t AS SELECT 1 AS n');
  const hold = cloud.server.faults.holdJobs();
  const job = await started(cloud.client, 'DELETE FROM shop.t WHERE TRUE');
  const late = await failure(job.getQueryResults({ autoPaginate: false, timeoutMs: 10 }));
  expect(late.message).toBe('The query did not complete before 10ms');
  expect((await statusOf(job)).status?.state).toBe('RUNNING');
  expect(hold.jobIds).toEqual([job.id]);
  await job.cancel();
  expect(await failure(job.getQueryResults())).toEqual({
    code: 499,
    reason: 'stopped',
    message: 'Job execution was cancelled: User requested cancellation',
  });
  hold.release();
  expect(await rowsOf(cloud.client, 'SELECT n FROM shop.t')).toEqual([{ n: 1 }]);
});

test('a statement that DuckDB works on is interrupted by a cancel', async () => {
  await using cloud = await startedBigQuery();
  const list = 'UNNEST(GENERATE_ARRAY(1, 10000))';
  const query = `SELECT COUNT(*) AS n FROM ${list} AS a CROSS JOIN ${list} AS b CROSS JOIN ${list} AS c WHERE MOD(a + b + c, 7) = 1`;
  const job = await started(cloud.client, query);
  await job.cancel();
  expect(await failure(job.getQueryResults())).toMatchObject({ reason: 'stopped' });
});

test('a job that runs longer than its timeout is stopped', async () => {
  await using cloud = await startedBigQuery();
  cloud.server.faults.holdJobs();
  const [job] = await cloud.client.createQueryJob({ query: 'SELECT 1', jobTimeoutMs: 20 });
  expect(await failure(job.getQueryResults())).toMatchObject({
    reason: 'timeout',
    message: 'Job execution was cancelled: Job timed out after 0.02s',
  });
});

test('a held job ends when it was asked for often enough', async () => {
  await using cloud = await startedBigQuery();
  cloud.server.faults.holdJobs({ polls: 3 });
  const job = await started(cloud.client, 'SELECT 1 AS n');
  const states: unknown[] = [];
  for (let poll = 0; poll < 3; poll++) states.push((await statusOf(job)).status?.state);
  expect(states).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  expect((await job.getQueryResults())[0]).toEqual([{ n: 1 }]);
});

test('parameters stand for values', async () => {
  await using cloud = await startedBigQuery();
  const rows = await rowsOf(
    cloud.client,
    "SELECT @n + 1 AS n, @s AS s, '@s' AS quoted, @d AS d FROM UNNEST(@list) AS x WHERE x > @n",
    { params: { n: 2, s: "it's", d: BigQuery.date('2024-01-31'), list: [1, 2, 3] } },
  );
  expect(rows).toEqual([{ n: 3, s: "it's", quoted: '@s', d: { value: '2024-01-31' } }]);
});

test('a default dataset is where bare names are looked for', async () => {
  await using cloud = await startedBigQuery();
  await cloud.client.createDataset('shop');
  await rowsOf(cloud.client, 'CREATE TABLE shop.t AS SELECT 7 AS n');
  const defaultDataset = { datasetId: 'shop' };
  expect(await rowsOf(cloud.client, 'SELECT n FROM t', { defaultDataset })).toEqual([{ n: 7 }]);
  expect(await failure(rowsOf(cloud.client, 'SELECT n FROM t'))).toMatchObject({
    message: 'Table "t" must be qualified with a dataset (e.g. dataset.table). at [1:1]',
  });
});

test('a client without a project sends a placeholder until it was asked for its project', async () => {
  await using cloud = await startedBigQuery();
  const client = new BigQuery({ retryOptions: { autoRetry: false } });
  expect((await failure(client.getDatasets())).message).toContain('projectId');
  expect(await client.getProjectId()).toBe(cloud.server.project);
  expect((await client.getDatasets())[0]).toEqual([]);
});
