import type { LeagueRows, PlainRow, SlateTeam, TeamGame } from './league-rows.ts';
import { halved, minus, ratio, weighted } from './weighted-means.ts';

const HALF_LIFE_DAYS = 30;
/** So many games of the league, as heavy as one of the date, enter beside those of the team. */
const LEAGUE_GAMES = 4;
/** Threes go in by luck: four times as many. */
const LEAGUE_GAMES_OF_THREES = 16;

type Value = (game: TeamGame) => number;

/** What the asset team_form has to say of teams of the slate. */
export function expectedTeamForm(
  league: LeagueRows,
  slate: readonly SlateTeam[],
): readonly PlainRow[] {
  return slate.map((row) => ({
    game_date: row.date,
    team_abbr: row.team,
    season_year: row.season,
    ...formOf(row, league),
  }));
}

function formOf(row: SlateTeam, league: LeagueRows): PlainRow {
  const earlier = league.teamGames.filter(({ day }) => day < row.day);
  const own = earlier.filter(({ team }) => team === row.team);
  const sum = (games: readonly TeamGame[], value: Value): number =>
    weighted(games, ({ day }) => halved(row.day - day, HALF_LIFE_DAYS), value);
  const everything = sum(earlier, () => 1);
  const ofLeague = (value: Value): number | null => ratio(sum(earlier, value), everything);
  const shrunk = (value: Value, league_: number | null): number | null =>
    league_ === null
      ? null
      : (sum(own, value) + LEAGUE_GAMES * league_) / (sum(own, () => 1) + LEAGUE_GAMES);
  const over = (value: Value): number | null =>
    minus(shrunk(value, ofLeague(value)), ofLeague(value));
  const shareOver = (made: Value, taken: Value, games: number): number | null => {
    const usual = ratio(sum(earlier, made), sum(earlier, taken));
    const shots = ofLeague(taken);
    if (usual === null || shots === null) return null;
    const share = (sum(own, made) + games * shots * usual) / (sum(own, taken) + games * shots);
    return share - usual;
  };
  const rating = ofLeague(({ offense }) => offense);
  const pace = ofLeague((game) => game.pace);
  return {
    league_rating: rating,
    league_pace: pace,
    offense_ewma: shrunk(({ offense }) => offense, rating),
    defense_ewma: shrunk(({ defense }) => defense, rating),
    pace_ewma: shrunk((game) => game.pace, pace),
    margin_ewma: shrunk(({ margin }) => margin, 0),
    paints_allowed: over(({ paints }) => paints),
    paint_pct_allowed: shareOver(
      ({ paintsMade }) => paintsMade,
      ({ paints }) => paints,
      LEAGUE_GAMES,
    ),
    threes_allowed: over(({ threes }) => threes),
    three_pct_allowed: shareOver(
      ({ threesMade }) => threesMade,
      ({ threes }) => threes,
      LEAGUE_GAMES_OF_THREES,
    ),
    free_throws_allowed: over(({ freeThrows }) => freeThrows),
    assists_allowed: over(({ assists }) => assists),
    rebounds_allowed: over(({ rebounds }) => rebounds),
  };
}
