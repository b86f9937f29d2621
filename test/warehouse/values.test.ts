import { readFileSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { formatHash } from '../../engine/partitions/hash64.ts';
import { quoteText } from '../../engine/sql/quote.ts';
import type { TableSpec, Warehouse } from '../../engine/warehouse/warehouse.ts';
import { KINDS } from './kinds.ts';
import {
  column,
  type Rows,
  selectOf,
  stageAndPublish,
  staging,
  TABLE,
  TWO_DAYS,
  type Value,
} from './orders.ts';

/** A column of every type that can be declared. */
const EVERY_TYPE: TableSpec = {
  dataset: 'shop',
  name: 'cells',
  columns: [
    column('day', 'DATE'),
    column('id', 'INT64'),
    column('text', 'STRING'),
    column('number', 'INT64'),
    column('ratio', 'FLOAT64'),
    column('is_true', 'BOOL'),
    column('taken', 'TIMESTAMP'),
    column('texts', 'ARRAY<STRING>'),
    column('numbers', 'ARRAY<INT64>'),
    column('ratios', 'ARRAY<FLOAT64>'),
  ],
  partitionColumn: 'day',
  key: ['day', 'id'],
};

const NAMES = EVERY_TYPE.columns.map(({ name }) => name).join(', ');
const ODD_TEXT = `it's "odd" \\ \\n \`x\` \n second\tline\r\n \u00fc \u{1f3c0} \u0000`.replace(
  '\u0000',
  '',
);

const ROWS: Rows = [
  [
    '2024-01-01',
    1,
    ODD_TEXT,
    42,
    0.1,
    true,
    '2024-01-01 12:34:56.789012',
    ['a', ODD_TEXT],
    [1, -2],
    [0.5],
  ],
  ['2024-02-29', 2, '', -7, -1.5e-300, false, '1969-12-31 23:59:59.5', [], [], []],
  ['1969-07-20', 3, 'NULL', 0, 1e300, false, '2024-01-01 00:00:00', ['NULL', ''], [0], [1e300]],
  ['2024-01-01', 4, null, null, null, null, null, [], [], []],
];

/** Larger than what a number of JavaScript holds. */
const LARGE = '9007199254740993';

async function withValues(warehouse: Warehouse, rows: Rows = ROWS): Promise<void> {
  await stageAndPublish(warehouse, staging(warehouse, rows, { table: EVERY_TYPE }));
}

const valuesOf = async (warehouse: Warehouse): Promise<Rows> => {
  const { rows } = await warehouse.query(`SELECT ${NAMES} FROM shop.cells ORDER BY id`, {});
  return rows as Rows;
};

describe.each(KINDS)('values in $name', ({ place }) => {
  test('of every type come back as they were written', async () => {
    const warehouse = await (await place()).open();
    await withValues(warehouse);
    expect(await valuesOf(warehouse)).toEqual(ROWS);
  });

  test('of every type come from a module and from files the same', async () => {
    const warehouse = await (await place()).open();
    const toMillis = ROWS.map((row) =>
      row.with(6, row[6] === null ? null : String(row[6]).slice(0, 23)),
    );
    const objects = toMillis.map((row) =>
      Object.fromEntries(EVERY_TYPE.columns.map(({ name }, index) => [name, row[index]])),
    );
    const table = EVERY_TYPE;
    const rows = await warehouse.loadRows(table, 'rows', objects);
    const fromRows = { table, stage: 'rows', select: `SELECT ${NAMES} FROM ${rows} AS _r` };
    await stageAndPublish(warehouse, staging(warehouse, [], fromRows));
    expect(await valuesOf(warehouse)).toEqual(toMillis);
    const select = selectOf('duckdb', table.columns, ROWS);
    const files = await warehouse.loadFiles(table, 'files', select, {});
    const fromFiles = { table, stage: 'files', select: `SELECT ${NAMES} FROM ${files} AS _f` };
    await stageAndPublish(warehouse, staging(warehouse, [], fromFiles));
    expect(await valuesOf(warehouse)).toEqual(ROWS);
  });

  test('integers that JavaScript cannot hold stay exact, as texts', async () => {
    const warehouse = await (await place()).open();
    const { rows } = await warehouse.query(
      `SELECT ${LARGE} AS large, 9007199254740991 AS safe, -${LARGE} AS small`,
      {},
    );
    expect(rows).toEqual([[LARGE, 9_007_199_254_740_991, `-${LARGE}`]]);
  });
});

describe.each(KINDS)('files written from $name', ({ place }) => {
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'fastbreak-test-'));
    onTestFinished(() => rmSync(made, { recursive: true, force: true }));
    return made;
  };

  async function copied(warehouse: Warehouse, options: string): Promise<string> {
    const path = join(folder(), 'rows');
    const select = `SELECT ${NAMES} FROM shop.cells ORDER BY id`;
    await warehouse.copyToFile({ table: EVERY_TYPE, select, path, options }, {});
    return path;
  }

  test('hold every value of every type', async () => {
    const warehouse = await (await place()).open();
    const large: Value[] = ['2024-03-01', 5, 'x', null, null, null, null, [], [], []];
    await withValues(warehouse, [...ROWS, large]);
    await warehouse.execute(
      `UPDATE shop.cells SET number = ${LARGE}, numbers = [${LARGE}] WHERE id = 5`,
      {},
    );
    const expected = [...ROWS, large.with(3, LARGE).with(8, [LARGE])];
    const parquet = await copied(warehouse, 'FORMAT parquet');
    const read = `SELECT ${NAMES} FROM read_parquet(${quoteText(parquet, 'duckdb')}) ORDER BY id`;
    const found = await warehouse.queryFiles(read, {});
    expect(found.rows).toEqual(expected);
    const types = await warehouse.queryFiles(
      `SELECT column_type FROM (DESCRIBE SELECT * FROM read_parquet(${quoteText(parquet, 'duckdb')}))`,
      {},
    );
    expect(types.rows.flat()).toEqual([
      'DATE',
      'BIGINT',
      'VARCHAR',
      'BIGINT',
      'DOUBLE',
      'BOOLEAN',
      'TIMESTAMP',
      'VARCHAR[]',
      'BIGINT[]',
      'DOUBLE[]',
    ]);
    const json = readFileSync(await copied(warehouse, 'FORMAT json'), 'utf8')
      .trim()
      .split('\n');
    expect(json).toHaveLength(5);
    expect(JSON.parse(json[0] ?? '')).toMatchObject({
      text: ODD_TEXT,
      number: 42,
      texts: ['a', ODD_TEXT],
    });
    expect(json[4]).toContain(`"number":${LARGE}`);
    const csv = await copied(warehouse, 'FORMAT csv, HEADER');
    const texts = await warehouse.queryFiles(
      `SELECT text, number FROM read_csv(${quoteText(csv, 'duckdb')}, all_varchar = true) ORDER BY CAST(id AS INTEGER) LIMIT 1`,
      {},
    );
    expect(texts.rows).toEqual([[ODD_TEXT, '42']]);
    expect(readFileSync(csv, 'utf8').split('\n')[0]).toBe(NAMES.replaceAll(', ', ','));
  });

  test('of no rows hold the columns', async () => {
    const warehouse = await (await place()).open();
    await warehouse.ensureTable(EVERY_TYPE);
    const csv = await copied(warehouse, 'FORMAT csv, HEADER');
    expect(readFileSync(csv, 'utf8')).toBe(`${NAMES.replaceAll(', ', ',')}\n`);
  });
});

