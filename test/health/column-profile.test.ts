import { describe, expect, test } from 'vitest';
import type { Column, ColumnType } from '../../engine/config/pipeline.ts';
import type { AssetProfile, ColumnProfile } from '../../engine/health/column-profile.ts';
import { type ProfileRequest, profileQuery } from '../../engine/health/column-profile-query.ts';
import { binsOf, readProfile } from '../../engine/health/column-profile-rows.ts';
import { tableOf } from '../../engine/assets/batch.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { assetWith } from '../commands/record-fixture.ts';
import { day } from '../partitions/shapes.ts';
import { KINDS } from '../warehouse/kinds.ts';
import { type Rows, selectOf, stageAndPublish, staging } from '../warehouse/orders.ts';

const typed = (name: string, type: ColumnType): Column => ({
  name,
  type,
  description: '',
  nullable: true,
});

const COLUMNS = [
  typed('day', 'DATE'),
  typed('id', 'INT64'),
  typed('price', 'FLOAT64'),
  typed('product', 'STRING'),
  typed('paid', 'BOOL'),
  typed('at', 'TIMESTAMP'),
  typed('tags', 'ARRAY<STRING>'),
];

const ASSET = assetWith('orders', {
  dataset: 'shop',
  columns: COLUMNS,
  partitionColumn: 'day',
  key: ['id'],
});

/** Four orders in January and four in March; one without a price, two without a product. */
const ROWS: Rows = [
  ['2024-01-05', 1, 10, 'cup', true, '2024-01-05 08:00:00', ['a']],
  ['2024-01-05', 2, 20, 'cup', true, '2024-01-05 09:00:00', ['a', 'b']],
  ['2024-01-06', 3, 30, 'cup', false, '2024-01-06 09:00:00', []],
  ['2024-01-06', 4, null, 'kettle', true, '2024-01-06 10:00:00', ['a', 'b', 'c']],
  ['2024-03-01', 5, 50, 'kettle', true, '2024-03-01 08:00:00', ['a']],
  ['2024-03-01', 6, 60, 'teapot', true, '2024-03-01 08:00:00', ['a']],
  ['2024-03-02', 7, 70, null, false, '2024-03-02 08:00:00', ['a']],
  ['2024-03-02', 8, 80, null, true, '2024-03-02 08:00:00', ['a']],
];

const FULL: ProfileRequest = {
  asset: ASSET,
  columns: COLUMNS,
  days: undefined,
  detail: 'full',
  estimated: { distinct: false, quantiles: false },
};

