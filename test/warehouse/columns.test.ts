import { describe, expect, test } from 'vitest';
import type { ColumnBatch } from '../../engine/warehouse/columns.ts';
import type { TableSpec, Warehouse } from '../../engine/warehouse/warehouse.ts';
import { day } from '../partitions/shapes.ts';
import { KINDS } from './kinds.ts';
import { column } from './orders.ts';

const CELLS: TableSpec = {
  dataset: 'shop',
  name: 'cells',
  columns: [
    column('day', 'DATE'),
    column('id', 'INT64'),
    column('text', 'STRING'),
    column('ratio', 'FLOAT64'),
    column('is_true', 'BOOL'),
    column('taken', 'TIMESTAMP'),
  ],
  partitionColumn: 'day',
  key: ['id'],
};

/** More than one vector of DuckDB's holds, and no multiple of it. */
const MANY = 5000;

function batchOf(values: Record<string, Float64Array | (string | number | boolean | null)[]>) {
  const columns = new Map(Object.entries(values));
  const rows = Math.max(...[...columns.values()].map((each) => each.length));
  return { rows, columns } satisfies ColumnBatch;
}

async function load(warehouse: Warehouse, ...batches: readonly ColumnBatch[]): Promise<string> {
  await warehouse.ensureTable(CELLS);
  return warehouse.loadRows(CELLS, 'cells', [], batches);
}

function read(warehouse: Warehouse, relation: string, names: readonly string[], by = ['id']) {
  const columns = CELLS.columns.filter(({ name }) => names.includes(name));
  const select = `SELECT * FROM ${relation} AS _r`;
  return warehouse.readColumns({ select, columns, orderBy: by }, {});
}

describe.each(KINDS)('columns in $name', ({ place }) => {
  test('are written and read as numbers and texts, NULL as NaN and null', async () => {
    const warehouse = await (await place()).open();
    const relation = await load(
      warehouse,
      batchOf({
        day: ['2024-02-29', '1969-12-31', null],
        id: new Float64Array([1, 2, 3]),
        text: ['a', null, ''],
        ratio: new Float64Array([0.1, Number.NaN, -1e300]),
        is_true: [true, null, false],
        taken: ['2024-01-01T12:34:56.5Z', null, '1969-12-31 23:59:59'],
      }),
      batchOf({
        day: new Float64Array([day('2024-03-01')]),
        id: [4],
        ratio: [Number.NaN],
        is_true: new Float64Array([1]),
      }),
    );
    const names = CELLS.columns.map(({ name }) => name);
    const { rows, columns } = await read(warehouse, relation, names);
    expect(rows).toBe(4);
    const leap = day('2024-02-29');
    expect(columns).toEqual({
      day: new Float64Array([leap, -1, Number.NaN, leap + 1]),
      id: new Float64Array([1, 2, 3, 4]),
      text: ['a', null, '', null],
      ratio: new Float64Array([0.1, Number.NaN, -1e300, Number.NaN]),
      is_true: new Float64Array([1, Number.NaN, 0, 1]),
      taken: ['2024-01-01 12:34:56.5', null, '1969-12-31 23:59:59', null],
    });
    const nulls = await warehouse.query(
      `SELECT COUNT(*) FROM ${relation} AS _r WHERE ratio IS NULL`,
      {},
    );
    expect(nulls.rows).toEqual([[2]]);
  });

  test('of many rows come in the order of other columns than those read, NULL first', async () => {
    const warehouse = await (await place()).open();
    const at = Array.from({ length: MANY }, (_, index) => index);
    const shuffled = at.map((index) => (index * 1777) % MANY);
    const relation = await load(
      warehouse,
      batchOf({
        id: shuffled.map((each) => (each === 7 ? null : each)),
        ratio: Float64Array.from(shuffled, (each) => each / 2),
        text: shuffled.map((each) => `row ${each}`),
      }),
    );
    const { rows, columns } = await read(warehouse, relation, ['ratio', 'text']);
    const expected = [7, ...at.filter((each) => each !== 7)];
    expect(rows).toBe(MANY);
    expect(columns['ratio']).toEqual(Float64Array.from(expected, (each) => each / 2));
    expect(columns['text']).toEqual(expected.map((each) => `row ${each}`));
    expect(Object.keys(columns)).toEqual(['text', 'ratio']);
  });

  test('come after rows that are given as objects', async () => {
    const warehouse = await (await place()).open();
    const row = { day: '2024-01-01', id: 1, text: 'object' };
    const batch = batchOf({ id: [2], text: ['column'] });
    const relation = await warehouse.loadRows(CELLS, 'cells', [row], [batch]);
    const { columns } = await read(warehouse, relation, ['text', 'day']);
    expect(columns).toEqual({
      day: new Float64Array([day('2024-01-01'), Number.NaN]),
      text: ['object', 'column'],
    });
  });

  test('of no rows are empty', async () => {
    const warehouse = await (await place()).open();
    const relation = await load(warehouse);
    const { rows, columns } = await read(warehouse, relation, ['id', 'text']);
    expect({ rows, columns }).toEqual({ rows: 0, columns: { id: new Float64Array(0), text: [] } });
  });

  test.each([
    ['a fraction', 'id', new Float64Array([1.5]), 'column id expects INT64, got 1.5'],
    ['what is no date', 'day', ['2024-02-30'], 'column day expects DATE, got "2024-02-30"'],
    ['half a day', 'day', new Float64Array([0.5]), 'column day expects DATE, got 0.5'],
    ['a number of truth', 'is_true', [2], 'column is_true expects BOOL, got 2'],
    ['a number', 'text', new Float64Array([1]), 'column text expects STRING, got 1'],
    ['a text', 'ratio', ['1'], 'column ratio expects FLOAT64, got "1"'],
  ])(
    '%s that its column cannot hold is a data error that names it',
    async (_, name, values, says) => {
      const warehouse = await (await place()).open();
      await expect(load(warehouse, batchOf({ [name]: values }))).rejects.toMatchObject({
        kind: 'data',
        message: expect.stringContaining(says) as unknown,
      });
    },
  );
});
