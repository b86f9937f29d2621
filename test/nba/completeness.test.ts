import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { damagedSeason, type DamagedSeason } from './completeness-season.ts';
import type { Flagship } from './flagship.ts';
import { compareTables, computeReference } from './reference/index.ts';
import type { ReferenceAsset, ReferenceTables } from './reference/index.ts';
import { TABLE_PLANS } from './table-plans.ts';

const SLOW = 300_000;

const TABLES: Readonly<Partial<Record<ReferenceAsset, string>>> = {
  team_defense_zone_analysis: 'nba_precompute',
  player_shot_zone_analysis: 'nba_precompute',
  player_game_windows: 'nba_precompute',
  player_composite_factors: 'nba_precompute',
  player_daily_cache: 'nba_precompute',
  ml_feature_store_v2: 'nba_precompute',
  player_prop_predictions: 'nba_predictions',
};
const ASSETS = Object.keys(TABLES) as ReferenceAsset[];
const WITH_BLOCK: readonly string[] = ASSETS.filter((name) => name !== 'player_game_windows');

const BLOCK = [
  'expected_games_count',
  'actual_games_count',
  'completeness_percentage',
  'missing_games_count',
  'is_complete',
  'is_production_ready',
  'quality_tier',
  'season_boundary_detected',
  'backfill_bootstrap_mode',
  'processing_decision_reason',
  'window_span_days',
];
/** These tables have windows of their own beside the block. */
const WINDOW = /^(l5|l10|l7d|l14d)_|^window_|^all_windows_complete$|^cache_quality_score$|_ready$/;

