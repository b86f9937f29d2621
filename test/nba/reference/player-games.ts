import { gameMinutes, trueShooting } from './analytics.ts';
import type { TeamOffense } from './analytics.ts';
import type { BoxRow, Game } from './load.ts';
import { r, ratio, rn } from './rounding.ts';
import type { ShotIndex } from './shot-counts.ts';

/** One row of player_game_summary (domain.md 3.2). */
export type PlayerGame = ReturnType<typeof playerGameRow>;

const LETTERS: Readonly<Record<string, string>> = { ø: 'o', đ: 'd', ł: 'l', ß: 'ss', æ: 'ae' };

/** domain.md 2.3: letters without a decomposition are mapped first, else they would vanish. */
export function playerLookup(name: string): string {
  return name
    .toLowerCase()
    .replace(/[øđłßæ]/g, (letter) => LETTERS[letter] ?? '')
    .normalize('NFD')
    .replace(/[^a-z0-9]/g, '');
}

/** Percent of team plays used while on court (domain.md 3.1); unrounded minutes (oracle-notes 15). */
export function usageRate(
  player: Pick<BoxRow, 'fga' | 'fta' | 'tov' | 'minutes'>,
  team: {
    readonly fga: number;
    readonly fta: number;
    readonly tov: number;
    readonly minutes: number;
  },
): number | null {
  const used = player.fga + 0.44 * player.fta + player.tov;
  const teamUsed = team.fga + 0.44 * team.fta + team.tov;
  if (!(player.minutes > 0)) return null;
  return rn(ratio(100 * used * team.minutes, player.minutes * teamUsed), 1);
}

export function computePlayerGames(input: {
  readonly games: readonly Game[];
  readonly boxes: readonly BoxRow[];
  readonly offense: readonly TeamOffense[];
  readonly shots: ShotIndex;
}): PlayerGame[] {
  const gameById = new Map(input.games.map((game) => [game.nbaGameId, game]));
  const teamByKey = new Map(
    input.offense.map((row) => [`${row.nba_game_id}|${row.team_abbr}`, row]),
  );
  const rows = input.boxes.flatMap((box) => {
    const game = gameById.get(box.nba_game_id);
    const team = teamByKey.get(`${box.nba_game_id}|${box.team}`);
    if (game === undefined || team === undefined) return [];
    return [playerGameRow({ box, game, team, shots: input.shots })];
  });
  return rows.toSorted(byDateThenGame);
}

function byDateThenGame(a: PlayerGame, b: PlayerGame): number {
  if (a.game_date !== b.game_date) return a.game_date < b.game_date ? -1 : 1;
  return a.game_id === b.game_id ? 0 : a.game_id < b.game_id ? -1 : 1;
}

/** What one player's shots in one game add up to, as columns. */
function shotColumns(input: {
  readonly box: BoxRow;
  readonly game: Game;
  readonly shots: ShotIndex;
}) {
  const { box, game, shots } = input;
  const own = shots.player(game.nbaGameId, box.player_id);
  const known = shots.hasPlayByPlay(game.nbaGameId);
  const zoned = own.attempts.paint + own.attempts.mid_range + own.attempts.three;
  return {
    // Without shots in the game these are 0, not NULL (oracle-notes 16).
    paint_attempts: own.attempts.paint,
    paint_makes: own.makes.paint,
    mid_range_attempts: own.attempts.mid_range,
    mid_range_makes: own.makes.mid_range,
    three_attempts_pbp: own.attempts.three,
    three_makes_pbp: own.makes.three,
    has_complete_shot_zones: Math.abs(zoned - box.fga) <= 1,
    assisted_fg_makes: known ? own.assistedMakes : null,
    unassisted_fg_makes: known ? own.unassistedMakes : null,
    and1_count: null,
    paint_blocks: known ? own.blocksMade.paint : null,
    mid_range_blocks: known ? own.blocksMade.mid_range : null,
    three_pt_blocks: known ? own.blocksMade.three : null,
  };
}

function playerGameRow(input: {
  readonly box: BoxRow;
  readonly game: Game;
  readonly team: TeamOffense;
  readonly shots: ShotIndex;
}) {
  const { box, game, team } = input;
  const lookup = playerLookup(box.player_name);
  const homeWon = game.homeScore > game.awayScore;
  return {
    player_lookup: lookup,
    universal_player_id: `${lookup}_001`,
    player_full_name: box.player_name,
    game_id: game.gameId,
    game_date: game.date,
    team_abbr: box.team,
    opponent_team_abbr: box.opponent,
    season_year: box.season_year,
    home_game: box.home,
    points: box.pts,
    assists: box.ast,
    offensive_rebounds: box.oreb,
    defensive_rebounds: box.dreb,
    rebounds: box.reb,
    steals: box.stl,
    blocks: box.blk,
    turnovers: box.tov,
    personal_fouls: box.pf,
    plus_minus: box.plus_minus,
    fg_attempts: box.fga,
    fg_makes: box.fgm,
    three_pt_attempts: box.fg3a,
    three_pt_makes: box.fg3m,
    ft_attempts: box.fta,
    ft_makes: box.ftm,
    minutes_played: r(box.minutes, 1),
    ...shotColumns(input),
    usage_rate: usageRate(box, {
      fga: team.fg_attempts,
      fta: team.ft_attempts,
      tov: team.turnovers,
      minutes: gameMinutes(team.overtime_periods),
    }),
    ts_pct: trueShooting(box),
    efg_pct: rn(ratio(box.fgm + 0.5 * box.fg3m, box.fga), 3),
    starter_flag: box.starter,
    win_flag: homeWon === box.home,
    is_active: true,
    player_status: 'active',
    // No points props exist in the source (oracle-notes 48).
    points_line: null,
    over_under_result: null,
    margin: null,
  };
}
