import { readFileSync, writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSound, kept } from '../support/kept.ts';
import { Rig } from '../support/rig.ts';
import { SHOP } from '../support/shop-project.ts';

const ORDERS = 'data/orders.parquet';
let materialized: Rig;

beforeAll(async () => {
  materialized = await Rig.create(SHOP);
  await materialized.edit('pipeline.yaml', '${ORDERS:-data/orders.csv}', ORDERS);
  await writeParquet(materialized, 'SELECT order_id, day, product, price');
  expect(await materialized.run('materialize', '--quiet')).toMatchObject({ code: 0 });
});
afterAll(() => materialized[Symbol.asyncDispose]());

const CASES: readonly [title: string, damage: (rig: Rig) => void | Promise<void>, says: RegExp][] =
  [
    [
      'a Parquet file that was cut off',
      (rig) => cutOff(rig),
      /SOURCE_UNREADABLE: .*data\/orders\.parquet/,
    ],
    [
      'a text file that is named .parquet',
      (rig) => writeFileSync(rig.path(ORDERS), 'order_id,day\n1,2024-01-02\n'),
      /SOURCE_UNREADABLE: .*data\/orders\.parquet/,
    ],
    [
      'random bytes that are named .parquet',
      (rig) =>
        writeFileSync(
          rig.path(ORDERS),
          Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256),
        ),
      /SOURCE_UNREADABLE: .*data\/orders\.parquet/,
    ],
    [
      'wrong bytes in the middle of a Parquet file',
      (rig) => flipMiddle(rig),
      /SOURCE_UNREADABLE: .*data\/orders\.parquet/,
    ],
    [
      'a Parquet file without a declared column',
      (rig) => writeParquet(rig, 'SELECT order_id, day, product, price AS prize'),
      /SCHEMA_MISMATCH: data\/orders\.parquet: expected the column "price", did you mean "prize"\?; found: order_id, day, product, prize/,
    ],
    [
      'a Parquet row without a date',
      (rig) =>
        writeParquet(rig, `SELECT order_id, NULLIF(day, DATE '2024-01-08') AS day, product, price`),
      /UNDATED_ROW: expected a date like 2024-01-15 in column "day" of orders, found nothing in the row \{"order_id":8/,
    ],
  ];

test.each(CASES)('%s fails the source, and keeps every row', async (_, damage, says) => {
  await using rig = await materialized.copy();
  const before = await kept(rig);
  await damage(rig);
  const { code, stdout, stderr } = await rig.run('materialize', '--quiet');
  expect(stdout).toMatch(says);
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  expect(stdout).not.toContain(rig.folder);
  expect(code).toBe(1);
  expect(await expectSound(rig)).toEqual(before);
});

async function writeParquet(rig: Rig, select: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await rig.write(ORDERS, '');
  const columns = `{'order_id': 'BIGINT', 'day': 'DATE', 'product': 'VARCHAR', 'price': 'DOUBLE'}`;
  const csv = rig.path('data/orders.csv');
  await connection.run(
    `COPY (${select} FROM read_csv('${csv}', columns = ${columns})) TO '${rig.path(ORDERS)}' (COMPRESSION zstd)`,
  );
  connection.disconnectSync();
  instance.closeSync();
}

function cutOff(rig: Rig): void {
  const bytes = readFileSync(rig.path(ORDERS));
  writeFileSync(rig.path(ORDERS), bytes.subarray(0, bytes.length >> 1));
}

function flipMiddle(rig: Rig): void {
  const bytes = readFileSync(rig.path(ORDERS));
  for (let at = 4; at < bytes.length >> 1; at++) bytes[at] = 255 - (bytes[at] ?? 0);
  writeFileSync(rig.path(ORDERS), bytes);
}
