import type { ClosingLine } from './closing-line.ts';
import { drawClosingLine } from './closing-line.ts';
import { dayOf, type Day } from './day.ts';
import { expectSide } from './expectation.ts';
import { playGame, type GameResult } from './game.ts';
import { prepareSide, type Side } from './game-side.ts';
import { nameSource } from './names.ts';
import { drift, freshState, recordGame, type PlayerState } from './player-state.ts';
import { playPlayoffs } from './playoffs.ts';
import { drawPraLines, type PraLine } from './pra-line.ts';
import { Random } from './random.ts';
import {
  createRoster,
  offseason,
  playerMaker,
  roleMinutes,
  trade,
  type PlayerMaker,
  type Roster,
} from './roster.ts';
import { scheduleRegularSeason, type ScheduledGame } from './schedule.ts';
import { drawTeamStyle, type TeamStyle } from './team-style.ts';
import type { Team } from './teams.ts';

export interface PlayedGame {
  readonly game: ScheduledGame;
  readonly result: GameResult;
  readonly closingLine: ClosingLine | null;
  readonly praLines: readonly PraLine[];
}

export interface LeagueRules {
  readonly seed: number;
  readonly firstSeason: number;
  readonly seasons: number;
  readonly teams: readonly Team[];
  readonly gamesPerTeam: number;
  readonly throughDay: Day;
  readonly trades: boolean;
  readonly playoffs: boolean;
}

const CLOSING_LINE_SHARE = 0.31;
const PRA_LINE_SHARE = 0.25;
const DEADLINE = { month: 2, date: 7 };

interface SeasonState {
  readonly rules: LeagueRules;
  readonly season: number;
  readonly styles: readonly TeamStyle[];
  readonly stateById: Map<number, PlayerState>;
  readonly wins: number[];
  readonly onGame: (played: PlayedGame) => void;
  readonly form: Random;
  rosters: readonly Roster[];
  roles: readonly (readonly number[])[];
}

/** Plays the seasons in order of date and hands every finished game to `onGame`. */
export function playLeague(rules: LeagueRules, onGame: (played: PlayedGame) => void): void {
  const make = newPlayers(rules);
  let rosters: readonly Roster[] = rules.teams.map((team) =>
    createRoster(make, new Random(rules.seed, `roster/${team.code}`)),
  );
  for (let season = rules.firstSeason; season < rules.firstSeason + rules.seasons; season++) {
    if (season > rules.firstSeason) {
      rosters = offseason(rosters, make, new Random(rules.seed, `summer/${season}`));
    }
    rosters = playSeason(openSeason({ rules, season, rosters, onGame }));
  }
}

function newPlayers(rules: LeagueRules): PlayerMaker {
  const names = nameSource(new Random(rules.seed, 'names'));
  return playerMaker(names, new Random(rules.seed, 'players'));
}

function openSeason(start: {
  readonly rules: LeagueRules;
  readonly season: number;
  readonly rosters: readonly Roster[];
  readonly onGame: (played: PlayedGame) => void;
}): SeasonState {
  const { rules, season, rosters } = start;
  const form = new Random(rules.seed, `form/${season}`);
  const styles = new Random(rules.seed, `styles/${season}`);
  return {
    ...start,
    styles: rules.teams.map(() => drawTeamStyle(styles)),
    stateById: new Map(rosters.flat().map((player) => [player.id, freshState(form)])),
    wins: rules.teams.map(() => 0),
    roles: rosters.map(roleMinutes),
    form,
  };
}

function playSeason(state: SeasonState): readonly Roster[] {
  const { rules, season } = state;
  const schedule = scheduleRegularSeason(
    { season, teams: rules.teams, games: rules.gamesPerTeam },
    new Random(rules.seed, `schedule/${season}`),
  );
  const deadline = dayOf(season + 1, DEADLINE.month, DEADLINE.date);
  let open = rules.trades;
  for (const game of schedule) {
    if (open && game.day > deadline) {
      holdTrades(state);
      open = false;
    }
    if (play(state, game) === null) return state.rosters;
  }
  if (rules.playoffs) {
    const ranking = rules.teams
      .map((_, index) => index)
      .sort((a, b) => (state.wins[b] as number) - (state.wins[a] as number) || a - b);
    const firstDay = (schedule.at(-1)?.day ?? 0) + 6;
    playPlayoffs(
      { season, teams: rules.teams, ranking, firstDay, play: (game) => play(state, game) },
      new Random(rules.seed, `playoffs/${season}`),
    );
  }
  return state.rosters;
}

function holdTrades(state: SeasonState): void {
  const rng = new Random(state.rules.seed, `trades/${state.season}`);
  state.rosters = trade(state.rosters, Math.ceil(state.rosters.length / 3), rng);
  state.roles = state.rosters.map(roleMinutes);
}

/** Plays one game and returns the winner's team index, or `null` beyond the last day asked for. */
function play(state: SeasonState, game: ScheduledGame): number | null {
  const { rules } = state;
  if (game.day > rules.throughDay) return null;
  const rng = new Random(rules.seed, `game/${game.id}`);
  const home = fieldSide(state, game, 'home', rng);
  const away = fieldSide(state, game, 'away', rng);
  const result = playGame(home, away, rng);
  remember(game, home, result.homeBox);
  remember(game, away, result.awayBox);
  state.onGame({ game, result, ...drawLines(rules, game, { home, away }) });
  const winner = result.homeScore > result.awayScore ? game.home : game.away;
  state.wins[winner] = (state.wins[winner] as number) + 1;
  return winner;
}

function fieldSide(
  state: SeasonState,
  game: ScheduledGame,
  where: 'home' | 'away',
  rng: Random,
): Side {
  const team = game[where];
  const roster = state.rosters[team] ?? [];
  const entries = roster.map((player, index) => ({
    player,
    state: state.stateById.get(player.id) as PlayerState,
    roleMinutes: state.roles[team]?.[index] ?? 0,
  }));
  for (const entry of entries) drift(entry.state, state.form);
  return prepareSide(
    {
      team,
      home: where === 'home',
      day: game.day,
      playoffs: game.type === 'playoffs',
      style: state.styles[team] as TeamStyle,
      opponent: state.styles[where === 'home' ? game.away : game.home] as TeamStyle,
      roster: entries,
    },
    rng,
  );
}

function remember(game: ScheduledGame, side: Side, box: GameResult['homeBox']): void {
  side.players.forEach((player, index) => {
    const seconds = box[index]?.seconds ?? 0;
    if (seconds > 0) recordGame(player.state, game.day, seconds / 60);
  });
}

function drawLines(
  rules: LeagueRules,
  game: ScheduledGame,
  sides: { readonly home: Side; readonly away: Side },
): Pick<PlayedGame, 'closingLine' | 'praLines'> {
  const rng = new Random(rules.seed, `lines/${game.id}`);
  const home = expectSide(sides.home, sides.away);
  const away = expectSide(sides.away, sides.home);
  const closingLine = rng.chance(CLOSING_LINE_SHARE)
    ? drawClosingLine(game, { home, away }, rng)
    : null;
  const both = [
    { side: sides.home, expected: home },
    { side: sides.away, expected: away },
  ];
  const praLines = rng.chance(PRA_LINE_SHARE) ? drawPraLines(game, both, rng) : [];
  return { closingLine, praLines };
}
