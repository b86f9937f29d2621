import type { BoxLine } from './box.ts';
import { openCourt, substitute, type Court } from './court.ts';
import type { Side } from './game-side.ts';
import { playPossession } from './possession.ts';
import type { Random } from './random.ts';
import type { Phase } from './rotation.ts';
import type { Shot } from './shot.ts';

const PERIOD_SECONDS = 720;
const OVERTIME_SECONDS = 300;
const CLOSING_SECONDS = 300;
const GARBAGE_SECONDS = 420;

export interface GameResult {
  readonly home: Side;
  readonly away: Side;
  readonly homeScore: number;
  readonly awayScore: number;
  readonly periods: number;
  readonly homeBox: readonly BoxLine[];
  readonly awayBox: readonly BoxLine[];
  readonly shots: readonly Shot[];
}

export function playGame(home: Side, away: Side, rng: Random): GameResult {
  const court = openCourt(home, away, rng);
  const homeStarts = rng.chance(0.5);
  for (court.period = 1; court.period <= 4 || margin(court) === 0; court.period++) {
    const homeFirst = homeStarts === (court.period === 1 || court.period === 4);
    playPeriod(court, homeFirst);
  }
  return {
    home,
    away,
    homeScore: court.home.points,
    awayScore: court.away.points,
    periods: court.period - 1,
    homeBox: court.home.box,
    awayBox: court.away.box,
    shots: court.shots,
  };
}

function margin(court: Court): number {
  return court.home.points - court.away.points;
}

function playPeriod(court: Court, homeFirst: boolean): void {
  court.clock = court.period <= 4 ? PERIOD_SECONDS : OVERTIME_SECONDS;
  let nextChange = court.clock;
  let homeHasBall = homeFirst;
  // The starting five stay on court until the first change of the game.
  if (court.period === 1) nextChange -= stretch(court) + 120;
  while (court.clock > 0) {
    if (court.clock <= nextChange) {
      const seconds = stretch(court);
      const phase = phaseOf(court);
      substitute(court, court.home, phase, seconds / 60);
      substitute(court, court.away, phase, seconds / 60);
      nextChange = court.clock - seconds;
    }
    if (homeHasBall) playPossession(court, court.home, court.away);
    else playPossession(court, court.away, court.home);
    homeHasBall = !homeHasBall;
  }
}

function stretch(court: Court): number {
  return court.rng.integer(90, 190);
}

function phaseOf(court: Court): Phase {
  if (court.period > 4) return 'closing';
  if (court.period < 4) return 'normal';
  const lead = Math.abs(margin(court));
  if (court.clock <= GARBAGE_SECONDS && lead >= 14 + court.clock / 45) return 'garbage';
  return court.clock <= CLOSING_SECONDS && lead <= 12 ? 'closing' : 'normal';
}
