import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UNPARTITIONED } from '../../engine/partitions/date.ts';
import { formatHash } from '../../engine/partitions/hash64.ts';
import { openDuckdbWarehouse } from '../../engine/warehouse/duckdb.ts';
import type {
  PublishRequest,
  StageRequest,
  TableSpec,
  Warehouse,
} from '../../engine/warehouse/warehouse.ts';
import { day } from '../partitions/shapes.ts';

const column = (name: string, type: string) => ({ name, type, nullable: true, description: '' });

const TABLE: TableSpec = {
  dataset: 'shop',
  name: 'orders',
  columns: [column('day', 'DATE'), column('id', 'INT64'), column('price', 'FLOAT64')],
  partitionColumn: 'day',
  key: ['id'],
};

const FIRST = day('2024-01-01');
const SECOND = day('2024-01-02');

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fastbreak-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'deep', 'warehouse.duckdb');
}

async function openWarehouse(path = temporaryFile()): Promise<Warehouse> {
  const options = { path, memoryLimit: '200MB', threads: 1, readOnly: false };
  return openDuckdbWarehouse(options);
}

/** A warehouse that is closed when the test is over. */
async function testWarehouse(path?: string): Promise<Warehouse> {
  const warehouse = await openWarehouse(path);
  onTestFinished(() => warehouse.close());
  return warehouse;
}

function staging(values: string, changes: Partial<StageRequest> = {}): StageRequest {
  const select = `SELECT CAST(day AS DATE) AS day, CAST(id AS BIGINT) AS id, CAST(price AS DOUBLE) AS price FROM (VALUES ${values}) AS v(day, id, price)`;
  const request = { table: TABLE, stage: 'step', select, functions: [], checks: [] };
  return { ...request, replacesAll: false, ...changes };
}

const TWO_DAYS = `('2024-01-01', 1, 1.5), ('2024-01-01', 2, 2.5), ('2024-01-02', 3, NULL)`;

async function stageAndPublish(
  warehouse: Warehouse,
  request: StageRequest,
  changes: Partial<PublishRequest> = {},
): Promise<void> {
  const staged = await warehouse.stage(request, {});
  const nothing = { hi: 0, lo: 0 };
  await warehouse.publish(
    {
      table: request.table,
      stage: request.stage,
      asset: 'orders',
      runId: 'run-1',
      codeVersion: 'c0de',
      at: 1000,
      replace: staged.map((partition) => partition.day),
      materializations: staged.map(({ day: at, rows, data }) => ({
        day: at,
        rows,
        data,
        input: nothing,
        inputs: Uint8Array.of(1, 255, 0),
      })),
      replacesAll: request.replacesAll,
      ...changes,
    },
    {},
  );
}

async function rowsOf(warehouse: Warehouse): Promise<readonly (readonly unknown[])[]> {
  const { rows } = await warehouse.query('SELECT day, id, price FROM shop.orders ORDER BY id', {});
  return rows;
}

