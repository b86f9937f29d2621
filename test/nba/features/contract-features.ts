import { numberIn, type PlainRow, type PlayerGame, type SlatePlayer } from './league-rows.ts';
import { meanOf, product } from './weighted-means.ts';

/** Rows of other tables about the player, his team and his opponent on the date. */
export interface ContractInputs {
  readonly cache: PlainRow | undefined;
  readonly factors: PlainRow | undefined;
  readonly zones: PlainRow | undefined;
  readonly opponentDefense: PlainRow | undefined;
  readonly teamContext: PlainRow;
}

/** As many games as a regular season has. */
const SEASON_GAMES = 82;

/**
 * What the asset contract_features has to say of a player of the slate: the first five, rest and venue from his games,
 * the others from the tables that have them. Spread and rates are of players with five games of the season only.
 */
export function expectedContractFeatures(
  row: SlatePlayer,
  games: readonly PlayerGame[],
  inputs: ContractInputs,
): PlainRow {
  const { cache, factors, zones, opponentDefense, teamContext } = inputs;
  const season = games.filter((game) => game.season === row.season && game.day < row.day);
  const points = season.map((game) => game.points);
  const last = season.at(-1);
  const rest = last ? row.day - last.day - 1 : null;
  const from = (source: PlainRow | undefined, names: readonly string[]): PlainRow =>
    Object.fromEntries(names.map((name) => [name, numberIn(source, name)]));
  return {
    game_date: row.date,
    player_lookup: row.player,
    game_id: row.gameId,
    season_year: row.season,
    feature_version: 'contract_21_2',
    season_games: season.length,
    points_avg_last_5: meanOf(points.slice(-5)),
    points_avg_last_10: meanOf(points.slice(-10)),
    points_avg_season: meanOf(points.slice(-SEASON_GAMES)),
    points_std_last_10: points.length < 5 ? null : sampleSpread(points.slice(-10)),
    minutes_avg_last_10: meanOf(season.slice(-10).map((game) => game.minutes)),
    ...from(factors, [
      'fatigue_score',
      'shot_zone_mismatch_score',
      'pace_score',
      'usage_spike_score',
    ]),
    opponent_def_rating_last_15: numberIn(opponentDefense, 'defensive_rating_last_15'),
    opponent_pace_last_15: numberIn(opponentDefense, 'opponent_pace'),
    is_home: row.isHome ? 1 : 0,
    days_rest: rest,
    back_to_back: rest === null ? null : Number(rest === 0),
    ...from(zones, ['paint_rate_last_10', 'mid_range_rate_last_10', 'three_pt_rate_last_10']),
    // The cache has a fraction.
    assisted_rate_last_10: product(numberIn(cache, 'assisted_rate_last_10'), 100),
    ...from(cache, ['usage_rate_last_10']),
    ...from(teamContext, ['team_pace_last_10', 'team_off_rating_last_10']),
  };
}

function sampleSpread(values: readonly number[]): number {
  const centre = meanOf(values) ?? 0;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
