import { ACTION_TYPES } from './action-types.ts';
import type { BoxLine } from './box.ts';
import type { GameResult } from './game.ts';
import type { Side } from './game-side.ts';
import type { PlayedGame } from './league.ts';
import { asciiName } from './names.ts';
import type { Player } from './player.ts';
import { Random } from './random.ts';
import { Stage, type StageType } from './staging.ts';
import type { Team } from './teams.ts';
import { areaOf, AREAS, distanceFeet, rangeOf, RANGES, shotValue, ZONES } from './zones.ts';

const STARTERS = 5;
const EJECTION_SHARE = 0.0028;

export interface Recorder {
  readonly stages: readonly Stage[];
  readonly record: (played: PlayedGame) => void;
}

/** Collects finished games in the stages that `OUTPUT_QUERIES` read. */
export function createRecorder(teams: readonly Team[], seed: number): Recorder {
  const stages = createStages();
  const seen = new Set<number>();
  fillLookups(stages, teams);
  const ejections = new Random(seed, 'ejections');
  const record = (played: PlayedGame) => {
    const index = stages.game.rowCount;
    recordGame(stages.game, played, teams);
    const { home, away, homeBox, awayBox } = played.result;
    recordBox({ stage: stages.box, index, side: home, box: homeBox, ejections });
    recordBox({ stage: stages.box, index, side: away, box: awayBox, ejections });
    recordShots(stages.shot, index, played.result);
    recordLines(stages, index, played);
    for (const { player } of [...home.players, ...away.players]) {
      if (!seen.has(player.id)) stages.player.add(player.id, player.name, asciiName(player.name));
      seen.add(player.id);
    }
  };
  return { stages: Object.values(stages), record };
}

function columns(type: StageType, names: string) {
  return Object.fromEntries(names.split(' ').map((name) => [name, type] as const));
}

function createStages() {
  const lookup = (name: string) => new Stage(name, { code: 'int', name: 'text' });
  return {
    game: new Stage('s_game', {
      ...columns('int', 'game_index'),
      ...columns('text', 'game_id season_type'),
      ...columns('int', 'season_year day tipoff home_team_id away_team_id home_score away_score'),
      ...columns('int', 'periods playoff_round series_game'),
    }),
    box: new Stage('s_box', {
      ...columns('int', 'game_index player_id home starter seconds pts fgm fga fg3m fg3a ftm fta'),
      ...columns('int', 'oreb dreb ast stl blk tov pf plus_minus ejected'),
    }),
    shot: new Stage('s_shot', {
      ...columns('int', 'game_index event_num player_id home period seconds_remaining made'),
      ...columns('int', 'shot_value action distance_ft loc_x loc_y zone area range'),
      ...columns('int', 'assist_player_id block_player_id'),
    }),
    closing: new Stage('s_closing', {
      game_index: 'int',
      ...columns('double', 'spread_home spread_home_price total over_price under_price'),
      ...columns('double', 'home_ml away_ml'),
      ...columns('int', 'commence suspect'),
      ...columns('text', 'source_event_id'),
    }),
    pra: new Stage('s_pra', {
      ...columns('int', 'game_index player_id'),
      ...columns('text', 'source_player_name bookmaker'),
      ...columns('double', 'line over_price under_price'),
      ...columns('int', 'snapshot'),
      ...columns('text', 'source_event_id'),
    }),
    player: new Stage('s_player', { player_id: 'int', player_name: 'text', ascii: 'text' }),
    team: new Stage('s_team', { team_id: 'int', team: 'text', city: 'text', nickname: 'text' }),
    zone: lookup('s_zone'),
    area: lookup('s_area'),
    range: lookup('s_range'),
    action: lookup('s_action'),
  };
}

type Stages = ReturnType<typeof createStages>;

function fillLookups(stages: Stages, teams: readonly Team[]): void {
  for (const team of teams) stages.team.add(team.id, team.code, team.city, team.nickname);
  ZONES.forEach((name, code) => stages.zone.add(code, name));
  AREAS.forEach((name, code) => stages.area.add(code, name));
  RANGES.forEach((name, code) => stages.range.add(code, name));
  ACTION_TYPES.forEach((name, code) => stages.action.add(code, name));
}

function recordGame(stage: Stage, { game, result }: PlayedGame, teams: readonly Team[]): void {
  stage.add(
    stage.rowCount,
    game.id,
    game.type,
    game.season,
    game.day,
    game.tipoffSeconds,
    teams[game.home]?.id ?? null,
    teams[game.away]?.id ?? null,
    result.homeScore,
    result.awayScore,
    result.periods,
    game.round,
    game.seriesGame,
  );
}

function recordBox(game: {
  readonly stage: Stage;
  readonly index: number;
  readonly side: Side;
  readonly box: readonly BoxLine[];
  readonly ejections: Random;
}): void {
  const { stage, index, side, box, ejections } = game;
  box.forEach((b, place) => {
    if (b.seconds === 0) return;
    const id = playerAt(side, place).id;
    const starter = place < STARTERS ? 1 : 0;
    const ejected = ejections.chance(EJECTION_SHARE) ? 1 : 0;
    const shooting = [b.fgm, b.fga, b.fg3m, b.fg3a, b.ftm, b.fta];
    const rest = [b.oreb, b.dreb, b.ast, b.stl, b.blk, b.tov, b.pf, b.plusMinus, ejected];
    stage.add(index, id, side.home ? 1 : 0, starter, b.seconds, b.pts, ...shooting, ...rest);
  });
}

function recordShots(stage: Stage, index: number, { home, away, shots }: GameResult): void {
  for (const shot of shots) {
    const [offense, defense] = shot.home ? [home, away] : [away, home];
    stage.add(
      index,
      shot.eventNum,
      playerAt(offense, shot.shooter).id,
      shot.home ? 1 : 0,
      shot.period,
      shot.secondsRemaining,
      shot.made ? 1 : 0,
      shotValue(shot.zone),
      shot.actionType,
      distanceFeet(shot.spot),
      shot.spot.x,
      shot.spot.y,
      shot.zone,
      areaOf(shot.spot, shot.zone),
      rangeOf(shot.spot, shot.zone),
      shot.assister === null ? null : playerAt(offense, shot.assister).id,
      shot.blocker === null ? null : playerAt(defense, shot.blocker).id,
    );
  }
}

function playerAt(side: Side, place: number): Player {
  const found = side.players[place];
  if (!found) throw new Error(`side ${side.team} has no player at place ${place}`);
  return found.player;
}

function recordLines(stages: Stages, index: number, played: PlayedGame): void {
  const line = played.closingLine;
  if (line) {
    const spread = [line.spreadHome, line.spreadPrice];
    const total = [line.total, line.overPrice, line.underPrice];
    const winner = [line.homeMoneyline, line.awayMoneyline];
    const event = [line.commenceSeconds, line.suspect ? 1 : 0, line.eventId];
    stages.closing.add(index, ...spread, ...total, ...winner, ...event);
  }
  for (const p of played.praLines) {
    const prices = [p.line, p.overPrice, p.underPrice];
    stages.pra.add(
      index,
      p.playerId,
      p.sourceName,
      p.bookmaker,
      ...prices,
      p.snapshotSeconds,
      p.eventId,
    );
  }
}
