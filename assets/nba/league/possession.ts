import type { BoxLine } from './box.ts';
import {
  chargeFoul,
  drawByAbility,
  drawShooter,
  nextEvent,
  runClock,
  score,
  type Bench,
  type Court,
} from './court.ts';
import type { GamePlayer } from './game-side.ts';
import { attemptShot } from './shooting.ts';
import { ABOVE_BREAK, BACKCOURT, PAINT } from './zones.ts';

const COMMON_FOUL_CHANCE = 0.047;
const STOLEN_SHARE = 0.575;
const TEAM_TURNOVER_SHARE = 0.03;
const OFFENSIVE_FOUL_SHARE = 0.14;
const THREE_FREE_THROWS_SHARE = 0.03;
const LOOSE_BALL_SHARE = 0.115;
const OFFENSIVE_REBOUND_SHARE = 0.238;
const HEAVE_CHANCE = 0.3;
const HEAVE_FROM_BACKCOURT = 0.3;
const TYING_CHANCE = 0.95;

/** Who has the ball next; `rebounder` is `null` when the ball went out of bounds or the team got it. */
type Outcome =
  { readonly next: 'opponent' } | { readonly next: 'same'; readonly rebounder: number | null };

const OPPONENT: Outcome = { next: 'opponent' };

/** Plays until the ball changes hands or the period ends. */
export function playPossession(court: Court, offense: Bench, defense: Bench): void {
  const mean = (offense.side.style.possessionSeconds + defense.side.style.possessionSeconds) / 2;
  let seconds = Math.round(mean * court.rng.uniform(0.45, 1.55));
  let rebounder: number | null = null;
  for (;;) {
    const late = seconds > court.clock;
    runClock(court, seconds);
    if (late) return endOfPeriod(court, offense, defense);
    if (court.rng.chance(COMMON_FOUL_CHANCE)) {
      chargeFoul(defense, drawByAbility(court, defense, { ability: 'fouls' }));
      nextEvent(court, 1);
    }
    const outcome = playBall(court, { offense, defense, rebounder });
    if (outcome.next === 'opponent') return;
    rebounder = outcome.rebounder;
    seconds = court.rng.integer(rebounder === null ? 6 : 1, 12);
  }
}

/** Too late for a regular play: sometimes a heave, sometimes nothing; a team that can still tie tries to. */
function endOfPeriod(court: Court, offense: Bench, defense: Bench): void {
  const behind = defense.points - offense.points;
  const canTie = court.period >= 4 && behind >= 2 && behind <= 3;
  if (!court.rng.chance(canTie ? TYING_CHANCE : HEAVE_CHANCE)) return;
  const far = court.rng.chance(canTie ? 0 : HEAVE_FROM_BACKCOURT);
  attemptShot(court, {
    offense,
    defense,
    shooter: drawShooter(court, offense),
    putback: false,
    zone: canTie ? (behind === 2 ? PAINT : ABOVE_BREAK) : far ? BACKCOURT : null,
  });
}

function playBall(
  court: Court,
  play: { readonly offense: Bench; readonly defense: Bench; readonly rebounder: number | null },
): Outcome {
  const { offense, defense, rebounder } = play;
  const putback = rebounder !== null && court.rng.chance(0.5);
  const shooter = putback ? rebounder : drawShooter(court, offense);
  const { turnover, player } = offense.side.players[shooter] as GamePlayer;
  const kind = court.rng.next();
  if (kind < turnover) return loseBall(court, { offense, defense, shooter });
  if (kind < turnover + player.abilities.foulsDrawn) {
    const fouler = drawByAbility(court, defense, { ability: 'fouls' });
    const throws = court.rng.chance(THREE_FREE_THROWS_SHARE) ? 3 : 2;
    const outcome = shootFreeThrows(court, { offense, defense, shooter, throws });
    chargeFoul(defense, fouler);
    return outcome;
  }
  const shot = attemptShot(court, { offense, defense, shooter, putback, zone: null });
  if (!shot.made) return rebound(court, offense, defense);
  if (!shot.fouled) return OPPONENT;
  const fouler = drawByAbility(court, defense, { ability: 'fouls' });
  const outcome = shootFreeThrows(court, { offense, defense, shooter, throws: 1 });
  chargeFoul(defense, fouler);
  return outcome;
}

function loseBall(
  court: Court,
  play: { readonly offense: Bench; readonly defense: Bench; readonly shooter: number },
): Outcome {
  nextEvent(court, 1);
  if (court.rng.chance(TEAM_TURNOVER_SHARE)) return OPPONENT;
  (play.offense.box[play.shooter] as BoxLine).tov += 1;
  if (court.rng.chance(STOLEN_SHARE)) {
    const thief = drawByAbility(court, play.defense, { ability: 'steals' });
    (play.defense.box[thief] as BoxLine).stl += 1;
    return OPPONENT;
  }
  if (court.rng.chance(OFFENSIVE_FOUL_SHARE)) chargeFoul(play.offense, play.shooter);
  return OPPONENT;
}

function shootFreeThrows(
  court: Court,
  play: {
    readonly offense: Bench;
    readonly defense: Bench;
    readonly shooter: number;
    readonly throws: number;
  },
): Outcome {
  const { offense, shooter } = play;
  const line = offense.box[shooter] as BoxLine;
  const skill = offense.side.players[shooter]?.player.abilities.freeThrow ?? 0;
  let made = false;
  for (let i = 0; i < play.throws; i++) {
    made = court.rng.chance(skill);
    line.fta += 1;
    line.ftm += made ? 1 : 0;
    if (made) score(court, offense, shooter, 1);
    nextEvent(court, 1);
  }
  return made ? OPPONENT : rebound(court, offense, play.defense, 0.5);
}

function rebound(court: Court, offense: Bench, defense: Bench, factor = 1): Outcome {
  const { rng } = court;
  nextEvent(court, 1);
  if (rng.chance(LOOSE_BALL_SHARE)) {
    return rng.chance(0.4 * factor) ? { next: 'same', rebounder: null } : OPPONENT;
  }
  const edge = offense.side.style.reboundingEdge / defense.side.style.reboundingEdge;
  if (rng.chance(OFFENSIVE_REBOUND_SHARE * edge * factor)) {
    const winner = drawByAbility(court, offense, { ability: 'offensiveRebounds' });
    (offense.box[winner] as BoxLine).oreb += 1;
    return { next: 'same', rebounder: winner };
  }
  const winner = drawByAbility(court, defense, { ability: 'defensiveRebounds' });
  (defense.box[winner] as BoxLine).dreb += 1;
  return OPPONENT;
}
