import { emptyBoxLine, type BoxLine } from './box.ts';
import type { Side } from './game-side.ts';
import type { Random } from './random.ts';
import { chooseLineup, type Phase } from './rotation.ts';
import type { Shot } from './shot.ts';

const FOUL_LIMIT = 6;
const REGULATION_MINUTES = 48;

/** One side while the game is on. */
export interface Bench {
  readonly side: Side;
  readonly box: readonly BoxLine[];
  readonly targets: readonly number[];
  points: number;
  onCourt: number[];
}

/** The game while it is on: clock, score, who is on court, and what happened so far. */
export interface Court {
  readonly rng: Random;
  readonly home: Bench;
  readonly away: Bench;
  readonly shots: Shot[];
  period: number;
  clock: number;
  eventNum: number;
}

export type StatWeight =
  'passing' | 'offensiveRebounds' | 'defensiveRebounds' | 'steals' | 'blocks' | 'fouls';

export function openCourt(home: Side, away: Side, rng: Random): Court {
  return {
    rng,
    home: openBench(home),
    away: openBench(away),
    shots: [],
    period: 1,
    clock: 0,
    eventNum: 4,
  };
}

function openBench(side: Side): Bench {
  return {
    side,
    box: side.players.map(emptyBoxLine),
    targets: side.players.map((player) => player.target),
    points: 0,
    onCourt: [0, 1, 2, 3, 4],
  };
}

export function substitute(court: Court, bench: Bench, phase: Phase, ahead: number): void {
  const elapsed = (Math.min(court.period, 4) * 720 - court.clock) / 60;
  bench.onCourt = chooseLineup(
    {
      targets: bench.targets,
      playedMinutes: bench.box.map((line) => line.seconds / 60),
      onCourt: bench.onCourt,
      fouledOut: (index) => (bench.box[index] as BoxLine).pf >= FOUL_LIMIT,
      progress: Math.min(1, (elapsed + ahead) / REGULATION_MINUTES),
      phase,
    },
    court.rng,
  );
}

/** Lets time pass for the ten on court, never beyond the period. */
export function runClock(court: Court, seconds: number): void {
  const passed = Math.min(court.clock, seconds);
  court.clock -= passed;
  for (const bench of [court.home, court.away]) {
    for (const index of bench.onCourt) (bench.box[index] as BoxLine).seconds += passed;
  }
}

/** A player on court in proportion to one of his abilities. */
export function drawByAbility(
  court: Court,
  bench: Bench,
  choice: { readonly ability: StatWeight; readonly except?: number },
): number {
  const weights = bench.onCourt.map((index) =>
    index === choice.except
      ? 0
      : (bench.side.players[index]?.player.abilities[choice.ability] ?? 0),
  );
  return bench.onCourt[court.rng.weighted(weights)] as number;
}

export function drawShooter(court: Court, bench: Bench): number {
  const weights = bench.onCourt.map((index) => bench.side.players[index]?.usage ?? 0);
  return bench.onCourt[court.rng.weighted(weights)] as number;
}

export function score(court: Court, bench: Bench, index: number, points: number): void {
  (bench.box[index] as BoxLine).pts += points;
  bench.points += points;
  const other = bench === court.home ? court.away : court.home;
  for (const i of bench.onCourt) (bench.box[i] as BoxLine).plusMinus += points;
  for (const i of other.onCourt) (other.box[i] as BoxLine).plusMinus -= points;
}

/** A sixth foul sends the player off at once, for the one with the most planned minutes who is left. */
export function chargeFoul(bench: Bench, index: number): void {
  const line = bench.box[index] as BoxLine;
  if (line.pf >= FOUL_LIMIT) return;
  line.pf += 1;
  if (line.pf < FOUL_LIMIT) return;
  const replacement = bench.box.findIndex(
    (other, i) => other.pf < FOUL_LIMIT && !bench.onCourt.includes(i),
  );
  if (replacement < 0) return;
  bench.onCourt = bench.onCourt.map((i) => (i === index ? replacement : i));
}

/** Play-by-play numbers have gaps where events other than shots lie. */
export function nextEvent(court: Court, gap: number): number {
  court.eventNum += gap;
  return court.eventNum;
}
