import { expect, test } from 'vitest';
import { type InputRow, makeAsset } from './one-asset.ts';

const DATE = '2024-01-05';

/** What a model says of player `a`: 20 points, 12 to 31. */
function prediction(more: InputRow = {}): InputRow {
  return {
    game_date: DATE,
    system_id: 'model',
    player_lookup: 'a',
    game_id: 'g1',
    season_year: 2023,
    is_home: true,
    predicted_points: 20,
    confidence_score: 0.7,
    recommendation: 'OVER',
    points_line: 18.5,
    line_source: 'ESTIMATED_AVG',
    predicted_mean: 21.5,
    predicted_p10: 12,
    predicted_p50: 20,
    predicted_p90: 31,
    over_probability: 0.7,
    model_version: 'abc',
    ...more,
  };
}

interface Case {
  readonly predictions?: readonly InputRow[];
  readonly points?: number;
  readonly context?: InputRow;
  readonly feature?: InputRow;
}

async function graded(of: Case, columns: string): Promise<readonly unknown[][]> {
  const player = { game_date: DATE, player_lookup: 'a' };
  const project = await makeAsset('prediction_accuracy', {
    player_prop_predictions: of.predictions ?? [prediction()],
    final_games: [{ game_date: DATE, game_id: 'g1' }],
    player_game_summary:
      of.points === undefined ? [] : [{ ...player, points: of.points, minutes_played: 30 }],
    ml_feature_store_v2: [
      {
        ...player,
        points_avg_season: 19.5,
        feature_sources: ['phase4', 'phase4', 'phase4'],
        ...of.feature,
      },
    ],
    upcoming_player_game_context: [
      {
        ...player,
        days_rest: 2,
        season_phase: 'early',
        season_games_before: 5,
        game_type: 'regular_season',
        ...of.context,
      },
    ],
  });
  return project.query(`SELECT ${columns} FROM made.prediction_accuracy ORDER BY system_id`);
}

test('losses of quantiles, the interval, the mean and the probability', async () => {
  const [row] = await graded(
    { points: 32 },
    'mean_error, pinball_10, pinball_50, pinball_90, in_interval, below_p10, above_p90, went_over, brier',
  );
  // 32 is 20 above the lowest, 12 above the middle and 1 above the highest quantile.
  expect(row).toEqual([-10.5, 2, 6, 0.9, false, false, true, true, expect.closeTo(0.09, 9)]);
});

test('below the lowest quantile the losses weigh the other way', async () => {
  const [row] = await graded(
    { points: 2 },
    'pinball_10, pinball_50, pinball_90, in_interval, below_p10, above_p90, went_over, brier',
  );
  expect(row).toEqual([
    9,
    9,
    expect.closeTo(2.9, 9),
    false,
    true,
    false,
    false,
    expect.closeTo(0.49, 9),
  ]);
});

test('ends of the interval belong to it', async () => {
  const columns = 'in_interval, below_p10, above_p90';
  expect(await graded({ points: 12 }, columns)).toEqual([[true, false, false]]);
  expect(await graded({ points: 31 }, columns)).toEqual([[true, false, false]]);
});

test('a push has neither side nor score, and a line that is estimated makes no bet', async () => {
  const on = (line_source: string, points_line: number, system_id: string) =>
    prediction({ line_source, points_line, system_id });
  const rows = await graded(
    {
      points: 19,
      predictions: [
        on('ACTUAL_PROP', 19, '1 push'),
        on('ACTUAL_PROP', 18.5, '2 real'),
        on('ESTIMATED_AVG', 18.5, '3 estimated'),
      ],
    },
    'went_over, brier, prediction_correct, line_source',
  );
  const brier: unknown = expect.closeTo(0.09, 9);
  expect(rows).toEqual([
    [null, null, null, 'ACTUAL_PROP'],
    [true, brier, true, 'ACTUAL_PROP'],
    [true, brier, null, 'ESTIMATED_AVG'],
  ]);
});

test('the season average is graded on the same row, and decides the tier', async () => {
  const columns =
    'season_average, season_average_error, tier, rest, season_phase, is_home, is_primary';
  expect(await graded({ points: 25 }, columns)).toEqual([
    [19.5, 5.5, 'ROTATION_10_19', 'rest_2', 'early', true, true],
  ]);
  const tierOf = async (points_avg_season: number): Promise<unknown> =>
    (await graded({ points: 25, feature: { points_avg_season } }, 'tier'))[0]?.[0];
  expect(await tierOf(30)).toBe('STAR_30PLUS');
  expect(await tierOf(29.9)).toBe('STARTER_20_29');
  expect(await tierOf(9.9)).toBe('BENCH_0_9');
});

test('a constant of the feature store is no season average', async () => {
  const feature = { feature_sources: ['default', 'default', 'default'] };
  expect(
    await graded({ points: 25, feature }, 'season_average, season_average_error, tier'),
  ).toEqual([[null, null, null]]);
});

test.each([
  { why: 'fewer than five games before', context: { season_games_before: 4 } },
  { why: 'a play-in game', context: { game_type: 'play_in' } },
])('is not measured on: $why', async ({ context }) => {
  expect(await graded({ points: 25, context }, 'is_primary, absolute_error')).toEqual([[false, 5]]);
});

test('who did not appear is void, not graded and not measured on', async () => {
  expect(
    await graded(
      {},
      'is_void, is_primary, absolute_error, mean_error, pinball_50, in_interval, went_over, brier',
    ),
  ).toEqual([[true, false, null, null, null, null, null, null]]);
});

test('a rule without quantiles has no losses', async () => {
  const rule = prediction({
    predicted_mean: null,
    predicted_p10: null,
    predicted_p50: null,
    predicted_p90: null,
    over_probability: null,
  });
  expect(
    await graded(
      { points: 25, predictions: [rule] },
      'absolute_error, mean_error, pinball_10, in_interval, below_p10, above_p90, brier, is_primary',
    ),
  ).toEqual([[5, null, null, null, null, null, null, true]]);
});
