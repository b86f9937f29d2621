import { drawActionType, type ShotStory } from './action-types.ts';
import type { BoxLine } from './box.ts';
import { drawByAbility, nextEvent, score, type Bench, type Court } from './court.ts';
import type { GamePlayer } from './game-side.ts';
import {
  AND_ONE_SHARE_OF_MAKES,
  ASSISTED_SHARE,
  BLOCKED_SHARE_OF_MISSES,
  drawSpot,
  RIM,
  shotValue,
  type Zone,
} from './zones.ts';

export interface ShotRequest {
  readonly offense: Bench;
  readonly defense: Bench;
  readonly shooter: number;
  readonly putback: boolean;
  /** Forced zone, or `null` for the shooter's own mix. */
  readonly zone: Zone | null;
}

export interface ShotOutcome {
  readonly made: boolean;
  readonly fouled: boolean;
}

const CATCH_UP_PER_POINT = 0.001;

/** Abilities relative to this on-court sum have no effect on how many shots are blocked. */
const AVERAGE_BLOCKING = 5;

export function attemptShot(court: Court, request: ShotRequest): ShotOutcome {
  const { offense, defense, shooter, putback } = request;
  const { rng } = court;
  const player = offense.side.players[shooter] as GamePlayer;
  const zone = request.zone ?? (putback ? RIM : (rng.weighted(player.mix) as Zone));
  const made = rng.chance((player.percentages[zone] as number) + catchUp(offense, defense));
  const assister = made && !putback ? drawAssister(court, request, zone) : null;
  const blocker = made ? null : drawBlocker(court, defense, zone);
  countShot(court, { request, zone, made });
  if (assister !== null) (offense.box[assister] as BoxLine).ast += 1;
  if (blocker !== null) (defense.box[blocker] as BoxLine).blk += 1;
  court.shots.push({
    eventNum: nextEvent(court, rng.integer(1, 3)),
    home: offense === court.home,
    shooter,
    period: court.period,
    secondsRemaining: court.clock,
    made,
    zone,
    spot: drawSpot(zone, rng),
    actionType: drawActionType(zone, storyOf({ putback, made, assister }), rng),
    assister,
    blocker,
  });
  return { made, fouled: made && rng.chance(AND_ONE_SHARE_OF_MAKES[zone]) };
}

/** Leaders let up and trailers press, which keeps margins as narrow as real ones. */
function catchUp(offense: Bench, defense: Bench): number {
  const behind = Math.max(-25, Math.min(25, defense.points - offense.points));
  return behind * CATCH_UP_PER_POINT;
}

function storyOf(shot: {
  readonly putback: boolean;
  readonly made: boolean;
  readonly assister: number | null;
}): ShotStory {
  if (shot.putback) return 'putback';
  if (!shot.made) return 'missed';
  return shot.assister === null ? 'unassisted' : 'assisted';
}

function drawAssister(court: Court, { offense, shooter }: ShotRequest, zone: Zone): number | null {
  const selfCreated = offense.side.players[shooter]?.player.abilities.selfCreated ?? 1;
  const share = 1 - (1 - ASSISTED_SHARE[zone]) * selfCreated;
  if (!court.rng.chance(share)) return null;
  return drawByAbility(court, offense, { ability: 'passing', except: shooter });
}

function drawBlocker(court: Court, defense: Bench, zone: Zone): number | null {
  let blocking = 0;
  for (const index of defense.onCourt) {
    blocking += defense.side.players[index]?.player.abilities.blocks ?? 0;
  }
  const share = BLOCKED_SHARE_OF_MISSES[zone] * (0.5 + (0.5 * blocking) / AVERAGE_BLOCKING);
  return court.rng.chance(share) ? drawByAbility(court, defense, { ability: 'blocks' }) : null;
}

function countShot(
  court: Court,
  shot: { readonly request: ShotRequest; readonly zone: Zone; readonly made: boolean },
): void {
  const { offense, shooter } = shot.request;
  const line = offense.box[shooter] as BoxLine;
  const value = shotValue(shot.zone);
  line.fga += 1;
  line.fg3a += value === 3 ? 1 : 0;
  if (!shot.made) return;
  line.fgm += 1;
  line.fg3m += value === 3 ? 1 : 0;
  score(court, offense, shooter, value);
}
