import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSound, kept } from '../support/kept.ts';
import { Rig } from '../support/rig.ts';
import { SHOP } from '../support/shop-project.ts';

const ORDERS = 'data/orders.csv';
let materialized: Rig;

beforeAll(async () => {
  materialized = await Rig.create(SHOP);
  expect(await materialized.run('materialize', '--quiet')).toMatchObject({ code: 0 });
});
afterAll(() => materialized[Symbol.asyncDispose]());

/** What a run prints and does when the orders of a pipeline that was all current are edited like this. */
async function rerun(edit: (rig: Rig) => Promise<void>) {
  const rig = await materialized.copy();
  const before = await kept(rig);
  await edit(rig);
  const { code, stdout, stderr } = await rig.run('materialize', '--quiet');
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  const after = await expectSound(rig);
  return { rig, code, stdout, before, after };
}

function withLine(from: string, to: string) {
  return (rig: Rig) => rig.edit(ORDERS, from, to);
}

describe('a file that cannot be read fails the source and keeps everything as it was', () => {
  const cases: readonly [title: string, edit: (rig: Rig) => Promise<void>, says: RegExp][] = [
    [
      'a missing file is named with what was expected there',
      (rig) => rig.remove(ORDERS),
      /failed orders all\n {2}SOURCE_MISSING: expected a csv file or a folder of them at \$\{ORDERS:-data\/orders\.csv\}, found nothing\n {2}check the path/,
    ],
    [
      'an empty file is called empty',
      (rig) => rig.write(ORDERS, ''),
      /SOURCE_EMPTY: .*orders\.csv\} is empty \(0 bytes\)\n {2}fetch the file again/,
    ],
    [
      'a file that is no text is called that',
      (rig) =>
        rig.write(
          ORDERS,
          Uint8Array.from({ length: 4000 }, (_, i) => (i * 7919) % 256),
        ),
      /SOURCE_UNREADABLE: .*: expected UTF-8 text, found other bytes in its first line/,
    ],
    [
      'a line with too many values is named by its number',
      withLine('5,2024-01-04,cup,4.95', '5,2024-01-04,cup,4,95,1'),
      /SOURCE_UNREADABLE: .*orders\.csv\}, line 6: expected 4 values, not more, found: 5,2024-01-04,cup,4,95,1/,
    ],
    [
      'a line with too few values is named by its number',
      withLine('5,2024-01-04,cup,4.95', '5,2024-01-04'),
      /line 6: expected 4 values, not 2, found: 5,2024-01-04/,
    ],
    [
      'a quote that never ends is named by its line',
      withLine('5,2024-01-04,cup', '5,2024-01-04,"cup'),
      /line 6: expected an end of the quoted value, found: 5,2024-01-04,"cup,4.95/,
    ],
    [
      'a column that the file lacks is named with those that it has',
      withLine('order_id,day,product,price', 'order_id,day,product,prize'),
      /SCHEMA_MISMATCH: .*: expected the column "price", did you mean "prize"\?; found: order_id, day, product, prize\n {2}correct the columns/,
    ],
    [
      'a row without a date is shown, since no partition could report it missing',
      withLine('5,2024-01-04,cup', '5,2024-13-04,cup'),
      /UNDATED_ROW: expected a date like 2024-01-15 in column "day" of orders, found "2024-13-04" in the row \{"order_id":"5"/,
    ],
  ];
  test.each(cases)('%s', async (_, edit, says) => {
    const { rig, code, stdout, before, after } = await rerun(edit);
    await using _rig = rig;
    expect(stdout).toMatch(says);
    expect(code).toBe(1);
    expect(after).toEqual(before);
    await rig.write(ORDERS, String(SHOP[ORDERS]));
    expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
    expect(await expectSound(rig)).toEqual(before);
  });
});

