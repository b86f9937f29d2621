import { Flagship, type Rewrites } from './flagship.ts';

/** Systems that predict with a trained model, by the asset of their models. */
export const SYSTEMS_OF: Readonly<Record<'points_model' | 'pra_model', readonly string[]>> = {
  points_model: ['boosted_21_v1', 'points_v1', 'points_lineups_v1'],
  pra_model: ['pra_v1', 'pra_lineups_v1'],
};
export const TRAINED_SYSTEMS: readonly string[] = Object.values(SYSTEMS_OF).flat();

/** Of the season's months October and November have too few rows, the first model is of December. */
export const FIRST_CUT_OFF = '2023-12-01';

/** A league of half a season whose models need fewer rows; nothing is made. */
export async function smallLeague(): Promise<Flagship> {
  const flagship = await Flagship.simulated({ seasons: 1, teams: 8, gamesPerTeam: 30 });
  const pipeline = flagship.read('pipeline.yaml');
  flagship.write('pipeline.yaml', pipeline.replaceAll('min_rows: 1500', 'min_rows: 600'));
  return flagship;
}

/**
 * From a date on every player has the game of another one of that date, and the teams each other's
 * score. Who plays for whom, and who starts, stays.
 */
export function outcomesShuffledFrom(date: string): Rewrites {
  const swap = (one: string, other: string): string =>
    `CASE WHEN game_date >= DATE '${date}' THEN ${other} ELSE ${one} END AS ${one}`;
  return {
    schedule: `SELECT * REPLACE (${swap('home_score', 'away_score')}, ${swap('away_score', 'home_score')}) FROM f`,
    player_box: `
      WITH known AS (
        SELECT game_id, game_date, season_year, player_id, player_name, team, opponent, home, starter,
          ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY player_id) AS place FROM f),
      outcomes AS (
        SELECT COLUMNS(* EXCLUDE (game_id, season_year, player_id, player_name, team, opponent, home, starter)),
          ROW_NUMBER() OVER (PARTITION BY game_date ORDER BY
            CASE WHEN game_date >= DATE '${date}' THEN hash(player_id, game_id) ELSE player_id END) AS place FROM f)
      SELECT * EXCLUDE (place) FROM known JOIN outcomes USING (game_date, place)`,
    shots: `SELECT * REPLACE (${swap('made', 'NOT made')}, ${swap('distance_ft', 'IF(distance_ft <= 8, 15, 2)')},
      ${swap('assisted', 'FALSE')}, ${swap('blocked', 'made AND has_pbp')}) FROM f`,
  };
}

/** On a date some do not play who did, and of the others other five start; nothing else is another. */
export function lineupsChangedOn(date: string, absent: readonly number[]): Rewrites {
  const isThere = `NOT (game_date = DATE '${date}' AND player_id IN (${absent.join(', ')}))`;
  return {
    player_box: `
      SELECT * REPLACE (CASE WHEN game_date = DATE '${date}'
        THEN ROW_NUMBER() OVER (PARTITION BY game_id, team ORDER BY hash(player_id)) <= 5
        ELSE starter END AS starter) FROM f WHERE ${isThere}`,
    shots: `SELECT * FROM f WHERE ${isThere}`,
  };
}

/** What is recorded of every partition of some assets up to a date, and how many these are. */
export async function versionsUpTo(
  flagship: Flagship,
  assets: readonly string[],
  date: string,
): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
  const found: Record<string, Record<string, string>> = {};
  for (const asset of assets) {
    const versions = Object.entries(await flagship.versions(asset));
    found[asset] = Object.fromEntries(versions.filter(([day]) => day <= date));
  }
  return found;
}

/** SHA-256 by model and cut-off, of those that were trained. */
export async function modelHashes(
  flagship: Flagship,
  asset = 'points_model',
): Promise<Readonly<Record<string, unknown>>> {
  const rows = await flagship.query(
    `SELECT model_id || ' ' || CAST(cut_off AS VARCHAR), model_sha256 FROM nba_models.${asset}
      WHERE model IS NOT NULL ORDER BY 1`,
  );
  return Object.fromEntries(rows.map(([model, hash]) => [String(model), hash]));
}