describe('staging', () => {
  test('counts the rows of every partition, and partitions without rows do not appear', async () => {
    const warehouse = await testWarehouse();
    const staged = await warehouse.stage(staging(TWO_DAYS), {});
    expect(staged.map(({ day: at, rows }) => [at, rows])).toEqual([
      [FIRST, 2],
      [SECOND, 1],
    ]);
  });

  test('shows nobody the rows before they are published', async () => {
    const warehouse = await testWarehouse();
    await warehouse.ensureTable(TABLE);
    await warehouse.stage(staging(TWO_DAYS), {});
    expect(await rowsOf(warehouse)).toEqual([]);
    expect(await warehouse.readMaterializations()).toEqual([]);
  });

  test('that is discarded leaves nothing, and can be begun again', async () => {
    const warehouse = await testWarehouse();
    for (const replacesAll of [true, false]) {
      await warehouse.stage(staging(TWO_DAYS, { replacesAll }), {});
      await warehouse.discard(TABLE, 'step');
      const tables = await warehouse.query(
        `SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%staging%'`,
        {},
      );
      expect(tables.rows).toEqual([]);
    }
    await stageAndPublish(warehouse, staging(TWO_DAYS));
    expect(await rowsOf(warehouse)).toHaveLength(3);
  });

  test('of one table twice at once keeps both apart until each is published', async () => {
    const warehouse = await testWarehouse();
    const later = staging(`('2024-01-05', 5, 5)`, { stage: 'later' });
    await warehouse.stage(later, {});
    await stageAndPublish(warehouse, staging(TWO_DAYS));
    expect(await rowsOf(warehouse)).toHaveLength(3);
    const checks = [{ name: 'none', offends: 'TRUE' }];
    const counted = await warehouse.countOffending({ table: TABLE, stage: 'later', checks }, {});
    expect(counted).toEqual([{ day: day('2024-01-05'), rows: 1, offending: [1] }]);
    await stageAndPublish(warehouse, later);
    expect((await rowsOf(warehouse)).map(([at]) => at)).toContain('2024-01-05');
  });

  test('rows of a module leaves nothing behind either', async () => {
    const warehouse = await testWarehouse();
    const row = { day: '2024-01-01', id: 1, price: 2 };
    const one = await warehouse.loadRows(TABLE, 'one', [row]);
    const two = await warehouse.loadRows(TABLE, 'two', [row, row]);
    const count = (relation: string) => warehouse.query(`SELECT COUNT(*) FROM ${relation}`, {});
    expect([(await count(one)).rows, (await count(two)).rows]).toEqual([[[1]], [[2]]]);
    await warehouse.discard(TABLE, 'one');
    await expect(count(one)).rejects.toMatchObject({ category: 'RELATION_NOT_FOUND' });
    expect((await count(two)).rows).toEqual([[2]]);
  });

  test('of an unpartitioned table without rows finds no partition', async () => {
    const warehouse = await testWarehouse();
    const { partitionColumn: _, ...rest } = TABLE;
    const table = { ...rest, partitionColumn: undefined };
    const empty = staging(TWO_DAYS, { table });
    const none = { ...empty, select: `${empty.select} WHERE id > 99` };
    expect(await warehouse.stage(none, {})).toEqual([]);
    expect(await warehouse.stage(empty, {})).toMatchObject([{ day: UNPARTITIONED, rows: 3 }]);
  });

  test('counts offending rows per partition and check, and shows some of them', async () => {
    const warehouse = await testWarehouse();
    const request = staging(`${TWO_DAYS}, ('2024-01-02', 3, 9)`, {
      checks: [
        { name: 'cheap', offends: 'price > 2' },
        { name: 'key', offends: { uniqueOver: ['id'] } },
      ],
    });
    const staged = await warehouse.stage(request, {});
    expect(staged.map(({ offending }) => offending)).toEqual([
      [1, 0],
      [1, 1],
    ]);
    const sample = { days: [FIRST, SECOND], rowsPerDay: 3 };
    const cheap = await warehouse.sampleOffending(request, 0, sample);
    expect(cheap.get(FIRST)).toMatchObject([{ id: 2 }]);
    const twice = await warehouse.sampleOffending(request, 1, sample);
    expect(twice.get(SECOND)).toMatchObject([{ id: 3 }]);
    expect(twice.get(FIRST)).toBeUndefined();
  });
});

describe('the data version of a partition', () => {
  async function versionOf(values: string): Promise<string> {
    const warehouse = await testWarehouse(':memory:');
    const [partition] = await warehouse.stage(staging(values), {});
    return formatHash(partition?.data ?? { hi: 0, lo: 0 });
  }

  test('does not depend on the order of the rows', async () => {
    const one = await versionOf(`('2024-01-01', 1, 1), ('2024-01-01', 2, 2)`);
    expect(await versionOf(`('2024-01-01', 2, 2), ('2024-01-01', 1, 1)`)).toBe(one);
  });

  test.each([
    ['another value', `('2024-01-01', 1, 1), ('2024-01-01', 2, 3)`],
    ['values that changed places', `('2024-01-01', 1, 2), ('2024-01-01', 2, 1)`],
    ['a row twice', `('2024-01-01', 1, 1), ('2024-01-01', 2, 2), ('2024-01-01', 2, 2)`],
    ['NULL instead of a value', `('2024-01-01', 1, 1), ('2024-01-01', 2, NULL)`],
  ])('differs with %s', async (_, values) => {
    expect(await versionOf(values)).not.toBe(
      await versionOf(`('2024-01-01', 1, 1), ('2024-01-01', 2, 2)`),
    );
  });
});

