import { describe, expect, test } from 'vitest';
import { failedChecks as failed } from './failed-checks.ts';
import { DAYS } from './games-project.ts';

/** Lines of some points by day; every row has a game and a team of its own unless said otherwise. */
function pointsByDay(...days: readonly (readonly (number | '')[])[]): readonly string[] {
  return days.flatMap((points, at) =>
    points.map((value, row) => `${DAYS[at]},${row + 1},${row % 2 === 0 ? 'aaa' : 'bbb'},${value}`),
  );
}

describe('constant', () => {
  const check = '- constant: { columns: [points, game_id], min_rows: 3 }';

  test('finds a column with one value in a whole partition that is large enough', async () => {
    const lines = pointsByDay([7, 7, 7], [7, 7], [7, 7, 8], [5, 5, 5, ''], [9, 8, 7]);
    expect(await failed(check, { lines })).toMatchObject([
      {
        check: 'constant',
        partitions: [DAYS[0], DAYS[3]],
        rows: 2,
        message: expect.stringContaining(
          '1 column(s) with one and the same value in 3 rows or more, e.g. [{"day":"2024-01-01","column_name":"points","value":7',
        ) as string,
      },
    ]);
  });

  test('a column without values is a matter of not_null', async () => {
    const lines = pointsByDay(['', '', ''], [1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]);
    expect(await failed(check, { lines })).toEqual([]);
  });

  test('columns may be left out', async () => {
    const lines = pointsByDay([7, 7, 7], [1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]);
    const without = '- constant: { columns: [points, game_id], except: [points], min_rows: 2 }';
    expect(await failed(without, { lines })).toEqual([]);
  });
});

describe('drift', () => {
  const of = (settings: string) => `- drift: { columns: [points], min_rows: 2, ${settings} }`;
  // Means 10, 12, 10, 12 with a standard deviation of 2 / sqrt(3); then what is tested.
  const usual = [
    [9, 11],
    [11, 13],
    [8, 12],
    [11, 13],
  ] as const;
  const after = (...last: (number | '')[]) => ({ lines: pointsByDay(...usual, last) });

  test('finds a mean more than so many standard deviations off those before', async () => {
    const check = of('over: 4, min_partitions: 4, sd: 3');
    // 11 + 3 * 1.1547 = 14.4641
    expect(await failed(check, after(14, 14))).toEqual([]);
    expect(await failed(check, after(14, 15))).toMatchObject([
      {
        check: 'drift_points',
        partitions: [DAYS[4]],
        rows: 1,
        message:
          'check "drift_points" failed: 1 figure(s) more than 3 standard deviations off the 4 partitions before, e.g. [{"day":"2024-01-06","column_name":"points","value":14.5,"expected":11,"sd":1.154701}]',
      },
    ]);
    expect(await failed(check, after(7, 8))).toMatchObject([{ partitions: [DAYS[4]] }]);
  });

  test('compares with the partitions before only, as many as it is told to', async () => {
    // Of the last two, 10 and 12, the mean is 11 and the deviation 1.41.
    expect(await failed(of('over: 2, min_partitions: 2, sd: 2'), after(13, 13))).toEqual([]);
    expect(await failed(of('over: 2, min_partitions: 2, sd: 1'), after(13, 13))).toMatchObject([
      { partitions: [DAYS[4]] },
    ]);
  });

  test('judges none with too few rows, and counts none of them', async () => {
    expect(await failed(of('over: 4, min_partitions: 4, sd: 1'), after(99, ''))).toEqual([]);
    const short = pointsByDay([9, 11], [99], [8, 12], [11, 13], [99, 99]);
    expect(await failed(of('over: 4, min_partitions: 4, sd: 1'), { lines: short })).toEqual([]);
    const found = await failed(of('over: 4, min_partitions: 3, sd: 1'), { lines: short });
    expect(found).toMatchObject([{ partitions: [DAYS[4]] }]);
    expect(found[0]?.message).toContain('"expected":10.666667');
  });

  test('the spread can drift while the mean stays', async () => {
    const spread = of('over: 4, min_partitions: 4, sd: 3, measures: [mean, sd]');
    const [found] = await failed(spread, after(-20, 42));
    expect(found).toMatchObject({ partitions: [DAYS[4]], rows: 1 });
    expect(found?.message).toContain('"column_name":"sd of points"');
  });

  test('several batches find what one finds', async () => {
    const check = of('over: 3, min_partitions: 2, sd: 1');
    const one = await failed(check, after(14, 15));
    expect(one[0]?.partitions.length).toBeGreaterThan(0);
    for (const batch of [1, 2, 3]) {
      expect(await failed(check, after(14, 15), { batch }), `batches of ${batch}`).toEqual(one);
    }
  });
});

