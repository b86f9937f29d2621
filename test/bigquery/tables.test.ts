import { expect, test } from 'vitest';
import { openBigqueryWarehouse } from '../../engine/warehouse/bigquery.ts';
import type { Warehouse } from '../../engine/warehouse/warehouse.ts';
import { metadataOf } from '../cloud/clients.ts';
import type { BigQueryServer } from '../cloud/bigquery/server.ts';
import { column, stageAndPublish, staging, TABLE, TWO_DAYS } from '../warehouse/orders.ts';
import { clientOf } from './broken-runs.ts';
import { cloudFor } from './cloud.ts';

// What every warehouse does is in test/warehouse/conformance-*.test.ts.

async function opened(server: BigQueryServer, pipeline = 'The Shop'): Promise<Warehouse> {
  return openBigqueryWarehouse({
    project: server.project,
    location: 'US',
    pipeline,
    stateDataset: 'fastbreak_shop',
    maxBytesBilled: undefined,
    readOnly: false,
    now: Date.now,
  });
}

test('tables are partitioned, clustered, described and labelled as declared', async () => {
  const server = await cloudFor();
  const warehouse = await opened(server);
  const columns = [...TABLE.columns, column('tags', 'ARRAY<STRING>')];
  await warehouse.ensureTable({ ...TABLE, columns, key: ['day', 'price', 'id'] });
  const metadata = await metadataOf(clientOf(server).dataset('shop').table('orders'));
  expect(metadata).toMatchObject({
    timePartitioning: { type: 'DAY', field: 'day' },
    // Neither the partition column nor a float.
    clustering: { fields: ['id'] },
    labels: { fastbreak_pipeline: 'the_shop' },
  });
  const fields = (metadata.schema as { readonly fields: readonly object[] }).fields;
  expect(fields).toMatchObject([
    { name: 'day', type: 'DATE', mode: 'NULLABLE', description: 'The day' },
    { name: 'id', mode: 'NULLABLE', description: 'The id' },
    { name: 'price', mode: 'NULLABLE' },
    { name: 'tags', type: 'STRING', mode: 'REPEATED' },
  ]);
  const { partitionColumn: _, ...rest } = TABLE;
  await warehouse.ensureTable({ ...rest, partitionColumn: undefined, name: 'all', key: [] });
  const all = await metadataOf(clientOf(server).dataset('shop').table('all'));
  expect([all.timePartitioning, all.clustering]).toEqual([undefined, undefined]);
});

test('a changed description reaches the table, and a table as declared is not touched', async () => {
  const server = await cloudFor();
  await (await opened(server)).ensureTable(TABLE);
  const before = server.calls.length;
  await (await opened(server)).ensureTable(TABLE);
  const methods = server.calls.slice(before).map(({ method }) => method);
  expect(methods.filter((method) => method !== 'GET')).toEqual([]);
  const columns = TABLE.columns.with(1, { ...column('id', 'INT64'), description: 'Its number' });
  await (await opened(server)).ensureTable({ ...TABLE, columns });
  const metadata = await metadataOf(clientOf(server).dataset('shop').table('orders'));
  expect(metadata.schema).toMatchObject({
    fields: [{}, { name: 'id', description: 'Its number' }, {}],
  });
});

test('an empty table of another form is made anew', async () => {
  const server = await cloudFor();
  const first = await opened(server);
  await stageAndPublish(first, staging(first, TWO_DAYS));
  const columns = TABLE.columns.with(2, column('price', 'STRING'));
  const second = await opened(server);
  await expect(second.ensureTable({ ...TABLE, columns })).rejects.toMatchObject({
    code: 'SCHEMA_DRIFT',
  });
  const days = (await second.readMaterializations()).map(({ day }) => day);
  await second.remove(TABLE, 'orders', days);
  const third = await opened(server);
  await third.ensureTable({ ...TABLE, columns });
  const { columns: found } = await third.query('SELECT * FROM shop.orders', {});
  expect(found).toEqual([
    { name: 'day', type: 'DATE' },
    { name: 'id', type: 'INT64' },
    { name: 'price', type: 'STRING' },
  ]);
});

test('what is staged and loaded is dropped by BigQuery after a day, should nobody else do it', async () => {
  const server = await cloudFor();
  const warehouse = await opened(server);
  await warehouse.loadRows(TABLE, 'step', [{ day: '2024-01-01', id: 1, price: 2 }]);
  await warehouse.stage(staging(warehouse, TWO_DAYS), {});
  const [tables] = await clientOf(server).dataset('shop').getTables();
  expect(tables.map(({ id = '' }) => id.split('__')[0])).toEqual(
    expect.arrayContaining(['_rows', '_staging']),
  );
  for (const table of tables) {
    const hours = (Number((await metadataOf(table)).expirationTime) - Date.now()) / 3_600_000;
    expect(hours, table.id).toBeGreaterThan(23);
    expect(hours, table.id).toBeLessThan(25);
  }
});

test('jobs carry labels of the pipeline, the run and the asset', async () => {
  const server = await cloudFor();
  const warehouse = await opened(server);
  const request = { runId: '20240101T000000-AB12', host: 'here', pid: 1, command: 'test' };
  expect(await warehouse.lease?.acquire(request)).toBeUndefined();
  await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
  const [jobs] = await clientOf(server).getJobs({ allUsers: true });
  const stage = jobs.find(({ id = '' }) => id.includes('_stage_orders_'));
  expect(stage?.id).toMatch(/^fastbreak_20240101T000000-AB12_[0-9a-f]{8}_stage_orders_step/);
  const { configuration } = (stage?.metadata ?? {}) as {
    readonly configuration: { readonly labels: object };
  };
  expect(configuration.labels).toEqual({
    fastbreak_pipeline: 'the_shop',
    fastbreak_run: '20240101t000000-ab12',
    fastbreak_asset: 'orders',
  });
});

test('a lease row that two runs made at the same moment gives the target to one of them', async () => {
  const server = await cloudFor();
  const [a, b] = [await opened(server), await opened(server)];
  const request = { host: 'here', pid: 1, command: 'test' };
  expect(await a.lease?.acquire({ ...request, runId: 'a' })).toBeUndefined();
  // As if the row of b had been inserted when that of a was not there yet.
  await clientOf(server).query(
    'INSERT INTO fastbreak_shop._fastbreak_lease (run_id) VALUES (NULL)',
  );
  expect(await b.lease?.acquire({ ...request, runId: 'b' })).toMatchObject({ runId: 'a' });
  await stageAndPublish(a, staging(a, TWO_DAYS));
  expect(await a.lease?.holder()).toMatchObject({ runId: 'a' });
});
