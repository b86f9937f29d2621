import type { BoxRow, Game } from './load.ts';
import { r, ratio, rn, strictSum, sum } from './rounding.ts';
import type { ShotIndex } from './shot-counts.ts';

/** One row of team_offense_game_summary (domain.md 3.3). */
export type TeamOffense = ReturnType<typeof teamOffenseRow>;

/** One row of team_defense_game_summary (domain.md 3.4). */
export type TeamDefense = ReturnType<typeof teamDefenseRow>;

/** `FGA + 0.44*FTA + TOV - OREB`, one decimal; ratings and pace use this (oracle-notes 14). */
export function possessions(team: {
  readonly fga: number;
  readonly fta: number;
  readonly tov: number;
  readonly oreb: number | null;
}): number | null {
  return team.oreb === null ? null : r(team.fga + 0.44 * team.fta + team.tov - team.oreb, 1);
}

/** Minutes are rounded first: float sums such as 264.998 are one overtime (oracle-notes 13). */
export function overtimes(teamMinutes: number): number {
  return Math.max(0, Math.floor((r(teamMinutes, 0) - 240) / 25));
}

export function gameMinutes(overtimePeriods: number): number {
  return 48 + 5 * overtimePeriods;
}

export function trueShooting(shooting: {
  readonly pts: number;
  readonly fga: number;
  readonly fta: number;
}): number | null {
  return rn(ratio(shooting.pts, 2 * (shooting.fga + 0.44 * shooting.fta)), 3);
}

export function offensiveRating(points: number, poss: number | null): number | null {
  return rn(ratio(100 * points, poss), 2);
}

export function paceOf(poss: number | null, minutes: number): number | null {
  return poss === null ? null : r((poss * 48) / minutes, 1);
}

export interface TeamTables {
  readonly offense: TeamOffense[];
  readonly defense: TeamDefense[];
}

/** Both team tables: sums of player rows per game and team, then the mirror (domain.md 3.3, 3.4). */
export function computeTeams(input: {
  readonly games: readonly Game[];
  readonly boxes: readonly BoxRow[];
  readonly shots: ShotIndex;
}): TeamTables {
  const { games, boxes, shots } = input;
  const byTeamGame = Map.groupBy(boxes, (box) => `${box.nba_game_id}|${box.team}`);
  const offense: TeamOffense[] = [];
  const defense: TeamDefense[] = [];
  for (const game of games) {
    const sides = ([game.away, game.home] as const).map((team) =>
      sumBoxes(byTeamGame.get(`${game.nbaGameId}|${team}`) ?? [], team),
    );
    const [away, home] = sides;
    if (away === undefined || home === undefined || away.players * home.players === 0) continue;
    const awayRow = teamOffenseRow({ game, own: away, opponent: home, shots });
    const homeRow = teamOffenseRow({ game, own: home, opponent: away, shots });
    offense.push(awayRow, homeRow);
    defense.push(
      teamDefenseRow({ game, own: awayRow, opponent: homeRow, shots }),
      teamDefenseRow({ game, own: homeRow, opponent: awayRow, shots }),
    );
  }
  return { offense, defense };
}

interface TeamTotals {
  readonly team: string;
  readonly players: number;
  readonly minutes: number;
  readonly pts: number;
  readonly fga: number;
  readonly fgm: number;
  readonly fg3a: number;
  readonly fg3m: number;
  readonly fta: number;
  readonly ftm: number;
  readonly ast: number;
  readonly tov: number;
  readonly stl: number;
  readonly reb: number | null;
  readonly oreb: number | null;
  readonly dreb: number | null;
  readonly pf: number | null;
}

function sumBoxes(boxes: readonly BoxRow[], team: string): TeamTotals {
  const total = (pick: (box: BoxRow) => number): number => sum(boxes.map(pick));
  return {
    team,
    players: boxes.length,
    minutes: total((box) => box.minutes),
    pts: total((box) => box.pts),
    fga: total((box) => box.fga),
    fgm: total((box) => box.fgm),
    fg3a: total((box) => box.fg3a),
    fg3m: total((box) => box.fg3m),
    fta: total((box) => box.fta),
    ftm: total((box) => box.ftm),
    ast: total((box) => box.ast),
    tov: total((box) => box.tov),
    stl: total((box) => box.stl),
    reb: strictSum(boxes.map((box) => box.reb)),
    oreb: strictSum(boxes.map((box) => box.oreb)),
    dreb: strictSum(boxes.map((box) => box.dreb)),
    pf: strictSum(boxes.map((box) => box.pf)),
  };
}

