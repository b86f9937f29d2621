import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSound, kept, type Kept } from '../support/kept.ts';
import { Rig } from '../support/rig.ts';
import { SHOP } from '../support/shop-project.ts';

const STATE = 'home/state.sqlite';
const WAREHOUSE = 'home/warehouse.duckdb';
let materialized: Rig;
let sound: Kept;

beforeAll(async () => {
  materialized = await Rig.create(SHOP);
  expect(await materialized.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  sound = await expectSound(materialized);
});
afterAll(() => materialized[Symbol.asyncDispose]());

describe('a state file that cannot be used is refused by every command and left as it is', () => {
  const cases: readonly [title: string, damage: (path: string) => void, says: RegExp][] = [
    [
      'one of a newer version',
      (path) => setVersion(path, 99),
      /found version 99, this program supports up to version \d+\nUpgrade fastbreak/,
    ],
    [
      'one that is no database',
      (path) => writeFileSync(path, 'not a database '.repeat(500)),
      /it is not a readable database .*\n.*put back a copy \(state\.sqlite\.v/,
    ],
    [
      'one that was cut off',
      (path) => truncateSync(path, 3 * 4096 + 100),
      /it is not a readable database .*\n.*put back a copy \(state\.sqlite\.v/,
    ],
  ];
  test.each(cases)('%s', async (_, damage, says) => {
    await using rig = await materialized.copy();
    damage(rig.path(STATE));
    const before = readFileSync(rig.path(STATE));
    for (const command of [['status'], ['materialize', '--force', '--quiet']]) {
      const { code, stdout, stderr } = await rig.run(...command);
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/^\s+at /m);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    }
    expect(readFileSync(rig.path(STATE)).equals(before)).toBe(true);
  });
});

test('a record that was lost is made again from the warehouse without computing anything', async () => {
  await using rig = await materialized.copy();
  for (const ending of ['', '-wal', '-shm']) rmSync(rig.path(STATE + ending), { force: true });
  const { code, stdout } = await rig.run('materialize', '--quiet');
  expect(code).toBe(0);
  expect(stdout).toContain('23 skipped and 1 expected-empty');
  expect(await expectSound(rig)).toEqual(sound);
});

describe('a warehouse file that cannot be read is refused with the way to make it anew', () => {
  const cases: readonly [title: string, damage: (path: string) => void][] = [
    ['one that is no database', (path) => writeFileSync(path, 'not a database '.repeat(500))],
    ['an empty one', (path) => writeFileSync(path, '')],
    ['one that was cut off', (path) => truncateSync(path, 13_000)],
    ['one with wrong bytes inside', flipBytes],
  ];
  test.each(cases)('%s', async (_, damage) => {
    await using rig = await materialized.copy();
    damage(rig.path(WAREHOUSE));
    const { code, stdout, stderr } = await rig.run('materialize', '--quiet');
    expect(stderr).toContain(`the warehouse ${rig.path(WAREHOUSE)} cannot be opened`);
    expect(stderr).toContain('move it away');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    rmSync(rig.path(WAREHOUSE));
    const again = await rig.run('materialize', '--quiet');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('23 materialized and 1 expected-empty');
    expect(await expectSound(rig)).toEqual(sound);
  });
});

test('status does not claim that all is well when the warehouse file is gone', async () => {
  await using rig = await materialized.copy();
  rmSync(rig.path(WAREHOUSE));
  const { stdout, stderr } = await rig.run('status');
  expect(stdout + stderr).toMatch(
    /the warehouse file of local is gone since the last run; fastbreak materialize/,
  );
});

test('an older copy of the warehouse file is noticed, and what it lacks is made again', async () => {
  await using rig = await materialized.copy();
  copyFileSync(rig.path(WAREHOUSE), rig.path('older.duckdb'));
  await rig.edit('data/orders.csv', '5,2024-01-04,cup,4.95', '5,2024-01-04,cup,9.95');
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  const newer = await expectSound(rig);
  expect(newer.rows).not.toEqual(sound.rows);
  copyFileSync(rig.path('older.duckdb'), rig.path(WAREHOUSE));
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  expect((await expectSound(rig)).rows).toEqual(newer.rows);
});

test('the warehouse of another pipeline in its place is filled, not taken for current', async () => {
  await using rig = await materialized.copy();
  await using other = await Rig.create(SHOP);
  await other.edit('data/orders.csv', '5,2024-01-04,cup,4.95', '5,2024-01-04,cup,1.95');
  expect(await other.run('materialize', 'days', 'orders', '--quiet')).toMatchObject({ code: 0 });
  copyFileSync(other.path(WAREHOUSE), rig.path(WAREHOUSE));
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  expect((await expectSound(rig)).rows['shop_reports.daily']).toEqual(
    sound.rows['shop_reports.daily'],
  );
});

test('rows that were deleted behind the back are made again', async () => {
  await using rig = await materialized.copy();
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(rig.path(WAREHOUSE));
  const connection = await instance.connect();
  await connection.run(`DELETE FROM shop_reports.daily WHERE day = DATE '2024-01-04'`);
  connection.disconnectSync();
  instance.closeSync();
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  expect((await expectSound(rig)).rows).toEqual(sound.rows);
  expect((await kept(rig)).claimed).toEqual(sound.claimed);
});

function setVersion(path: string, version: number): void {
  const db = new Database(path);
  db.pragma(`user_version = ${version}`);
  db.close();
}

function flipBytes(path: string): void {
  const bytes = readFileSync(path);
  for (let at = 17_000; at < bytes.length; at += 997) bytes[at] = 255 - (bytes[at] ?? 0);
  writeFileSync(path, bytes);
}
