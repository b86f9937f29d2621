import { expect, test } from 'vitest';
import { type InputRow, makeAsset } from './one-asset.ts';

/** So many predictions on a date with a mean error, of which one in ten was a bet won. */
function day(game_date: string, predictions: number, mae: number): InputRow {
  return {
    game_date,
    system_id: 'one',
    predictions_count: predictions,
    void_count: 1,
    mae,
    avg_bias: -mae / 2,
    within_3_count: predictions / 2,
    within_5_count: predictions,
    correct_count: predictions / 10,
    incorrect_count: predictions / 5,
    high_confidence_count: 2,
  };
}

async function summaries(date: string): Promise<readonly unknown[][]> {
  const rows = [
    day('2023-12-31', 1000, 9),
    day('2024-01-01', 10, 5),
    day('2024-01-26', 20, 4),
    day('2024-01-31', 30, 2),
    day('2024-02-01', 40, 1),
    day('2024-02-02', 1000, 9),
  ];
  const project = await makeAsset(
    'system_summary',
    { system_daily_performance: rows },
    { system_daily_performance: { before: 'season' } },
  );
  return project.query(`SELECT span, is_cut, CAST(dates_count AS INTEGER), CAST(predictions_count AS INTEGER),
    CAST(void_count AS INTEGER), mae, avg_bias, within_3_pct, within_5_pct, win_rate
    FROM made.system_summary WHERE game_date = DATE '${date}' ORDER BY span`);
}

test('weighs dates by their predictions, within the span, the season and before the date', async () => {
  const shares: readonly unknown[] = [50, 100, expect.closeTo(1 / 3, 6)];
  // 40 errors of 1, 30 of 2, 20 of 4, 10 of 5; the 26th is seven days before the second of February.
  expect(await summaries('2024-02-02')).toEqual([
    ['last_30_days', false, 3, 90, 3, expect.closeTo(2, 6), -1, ...shares],
    ['last_7_days', false, 3, 90, 3, expect.closeTo(2, 6), -1, ...shares],
    ['month', false, 1, 40, 1, 1, -0.5, ...shares],
    ['season', false, 4, 100, 4, 2.3, -1.15, ...shares],
  ]);
});

test('spans are cut where the season is young, and absent where they hold nothing', async () => {
  const rows = await summaries('2024-01-05');
  // The last date of the season before is five days ago.
  expect(rows.map(([span, isCut, dates]) => [span, isCut, dates])).toEqual([
    ['last_30_days', true, 1],
    ['last_7_days', true, 1],
    ['month', false, 1],
    ['season', false, 1],
  ]);
  expect(await summaries('2024-01-20')).toHaveLength(3);
});
