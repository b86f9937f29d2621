import { expect, onTestFinished, test } from 'vitest';
import { openDuckdbWarehouse } from '../../engine/warehouse/duckdb.ts';
import type { PublishRequest, TableSpec, Warehouse } from '../../engine/warehouse/warehouse.ts';

const column = (name: string, type: string) => ({ name, type, nullable: true, description: '' });

const TABLE: TableSpec = {
  dataset: 'shop',
  name: 'orders',
  columns: [column('day', 'DATE'), column('id', 'INT64')],
  partitionColumn: 'day',
  key: [],
};

/** Billions of rows to count: longer than any test waits. */
const SLOW =
  'SELECT MAX(a.range * b.range * c.range) FROM range(3000) a, range(3000) b, range(3000) c';

async function memoryWarehouse(): Promise<Warehouse> {
  const options = { path: ':memory:', memoryLimit: '500MB', threads: 1, readOnly: false };
  const warehouse = await openDuckdbWarehouse(options);
  onTestFinished(() => warehouse.close());
  return warehouse;
}

const dayOf = (day: number): string => `DATE '1970-01-01' + ${day}`;

/** Stages a day with as many rows. */
async function stage(warehouse: Warehouse, day: number, rows = 1): Promise<PublishRequest> {
  const stageName = `s${day}`;
  const select = `SELECT ${dayOf(day)} AS day, CAST(range AS BIGINT) AS id FROM range(${rows})`;
  const request = { table: TABLE, stage: stageName, select, functions: [], checks: [] };
  const [staged] = await warehouse.stage({ ...request, replacesAll: false }, {});
  const none = { hi: 0, lo: 0 };
  const row = { day, rows, data: staged?.data ?? none, input: none, inputs: new Uint8Array() };
  return {
    table: TABLE,
    stage: stageName,
    asset: 'orders',
    runId: 'run',
    codeVersion: 'code',
    at: 1,
    replace: [day],
    materializations: [row],
    replacesAll: false,
  };
}

test('many steps of one table stage and publish at once, and all of their rows are there', async () => {
  const warehouse = await memoryWarehouse();
  const days = [1, 2, 3, 4, 5, 6, 7, 8];
  await Promise.all(
    days.map(async (day) => warehouse.publish(await stage(warehouse, day, day), {})),
  );
  const counts = (await warehouse.countRows([TABLE])).get('orders');
  expect(counts).toEqual(new Map(days.map((day) => [day, day])));
  expect(await warehouse.readMaterializations()).toHaveLength(days.length);
});

test('a publish that fails takes nothing of what others do at the same time with it', async () => {
  const warehouse = await memoryWarehouse();
  const bad = await stage(warehouse, 1);
  const good = await stage(warehouse, 2);
  // The rows cannot be written twice: their stage is gone when the publish gets there.
  await warehouse.ensureTable(TABLE);
  await warehouse.execute('CREATE TABLE other (x INTEGER)', {});
  await warehouse.discard(TABLE, bad.stage);
  const [first, ...others] = await Promise.allSettled([
    warehouse.publish(bad, {}),
    warehouse.execute('INSERT INTO other VALUES (1)', {}),
    warehouse.publish(good, {}),
    warehouse.execute('INSERT INTO other VALUES (2)', {}),
  ]);
  expect(first.status).toBe('rejected');
  expect(others.map((each) => each.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  expect((await warehouse.query('SELECT COUNT(*) FROM other', {})).rows).toEqual([[2]]);
  expect((await warehouse.readMaterializations()).map(({ day }) => day)).toEqual([2]);
});

test('nobody sees a half of what is published', async () => {
  const warehouse = await memoryWarehouse();
  await warehouse.publish(await stage(warehouse, 1, 3), {});
  const again = await stage(warehouse, 1, 5);
  const publishing = warehouse.publish(again, {});
  const seen: unknown[] = [];
  for (let tries = 0; tries < 10; tries++) {
    const sql = 'SELECT COUNT(*) FROM shop.orders';
    seen.push(warehouse.query(sql, {}).then(({ rows }) => rows[0]?.[0]));
  }
  await publishing;
  expect(new Set(await Promise.all(seen))).toSatisfy((counts: Set<number>) =>
    [...counts].every((count) => count === 3 || count === 5),
  );
});

test('a statement over its time does not take the one beside it along', async () => {
  const warehouse = await memoryWarehouse();
  const slow = warehouse.query(SLOW, { timeoutMs: 300 }).catch((error: unknown) => error);
  const beside = warehouse.query('SELECT 1', { timeoutMs: 300 });
  expect(await slow).toMatchObject({ kind: 'timeout' });
  expect((await beside).rows).toEqual([[1]]);
});

test('the time of a statement counts from its turn, not from the wait for another', async () => {
  const warehouse = await memoryWarehouse();
  const slow = warehouse.query(SLOW, { timeoutMs: 500 }).catch((error: unknown) => error);
  // Would have been over long before the other is.
  const beside = warehouse.query('SELECT 1', { timeoutMs: 100 });
  expect((await beside).rows).toEqual([[1]]);
  expect(await slow).toMatchObject({ kind: 'timeout' });
});

test('a signal stops the statement that listens to it, not the others', async () => {
  const warehouse = await memoryWarehouse();
  const controller = new AbortController();
  const options = { signal: controller.signal };
  const running = warehouse.query(SLOW, options).catch((error: unknown) => error);
  const waiting = warehouse.query('SELECT 1', options).catch((error: unknown) => error);
  const other = warehouse.query('SELECT 2', {});
  setTimeout(() => controller.abort(), 100);
  expect(await waiting).toMatchObject({ kind: 'interrupted' });
  expect(await running).toMatchObject({ kind: 'interrupted' });
  expect((await other).rows).toEqual([[2]]);
});