describe('in a season with a lost game, one called off and a trade', () => {
  let season: DamagedSeason;
  let flagship: Flagship;
  let tables: ReferenceTables;

  beforeAll(async () => {
    season = await damagedSeason();
    ({ flagship } = season);
    await makeDespiteChecks(flagship);
    tables = await computeReference(flagship.data);
  }, SLOW);
  afterAll(() => flagship?.[Symbol.dispose]());

  test.each(ASSETS)('%s has the windows of the reference', async (name) => {
    const { rows, key } = tables[name];
    const columns = Object.keys(rows[0] ?? {}).filter(
      (column) => column === 'data_quality_issues' || BLOCK.includes(column) || WINDOW.test(column),
    );
    const only = rows.map((row) =>
      Object.fromEntries([...key, ...columns].map((column) => [column, row[column]])),
    );
    const actual = await flagship.objects(
      `SELECT ${[...key, ...columns].join(', ')} FROM ${TABLES[name]}.${name}
        WHERE ${TABLE_PLANS[name].where ?? 'TRUE'}`,
    );
    const { differences, comparedColumns } = compareTables(only, actual, { key });
    expect(differences).toEqual([]);
    expect(comparedColumns).toEqual(columns);
    if (WITH_BLOCK.includes(name)) expect(columns).toEqual(expect.arrayContaining(BLOCK));
  });

  test('a lost game is missing from the windows of its teams until 15 games later', async () => {
    const [home = '', away = ''] = season.lost.teams;
    const after = await flagship.query(
      `SELECT team_abbr, MIN(completeness_percentage) < 100, MAX(missing_games_count)::INTEGER,
        BOOL_AND(is_complete = (missing_games_count = 0)),
        COUNT(*) FILTER (NOT is_complete AND games_after >= 15)::INTEGER,
        COUNT(*) FILTER (is_complete AND games_after < 15)::INTEGER
      FROM (SELECT t.*, (SELECT COUNT(*) FROM nba_raw.schedule AS s WHERE s.status = 'final'
          AND t.team_abbr IN (s.home_team, s.away_team) AND s.game_date < t.analysis_date
          AND s.game_date > DATE '${season.lost.date}') AS games_after
        FROM nba_precompute.team_defense_zone_analysis AS t WHERE analysis_date > DATE '${season.lost.date}')
      WHERE team_abbr IN ('${home}', '${away}') GROUP BY 1 ORDER BY 1`,
    );
    expect(after).toEqual([home, away].toSorted().map((team) => [team, true, 1, true, 0, 0]));
    const others = await flagship.query(
      `SELECT DISTINCT team_abbr FROM nba_precompute.team_defense_zone_analysis WHERE NOT is_complete ORDER BY 1`,
    );
    expect(others.flat()).toEqual([home, away].toSorted());
  });

  test('a game called off is not expected', async () => {
    const [home = '', away = ''] = season.calledOff.teams;
    const rows = await flagship.query(
      `SELECT window_team_abbr, l10_expected_games::INTEGER, l14d_expected_games::INTEGER, (SELECT COUNT(*)
          FROM nba_raw.schedule AS s WHERE s.status = 'final' AND window_team_abbr IN (s.home_team, s.away_team)
          AND s.game_date < w.game_date AND s.game_date >= w.game_date - 14)::INTEGER
      FROM nba_precompute.player_game_windows AS w WHERE window_team_abbr IN ('${home}', '${away}')
        AND game_date > DATE '${season.calledOff.date}' AND game_date <= DATE '${season.calledOff.date}' + 14`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const [, ten, fortnight, final] of rows) expect([ten, fortnight]).toEqual([10, final]);
  });

  test('a traded player brings none of his games along, and the row says why', async () => {
    const [one, other] = season.traded;
    for (const [player, team] of [
      [one, other.team],
      [other, one.team],
    ] as const) {
      const rows = await flagship.query(
        `SELECT w.window_team_abbr, w.l10_actual_games::INTEGER, c.season_games_before >= 10,
          list_contains(f.data_quality_issues, 'changed_team'), w.window_has_two_teams
        FROM nba_precompute.player_game_windows AS w
        JOIN nba_analytics.upcoming_player_game_context AS c USING (game_date, player_lookup)
        JOIN nba_precompute.ml_feature_store_v2 AS f USING (game_date, player_lookup)
        WHERE player_lookup = '${player.lookup}' AND game_date >= DATE '${season.tradeDate}' ORDER BY game_date LIMIT 4`,
      );
      // Before his first game he still belongs to the old team, for which he was in nearly every one.
      expect(rows[0]?.[0]).toBe(player.team);
      expect(Number(rows[0]?.[1])).toBeGreaterThanOrEqual(7);
      expect(rows[0]?.slice(3)).toEqual([false, false]);
      expect(rows.slice(1)).toEqual([1, 2, 3].map((games) => [team, games, true, true, true]));
    }
  });

  test('a row below 70 is there and says so, from 70 it is degraded, from 90 ready', async () => {
    const rows = await flagship.query(
      `SELECT (expected_games_count - actual_games_count)::INTEGER AS missing, processing_decision_reason,
        list_filter(data_quality_issues, lambda i: i IN ('window_degraded', 'window_incomplete')),
        BOOL_OR(is_production_ready), COUNT(*) > 0
      FROM nba_precompute.player_shot_zone_analysis WHERE expected_games_count = 10 GROUP BY ALL ORDER BY missing`,
    );
    expect(rows.length).toBeGreaterThan(5);
    for (const [missing, reason, issues, isReady] of rows) {
      const lacking = Number(missing);
      const issue = lacking > 3 ? ['window_incomplete'] : ['window_degraded'];
      expect([missing, reason, issues, isReady]).toEqual([
        lacking,
        lacking > 3 ? 'incomplete_upstream_data' : 'processed_successfully',
        lacking > 1 ? issue : [],
        lacking <= 1,
      ]);
    }
  });

  test('the worst input wins', async () => {
    const rank = (tier: string): string =>
      `list_position(['gold', 'silver', 'bronze', 'poor', 'unusable'], ${tier})`;
    const better = await flagship.query(
      `SELECT f.game_date, f.player_lookup FROM nba_precompute.ml_feature_store_v2 AS f
      JOIN nba_predictions.player_prop_predictions AS p USING (game_date, player_lookup)
      LEFT JOIN nba_precompute.player_daily_cache AS c ON c.cache_date = f.game_date AND c.player_lookup = f.player_lookup
      JOIN nba_precompute.player_composite_factors AS k ON k.game_date = f.game_date AND k.player_lookup = f.player_lookup
      LEFT JOIN nba_precompute.player_shot_zone_analysis AS z ON z.analysis_date = f.game_date
        AND z.player_lookup = f.player_lookup
      WHERE ${rank('p.quality_tier')} < GREATEST(${rank('f.quality_tier')}, ${rank('c.quality_tier')},
        ${rank('k.quality_tier')}, ${rank('z.quality_tier')})
      OR (p.is_production_ready AND NOT (f.is_production_ready AND c.is_production_ready
        AND k.is_production_ready AND z.is_production_ready))`,
    );
    expect(better).toEqual([]);
    const tiers = await flagship.query(
      'SELECT DISTINCT quality_tier FROM nba_predictions.player_prop_predictions ORDER BY 1',
    );
    expect(tiers.flat()).toEqual(['bronze', 'poor', 'silver', 'unusable']);
  });

  test(
    'the hash of a window changes with the games that a recovered game pushes out',
    async () => {
      const before = await hashes(flagship);
      await season.recover();
      await flagship.make();
      const after = await hashes(flagship);
      const changed = [...before.keys()].filter((key) => before.get(key) !== after.get(key));
      const affected = await flagship.query(
        `SELECT z.analysis_date::VARCHAR || ' ' || z.player_lookup FROM nba_precompute.player_shot_zone_analysis AS z
      JOIN nba_analytics.player_game_summary AS lost ON lost.player_lookup = z.player_lookup
        AND lost.nba_game_id = '${season.lost.id}' AND lost.game_date < z.analysis_date
      WHERE (SELECT COUNT(*) FROM nba_analytics.player_game_summary AS g WHERE g.player_lookup = z.player_lookup
        AND g.game_date > lost.game_date AND g.game_date < z.analysis_date) < 10`,
      );
      const known = affected.flat().filter((key) => before.has(String(key)));
      expect(known.length).toBeGreaterThan(0);
      expect(new Set(changed)).toEqual(new Set(known));
      const incomplete = await flagship.query(
        'SELECT * FROM nba_precompute.team_defense_zone_analysis WHERE NOT is_complete',
      );
      expect(incomplete).toEqual([]);
    },
    SLOW,
  );
});

/** That games are without rows is for checks to tell; they keep nothing from being made. */
async function makeDespiteChecks(flagship: Flagship): Promise<void> {
  const { document } = await flagship.materialize();
  expect(document.failures).toEqual([]);
}

async function hashes(flagship: Flagship): Promise<ReadonlyMap<string, unknown>> {
  const rows = await flagship.query(
    `SELECT analysis_date::VARCHAR || ' ' || player_lookup, window_dates_hash
    FROM nba_precompute.player_shot_zone_analysis`,
  );
  return new Map(rows.map(([key, hash]) => [String(key), hash]));
}
