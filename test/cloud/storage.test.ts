import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { expect, test } from 'vitest';
import { failure, setVariables, startedStorage } from './clients.ts';
import { crc32c } from './storage/crc32c.ts';

test('CRC32C agrees with the published check value', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(Buffer.from('e3069283', 'hex').toString('base64'));
  expect(crc32c(Buffer.alloc(0))).toBe('AAAAAA==');
});

test('an object is uploaded in one piece, found, read and deleted', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'], now: () => 1_700_000_000_000 });
  const bucket = cloud.client.bucket('lake');
  const file = bucket.file('in/ä b.txt');
  await file.save('hello', {
    resumable: false,
    metadata: { contentType: 'text/plain', metadata: { a: 'b' } },
  });
  const [metadata] = await file.getMetadata();
  expect(metadata).toMatchObject({
    name: 'in/ä b.txt',
    size: '5',
    generation: '1700000000000000',
    updated: '2023-11-14T22:13:20.000Z',
    contentType: 'text/plain',
    md5Hash: createHash('md5').update('hello').digest('base64'),
    crc32c: crc32c(Buffer.from('hello')),
    metadata: { a: 'b' },
  });
  expect((await file.download())[0].toString()).toBe('hello');
  await file.delete();
  expect(await failure(file.getMetadata())).toMatchObject({ code: 404 });
  expect((await file.exists())[0]).toBe(false);
});

test('a resumable upload of several chunks arrives whole', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'] });
  const bytes = Buffer.alloc(700_000, 'abc');
  const file = cloud.client.bucket('lake').file('big');
  await file.save(bytes, { resumable: true, chunkSize: 262_144 });
  expect((await file.download())[0].equals(bytes)).toBe(true);
  expect(
    cloud.server.calls.filter((call) => call.method === 'PUT').map((call) => call.status),
  ).toEqual([308, 308, 200]);
});

test('ifGenerationMatch writes only over the generation that was meant', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'] });
  const file = cloud.client.bucket('lake').file('lease');
  const save = (generation: number | string): Promise<unknown> =>
    file.save('x', { resumable: false, preconditionOpts: { ifGenerationMatch: generation } });
  await save(0);
  expect(await failure(save(0))).toMatchObject({ code: 412 });
  const [{ generation }] = await file.getMetadata();
  await save(generation ?? '');
  expect(await failure(file.delete({ ifGenerationMatch: generation ?? '' }))).toMatchObject({
    code: 412,
  });
});

test('a generation that was replaced is gone', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'] });
  const { generation } = cloud.server.put({ bucket: 'lake', name: 'a', bytes: Buffer.from('old') });
  cloud.server.put({ bucket: 'lake', name: 'a', bytes: Buffer.from('new') });
  const old = cloud.client.bucket('lake').file('a', { generation });
  expect(await failure(old.download())).toMatchObject({ code: 404 });
  expect((await cloud.client.bucket('lake').file('a').download())[0].toString()).toBe('new');
});

test('objects are listed by prefix, folded at a delimiter, page by page', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'], pageItems: 4 });
  for (const name of ['in/2024/b', 'in/2024/a', 'in/2023/c', 'in/d', 'out/e']) {
    cloud.server.put({ bucket: 'lake', name, bytes: Buffer.from(name) });
  }
  const bucket = cloud.client.bucket('lake');
  const names = async (options: object): Promise<readonly string[]> =>
    (await bucket.getFiles(options))[0].map((file) => file.name);
  expect(await names({ prefix: 'in/' })).toEqual(['in/2023/c', 'in/2024/a', 'in/2024/b', 'in/d']);
  const [files, , answer] = await bucket.getFiles({
    prefix: 'in/',
    delimiter: '/',
    autoPaginate: false,
  });
  expect(files.map((file) => file.name)).toEqual(['in/d']);
  expect(answer).toMatchObject({ prefixes: ['in/2023/', 'in/2024/'] });
  const before = cloud.server.calls.length;
  expect(await names({})).toHaveLength(5);
  const pages = cloud.server.calls.slice(before);
  expect(pages.map((call) => call.query.has('pageToken'))).toEqual([false, true]);
  const [some] = await bucket.getFiles({
    prefix: 'out/',
    fields: 'items(name,size),nextPageToken',
  });
  // The client hands partial resources on as they are.
  expect(some).toEqual([{ name: 'out/e', size: '5' }]);
});

