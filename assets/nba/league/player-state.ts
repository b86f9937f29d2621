import type { Day } from './day.ts';
import type { Player } from './player.ts';
import type { Random } from './random.ts';

const FORM_MEMORY = 0.95;
const USAGE_FORM_SD = 0.14;
const TOUCH_SD = 0.018;
const ROLE_SD = 3.4;

const ABSENCE_CHANCE = 0.014;
const REST_DAY_CHANCE = 0.012;
const VETERAN_AGE = 32;

/** What changes from game to game in a season: form, role, health and legs. */
export interface PlayerState {
  /** Slow drifts around 0: log usage, shooting percentage, minutes. */
  usageForm: number;
  touch: number;
  roleDrift: number;
  /** Games of his team he still misses. */
  gamesOut: number;
  lastDay: Day | null;
  readonly recent: { readonly day: Day; readonly minutes: number }[];
}

export function freshState(rng: Random): PlayerState {
  return {
    usageForm: rng.normal(0, USAGE_FORM_SD),
    touch: rng.normal(0, TOUCH_SD),
    roleDrift: rng.normal(0, ROLE_SD),
    gamesOut: rng.chance(0.06) ? rng.integer(1, 25) : 0,
    lastDay: null,
    recent: [],
  };
}

/** Moves the drifts by one game of the team, whether the player takes part or not. */
export function drift(state: PlayerState, rng: Random): void {
  const step = Math.sqrt(1 - FORM_MEMORY * FORM_MEMORY);
  state.usageForm = FORM_MEMORY * state.usageForm + rng.normal(0, USAGE_FORM_SD * step);
  state.touch = FORM_MEMORY * state.touch + rng.normal(0, TOUCH_SD * step);
  state.roleDrift = FORM_MEMORY * state.roleDrift + rng.normal(0, ROLE_SD * step);
}

/** Decides whether he misses today's game; an injury takes him out for the following ones, too. */
export function isAbsent(options: {
  readonly player: Player;
  readonly state: PlayerState;
  readonly day: Day;
  readonly rng: Random;
}): boolean {
  const { player, state, day, rng } = options;
  if (state.gamesOut > 0) {
    state.gamesOut -= 1;
    return true;
  }
  if (rng.chance(ABSENCE_CHANCE * player.fragility)) {
    state.gamesOut = absenceLength(rng) - 1;
    return true;
  }
  const backToBack = state.lastDay === day - 1;
  return rng.chance(backToBack && player.age >= VETERAN_AGE ? 0.12 : REST_DAY_CHANCE);
}

function absenceLength(rng: Random): number {
  const kind = rng.next();
  if (kind < 0.55) return rng.integer(1, 3);
  return kind < 0.88 ? rng.integer(4, 14) : rng.integer(15, 45);
}

export interface Legs {
  /** Added to every shooting percentage. */
  readonly touch: number;
  /** Factors of usage and minutes. */
  readonly usage: number;
  readonly minutes: number;
}

/** What rest does: tired on the second day of a back-to-back or after a heavy week, fresh after three days. */
export function legsOf(player: Player, state: PlayerState, day: Day): Legs {
  const rest = state.lastDay === null ? 3 : day - state.lastDay;
  const week = state.recent
    .filter((game) => day - game.day <= 7)
    .reduce((sum, g) => sum + g.minutes, 0);
  const old = player.age >= 30 ? 1.5 : 1;
  if (rest === 1) return { touch: -0.027 * old, usage: 1 - 0.045 * old, minutes: 1 - 0.03 * old };
  if (week > 125) return { touch: -0.006 * old, usage: 0.985, minutes: 0.985 };
  return rest >= 3 ? { touch: 0.006, usage: 1.01, minutes: 1 } : { touch: 0, usage: 1, minutes: 1 };
}

export function recordGame(state: PlayerState, day: Day, minutes: number): void {
  state.lastDay = day;
  state.recent.push({ day, minutes });
  if (state.recent.length > 5) state.recent.shift();
}
