import { expect, test } from 'vitest';
import { Flagship } from './flagship.ts';
import { plantSystem } from './planted-system.ts';

const BY_SYSTEM = `SELECT system_id, CAST(COUNT(*) AS INTEGER) FROM nba_predictions.player_prop_predictions
  GROUP BY 1 ORDER BY 1`;

test('one more system is one more file and its declaration', async () => {
  using flagship = await Flagship.simulated({ seasons: 1, teams: 8, gamesPerTeam: 20 });
  await flagship.make();
  const before = Object.fromEntries(await flagship.query(BY_SYSTEM)) as Record<string, number>;
  plantSystem(flagship, {
    id: 'season_mean_v1',
    prediction: 'f.points_avg_season',
    tooLittle: 'ABS(f.points_avg_season - l.points_line) <= 2',
  });

  const { document } = await flagship.materialize();
  expect(document.failures).toEqual([]);
  // Only what it reaches is made again.
  const made = document.assets.filter(({ materialized }) => materialized > 0);
  expect(made.map(({ name }) => name).toSorted()).toEqual([
    'ensemble_v1',
    'ensemble_v2',
    'player_prop_predictions',
    'prediction_accuracy',
    'season_mean_v1',
    'system_daily_performance',
    'system_summary',
  ]);

  const after = Object.fromEntries(await flagship.query(BY_SYSTEM)) as Record<string, number>;
  expect(after).toEqual({ ...before, season_mean_v1: before['moving_average_baseline_v1'] });
  const [combined] = await flagship.query(
    `SELECT CAST(COUNT(*) AS INTEGER), CAST(COUNT(*) FILTER (contains(contributing_systems, 'season_mean_v1')) AS INTEGER),
      CAST(MAX(systems_valid) AS INTEGER)
    FROM nba_predictions.player_prop_predictions WHERE system_id = 'ensemble_v1'`,
  );
  expect(combined).toEqual([before['ensemble_v1'], before['ensemble_v1'], 5]);
  const graded = await flagship.query(
    `SELECT DISTINCT system_id FROM nba_predictions.system_daily_performance ORDER BY 1`,
  );
  expect(graded.flat()).toContain('season_mean_v1');
}, 300_000);