describe('what is wrong with the rows of one date fails that date only', () => {
  const cases: readonly [title: string, edit: (rig: Rig) => Promise<void>, says: RegExp][] = [
    [
      'a value that is no number is named with its column and its row',
      withLine('5,2024-01-04,cup,4.95', '5,2024-01-04,cup,free'),
      /failed orders 2024-01-04\n {2}DATA_ERROR: expected FLOAT64 in column "price", found "free" in the row \{"order_id":"5","day":"2024-01-04"/,
    ],
    [
      'a key that is there twice fails its check with the key',
      withLine('5,2024-01-04', '4,2024-01-04'),
      /failed orders 2024-01-04\n {2}CHECK_FAILED: check "unique key \(order_id\)" failed: .*"order_id":4/,
    ],
    [
      'a required value that is absent fails its check with the row',
      withLine('5,2024-01-04,cup', '5,2024-01-04,'),
      /failed orders 2024-01-04\n {2}CHECK_FAILED: check "required columns are not NULL" failed: .*"order_id":5.*"product":null/,
    ],
  ];
  test.each(cases)('%s', async (_, edit, says) => {
    const { rig, code, stdout, before, after } = await rerun(async (project) => {
      await edit(project);
      await project.edit(ORDERS, '8,2024-01-08,teapot,34.50', '8,2024-01-08,teapot,35.50');
    });
    await using _rig = rig;
    expect(stdout).toMatch(says);
    expect(stdout).toContain('Retry what failed: fastbreak materialize orders');
    expect(code).toBe(1);
    const others = (rows: readonly string[] = []): string[] =>
      rows.filter((row) => !row.includes('2024-01-08'));
    expect(others(after.rows['shop_raw.orders'])).toEqual(others(before.rows['shop_raw.orders']));
    expect(after.rows['shop_raw.orders']?.join()).toContain('35.5');
  });
});

test('a bad row in a pipeline that never ran leaves all other dates published and counted', async () => {
  await using rig = await Rig.create(SHOP);
  await rig.edit(ORDERS, '5,2024-01-04,cup,4.95', '5,2024-01-04,cup,free');
  const { code, stdout } = await rig.run('materialize', '--quiet');
  expect(code).toBe(1);
  expect(stdout).toContain('19 materialized, 1 expected-empty, 1 failed and 3 blocked');
  const { rows } = await expectSound(rig);
  expect(rows['shop_raw.orders']).toHaveLength(6);
});

test('a CSV with nothing but its header fails each date as empty and keeps the rows', async () => {
  const { rig, code, stdout, before, after } = await rerun((project) =>
    project.write(ORDERS, 'order_id,day,product,price\n'),
  );
  await using _rig = rig;
  expect(stdout).toMatch(/EMPTY_RESULT: no rows for 2024-01-02, where rows are expected/);
  expect(code).toBe(1);
  expect(after).toEqual(before);
});

test('a calendar file with a date that is none keeps the calendar and every row', async () => {
  const { rig, code, stdout, before, after } = await rerun((project) =>
    project.edit('data/days.csv', '2024-01-04', 'yesterday'),
  );
  await using _rig = rig;
  expect(stdout).toContain('UNDATED_ROW: expected a date like 2024-01-15 in column "day" of days');
  expect(code).toBe(1);
  expect(after).toEqual(before);
});

test('the value of a variable stands neither in the report nor in the record', async () => {
  await using rig = await materialized.copy();
  const options = { env: { ORDERS: rig.path('very-private', 'orders.csv') } };
  const { stdout, stderr } = await rig.runWith(options, 'materialize', '--quiet');
  expect(stdout).toContain('SOURCE_MISSING');
  expect(stdout + stderr).not.toContain('very-private');
  expect((await rig.run('logs', 'last', '--json')).stdout).not.toContain('very-private');
});

test('a folder of CSV files is one source, whatever the order and delimiter of their columns', async () => {
  await using rig = await Rig.create(SHOP);
  await rig.edit('pipeline.yaml', "'${ORDERS:-data/orders.csv}'", 'data/orders, format: csv');
  const lines = String(SHOP[ORDERS]).trim().split('\n');
  await rig.write('data/orders/a.csv', `${lines.slice(0, 5).join('\n')}\n`);
  const turned = lines.slice(5).map((line) => line.split(',').toReversed().join(';'));
  await rig.write('data/orders/b.csv', `price;product;day;order_id\n${turned.join('\n')}\n`);
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  expect((await expectSound(rig)).rows).toEqual((await kept(materialized)).rows);
  await rig.edit('data/orders/b.csv', 'cup;2024-01-04;5', 'cup;2024-01-04');
  const { stdout } = await rig.run('materialize', '--quiet');
  expect(stdout).toMatch(
    /SOURCE_UNREADABLE: data\/orders\/b\.csv, line \d: expected 4 values, not 3/,
  );
});

test('a first run without the file of the calendar speaks of no date, and counts what failed as a whole', async () => {
  await using rig = await Rig.create(SHOP);
  await rig.remove('data/days.csv');
  const { code, stdout, stderr } = await rig.run('materialize');
  expect(code).toBe(1);
  expect(stderr).toContain('days all: nothing done');
  expect(stdout).toMatch(/failed: 1 asset failed as a whole in /);
  expect(stdout + stderr).not.toContain('1970');
  // With the file back nothing is left of it.
  await rig.write('data/days.csv', SHOP['data/days.csv'] ?? '');
  expect((await rig.run('materialize')).code).toBe(0);
});
