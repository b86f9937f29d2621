import {
  type LeagueRows,
  numberIn,
  type PlainRow,
  type PlayerGame,
  type SlateTeam,
} from './league-rows.ts';
import { halved, weighted } from './weighted-means.ts';

const HALF_LIFE_DAYS = 30;
/** Points of an average defence that enter beside what happened. */
const AVERAGE_POINTS = 300;

export type Size = 'guard' | 'wing' | 'big';

/** By rebounds minus assists in 36 minutes. */
export function sizeOf(index: number): Size {
  if (index >= 4.5) return 'big';
  return index > 0.5 ? 'wing' : 'guard';
}

/**
 * What the asset defense_by_size has to say of teams of the slate.
 * @param forms rows of player_form by date and player: what was usual for each before each game
 */
export function expectedDefenseBySize(
  league: LeagueRows,
  slate: readonly SlateTeam[],
  forms: ReadonlyMap<string, PlainRow>,
): readonly PlainRow[] {
  const against = Map.groupBy(league.playerGames, ({ opponent }) => opponent);
  const formOf = (game: PlayerGame): PlainRow | undefined =>
    forms.get(`${game.date} ${game.player}`);
  return slate.map((row) => {
    const games = (against.get(row.team) ?? []).filter(
      (game) =>
        game.season === row.season &&
        game.day < row.day &&
        numberIn(formOf(game), 'ppm_60') !== null,
    );
    const ratioFor = (size: Size): number => {
      const ofSize = games.filter(
        (game) => sizeOf(numberIn(formOf(game), 'size_index') ?? Number.NaN) === size,
      );
      const sum = (value: (game: PlayerGame) => number): number =>
        weighted(ofSize, ({ day }) => halved(row.day - day, HALF_LIFE_DAYS), value);
      const usual = (game: PlayerGame): number =>
        game.minutes * (numberIn(formOf(game), 'ppm_60') ?? 0);
      return (sum(({ points }) => points) + AVERAGE_POINTS) / (sum(usual) + AVERAGE_POINTS);
    };
    return {
      game_date: row.date,
      team_abbr: row.team,
      season_year: row.season,
      big_ratio: ratioFor('big'),
      wing_ratio: ratioFor('wing'),
      guard_ratio: ratioFor('guard'),
    };
  });
}
