import { expectedContractFeatures } from './contract-features.ts';
import { expectedDefenseBySize } from './defense-by-size.ts';
import {
  type LeagueRows,
  type PlainRow,
  readTable,
  rowsByKey,
  type SlatePlayer,
} from './league-rows.ts';
import { expectedLineupForm } from './lineup-form.ts';
import { expectedModelFeatures } from './model-features.ts';
import { expectedPlayerForm } from './player-form.ts';
import { expectedTeamForm } from './team-form.ts';

export interface FeatureRequest {
  readonly league: LeagueRows;
  /** Where the inputs of a feature are read that are no games, and are held against others elsewhere. */
  readonly warehouse: Parameters<typeof readTable>[0];
  /** Dates whose rows are wanted. */
  readonly dates: readonly string[];
}

/** What each feature asset has to hold on some dates, by name. */
export const EXPECTED: Readonly<
  Record<string, (request: FeatureRequest) => Promise<readonly PlainRow[]>>
> = {
  player_form: (request) =>
    Promise.resolve(expectedPlayerForm(request.league, slateOf(request, 'slatePlayers'))),
  team_form: (request) =>
    Promise.resolve(expectedTeamForm(request.league, slateOf(request, 'slateTeams'))),
  defense_by_size: async (request) => {
    const forms = await readTable(request.warehouse, 'nba_features.player_form');
    const slate = slateOf(request, 'slateTeams');
    return expectedDefenseBySize(request.league, slate, rowsByKey(forms, 'player_lookup'));
  },
  lineup_form: async (request) => {
    const forms = await rowsOf(request, 'nba_features.player_form', 'player_lookup');
    return expectedLineupForm(request.league, slateOf(request, 'slatePlayers'), forms);
  },
  model_features: modelFeatures,
  contract_features: contractFeatures,
};

/** A condition for rows of the dates. */
export function onDates(dates: readonly string[], column = 'game_date'): string {
  return `${column} IN (${dates.map((date) => `DATE '${date}'`).join(', ')})`;
}

function slateOf<Slate extends 'slatePlayers' | 'slateTeams'>(
  { league, dates }: FeatureRequest,
  slate: Slate,
): readonly LeagueRows[Slate][number][] {
  const isWanted = new Set(dates);
  return league[slate].filter(({ date }) => isWanted.has(date));
}

async function rowsOf(
  { warehouse, dates }: FeatureRequest,
  relation: string,
  entity: string,
  date = 'game_date',
): Promise<ReadonlyMap<string, PlainRow>> {
  return rowsByKey(await readTable(warehouse, relation, onDates(dates, date)), entity, date);
}

async function modelFeatures(request: FeatureRequest): Promise<readonly PlainRow[]> {
  const [forms, contexts, teams, teamContexts, defenses] = await Promise.all([
    rowsOf(request, 'nba_features.player_form', 'player_lookup'),
    rowsOf(request, 'nba_analytics.upcoming_player_game_context', 'player_lookup'),
    rowsOf(request, 'nba_features.team_form', 'team_abbr'),
    rowsOf(request, 'nba_analytics.upcoming_team_game_context', 'team_abbr'),
    rowsOf(request, 'nba_features.defense_by_size', 'team_abbr'),
  ]);
  const seasonStart = seasonStarts(request.league);
  return slateOf(request, 'slatePlayers').map(({ date, season, player, team, opponent }) =>
    expectedModelFeatures({
      form: rowOf(forms, `${date} ${player}`),
      context: contexts.get(`${date} ${player}`),
      team: rowOf(teams, `${date} ${team}`),
      teamContext: rowOf(teamContexts, `${date} ${team}`),
      opponent: rowOf(teams, `${date} ${opponent}`),
      opponentDefense: rowOf(defenses, `${date} ${opponent}`),
      seasonStart: seasonStart.get(season) ?? '',
    }),
  );
}

/** In the first 14 days of a season there are none. */
const FIRST_DAY = 14;
const MS_PER_DAY = 86_400_000;

async function contractFeatures(request: FeatureRequest): Promise<readonly PlainRow[]> {
  const [caches, factors, zones, defenses, teamContexts] = await Promise.all([
    rowsOf(request, 'nba_precompute.player_daily_cache', 'player_lookup', 'cache_date'),
    rowsOf(request, 'nba_precompute.player_composite_factors', 'player_lookup'),
    rowsOf(request, 'nba_precompute.player_shot_zone_analysis', 'player_lookup', 'analysis_date'),
    rowsOf(request, 'nba_precompute.team_defense_zone_analysis', 'team_abbr', 'analysis_date'),
    rowsOf(request, 'nba_analytics.upcoming_team_game_context', 'team_abbr'),
  ]);
  const starts = seasonStarts(request.league);
  const isLate = ({ date, season }: SlatePlayer): boolean =>
    Date.parse(date) - Date.parse(starts.get(season) ?? '') >= FIRST_DAY * MS_PER_DAY;
  return slateOf(request, 'slatePlayers')
    .filter(isLate)
    .map((row) =>
      expectedContractFeatures(row, request.league.gamesByPlayer.get(row.player) ?? [], {
        cache: caches.get(`${row.date} ${row.player}`),
        factors: factors.get(`${row.date} ${row.player}`),
        zones: zones.get(`${row.date} ${row.player}`),
        opponentDefense: defenses.get(`${row.date} ${row.opponent}`),
        teamContext: rowOf(teamContexts, `${row.date} ${row.team}`),
      }),
    );
}

/** First date of each season. */
function seasonStarts({ slateTeams }: LeagueRows): ReadonlyMap<number, string> {
  return new Map(slateTeams.toReversed().map(({ season, date }) => [season, date]));
}

function rowOf(rows: ReadonlyMap<string, PlainRow>, key: string): PlainRow {
  const row = rows.get(key);
  if (row === undefined) throw new Error(`there is no row of ${key}`);
  return row;
}