describe('publishing', () => {
  test.each([false, true])(
    'replaces the partitions given, the table taken over: %s',
    async (replacesAll) => {
      const warehouse = await testWarehouse();
      await stageAndPublish(warehouse, staging(TWO_DAYS, { replacesAll }));
      expect(await rowsOf(warehouse)).toEqual([
        ['2024-01-01', 1, 1.5],
        ['2024-01-01', 2, 2.5],
        ['2024-01-02', 3, null],
      ]);
      await stageAndPublish(warehouse, staging(`('2024-01-02', 4, 4)`));
      expect(await rowsOf(warehouse)).toEqual([
        ['2024-01-01', 1, 1.5],
        ['2024-01-01', 2, 2.5],
        ['2024-01-02', 4, 4],
      ]);
    },
  );

  test('leaves out staged partitions that are not to be replaced', async () => {
    const warehouse = await testWarehouse();
    await stageAndPublish(warehouse, staging(TWO_DAYS), {
      replace: [SECOND],
      materializations: [],
    });
    expect(await rowsOf(warehouse)).toEqual([['2024-01-02', 3, null]]);
  });

  test('writes one claim per partition, whatever was claimed before', async () => {
    const warehouse = await testWarehouse();
    await stageAndPublish(warehouse, staging(TWO_DAYS));
    await stageAndPublish(warehouse, staging(`('2024-01-02', 4, 4)`), { runId: 'run-2', at: 2000 });
    const claims = await warehouse.readMaterializations();
    expect(
      claims
        .toSorted((a, b) => a.day - b.day)
        .map(({ day: at, rows, runId, inputs }) => [at, rows, runId, [...inputs]]),
    ).toEqual([
      [FIRST, 2, 'run-1', [1, 255, 0]],
      [SECOND, 1, 'run-2', [1, 255, 0]],
    ]);
  });

  test.each([false, true])(
    'is all or nothing when it is interrupted, taken over: %s',
    async (replacesAll) => {
      const warehouse = await testWarehouse();
      await stageAndPublish(warehouse, staging(TWO_DAYS));
      const before = await rowsOf(warehouse);
      const request = staging(`('2024-01-01', 9, 9)`, { replacesAll });
      const staged = await warehouse.stage(request, {});
      const publish = warehouse.publish(
        {
          table: TABLE,
          stage: 'step',
          asset: 'orders',
          runId: 'run-2',
          codeVersion: 'c0de',
          at: 1,
          replace: staged.map((partition) => partition.day),
          materializations: [],
          replacesAll,
        },
        { signal: AbortSignal.abort() },
      );
      await expect(publish).rejects.toMatchObject({ kind: 'interrupted' });
      await warehouse.discard(TABLE, 'step');
      expect(await rowsOf(warehouse)).toEqual(before);
      expect(await warehouse.readMaterializations()).toHaveLength(2);
    },
  );
});

describe('a table whose declaration changed since it was made', () => {
  async function reopened(): Promise<Warehouse> {
    const path = temporaryFile();
    const first = await openWarehouse(path);
    await stageAndPublish(first, staging(TWO_DAYS));
    await first.close();
    return testWarehouse(path);
  }

  test('gets a declared column that it lacks', async () => {
    const warehouse = await reopened();
    const columns = [...TABLE.columns, column('note', 'STRING')];
    await warehouse.ensureTable({ ...TABLE, columns });
    const { rows } = await warehouse.query('SELECT note FROM shop.orders', {});
    expect(rows).toEqual([[null], [null], [null]]);
  });

  test.each([
    ['a column that is no longer declared', [column('day', 'DATE'), column('id', 'INT64')]],
    ['a column of another type', TABLE.columns.with(1, column('id', 'STRING'))],
  ])('is refused with %s, and the command that mends it', async (_, columns) => {
    const warehouse = await reopened();
    await expect(warehouse.ensureTable({ ...TABLE, columns })).rejects.toMatchObject({
      code: 'SCHEMA_DRIFT',
      hint: expect.stringContaining('orders --force') as unknown,
    });
  });
});

describe('removing partitions', () => {
  test('takes their rows and their claims, no others', async () => {
    const warehouse = await testWarehouse();
    await stageAndPublish(warehouse, staging(TWO_DAYS));
    await warehouse.remove(TABLE, 'orders', [FIRST]);
    expect(await rowsOf(warehouse)).toEqual([['2024-01-02', 3, null]]);
    expect((await warehouse.readMaterializations()).map((claim) => claim.day)).toEqual([SECOND]);
    expect(await warehouse.countRows([TABLE])).toEqual(
      new Map([['orders', new Map([[SECOND, 1]])]]),
    );
  });

  test('of a table that is gone takes their claims', async () => {
    const warehouse = await testWarehouse();
    await stageAndPublish(warehouse, staging(TWO_DAYS));
    await warehouse.execute('DROP TABLE shop.orders', {});
    await warehouse.remove(TABLE, 'orders', [FIRST, SECOND]);
    expect(await warehouse.readMaterializations()).toEqual([]);
    expect(await warehouse.countRows([TABLE])).toEqual(new Map());
  });
});

test('what was published is there for the next process, and what was only staged is not', async () => {
  const path = temporaryFile();
  const first = await openWarehouse(path);
  await stageAndPublish(first, staging(TWO_DAYS));
  await first.stage(staging(`('2024-01-05', 5, 5)`, { replacesAll: true }), {});
  await first.close();
  const second = await testWarehouse(path);
  expect(await rowsOf(second)).toHaveLength(3);
  const staged = await second.query(
    `SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%staging%'`,
    {},
  );
  expect(staged.rows).toEqual([]);
});

test('the fingerprint changes with what is written, and only then', async () => {
  const path = temporaryFile();
  const first = await openWarehouse(path);
  await stageAndPublish(first, staging(TWO_DAYS));
  await first.close();
  const before = await first.fingerprint();
  const reader = await openDuckdbWarehouse({
    path,
    memoryLimit: '200MB',
    threads: 1,
    readOnly: true,
  });
  await reader.query('FROM shop.orders', {});
  await reader.close();
  expect(await reader.fingerprint()).toBe(before);
  const second = await openWarehouse(path);
  await stageAndPublish(second, staging(`('2024-01-05', 5, 5)`));
  await second.close();
  expect(await second.fingerprint()).not.toBe(before);
});