describe.each(KINDS)('a profile by $name', ({ place }) => {
  async function profileOf(request: ProfileRequest, rows: Rows = ROWS): Promise<AssetProfile> {
    const warehouse = await (await place()).open();
    const { dialect } = warehouse.capabilities;
    const table = tableOf(request.asset);
    const select = selectOf(dialect, table.columns, rows);
    await stageAndPublish(warehouse, staging(warehouse, rows, { table, select }));
    return readProfile(request, await warehouse.query(profileQuery(request, dialect), {}));
  }

  test('counts rows, nulls and distinct values, and tells mean and spread of every column', async () => {
    const profile = await profileOf(FULL);
    expect(profile.rows).toBe(8);
    const counts = profile.columns.map(({ name, nulls, distinct }) => [name, nulls, distinct]);
    expect(counts).toEqual([
      ['day', 0, 4],
      ['id', 0, 8],
      ['price', 1, 7],
      ['product', 2, 3],
      ['paid', 0, 2],
      ['at', 0, 6],
      ['tags', 0, undefined],
    ]);
    const price = columnOf(profile, 'price');
    expect(price).toMatchObject({ min: 10, max: 80 });
    expect(price.mean).toBeCloseTo(320 / 7, 9);
    // The sum of squares around the mean is 4171.43, of seven values.
    expect(price.sd).toBeCloseTo(Math.sqrt(29_200 / 7 / 6), 6);
    expect(columnOf(profile, 'paid')).toMatchObject({ measured: 'truth', mean: 0.75 });
  });

  test('measures dates as days, texts and arrays by their length', async () => {
    const profile = await profileOf(FULL);
    const dates = columnOf(profile, 'day');
    expect([dates.min, dates.max].map((at) => formatDay(at ?? 0))).toEqual([
      '2024-01-05',
      '2024-03-02',
    ]);
    const first = Date.UTC(2024, 0, 5, 8);
    expect(columnOf(profile, 'at')).toMatchObject({ min: first, max: Date.UTC(2024, 2, 2, 8) });
    expect(columnOf(profile, 'product')).toMatchObject({ measured: 'length', min: 3, max: 6 });
    expect(columnOf(profile, 'tags')).toMatchObject({ min: 0, max: 3, mean: 10 / 8 });
  });

  test('names the most frequent values, alike frequent ones in a fixed order, and no NULL', async () => {
    const profile = await profileOf(FULL);
    const product = columnOf(profile, 'product').top;
    expect(product.map(({ count }) => count)).toEqual([3, 2, 1]);
    expect(product.map(({ value }) => value)).toEqual(['cup', 'kettle', 'teapot']);
    expect(columnOf(profile, 'paid').top).toEqual([
      { value: 'true', count: 6 },
      { value: 'false', count: 2 },
    ]);
    expect(columnOf(profile, 'price').top).toEqual([]);
  });

  test('cuts the rows at quantiles and draws a histogram whose shares add up to all', async () => {
    const profile = await profileOf(FULL);
    const { quantiles, bins } = columnOf(profile, 'id');
    expect(quantiles).toHaveLength(5);
    expect(quantiles.toSorted((a, b) => a - b)).toEqual(quantiles);
    expect([4, 5]).toContain(quantiles[2]);
    expect(quantiles[0]).toBe(1);
    expect(quantiles[4]).toBe(8);
    expect(bins.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    const paid = columnOf(profile, 'paid').bins;
    expect([paid[0], paid.at(-1)]).toEqual([0.25, 0.75]);
  });

  test('tells rows, mean and nulls of each month', async () => {
    const profile = await profileOf(FULL);
    expect(profile.months.map(({ first, rows }) => [formatDay(first), rows])).toEqual([
      ['2024-01-01', 4],
      ['2024-03-01', 4],
    ]);
    expect(columnOf(profile, 'price').months).toEqual([
      { nulls: 1, mean: 20 },
      { nulls: 0, mean: 65 },
    ]);
    expect(columnOf(profile, 'product').months.map(({ nulls }) => nulls)).toEqual([0, 2]);
  });

  test('reads only the wanted partitions, neighbours and others', async () => {
    const neighbours = [day('2024-01-05'), day('2024-01-06')];
    expect((await profileOf({ ...FULL, days: neighbours })).rows).toBe(4);
    const apart = [day('2024-01-05'), day('2024-03-02')];
    const profile = await profileOf({ ...FULL, days: apart });
    expect(columnOf(profile, 'id')).toMatchObject({ min: 1, max: 8, mean: 4.5 });
    expect(profile.rows).toBe(4);
  });

  test('of a column without a single value has no figures', async () => {
    const rows = ROWS.map((row) => row.map((value, at) => (at > 1 && at < 6 ? null : value)));
    const profile = await profileOf(FULL, rows);
    for (const name of ['price', 'product', 'paid', 'at']) {
      expect(columnOf(profile, name)).toMatchObject({
        nulls: 8,
        min: undefined,
        mean: undefined,
        quantiles: [],
        bins: [],
        top: [],
      });
    }
  });

  test('that is light tells the figures of the same rows and nothing else', async () => {
    const columns = COLUMNS.filter(({ name }) => name === 'price' || name === 'paid');
    const profile = await profileOf({ ...FULL, columns, detail: 'light' });
    expect(profile).toMatchObject({ rows: 8, months: [] });
    expect(columnOf(profile, 'price')).toMatchObject({ nulls: 1, min: 10, max: 80, bins: [] });
    expect(columnOf(profile, 'paid')).toMatchObject({ mean: 0.75, distinct: undefined, top: [] });
  });

  test('of an asset without partitions has no months', async () => {
    const { partitionSet: _, partitionColumn: __, ...asset } = ASSET;
    const profile = await profileOf({ ...FULL, asset });
    expect(profile).toMatchObject({ rows: 8, months: [] });
    expect(columnOf(profile, 'price').nulls).toBe(1);
  });
});

describe('a histogram from hundredths', () => {
  test('spreads a hundredth evenly between its cuts', () => {
    const cuts = Array.from({ length: 101 }, (_, at) => at);
    const bins = binsOf(cuts, 0, 100);
    for (const share of bins) expect(share).toBeCloseTo(1 / 16, 9);
  });

  test('puts what lies at one value in one bin', () => {
    const cuts = [...Array.from({ length: 51 }, () => 0), ...Array.from({ length: 50 }, () => 16)];
    const bins = binsOf(cuts, 0, 16);
    expect(bins[0]).toBeGreaterThan(0.5);
    expect(bins[15]).toBeGreaterThan(0.49);
  });

  test('of one value alone has one bar', () => {
    expect(binsOf([7, 7, 7], 7, 7)[0]).toBeCloseTo(1, 9);
    expect(binsOf([], undefined, undefined)).toEqual([]);
  });
});

function columnOf(profile: AssetProfile, name: string): ColumnProfile {
  const column = profile.columns.find((each) => each.name === name);
  if (!column) throw new Error(`no column ${name}`);
  return column;
}
