import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failure, metadataOf, rowsOf, startedBigQuery, startedStorage } from './clients.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bigquery-load-test-'));
const PARQUET = join(FOLDER, 'rows.parquet');
const LISTS = join(FOLDER, 'lists.parquet');
const BAD = join(FOLDER, 'bad.parquet');

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const write = (select: string, path: string): Promise<unknown> =>
    connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  const columns = `DATE '2024-02-29' AS day, 1::BIGINT AS n, 1.5::DOUBLE AS x, TRUE AS b, 'é' AS s`;
  const nulls = 'NULL::DATE, NULL::BIGINT, NULL::DOUBLE, NULL::BOOLEAN, NULL::VARCHAR';
  await write(`SELECT ${columns} UNION ALL SELECT ${nulls}`, PARQUET);
  await write(
    "SELECT 1::BIGINT AS n, [1.5, 2.5]::DOUBLE[] AS l, ['a'] AS t UNION ALL SELECT 2, NULL, []",
    LISTS,
  );
  await write('SELECT 1::BIGINT AS n, [1.5, NULL]::DOUBLE[] AS l', BAD);
  connection.closeSync();
  instance.closeSync();
});

afterAll(() => rmSync(FOLDER, { recursive: true }));

const FIELDS = [
  { name: 'day', type: 'DATE' },
  { name: 'n', type: 'INT64' },
  { name: 'x', type: 'FLOAT64' },
  { name: 'b', type: 'BOOL' },
  { name: 's', type: 'STRING' },
];

test('Parquet with dates, texts and NULLs is loaded as declared', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('raw');
  const [metadata] = await dataset.table('rows').load(PARQUET, {
    sourceFormat: 'PARQUET',
    schema: { fields: FIELDS },
    jobId: 'load-1',
    location: 'US',
  });
  expect(metadata).toMatchObject({
    status: { state: 'DONE' },
    statistics: { load: { outputRows: '2' } },
  });
  expect(await rowsOf(cloud.client, 'SELECT * FROM raw.rows ORDER BY n NULLS LAST')).toEqual([
    { day: { value: '2024-02-29' }, n: 1, x: 1.5, b: true, s: 'é' },
    { day: null, n: null, x: null, b: null, s: null },
  ]);
  expect(cloud.server.calls[1]).toMatchObject({
    path: '/upload/projects/loopback/jobs',
    jobId: 'load-1',
  });
});

test('lists need list inference, and a NULL list becomes an empty one', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('raw');
  const plain = { sourceFormat: 'PARQUET', location: 'US' };
  const refused = await failure(dataset.table('lists').load(LISTS, plain));
  expect(refused.message).toContain('enableListInference');
  await dataset
    .table('lists')
    .load(LISTS, { ...plain, parquetOptions: { enableListInference: true } });
  expect(await rowsOf(cloud.client, 'SELECT * FROM raw.lists ORDER BY n')).toEqual([
    { n: 1, l: [1.5, 2.5], t: ['a'] },
    { n: 2, l: [], t: [] },
  ]);
});

test('a NULL in a list is refused and nothing is written', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('raw');
  const options = {
    sourceFormat: 'PARQUET',
    parquetOptions: { enableListInference: true },
    location: 'US',
  };
  const refused = await failure(dataset.table('bad').load(BAD, options));
  expect(refused.message).toContain('Array cannot have a null element; error in writing field l');
  expect(await failure(dataset.table('bad').getMetadata())).toMatchObject({ code: 404 });
});

test('a file whose types are not the declared ones is refused', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('raw');
  const fields = FIELDS.map((field) => (field.name === 's' ? { ...field, type: 'INT64' } : field));
  const refused = await failure(
    dataset
      .table('rows')
      .load(PARQUET, { sourceFormat: 'PARQUET', schema: { fields }, location: 'US' }),
  );
  expect(refused.message).toContain('Field s has changed type from INTEGER to STRING');
});

test('dispositions append, replace, or insist on an empty table', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('raw');
  const table = dataset.table('rows');
  const load = (options: object): Promise<unknown> =>
    table.load(PARQUET, { sourceFormat: 'PARQUET', location: 'US', ...options });
  const count = async (): Promise<unknown> => (await metadataOf(table)).numRows;
  expect(await failure(load({ createDisposition: 'CREATE_NEVER' }))).toMatchObject({
    reason: 'notFound',
  });
  await load({ writeDisposition: 'WRITE_EMPTY' });
  await load({});
  expect(await count()).toBe('4');
  expect(await failure(load({ writeDisposition: 'WRITE_EMPTY' }))).toMatchObject({
    reason: 'duplicate',
  });
  await load({ writeDisposition: 'WRITE_TRUNCATE' });
  expect(await count()).toBe('2');
});

