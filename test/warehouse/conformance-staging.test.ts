import { describe, expect, test } from 'vitest';
import { UNPARTITIONED } from '../../engine/partitions/date.ts';
import type { StagedCheck, Warehouse } from '../../engine/warehouse/warehouse.ts';
import { KINDS } from './kinds.ts';
import {
  FIRST,
  publishing,
  rowsOf,
  SECOND,
  selectOf,
  stageAndPublish,
  staging,
  TABLE,
  TWO_DAYS,
} from './orders.ts';
import { day } from '../partitions/shapes.ts';

const UNPARTITIONED_TABLE = { ...TABLE, partitionColumn: undefined };

/** True when a relation can be read from. */
async function isThere(warehouse: Warehouse, relation: string): Promise<boolean> {
  try {
    await warehouse.query(`SELECT COUNT(*) FROM ${relation}`, {});
    return true;
  } catch (error) {
    expect(error).toMatchObject({ category: 'RELATION_NOT_FOUND' });
    return false;
  }
}

describe.each(KINDS)('staging in $name', ({ place }) => {
  test('counts the rows of every partition, and partitions without rows do not appear', async () => {
    const warehouse = await (await place()).open();
    const staged = await warehouse.stage(staging(warehouse, TWO_DAYS), {});
    expect(staged.map(({ day: at, rows }) => [at, rows])).toEqual([
      [FIRST, 2],
      [SECOND, 1],
    ]);
  });

  test('shows nobody the rows before they are published', async () => {
    const warehouse = await (await place()).open();
    await warehouse.ensureTable(TABLE);
    await warehouse.stage(staging(warehouse, TWO_DAYS), {});
    expect(await rowsOf(warehouse)).toEqual([]);
    expect(await warehouse.readMaterializations()).toEqual([]);
  });

  test('that is discarded leaves nothing, and can be begun again', async () => {
    const warehouse = await (await place()).open();
    for (const replacesAll of [true, false]) {
      await warehouse.stage(staging(warehouse, TWO_DAYS, { replacesAll }), {});
      const relation = warehouse.stagedRelation(TABLE, 'step');
      expect(await isThere(warehouse, relation)).toBe(true);
      await warehouse.discard(TABLE, 'step');
      expect(await isThere(warehouse, relation)).toBe(false);
    }
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
    expect(await rowsOf(warehouse)).toHaveLength(3);
    await warehouse.discard(TABLE, 'step');
    expect(await isThere(warehouse, warehouse.stagedRelation(TABLE, 'step'))).toBe(false);
  });

  test('of one table twice at once keeps both apart until each is published', async () => {
    const warehouse = await (await place()).open();
    const later = staging(warehouse, [['2024-01-05', 5, 5]], { stage: 'later' });
    const stagedLater = await warehouse.stage(later, {});
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
    expect(await rowsOf(warehouse)).toHaveLength(3);
    const checks = [{ name: 'none', offends: 'TRUE' }];
    const counted = await warehouse.countOffending({ table: TABLE, stage: 'later', checks }, {});
    expect(counted).toEqual([{ day: day('2024-01-05'), rows: 1, offending: [1] }]);
    await warehouse.publish(publishing(later, stagedLater), {});
    expect((await rowsOf(warehouse)).map(([at]) => at)).toContain('2024-01-05');
  });

  test('of many steps at once and publishing them leaves all of their rows', async () => {
    const warehouse = await (await place()).open();
    const numbers = [1, 2, 3, 4, 5];
    await Promise.all(
      numbers.map((each) =>
        stageAndPublish(
          warehouse,
          staging(warehouse, [[`2024-01-0${each}`, each, 1]], { stage: `s${each}` }),
        ),
      ),
    );
    expect((await rowsOf(warehouse)).map(([, id]) => id)).toEqual(numbers);
    expect(await warehouse.readMaterializations()).toHaveLength(5);
  });

  test('of an unpartitioned table without rows finds no partition', async () => {
    const warehouse = await (await place()).open();
    const all = staging(warehouse, TWO_DAYS, { table: UNPARTITIONED_TABLE });
    const none = { ...all, select: `SELECT * FROM (${all.select}) AS _all WHERE id > 99` };
    expect(await warehouse.stage(none, {})).toEqual([]);
    await warehouse.discard(UNPARTITIONED_TABLE, 'step');
    expect(await warehouse.stage(all, {})).toMatchObject([{ day: UNPARTITIONED, rows: 3 }]);
  });

  test('calls the functions of the project', async () => {
    const warehouse = await (await place()).open();
    const isGoogle = warehouse.capabilities.dialect === 'bigquery';
    const twice = isGoogle
      ? 'CREATE TEMP FUNCTION twice(x INT64) AS (x * 2)'
      : 'CREATE OR REPLACE TEMP MACRO twice(x) AS x * 2';
    const orders = staging(warehouse, TWO_DAYS);
    const select = `SELECT day, twice(id) AS id, price FROM (${orders.select}) AS _o`;
    const checks = [{ name: 'four', offends: 'twice(id) = 8' }];
    const request = { ...orders, select, functions: [twice], checks };
    const staged = await warehouse.stage(request, {});
    expect(staged.map(({ offending }) => offending)).toEqual([[1], [0]]);
    await warehouse.publish(publishing(request, staged), {});
    expect((await rowsOf(warehouse)).map(([, id]) => id)).toEqual([2, 4, 6]);
    const { rows } = await warehouse.query('SELECT twice(21) AS x', { functions: [twice] });
    expect(rows).toEqual([[42]]);
  });
});

