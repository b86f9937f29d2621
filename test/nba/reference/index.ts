import type { SeasonStarts, Slate } from './calendar.ts';
import { computeComposite } from './composite.ts';
import { computePlayerContexts, computeTeamContexts } from './context.ts';
import type { PlayerContext } from './context.ts';
import { computeDailyCache } from './daily-cache.ts';
import { computeFeatures, featureRow } from './features.ts';
import { computePerformance, gradePredictions } from './grading.ts';
import { buildLeague } from './league.ts';
import type { League } from './league.ts';
import { loadSource } from './load.ts';
import { playerWindows, playerWindowsRow } from './player-windows.ts';
import type { PlayerWindows } from './player-windows.ts';
import { computePlayerZones } from './player-zones.ts';
import { computePredictions, dateMinimaMet } from './predictions.ts';
import { buildPastGames } from './similarity.ts';
import { computeTeamZones } from './team-zones.ts';

export { compareTables } from './compare.ts';

export type ReferenceRow = Readonly<Record<string, unknown>>;

export interface ReferenceTable {
  readonly key: readonly string[];
  readonly rows: readonly ReferenceRow[];
}

export const REFERENCE_KEYS = {
  team_offense_game_summary: ['game_id', 'team_abbr'],
  team_defense_game_summary: ['game_id', 'defending_team_abbr'],
  player_game_summary: ['game_id', 'player_lookup'],
  upcoming_team_game_context: ['game_date', 'team_abbr'],
  upcoming_player_game_context: ['game_date', 'player_lookup'],
  team_defense_zone_analysis: ['analysis_date', 'team_abbr'],
  player_shot_zone_analysis: ['analysis_date', 'player_lookup'],
  player_game_windows: ['game_date', 'player_lookup'],
  player_composite_factors: ['game_date', 'player_lookup'],
  player_daily_cache: ['cache_date', 'player_lookup'],
  ml_feature_store_v2: ['game_date', 'player_lookup'],
  player_prop_predictions: ['game_date', 'player_lookup', 'system_id'],
  prediction_accuracy: ['game_date', 'player_lookup', 'system_id'],
  system_daily_performance: ['game_date', 'system_id'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ReferenceAsset = keyof typeof REFERENCE_KEYS;
export type ReferenceTables = Readonly<Record<ReferenceAsset, ReferenceTable>>;

export interface ReferenceOptions {
  /** First regular-season dates, for a folder that begins in the middle of a season. */
  readonly seasonStarts?: SeasonStarts;
}

/** Every flagship asset, computed from the Parquet files in `dataDir` without any SQL logic. */
export async function computeReference(
  dataDir: string,
  options: ReferenceOptions = {},
): Promise<ReferenceTables> {
  const league = buildLeague(await loadSource(dataDir), options.seasonStarts ?? {});
  const rows = { ...analyticsRows(league), ...derivedRows(league) };
  const table = (asset: ReferenceAsset): [ReferenceAsset, ReferenceTable] => [
    asset,
    { key: REFERENCE_KEYS[asset], rows: rows[asset] },
  ];
  // The cast restores the key type that Object.keys and fromEntries lose.
  const assets = Object.keys(REFERENCE_KEYS) as ReferenceAsset[];
  return Object.fromEntries(assets.map(table)) as Record<ReferenceAsset, ReferenceTable>;
}

function analyticsRows(league: League) {
  return {
    team_offense_game_summary: league.offense,
    team_defense_game_summary: league.defense,
    player_game_summary: league.playerGames,
    upcoming_team_game_context: computeTeamContexts(league),
  };
}

function derivedRows(league: League) {
  const contexts = computePlayerContexts(league);
  const bootstrap = new Set(
    league.slates.filter((slate) => slate.bootstrap).map((slate) => slate.date),
  );
  const processed = contexts.filter((context) => !bootstrap.has(context.game_date));
  const teamZoneRows = computeTeamZones(league);
  const playerZoneRows = computePlayerZones(league);
  const teamZones = keyed(teamZoneRows, (row) => `${row.analysis_date}|${row.team_abbr}`);
  const playerZones = keyed(playerZoneRows, (row) => `${row.analysis_date}|${row.player_lookup}`);
  const slates = keyed(league.slates, (slate) => slate.date);
  const windows = windowsByPlayer(league, contexts);
  const shared = { contexts: processed, slates, windows, playerZones };
  const compositeRows = computeComposite({ ...shared, teamZones });
  const cacheRows = computeDailyCache({ ...shared, league });
  const composite = keyed(compositeRows, (row) => `${row.game_date}|${row.player_lookup}`);
  const dailyCache = keyed(cacheRows, (row) => `${row.cache_date}|${row.player_lookup}`);
  const precomputed = { windows, composite, dailyCache, playerZones, teamZones };
  const vectors = computeFeatures({ league, contexts, precomputed });
  const minima = minimaByDate(league.slates, {
    dailyCache: countBy(cacheRows, (row) => row.cache_date),
    playerZones: countBy(playerZoneRows, (row) => row.analysis_date),
    teamZones: countBy(teamZoneRows, (row) => row.analysis_date),
  });
  const predictions = computePredictions({
    vectors,
    pastGames: buildPastGames(league, teamZones),
    minimaMet: (date) => minima.get(date) ?? false,
  });
  const graded = gradePredictions(predictions, league.playerGames);
  return {
    upcoming_player_game_context: contexts,
    team_defense_zone_analysis: teamZoneRows,
    player_shot_zone_analysis: playerZoneRows,
    player_game_windows: contexts.flatMap((context) => {
      const found = windows.get(`${context.game_date}|${context.player_lookup}`);
      return found === undefined ? [] : [playerWindowsRow(context, found)];
    }),
    player_composite_factors: compositeRows,
    player_daily_cache: cacheRows,
    ml_feature_store_v2: vectors.map(featureRow),
    player_prop_predictions: predictions,
    prediction_accuracy: graded,
    system_daily_performance: computePerformance(graded),
  };
}

function windowsByPlayer(
  league: League,
  contexts: readonly PlayerContext[],
): ReadonlyMap<string, PlayerWindows> {
  const slates = keyed(league.slates, (slate) => slate.date);
  return new Map(
    contexts.flatMap(({ game_date: date, player_lookup: lookup, team_abbr: team }) => {
      const slate = slates.get(date);
      if (slate === undefined) return [];
      return [[`${date}|${lookup}`, playerWindows(league, { slate, lookup, team })] as const];
    }),
  );
}

function keyed<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, T> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function countBy<T>(rows: readonly T[], dateOf: (row: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(dateOf(row), (counts.get(dateOf(row)) ?? 0) + 1);
  return counts;
}

function minimaByDate(
  slates: readonly Slate[],
  counts: Readonly<Record<'dailyCache' | 'playerZones' | 'teamZones', ReadonlyMap<string, number>>>,
): ReadonlyMap<string, boolean> {
  return new Map(
    slates.map((slate) => [
      slate.date,
      dateMinimaMet({
        games: slate.games.length,
        dailyCache: counts.dailyCache.get(slate.date) ?? 0,
        playerZones: counts.playerZones.get(slate.date) ?? 0,
        teamZones: counts.teamZones.get(slate.date) ?? 0,
      }),
    ]),
  );
}