test('rows of JSON are loaded, unknown fields are refused', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('raw');
  const fields = [
    { name: 'n', type: 'INT64', mode: 'REQUIRED' },
    { name: 'day', type: 'DATE' },
    { name: 'l', type: 'STRING', mode: 'REPEATED' },
  ];
  const path = join(FOLDER, 'rows.json');
  const options = { sourceFormat: 'NEWLINE_DELIMITED_JSON', schema: { fields }, location: 'US' };
  writeFileSync(path, '{"n":1,"day":"2024-01-31","l":["a","b"]}\n{"n":2}\n');
  await dataset.table('rows').load(path, options);
  expect(await rowsOf(cloud.client, 'SELECT * FROM raw.rows ORDER BY n')).toEqual([
    { n: 1, day: { value: '2024-01-31' }, l: ['a', 'b'] },
    { n: 2, day: null, l: [] },
  ]);
  writeFileSync(path, '{"n":3,"m":1}\n');
  expect((await failure(dataset.table('rows').load(path, options))).message).toContain(
    'No such field: m',
  );
  writeFileSync(path, '{"day":"2024-01-31"}\n');
  expect((await failure(dataset.table('rows').load(path, options))).message).toContain(
    'Required field n cannot be null',
  );
});

test('a resumable upload carries on where it broke', async () => {
  await using cloud = await startedBigQuery();
  await cloud.client.createDataset('raw');
  const base = `${cloud.server.url}/upload/bigquery/v2/projects/loopback/jobs?uploadType=resumable`;
  const load = {
    destinationTable: { projectId: 'loopback', datasetId: 'raw', tableId: 't' },
    sourceFormat: 'NEWLINE_DELIMITED_JSON',
    schema: { fields: [{ name: 'n', type: 'INT64' }] },
  };
  const begun = await fetch(base, {
    method: 'POST',
    body: JSON.stringify({ jobReference: { jobId: 'resumed' }, configuration: { load } }),
  });
  const address = begun.headers.get('location') ?? '';
  const put = (range: string, body: string): Promise<Response> =>
    fetch(address, { method: 'PUT', headers: { 'content-range': range }, body });
  expect((await put('bytes 0-7/16', '{"n":1}\n')).status).toBe(308);
  const asked = await put('bytes */16', '');
  expect([asked.status, asked.headers.get('range')]).toEqual([308, 'bytes=0-7']);
  expect((await put('bytes 8-15/16', '{"n":2}\n')).status).toBe(200);
  const job = cloud.client.job('resumed', { location: 'US' });
  await new Promise((resolve, reject) => job.on('complete', resolve).on('error', reject));
  expect(await rowsOf(cloud.client, 'SELECT SUM(n) AS n FROM raw.t')).toEqual([{ n: 3 }]);
});

test('a load job reads what it is pointed at in Cloud Storage', async () => {
  await using storage = await startedStorage({ buckets: ['lake'] });
  await using cloud = await startedBigQuery({ readObject: storage.server.readObject });
  storage.server.putFile('lake', 'in/rows-1.parquet', PARQUET);
  storage.server.putFile('lake', 'in/rows-2.parquet', PARQUET);
  const [dataset] = await cloud.client.createDataset('raw');
  const file = new Storage({ apiEndpoint: storage.server.url })
    .bucket('lake')
    .file('in/rows-*.parquet');
  await dataset.table('rows').load(file, { sourceFormat: 'PARQUET', location: 'US' });
  expect((await metadataOf(dataset.table('rows'))).numRows).toBe('4');
  const missing = new Storage({ apiEndpoint: storage.server.url })
    .bucket('lake')
    .file('in/no.parquet');
  expect(await failure(dataset.table('rows').load(missing, { location: 'US' }))).toMatchObject({
    reason: 'notFound',
  });
});

test('a table is copied with its layout', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('raw');
  await rowsOf(
    cloud.client,
    "CREATE TABLE raw.t PARTITION BY day AS SELECT DATE '2024-01-31' AS day, 1 AS n",
  );
  await dataset.table('t').copy(dataset.table('u'), { location: 'US' });
  expect(await rowsOf(cloud.client, 'SELECT n FROM raw.u')).toEqual([{ n: 1 }]);
  expect((await metadataOf(dataset.table('u'))).timePartitioning).toEqual({
    type: 'DAY',
    field: 'day',
  });
});
