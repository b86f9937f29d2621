import { afterAll, beforeAll, expect, test } from 'vitest';
import { Flagship } from './flagship.ts';

/** Assets that expect everybody who has a row of an upstream on the date, and the columns of their dates. */
const EXPECTING = [
  ['nba_analytics.upcoming_player_game_context', 'game_date', 'nba_analytics.player_slate'],
  ['nba_precompute.player_composite_factors', 'game_date', 'nba_analytics.player_slate'],
  ['nba_precompute.player_daily_cache', 'cache_date', 'nba_analytics.player_slate'],
  ['nba_precompute.ml_feature_store_v2', 'game_date', 'nba_analytics.player_slate'],
  ['nba_predictions.betting_lines', 'game_date', 'nba_precompute.ml_feature_store_v2'],
  ['nba_predictions.moving_average_baseline_v1', 'game_date', 'nba_precompute.ml_feature_store_v2'],
  ['nba_predictions.zone_matchup_v1', 'game_date', 'nba_precompute.ml_feature_store_v2'],
  ['nba_predictions.similarity_balanced_v1', 'game_date', 'nba_precompute.ml_feature_store_v2'],
  ['nba_predictions.expert_rule_v1', 'game_date', 'nba_precompute.ml_feature_store_v2'],
  ['nba_predictions.ensemble_v1', 'game_date', 'nba_predictions.betting_lines'],
  ['nba_predictions.player_prop_predictions', 'game_date', 'nba_precompute.ml_feature_store_v2'],
] as const;

let flagship: Flagship;
beforeAll(async () => {
  flagship = (await Flagship.simulated()).withTreesAlone();
  await flagship.make();
}, 180_000);
afterAll(() => flagship[Symbol.dispose]());

test.each(EXPECTING)(
  'everybody expected by %s has a row or a failure',
  async (asset, date, from) => {
    const name = asset.split('.')[1];
    const rows = await flagship.query(`
    WITH made AS (SELECT day FROM _fastbreak_materializations WHERE asset = '${name}'),
    expected AS (SELECT game_date, player_lookup FROM ${from} SEMI JOIN made ON game_date - DATE '1970-01-01' = day),
    found AS (
      SELECT DISTINCT ${date} AS game_date, player_lookup FROM ${asset}
      UNION ALL
      SELECT DATE '1970-01-01' + CAST(day AS INTEGER), entity FROM _fastbreak_failures WHERE asset = '${name}')
    SELECT (SELECT COUNT(*) FROM expected), (SELECT COUNT(*) FROM found),
      (SELECT COUNT(*) FROM (FROM expected EXCEPT ALL FROM found))`);
    const [[expected, found, others] = []] = rows;
    expect(Number(expected)).toBeGreaterThan(0);
    expect([Number(found), Number(others)]).toEqual([Number(expected), 0]);
  },
);

test('who is not in the daily cache has fewer than five games, and every failure counts them', async () => {
  const wrong = await flagship.query(`
    SELECT f.entity, f.actual_count, c.season_games_before
    FROM _fastbreak_failures AS f
    LEFT JOIN nba_analytics.upcoming_player_game_context AS c
      ON c.player_lookup = f.entity AND c.game_date - DATE '1970-01-01' = f.day
    WHERE f.asset = 'player_daily_cache'
      AND (f.actual_count IS DISTINCT FROM c.season_games_before OR f.actual_count >= 5 OR f.expected_count <> 5)`);
  expect(wrong).toEqual([]);
  const [[count] = []] = await flagship.query(
    `SELECT COUNT(*) FROM _fastbreak_failures WHERE asset = 'player_daily_cache'`,
  );
  expect(Number(count)).toBeGreaterThan(0);
});

test('everybody who has played in the season has a shot profile or too few games for one', async () => {
  const wrong = await flagship.query(`
    WITH made AS (SELECT DATE '1970-01-01' + day AS d FROM _fastbreak_materializations WHERE asset = 'player_shot_zone_analysis'),
    played AS (
      SELECT m.d, g.player_lookup, COUNT(*) AS games
      FROM made AS m JOIN nba_analytics.player_game_summary AS g ON g.game_date < m.d
        AND g.season_year = (SELECT MAX(s.season_year) FROM nba_raw.schedule AS s WHERE s.game_date = m.d)
      GROUP BY ALL)
    SELECT p.d, p.player_lookup, p.games, f.category
    FROM played AS p
    FULL JOIN (SELECT * FROM _fastbreak_failures WHERE asset = 'player_shot_zone_analysis') AS f
      ON f.entity = p.player_lookup AND p.d - DATE '1970-01-01' = f.day
    WHERE (f.entity IS NOT NULL) <> (p.games < 10)`);
  expect(wrong).toEqual([]);
});

test('a player whom the SQL of an asset loses is found', async () => {
  using broken = flagship.copy();
  const [[who] = []] = await broken.query(
    'SELECT player_lookup FROM nba_precompute.player_daily_cache ORDER BY 1 LIMIT 1',
  );
  broken.edit(
    'assets/precompute/player_daily_cache.sql',
    'WHERE c.season_games_before >= 5',
    `WHERE c.player_lookup != '${who}' AND c.season_games_before >= 5`,
  );
  const { code } = await broken.materialize({ selection: ['player_daily_cache'] });
  expect(code).toBe(1);
  const { failures } = broken.command<{ failures: readonly { entity: string }[] }>(
    'failures',
    '--category',
    'UNTRACKED',
  );
  expect(new Set(failures.map((failure) => failure.entity))).toEqual(new Set([who]));
});