describe.each(KINDS)('the data version of a partition in $name', ({ place }) => {
  /** A version per list of rows, all of one day, in one warehouse. */
  async function versions(lists: readonly Rows[], table = TABLE): Promise<readonly string[]> {
    const warehouse = await (await place()).open();
    const found: string[] = [];
    for (const [index, rows] of lists.entries()) {
      const [staged] = await warehouse.stage(
        staging(warehouse, rows, { table, stage: `v${index}` }),
        {},
      );
      found.push(formatHash(staged?.data ?? { hi: 0, lo: 0 }));
    }
    return found;
  }

  const at = (id: number, price: number | null): Value[] => ['2024-01-01', id, price];

  test('depends on the rows alone: neither on their order nor on the stage', async () => {
    const [one, other, again] = await versions([
      [at(1, 1), at(2, 2), at(3, null)],
      [at(3, null), at(2, 2), at(1, 1)],
      [at(1, 1), at(2, 2), at(3, null)],
    ]);
    expect(other).toBe(one);
    expect(again).toBe(one);
  });

  test('differs with any other content', async () => {
    const all = await versions([
      [at(1, 1), at(2, 2)],
      [at(1, 1), at(2, 3)],
      [at(1, 2), at(2, 1)],
      [at(1, 1), at(2, 2), at(2, 2)],
      [at(1, 1), at(2, null)],
      [at(1, 1)],
      [at(1, 1), at(1, 1)],
      [at(1, 1), at(1, 1), at(1, 1)],
    ]);
    expect(new Set(all).size).toBe(all.length);
  });

  test('differs with one changed value of any type', async () => {
    const [first = []] = ROWS;
    const changed: readonly Value[] = [
      'other',
      43,
      0.100_000_000_000_000_02,
      false,
      '2024-01-01 12:34:56.789013',
      ['a'],
      [1, -3],
      [0.25],
    ];
    const lists = changed.map((value, index) => [first.with(index + 2, value)]);
    const nulls = first.slice(2, 7).map((_, index) => [first.with(index + 2, null)]);
    const all = await versions([[first], ...lists, ...nulls], EVERY_TYPE);
    expect(new Set(all).size).toBe(all.length);
  });

  test('tells values apart that look alike', async () => {
    const table = {
      ...TABLE,
      columns: [column('day', 'DATE'), column('id', 'STRING'), column('price', 'STRING')],
    };
    const all = await versions(
      [
        [['2024-01-01', 'ab', 'c']],
        [['2024-01-01', 'a', 'bc']],
        [['2024-01-01', 'NULL', '']],
        [['2024-01-01', null, '']],
        [['2024-01-01', '', null]],
        [['2024-01-01', 'null', '']],
      ],
      table,
    );
    expect(new Set(all).size).toBe(all.length);
  });

  test('of a partition in a batch is that of the partition alone', async () => {
    const warehouse = await (await place()).open();
    const both = await warehouse.stage(staging(warehouse, TWO_DAYS, { stage: 'both' }), {});
    const alone = await warehouse.stage(
      staging(warehouse, TWO_DAYS.slice(2), { stage: 'alone' }),
      {},
    );
    expect(both[1]?.data).toEqual(alone[0]?.data);
  });
});