test('a range is read, and one past the end refused', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'] });
  cloud.server.put({ bucket: 'lake', name: 'a', bytes: Buffer.from('0123456789') });
  const file = cloud.client.bucket('lake').file('a');
  expect((await file.download({ start: 2, end: 4 }))[0].toString()).toBe('234');
  expect((await file.download({ start: 8 }))[0].toString()).toBe('89');
  const answer = await fetch(`${cloud.server.url}/storage/v1/b/lake/o/a?alt=media`, {
    headers: { range: 'bytes=10-' },
  });
  expect([answer.status, answer.headers.get('content-range')]).toEqual([416, 'bytes */10']);
});

test('a bucket that is not there is told', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'] });
  expect((await cloud.client.bucket('lake').getMetadata())[0].name).toBe('lake');
  const refused = {
    code: 404,
    message: expect.stringContaining('The specified bucket does not exist.') as unknown,
  };
  expect(await failure(cloud.client.bucket('sea').getMetadata())).toMatchObject(refused);
  expect(await failure(cloud.client.bucket('sea').getFiles())).toMatchObject(refused);
});

test('a client finds the server in its environment', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'] });
  const restore = setVariables(cloud.server.env);
  const client = new Storage();
  restore();
  await client.bucket('lake').file('a').save('x', { resumable: false });
  expect((await client.bucket('lake').getFiles())[0].map((file) => file.name)).toEqual(['a']);
});

test('a status is answered instead of acting, and a client that retries gets through', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'] }, 3);
  cloud.server.put({ bucket: 'lake', name: 'a', bytes: Buffer.from('x') });
  const busy = { status: 503, reason: 'backendError' };
  const fault = cloud.server.faults.failNext({ with: busy, times: 2 });
  expect((await cloud.client.bucket('lake').getFiles())[0]).toHaveLength(1);
  expect(fault.fired).toBe(2);
  cloud.server.faults.failNext({
    with: { status: 403, reason: 'forbidden', message: 'no storage.objects.get' },
  });
  expect(await failure(cloud.client.bucket('lake').file('a').getMetadata())).toMatchObject({
    code: 403,
    message: expect.stringContaining('no storage.objects.get') as unknown,
  });
});

test('a connection is dropped before or after an upload', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'] });
  const file = cloud.client.bucket('lake').file('a');
  const save = (): Promise<unknown> => file.save('x', { resumable: false });
  cloud.server.faults.failNext({ with: 'drop before' });
  await failure(save());
  expect((await file.exists())[0]).toBe(false);
  cloud.server.faults.failNext({ with: 'drop after' });
  await failure(save());
  expect((await file.exists())[0]).toBe(true);
});

test('a download that breaks in the middle never passes for the whole object', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'] });
  const bytes = Buffer.alloc(300_000, 'abc');
  cloud.server.put({ bucket: 'lake', name: 'a', bytes });
  const folder = mkdtempSync(join(tmpdir(), 'storage-test-'));
  const destination = join(folder, 'a');
  const file = cloud.client.bucket('lake').file('a');
  const fault = cloud.server.faults.failNext({
    match: { path: '/o/a' },
    with: { breakAfterBytes: 100_000 },
  });
  await failure(file.download({ destination, validation: 'crc32c' }));
  expect(fault.fired).toBe(1);
  // What arrived may be kept, and the rest asked for.
  const [rest] = await file.download({ start: 100_000 });
  expect(Buffer.concat([bytes.subarray(0, 100_000), rest]).equals(bytes)).toBe(true);
  await file.download({ destination, validation: 'crc32c' });
  expect(readFileSync(destination).equals(bytes)).toBe(true);
  rmSync(folder, { recursive: true });
});

test('changed bytes fail the checksum', async () => {
  await using cloud = await startedStorage({ buckets: ['lake'] });
  cloud.server.put({ bucket: 'lake', name: 'a', bytes: Buffer.from('content') });
  cloud.server.faults.failNext({ with: 'corrupt' });
  const file = cloud.client.bucket('lake').file('a');
  expect(await failure(file.download({ validation: 'crc32c' }))).toMatchObject({
    code: 'CONTENT_DOWNLOAD_MISMATCH',
  });
  expect((await file.download({ validation: 'crc32c' }))[0].toString()).toBe('content');
});
