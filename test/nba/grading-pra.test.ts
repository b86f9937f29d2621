import { describe, expect, test } from 'vitest';
import { type InputRow, makeAsset } from './one-asset.ts';

const DATE = '2024-01-05';

/** A line of a book on player 1, named `a`. */
function line(bookmaker: string, value: number, prices: readonly (number | null)[] = []): InputRow {
  return {
    game_id: '0022300001',
    game_date: DATE,
    player_id: 1,
    source_player_name: 'A',
    bookmaker,
    line: value,
    over_price: prices[0] ?? null,
    under_price: prices[1] ?? null,
    snapshot_utc: '2024-01-05 23:00:00',
  };
}

const SLATE = [
  { game_date: DATE, player_lookup: 'a', player_id: 1, game_id: 'g1', season_year: 2023 },
  { game_date: DATE, player_lookup: 'b', player_id: 2, game_id: 'g1', season_year: 2023 },
];

async function linesOf(lines: readonly InputRow[]) {
  const project = await makeAsset('pra_lines', { player_pra_lines: lines, player_slate: SLATE });
  return project.query(`SELECT player_lookup, pra_line, CAST(books_used AS INTEGER), CAST(books_dropped AS INTEGER),
    bookmakers, bet_line, bets_at_consensus, best_over_odds, best_under_odds, market_over_probability
    FROM made.pra_lines ORDER BY 1`);
}

describe('pra_lines', () => {
  test('is the median of the books without alternate lines, with the best prices at it', async () => {
    const rows = await linesOf([
      line('one', 25.5, [-110, -110]),
      line('two', 25.5, [100, -125]),
      line('three', 26.5, [-105, -115]),
      // More than 1.5 from the median of all four, which is 25.5.
      line('far', 30.5, [188, -315]),
      { ...line('two', 11.5, [-110, -110]), player_id: null, source_player_name: 'Nobody' },
    ]);
    // Without margin: 0.5 of the first, 0.5 / (0.5 + 1 / 1.8) of the second.
    const second = 0.5 / (0.5 + 1 / 1.8);
    expect(rows).toEqual([
      [
        'a',
        25.5,
        3,
        1,
        'one, three, two',
        25.5,
        true,
        2,
        1.909091,
        expect.closeTo((0.5 + second) / 2, 5),
      ],
    ]);
  });

  test('keeps lines at 1.5 from the median, and bets at the nearest line that is offered', async () => {
    // The median of 20.5, 21.5, 22.5, 23.5 is 22; all are at most 1.5 away, and 21.5 and 22.5 equally near.
    const rows = await linesOf([
      line('one', 20.5, [-110, -110]),
      line('two', 21.5, [-120, null]),
      line('three', 22.5, [-110, 120]),
      line('four', 23.5, [-110, -110]),
    ]);
    expect(rows).toEqual([
      [
        'a',
        22,
        4,
        0,
        'four, one, three, two',
        21.5,
        false,
        expect.closeTo(1.833333, 6),
        null,
        null,
      ],
    ]);
  });

  test('says nothing where two books are far apart', async () => {
    expect(await linesOf([line('one', 10.5), line('two', 20.5)])).toEqual([]);
  });
});

describe('pra_accuracy', () => {
  const prediction = (system: string, more: InputRow): InputRow => ({
    game_date: DATE,
    player_lookup: 'a',
    game_id: 'g1',
    season_year: 2023,
    team_abbr: 'LAL',
    opponent_team_abbr: 'DEN',
    is_home: true,
    system_id: system,
    prediction: 30,
    pra_line: 25.5,
    recommendation: 'OVER',
    predicted_mean: 31,
    predicted_p10: 20,
    predicted_p50: 30,
    predicted_p90: 40,
    over_probability: 0.6,
    ...more,
  });

  async function graded(game: InputRow, predictions: readonly InputRow[]) {
    const project = await makeAsset('pra_accuracy', {
      pra_predictions: predictions,
      pra_lines: [
        {
          game_date: DATE,
          player_lookup: 'a',
          bet_line: 26.5,
          best_over_odds: 1.95,
          best_under_odds: null,
        },
      ],
      final_games: [{ game_date: DATE, game_id: 'g1' }],
      player_game_summary: [{ game_date: DATE, player_lookup: 'a', minutes_played: 30, ...game }],
      ml_feature_store_v2: [
        {
          game_date: DATE,
          player_lookup: 'a',
          points_avg_season: 20,
          feature_sources: ['phase4', 'phase4', 'phase4'],
        },
      ],
      upcoming_player_game_context: [
        {
          game_date: DATE,
          player_lookup: 'a',
          days_rest: 0,
          season_phase: 'mid',
          season_games_before: 5,
          game_type: 'regular_season',
        },
      ],
    });
    return project.query(`SELECT system_id, CAST(actual_pra AS INTEGER), absolute_error, line_error, bet_side, bet_line, bet_result,
      bet_profit, went_over, brier, pinball_10, pinball_90, tier, rest, is_primary
      FROM made.pra_accuracy ORDER BY 1`);
  }

  test('grades errors, quantiles and bets at the offered line and price', async () => {
    const rows = await graded({ points: 20, rebounds: 5, assists: 3 }, [
      prediction('over', {}),
      prediction('pass', { recommendation: 'PASS' }),
      // Nobody offered a price for it.
      prediction('under', { recommendation: 'UNDER', prediction: 20 }),
    ]);
    const common: readonly unknown[] = [
      true,
      expect.closeTo(0.16, 9),
      expect.closeTo(0.8, 9),
      expect.closeTo(1.2, 9),
    ];
    const who = ['STARTER_20_29', 'b2b', true];
    expect(rows).toEqual([
      ['over', 28, 2, 2.5, 'OVER', 26.5, 'won', 0.95, ...common, ...who],
      ['pass', 28, 2, 2.5, null, null, null, null, ...common, ...who],
      ['under', 28, 8, 2.5, null, null, null, null, ...common, ...who],
    ]);
  });

  test('a bet is lost below the line that was bet on, though the prediction was nearer than the line', async () => {
    const [row] = await graded({ points: 18, rebounds: 5, assists: 3 }, [prediction('over', {})]);
    // 26 is over the consensus of 25.5 and under the 26.5 that was bet on.
    expect(row?.slice(0, 10)).toEqual([
      'over',
      26,
      4,
      0.5,
      'OVER',
      26.5,
      'lost',
      -1,
      true,
      expect.closeTo(0.16, 9),
    ]);
  });

  test('an unknown number of rebounds makes no grade and no bet', async () => {
    const [row] = await graded({ points: 18, rebounds: null, assists: 3 }, [
      prediction('over', {}),
    ]);
    expect(row?.slice(1, 8)).toEqual([null, null, null, null, null, null, null]);
  });
});