describe.each(KINDS)('rows from elsewhere in $name', ({ place }) => {
  test('those of a module leave nothing behind', async () => {
    const warehouse = await (await place()).open();
    const row = { day: '2024-01-01', id: 1, price: 2 };
    const one = await warehouse.loadRows(TABLE, 'one', [row]);
    const two = await warehouse.loadRows(TABLE, 'two', [row, row]);
    const count = async (relation: string): Promise<unknown> =>
      (await warehouse.query(`SELECT COUNT(*) FROM ${relation} AS _r`, {})).rows[0]?.[0];
    expect([await count(one), await count(two)]).toEqual([1, 2]);
    const columns = 'day, id, price';
    const request = staging(warehouse, [], {
      stage: 'two',
      select: `SELECT ${columns} FROM ${two} AS _r`,
    });
    expect(await warehouse.stage(request, {})).toMatchObject([{ day: FIRST, rows: 2 }]);
    await warehouse.discard(TABLE, 'one');
    await expect(count(one)).rejects.toMatchObject({ category: 'RELATION_NOT_FOUND' });
    expect(await count(two)).toBe(2);
    await warehouse.discard(TABLE, 'two');
    await expect(count(two)).rejects.toMatchObject({ category: 'RELATION_NOT_FOUND' });
  });

  test('none at all are an empty relation', async () => {
    const warehouse = await (await place()).open();
    const relation = await warehouse.loadRows(TABLE, 'none', []);
    const { columns, rows } = await warehouse.query(`SELECT * FROM ${relation} AS _r`, {});
    expect(columns.map(({ name }) => name)).toEqual(['day', 'id', 'price']);
    expect(rows).toEqual([]);
  });

  test('a value that its column cannot hold is a data error that names it', async () => {
    const warehouse = await (await place()).open();
    const row = { day: '2024-01-01', id: 'one', price: 2 };
    await expect(warehouse.loadRows(TABLE, 'bad', [row])).rejects.toMatchObject({
      kind: 'data',
      message: expect.stringContaining('column id expects INT64, got "one"') as unknown,
    });
  });

  test('those of files are staged like any others', async () => {
    const warehouse = await (await place()).open();
    const select = selectOf('duckdb', TABLE.columns, TWO_DAYS);
    const relation = await warehouse.loadFiles(TABLE, 'step', select, {});
    const request = staging(warehouse, [], {
      select: `SELECT day, id, price FROM ${relation} AS _f`,
    });
    await stageAndPublish(warehouse, request);
    await warehouse.discard(TABLE, 'step');
    expect(await rowsOf(warehouse)).toEqual(TWO_DAYS);
  });

  test('statements about files are read by DuckDB', async () => {
    const warehouse = await (await place()).open();
    const { rows } = await warehouse.queryFiles('SELECT range FROM range(3) LIMIT 2 OFFSET 1', {});
    expect(rows).toEqual([[1], [2]]);
  });
});

const CHECKS: readonly StagedCheck[] = [
  { name: 'cheap', offends: 'price > 2' },
  { name: 'key', offends: { uniqueOver: ['id'] } },
  { name: 'priced', offends: 'price IS NULL', columns: ['id'] },
];

describe.each(KINDS)('checks in $name', ({ place }) => {
  const ROWS = [
    ...TWO_DAYS,
    ['2024-01-02', 3, 9],
    ['2024-01-02', 3, 8],
    ['2024-01-02', 4, 7],
  ] as const;

  test('count offending rows per partition and check, staged and published', async () => {
    const warehouse = await (await place()).open();
    const request = staging(warehouse, ROWS, { checks: CHECKS });
    const staged = await warehouse.stage(request, {});
    expect(staged.map(({ offending }) => offending)).toEqual([
      [1, 0, 0],
      [3, 2, 1],
    ]);
    await warehouse.publish(publishing(request, staged), {});
    const relation = warehouse.publishedRelation(TABLE, [SECOND]);
    const counted = await warehouse.countOffending({ table: TABLE, relation, checks: CHECKS }, {});
    expect(counted).toEqual([{ day: SECOND, rows: 4, offending: [3, 2, 1] }]);
  });

  test('show some of the offending rows of each day that is asked for', async () => {
    const warehouse = await (await place()).open();
    const request = staging(warehouse, ROWS, { checks: CHECKS });
    await warehouse.stage(request, {});
    const sample = { days: [FIRST, SECOND], rowsPerDay: 2 };
    const cheap = await warehouse.sampleOffending(request, 0, sample);
    expect(cheap.get(FIRST)).toMatchObject([{ day: '2024-01-01', id: 2, price: 2.5 }]);
    expect(cheap.get(SECOND)).toHaveLength(2);
    const twice = await warehouse.sampleOffending(request, 1, sample);
    expect(twice.get(SECOND)).toMatchObject([{ id: 3 }]);
    expect(twice.get(FIRST)).toBeUndefined();
    const first = { ...sample, days: [FIRST] };
    expect([...(await warehouse.sampleOffending(request, 2, first))]).toEqual([]);
    const unpriced = await warehouse.sampleOffending(request, 2, sample);
    expect(unpriced.get(SECOND)).toEqual([{ id: 3 }]);
    expect([...(await warehouse.sampleOffending(request, 9, sample))]).toEqual([]);
  });
});
