import type { TableField } from '@google-cloud/bigquery';
import { expect, test } from 'vitest';
import { failure, metadataOf, rowsOf, startedBigQuery } from './clients.ts';

const DATE: TableField = { name: 'game_date', type: 'DATE', description: 'Day of the game' };
const TEAM: TableField = { name: 'team', type: 'STRING', mode: 'REQUIRED' };
const POINTS: TableField = { name: 'points', type: 'INT64' };

const GAMES = {
  schema: { fields: [DATE, TEAM, POINTS] },
  timePartitioning: { type: 'DAY', field: 'game_date' },
  clustering: { fields: ['team'] },
  labels: { owner: 'tests' },
  description: 'Games',
};

test('a dataset is made once, found, changed and listed', async () => {
  await using cloud = await startedBigQuery();
  const { client } = cloud;
  const [dataset] = await client.createDataset('shop', { location: 'EU', labels: { team: 'a' } });
  expect(dataset.metadata).toMatchObject({ location: 'EU', labels: { team: 'a' } });
  expect(await failure(client.createDataset('shop'))).toEqual({
    code: 409,
    reason: 'duplicate',
    message: 'Already Exists: Dataset loopback:shop',
  });
  await client.createDataset('books');
  await dataset.setMetadata({ description: 'All shops', labels: { team: null, zone: 'b' } });
  const metadata = await metadataOf(client.dataset('shop'));
  expect(metadata).toMatchObject({ description: 'All shops', labels: { zone: 'b' } });
  const [datasets] = await client.getDatasets();
  expect(datasets.map((each) => each.id)).toEqual(['books', 'shop']);
  expect(await failure(client.dataset('nowhere').getMetadata())).toMatchObject({
    code: 404,
    message: 'Not found: Dataset loopback:nowhere',
  });
});

test('a table keeps what it was declared with', async () => {
  await using cloud = await startedBigQuery({ now: () => 1_700_000_000_000 });
  const [dataset] = await cloud.client.createDataset('shop');
  await dataset.createTable('games', GAMES);
  const metadata = await metadataOf(dataset.table('games'));
  expect(metadata).toMatchObject({
    type: 'TABLE',
    location: 'US',
    numRows: '0',
    creationTime: '1700000000000',
    description: 'Games',
    labels: { owner: 'tests' },
    timePartitioning: { type: 'DAY', field: 'game_date' },
    clustering: { fields: ['team'] },
    schema: {
      fields: [
        { name: 'game_date', type: 'DATE', mode: 'NULLABLE', description: 'Day of the game' },
        { name: 'team', type: 'STRING', mode: 'REQUIRED' },
        { name: 'points', type: 'INTEGER', mode: 'NULLABLE' },
      ],
    },
  });
  expect(await failure(dataset.createTable('games', GAMES))).toMatchObject({
    code: 409,
    message: 'Already Exists: Table loopback:shop.games',
  });
});

test('a change of rows changes etag, time and number of rows', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('shop');
  const [table] = await dataset.createTable('games', GAMES);
  const before = await metadataOf(table);
  await rowsOf(cloud.client, "INSERT INTO shop.games (team, points) VALUES ('A', 1), ('B', 2)");
  const after = await metadataOf(table);
  expect(after.numRows).toBe('2');
  expect(after.etag).not.toBe(before.etag);
  expect(Number(after.lastModifiedTime)).toBeGreaterThan(Number(before.lastModifiedTime));
});

test('If-Match refuses a change meant for another version', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('shop');
  const [table] = await dataset.createTable('games', GAMES);
  const { etag = '' } = await metadataOf(table);
  await table.setMetadata({ description: 'first', etag });
  const refused = await failure(table.setMetadata({ description: 'second', etag }));
  expect(refused).toMatchObject({ code: 412, reason: 'conditionNotMet' });
  const metadata = await metadataOf(table);
  expect(metadata.description).toBe('first');
});

