import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSound, type Kept } from '../support/kept.ts';
import { Rig } from '../support/rig.ts';
import { SHOP } from '../support/shop-project.ts';

const DAYS = 'data/days.csv';
const MODULE = 'assets/reports/daily.ts';
const GOOD_MODULE = `export async function materialize(context) {
  const orders = await context.read('orders');
  context.write(context.partitions.map(({ date }) => ({
    day: date,
    orders: orders.day.filter((day) => day === date).length,
    revenue: 1.5,
  })));
}
`;
let materialized: Rig;
let before: Kept;

beforeAll(async () => {
  materialized = await Rig.create(SHOP);
  await materialized.remove('assets/reports/daily.sql');
  await materialized.write(MODULE, GOOD_MODULE);
  expect(await materialized.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  before = await expectSound(materialized);
});
afterAll(() => materialized[Symbol.asyncDispose]());

describe('a module that does not work fails its partitions, not the run', () => {
  const cases: readonly [title: string, text: string, says: RegExp][] = [
    [
      'one that cannot be parsed',
      'export function materialize( {\n',
      /MODULE_ERROR: assets\/reports\/daily\.ts cannot be loaded: Unexpected token.* \(assets\/reports\/daily\.ts:\d+\)\n {2}correct the module/,
    ],
    [
      'one that imports a package that is not there',
      `import 'no-such-package';\n${GOOD_MODULE}`,
      /MODULE_ERROR: assets\/reports\/daily\.ts cannot be loaded: Cannot find package 'no-such-package'/,
    ],
    [
      'one that exports nothing to call',
      'export const x = 1;\n',
      /MODULE_WITHOUT_MATERIALIZE: expected assets\/reports\/daily\.ts to export a function `materialize`/,
    ],
    [
      'one that throws for one date names that date',
      GOOD_MODULE.replace(
        'context.write',
        `if (context.partitions.some(({ date }) => date === '2024-01-04')) throw new Error('no luck');
  context.write`,
      ),
      /failed daily 2024-01-04\n {2}MODULE_ERROR: assets\/reports\/daily\.ts threw: no luck \(assets\/reports\/daily\.ts:\d+\)\n/,
    ],
    [
      'one that writes a value of another type names column and value',
      GOOD_MODULE.replace('revenue: 1.5', `revenue: date === '2024-01-04' ? 'much' : 1.5`),
      /failed daily 2024-01-04\n {2}DATA_ERROR: assets\/reports\/daily\.ts: column revenue expects FLOAT64, got "much"/,
    ],
  ];
  test.each(cases)('%s', async (_, text, says) => {
    await using rig = await materialized.copy();
    await rig.write(MODULE, text);
    const { code, stdout, stderr } = await rig.run('materialize', '--quiet');
    expect(stdout).toMatch(says);
    expect(stdout + stderr).not.toMatch(/Internal error|^\s+at /m);
    expect(code).toBe(1);
    await expectSound(rig);
    await rig.write(MODULE, GOOD_MODULE);
    expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
    expect((await expectSound(rig)).rows).toEqual(before.rows);
  });
});

describe('a calendar file with mistakes leaves the calendar and all rows as they were', () => {
  const cases: readonly [title: string, edit: (rig: Rig) => Promise<void>, says: RegExp][] = [
    [
      'a date that is there twice fails that date alone',
      (rig) => rig.edit(DAYS, '2024-01-04,2024', '2024-01-04,2024\n2024-01-04,2024'),
      /failed days 2024-01-04\n {2}CHECK_FAILED: check "unique key \(day\)".*"day":"2024-01-04"/,
    ],
    [
      'a date of two seasons is named',
      (rig) => rig.edit(DAYS, '2024-01-04,2024', '2024-01-04,2024\n2024-01-04,2025'),
      /CALENDAR_AMBIGUOUS: calendar open_days: rows of 2024-01-04 belong to more than one season/,
    ],
    [
      'a calendar without dates is called that',
      (rig) => rig.write(DAYS, 'day,season\n'),
      /EMPTY_CALENDAR: days has no rows that make a date of calendar open_days/,
    ],
  ];
  test.each(cases)('%s', async (_, edit, says) => {
    await using rig = await materialized.copy();
    await edit(rig);
    const { code, stdout } = await rig.run('materialize', '--quiet');
    expect(stdout).toMatch(says);
    expect(code).toBe(1);
    expect(await expectSound(rig)).toEqual(before);
  });
});

test('a dry run says that a run would fail for a file that is not there', async () => {
  await using rig = await Rig.create(SHOP);
  await rig.remove(DAYS);
  const { stderr } = await rig.run('materialize', '--dry-run');
  expect(stderr).toContain('a run would fail at days: expected a csv file');
  await rig.write(DAYS, String(SHOP[DAYS]));
  await rig.remove('data/orders.csv');
  const { code, stderr: later } = await rig.run('materialize', '--dry-run');
  expect(code).toBe(0);
  expect(later).toContain('a run would fail at orders: expected a csv file');
});
