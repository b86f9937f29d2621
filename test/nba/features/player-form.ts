import type { LeagueRows, PlainRow, PlayerGame, SlatePlayer } from './league-rows.ts';
import { fadingMean, fadingSpread, halved, meanOf, ratio, weighted } from './weighted-means.ts';

/** Shots and minutes of a typical player that enter beside his own: they weigh like his last game. */
const TYPICAL = { twos: 60, twosMade: 32, minutes: 200, points: 80 };
const AWAY_DAYS = 10;

/** What the asset player_form has to say of players of the slate. */
export function expectedPlayerForm(
  league: LeagueRows,
  slate: readonly SlatePlayer[],
): readonly PlainRow[] {
  const overtimes = new Map(
    league.teamGames.map(({ gameId, team, overtimes: count }) => [`${gameId} ${team}`, count]),
  );
  const regulation = (game: PlayerGame): number =>
    48 / (48 + 5 * (overtimes.get(`${game.gameId} ${game.team}`) ?? 0));
  return slate.map((row) => {
    const before = (league.gamesByPlayer.get(row.player) ?? []).filter(({ day }) => day < row.day);
    const games = before.toReversed();
    const season = games.filter((game) => game.season === row.season);
    return {
      game_date: row.date,
      player_lookup: row.player,
      game_id: row.gameId,
      season_year: row.season,
      team_abbr: row.team,
      opponent_team_abbr: row.opponent,
      at_home: row.isHome ? 1 : 0,
      season_games: season.length,
      season_points: meanOf(season.map(({ points }) => points)),
      season_minutes: meanOf(season.map(({ minutes }) => minutes)),
      season_pra: meanOf(season.map(pra)),
      ...meansOf(games, regulation),
      ...rolesOf(games),
      ...availabilityOf(row, games, league),
    };
  });
}

function pra({ points, rebounds, assists }: PlayerGame): number {
  return points + rebounds + assists;
}

type Value = (game: PlayerGame) => number;

function meansOf(games: readonly PlayerGame[], regulation: Value): PlainRow {
  const minutes: Value = (game) => game.minutes * regulation(game);
  const means = (name: string, value: Value, halfLives: readonly number[]): PlainRow =>
    Object.fromEntries(
      halfLives.map((half) => [`${name}_ewma_${half}`, fadingMean(games, half, value)]),
    );
  return {
    ...means('points', ({ points }) => points, [3, 8, 20]),
    ...means('minutes', minutes, [3, 8, 20, 60]),
    ...means('fta', ({ fta }) => fta, [8, 60]),
    ...means('threes', ({ threes }) => threes, [20]),
    ...means('paints', ({ paints }) => paints, [20]),
    ...means('mids', ({ fga, threes, paints }) => fga - threes - paints, [20]),
    ...means('rebounds', ({ rebounds }) => rebounds, [8, 20, 60]),
    ...means('assists', ({ assists }) => assists, [8, 20, 60]),
    ...means('pra', pra, [3, 8, 20, 60]),
    ...means('turnovers', ({ turnovers }) => turnovers, [20]),
    ...means('plus_minus', ({ plusMinus }) => plusMinus, [20]),
    ...means('starts', ({ isStarter }) => (isStarter ? 1 : 0), [8]),
    minutes_sd_20: fadingSpread(games, 20, minutes),
    pra_sd_20: fadingSpread(games, 20, pra),
  };
}

/** What he does with his minutes: rates over sums of games. */
function rolesOf(games: readonly PlayerGame[]): PlainRow {
  const sum = (half: number, value: Value): number =>
    weighted(games, (_, ago) => halved(ago, half), value);
  const minutes = (half: number): number => sum(half, (game) => game.minutes);
  const used = (half: number): number => sum(half, (game) => game.usage * game.minutes);
  const size = 36 * sum(60, ({ rebounds, assists }) => rebounds - assists);
  const isNew = games.length === 0;
  return {
    ppm_20: ratio(
      sum(20, ({ points }) => points),
      minutes(20),
    ),
    ppm_60: isNew
      ? null
      : (sum(60, ({ points }) => points) + TYPICAL.points) / (minutes(60) + TYPICAL.minutes),
    two_pct_shrunk: isNew
      ? null
      : (sum(60, ({ fgm, threesMade }) => fgm - threesMade) + TYPICAL.twosMade) /
        (sum(60, ({ fga, threes }) => fga - threes) + TYPICAL.twos),
    usage_ewma_8: ratio(used(8), minutes(8)),
    usage_ewma_20: ratio(used(20), minutes(20)),
    size_index: ratio(size, minutes(60)),
  };
}

function availabilityOf(
  row: SlatePlayer,
  games: readonly PlayerGame[],
  league: LeagueRows,
): PlainRow {
  const [last] = games;
  return {
    last_minutes: last?.minutes ?? null,
    last_fga: last?.fga ?? null,
    minutes_last_2: meanOf(games.slice(0, 2).map(({ minutes }) => minutes)),
    minutes_min_5: leastOf(games.slice(0, 5).map(({ minutes }) => minutes)),
    points_min_10: leastOf(games.slice(0, 10).map(({ points }) => points)),
    days_since_game: last ? row.day - last.day : null,
    games_missed: gamesMissed(row, last, league),
    games_since_return:
      last?.season === row.season && row.day - last.day <= AWAY_DAYS ? gamesSinceReturn(games) : 0,
  };
}

function leastOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}

/** Games of the season that his team played since his last one. */
function gamesMissed(row: SlatePlayer, last: PlayerGame | undefined, league: LeagueRows): number {
  const played = (league.gamesByTeam.get(row.team) ?? []).filter(
    ({ season, day }) => season === row.season && day < row.day,
  );
  return played.filter(({ day }) => day > (last?.day ?? 0)).length;
}

/** Games, the first one back included, since there was a gap of over ten days between two of them. */
function gamesSinceReturn(newestFirst: readonly PlayerGame[]): number {
  const isReturn = ({ day }: PlayerGame, ago: number): boolean => {
    const earlier = newestFirst[ago + 1];
    return earlier === undefined || day - earlier.day > AWAY_DAYS;
  };
  return newestFirst.findIndex(isReturn) + 1;
}