test('columns may be added and relaxed, not removed or changed', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('shop');
  const [table] = await dataset.createTable('games', GAMES);
  await rowsOf(cloud.client, "INSERT INTO shop.games (team) VALUES ('A')");
  const relaxed = { ...TEAM, mode: 'NULLABLE' };
  const tags = { name: 'tags', type: 'STRING', mode: 'REPEATED' };
  await table.setMetadata({ schema: { fields: [DATE, relaxed, POINTS, tags] } });
  await rowsOf(cloud.client, 'INSERT INTO shop.games (points) VALUES (5)');
  const rows = await rowsOf(
    cloud.client,
    'SELECT team, points, tags FROM shop.games ORDER BY points NULLS FIRST',
  );
  expect(rows).toEqual([
    { team: 'A', points: null, tags: [] },
    { team: null, points: 5, tags: [] },
  ]);
  const removed = await failure(table.setMetadata({ schema: { fields: [DATE, relaxed, tags] } }));
  expect(removed.message).toContain('Field points is missing in new schema');
  const retyped = { ...POINTS, type: 'STRING' };
  const changed = await failure(
    table.setMetadata({ schema: { fields: [DATE, relaxed, retyped, tags] } }),
  );
  expect(changed.message).toContain('Field points has changed type from INTEGER to STRING');
  const required = { name: 'x', type: 'INT64', mode: 'REQUIRED' };
  const added = await failure(
    table.setMetadata({ schema: { fields: [DATE, relaxed, POINTS, tags, required] } }),
  );
  expect(added.message).toContain('Cannot add required fields');
});

test('a table cannot be clustered by a float or an array', async () => {
  await using cloud = await startedBigQuery();
  const [dataset] = await cloud.client.createDataset('shop');
  const fields = [
    { name: 'x', type: 'FLOAT64' },
    { name: 'l', type: 'STRING', mode: 'REPEATED' },
  ];
  for (const name of ['x', 'l', 'nothing']) {
    const refused = await failure(
      dataset.createTable('bad', { schema: { fields }, clustering: { fields: [name] } }),
    );
    expect(refused.message).toBe(`Field ${name} cannot be used for clustering`);
  }
});

test('tables are listed page by page', async () => {
  await using cloud = await startedBigQuery({ pageRows: 2 });
  const [dataset] = await cloud.client.createDataset('shop');
  for (const name of ['c', 'a', 'e', 'b', 'd']) await dataset.createTable(name, GAMES);
  const [tables] = await dataset.getTables();
  expect(tables.map((table) => table.id)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(
    cloud.server.calls.filter((call) => call.path.endsWith('/tables') && call.method === 'GET'),
  ).toHaveLength(3);
});

test('a deleted table is gone, and so is an expired one', async () => {
  let now = 1_700_000_000_000;
  await using cloud = await startedBigQuery({ now: () => now });
  const [dataset] = await cloud.client.createDataset('shop');
  const [first] = await dataset.createTable('first', GAMES);
  await dataset.createTable('second', { ...GAMES, expirationTime: String(now + 1000) });
  await first.delete();
  expect((await dataset.getTables())[0].map((table) => table.id)).toEqual(['second']);
  now += 1001;
  expect((await dataset.getTables())[0]).toEqual([]);
  const refused = await failure(rowsOf(cloud.client, 'SELECT * FROM shop.second'));
  expect(refused).toMatchObject({ code: 404, reason: 'notFound' });
  expect(await failure(first.delete())).toMatchObject({ code: 404 });
  await dataset.createTable('second', GAMES);
  expect(await rowsOf(cloud.client, 'SELECT COUNT(*) AS n FROM shop.second')).toEqual([{ n: 0 }]);
});

test('rows of a table are read page by page, in the order in which they were written', async () => {
  await using cloud = await startedBigQuery({ pageRows: 3 });
  const [dataset] = await cloud.client.createDataset('shop');
  const [table] = await dataset.createTable('games', GAMES);
  await rowsOf(
    cloud.client,
    "INSERT INTO shop.games (team, points) SELECT 'T', n FROM UNNEST(GENERATE_ARRAY(1, 8)) AS n",
  );
  const [rows] = await table.getRows();
  expect(rows.map((row: { points: number }) => row.points)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(cloud.server.calls.filter((call) => call.path.endsWith('/data'))).toHaveLength(3);
  const [some] = await table.getRows({ startIndex: '6', selectedFields: 'points' });
  expect(some).toEqual([{ points: 7 }, { points: 8 }]);
});