function teamOffenseRow(input: {
  readonly game: Game;
  readonly own: TeamTotals;
  readonly opponent: TeamTotals;
  readonly shots: ShotIndex;
}) {
  const { game, own, opponent } = input;
  const zones = input.shots.team(game.nbaGameId, own.team);
  const poss = possessions(own);
  const overtimePeriods = overtimes(own.minutes);
  return {
    game_id: game.gameId,
    nba_game_id: game.nbaGameId,
    game_date: game.date,
    team_abbr: own.team,
    opponent_team_abbr: opponent.team,
    season_year: game.season,
    points_scored: own.pts,
    fg_attempts: own.fga,
    fg_makes: own.fgm,
    three_pt_attempts: own.fg3a,
    three_pt_makes: own.fg3m,
    ft_attempts: own.fta,
    ft_makes: own.ftm,
    rebounds: own.reb,
    offensive_rebounds: own.oreb,
    assists: own.ast,
    turnovers: own.tov,
    personal_fouls: own.pf,
    team_paint_attempts: zones.attempts.paint,
    team_paint_makes: zones.makes.paint,
    team_mid_range_attempts: zones.attempts.mid_range,
    team_mid_range_makes: zones.makes.mid_range,
    points_in_paint_scored: 2 * zones.makes.paint,
    second_chance_points_scored: null,
    offensive_rating: offensiveRating(own.pts, poss),
    pace: paceOf(poss, gameMinutes(overtimePeriods)),
    possessions: poss === null ? null : Math.trunc(poss),
    ts_pct: trueShooting(own),
    home_game: own.team === game.home,
    win_flag: own.pts > opponent.pts,
    margin_of_victory: own.pts - opponent.pts,
    overtime_periods: overtimePeriods,
    own_steals: own.stl,
    own_defensive_rebounds: own.dreb,
  };
}

function teamDefenseRow(input: {
  readonly game: Game;
  readonly own: TeamOffense;
  readonly opponent: TeamOffense;
  readonly shots: ShotIndex;
}) {
  const { game, own, opponent, shots } = input;
  const known = shots.hasPlayByPlay(game.nbaGameId);
  const blocked = shots.team(game.nbaGameId, opponent.team_abbr).blockedAgainst;
  return {
    game_id: game.gameId,
    game_date: game.date,
    defending_team_abbr: own.team_abbr,
    opponent_team_abbr: opponent.team_abbr,
    season_year: game.season,
    points_allowed: opponent.points_scored,
    opp_fg_attempts: opponent.fg_attempts,
    opp_fg_makes: opponent.fg_makes,
    opp_three_pt_attempts: opponent.three_pt_attempts,
    opp_three_pt_makes: opponent.three_pt_makes,
    opp_ft_attempts: opponent.ft_attempts,
    opp_ft_makes: opponent.ft_makes,
    opp_rebounds: opponent.rebounds,
    opp_assists: opponent.assists,
    turnovers_forced: opponent.turnovers,
    fouls_committed: own.personal_fouls,
    opp_paint_attempts: opponent.team_paint_attempts,
    opp_paint_makes: opponent.team_paint_makes,
    opp_mid_range_attempts: opponent.team_mid_range_attempts,
    opp_mid_range_makes: opponent.team_mid_range_makes,
    points_in_paint_allowed: 2 * opponent.team_paint_makes,
    mid_range_points_allowed: 2 * opponent.team_mid_range_makes,
    three_pt_points_allowed: 3 * opponent.three_pt_makes,
    second_chance_points_allowed: null,
    fast_break_points_allowed: null,
    // Blocked attempts of the opponent by zone, unknown without play-by-play (oracle-notes 17, 18).
    blocks_paint: known ? blocked.paint : null,
    blocks_mid_range: known ? blocked.mid_range : null,
    blocks_three_pt: known ? blocked.three : null,
    steals: own.own_steals,
    defensive_rebounds: own.own_defensive_rebounds,
    defensive_rating: opponent.offensive_rating,
    opponent_pace: opponent.pace,
    opponent_ts_pct: opponent.ts_pct,
    home_game: own.home_game,
    win_flag: own.points_scored > opponent.points_scored,
    margin_of_victory: own.margin_of_victory,
    overtime_periods: own.overtime_periods,
  };
}