describe('distribution_shift', () => {
  const of = (settings: string) =>
    `- distribution_shift: { column: points, min_rows: 2, over: 4, min_partitions: 4, ${settings} }`;
  const usual = [
    [1, 9],
    [1, 9],
    [1, 9],
    [1, 9],
  ] as const;

  test('compares the shares of bins: the index of a half against three quarters', async () => {
    // (0.75 - 0.5) * ln(0.75 / 0.5) + (0.25 - 0.5) * ln(0.25 / 0.5) = 0.274653
    const lines = pointsByDay(...usual, [1, 1, 1, 9]);
    expect(await failed(of('bins: [5], max: 0.2747'), { lines })).toEqual([]);
    expect(await failed(of('bins: [5], max: 0.2746'), { lines })).toMatchObject([
      {
        check: 'distribution_shift_points',
        partitions: [DAYS[4]],
        rows: 1,
        message: expect.stringContaining('"population_stability_index":0.274653') as string,
      },
    ]);
  });

  test('a bound belongs to the bin above it, and NULLs to none', async () => {
    const lines = pointsByDay(...usual, [1, 5, '']);
    expect(await failed(of('bins: [5], max: 0.01'), { lines })).toEqual([]);
    expect(await failed(of('bins: [6], max: 0.01'), { lines })).toMatchObject([{ rows: 1 }]);
  });

  test('by deciles, a value above all before is in the last one', async () => {
    const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const before = [ten, ten, ten, ten];
    const shifted = (last: readonly number[]) => ({ lines: pointsByDay(...before, last) });
    expect(await failed(of('max: 0.01'), shifted(ten))).toEqual([]);
    expect(await failed(of('max: 0.01'), shifted([...ten.slice(0, 9), 999]))).toEqual([]);
    expect(await failed(of('max: 0.5'), shifted([...ten.slice(1), 10]))).toMatchObject([
      { partitions: [DAYS[4]] },
    ]);
  });

  test('several batches find what one finds, by bins and by deciles', async () => {
    const lines = pointsByDay([1, 9], [1, 9, 2], [1, 9], [8, 9], [1, 1, 1, 9]);
    for (const how of ['bins: [5]', 'max: 0.1']) {
      const check = of(how).replace('over: 4, min_partitions: 4', 'over: 3, min_partitions: 2');
      const one = await failed(check, { lines });
      expect(one).toHaveLength(1);
      for (const batch of [1, 2]) expect(await failed(check, { lines }, { batch })).toEqual(one);
    }
  });
});

describe('correlation', () => {
  const of = (settings: string) => `- correlation: { column: points, ${settings} }`;
  const one = [3, 1, 2, 4];
  const days = [one, one, one, one] as const;

  test('finds columns that follow another one too closely, of either sign', async () => {
    const check = of('columns: [game_id], max: 0.8, min_rows: 4');
    const lines = pointsByDay(...days, [1, 2, 3, 4]);
    expect(await failed(check, { lines })).toMatchObject([
      {
        check: 'correlation_with_points',
        partitions: [DAYS[4]],
        rows: 1,
        message:
          'check "correlation_with_points" failed: 1 column(s) whose correlation with points is above 0.8, e.g. [{"day":"2024-01-06","column_name":"game_id","correlation":1,"row_count":4}]',
      },
    ]);
    expect(await failed(check, { lines: pointsByDay(...days, [4, 3, 2, 1]) })).toHaveLength(1);
    // 0.4 on the other days
    const low = of('columns: [game_id], max: 0.39, min_rows: 4');
    expect(await failed(low, { lines })).toMatchObject([{ partitions: [...DAYS] }]);
  });

  test('counts rows with both values, and has none for a constant', async () => {
    const check = of('columns: [game_id], max: 0.1, min_rows: 3');
    const lines = pointsByDay([1, 2, ''], [5, 5, 5], [1, 2], [''], [7, 7, 7]);
    expect(await failed(check, { lines })).toEqual([]);
  });

  test('looks at the columns of an upstream, row by row of the same date', async () => {
    const check = of(
      'of: lines, on: { game_id: game_id }, columns: [points], max: 0.99, min_rows: 4',
    );
    expect(await failed(check, { lines: pointsByDay(...days, one) })).toMatchObject([
      { partitions: [...DAYS] },
    ]);
    const apart = of(
      'of: games, on: { game_id: game_id }, columns: [game_id], max: 0.1, min_rows: 2',
    );
    expect(await failed(apart, { lines: pointsByDay(...days, one) })).toEqual([]);
  });
});