describe.each(KINDS)('what goes wrong in $name', ({ place }) => {
  test.each([
    ['a text that is no number', `SELECT CAST('n/a' AS INT64)`, 'data', 'DATA_ERROR'],
    ['a text that is no date', `SELECT CAST('soon' AS DATE)`, 'data', 'DATA_ERROR'],
    [
      'a relation that is not there',
      'SELECT * FROM shop.nowhere',
      'statement',
      'RELATION_NOT_FOUND',
    ],
    ['a column that is not there', 'SELECT x FROM (SELECT 1 AS y) AS t', 'statement', undefined],
    ['text that is no SQL', 'SELEKT 1', 'statement', undefined],
  ])('%s is a fault of the right kind', async (_, sql, kind, category) => {
    const warehouse = await (await place()).open();
    await warehouse.ensureTable(TABLE);
    const fault = await warehouse.query(sql, {}).catch((error: unknown) => error);
    expect(fault).toMatchObject({
      name: 'WarehouseError',
      kind,
      ...(category ? { category } : {}),
    });
  });

  test('a stage that fails leaves nothing behind, and the table as it was', async () => {
    const warehouse = await (await place()).open();
    await stageAndPublish(warehouse, staging(warehouse, TWO_DAYS));
    const bad = selectOf(warehouse.capabilities.dialect, TABLE.columns, [['2024-01-01', 'x', 1]]);
    const request = staging(warehouse, [], { select: bad, stage: 'bad' });
    await expect(warehouse.stage(request, {})).rejects.toMatchObject({ kind: 'data' });
    await warehouse.discard(TABLE, 'bad');
    await expect(
      warehouse.query(`SELECT 1 FROM ${warehouse.stagedRelation(TABLE, 'bad')}`, {}),
    ).rejects.toMatchObject({ category: 'RELATION_NOT_FOUND' });
    expect(await warehouse.readMaterializations()).toHaveLength(2);
  });

  /** Billions of rows to count: longer than any test waits. */
  const slow = (dialect: string): string => {
    const numbers = dialect === 'bigquery' ? 'UNNEST(GENERATE_ARRAY(1, 3000))' : 'range(3000)';
    const [a, b, c] = dialect === 'bigquery' ? ['a', 'b', 'c'] : ['a.range', 'b.range', 'c.range'];
    return `SELECT MAX(${a} * ${b} * ${c}) FROM ${numbers} AS a, ${numbers} AS b, ${numbers} AS c`;
  };

  test('a statement over its time ends, and says so with the time', async () => {
    const warehouse = await (await place()).open();
    const sql = slow(warehouse.capabilities.dialect);
    await expect(warehouse.query(sql, { timeoutMs: 300 })).rejects.toMatchObject({
      kind: 'timeout',
      category: 'TIMEOUT',
      message: expect.stringContaining('0.3 s') as unknown,
    });
    expect((await warehouse.query('SELECT 1', {})).rows).toEqual([[1]]);
  });

  test('a signal ends the statement that listens to it, not the others', async () => {
    const warehouse = await (await place()).open();
    const controller = new AbortController();
    const sql = slow(warehouse.capabilities.dialect);
    const running = warehouse.query(sql, { signal: controller.signal });
    const other = warehouse.query('SELECT 2', {});
    setTimeout(() => controller.abort(), 200);
    await expect(running).rejects.toMatchObject({ kind: 'interrupted' });
    expect((await other).rows).toEqual([[2]]);
  });
});
