import type { Random } from './random.ts';

const TEAM_MINUTES = 240;
const MAX_MINUTES = 40;
const MIN_MINUTES = 6;
const LEAST_ROTATION = 8;
const MOST_ROTATION = 10;
const PLAYOFF_POWER = 1.15;
const SPREAD_PASSES = 30;

/** Turns wished minutes into a plan that adds up to 240; players beyond the rotation get 0. */
export function targetMinutes(wanted: readonly number[], playoffs: boolean): readonly number[] {
  const order = wanted
    .map((minutes, index) => ({ index, minutes: playoffs ? minutes ** PLAYOFF_POWER : minutes }))
    .sort((a, b) => b.minutes - a.minutes || a.index - b.index);
  const rotation = order.filter(
    ({ minutes }, rank) =>
      rank < LEAST_ROTATION || (minutes >= MIN_MINUTES && rank < MOST_ROTATION),
  );
  const targets = wanted.map(() => 0);
  // Clamping takes minutes away, so the rest is spread again until little is left.
  let factor = 1;
  for (let pass = 0; pass < SPREAD_PASSES; pass++) {
    for (const { index, minutes } of rotation) {
      targets[index] = Math.max(MIN_MINUTES, Math.min(MAX_MINUTES, minutes * factor));
    }
    factor *= TEAM_MINUTES / targets.reduce((sum, minutes) => sum + minutes, 0);
  }
  return targets;
}

export type Phase = 'normal' | 'closing' | 'garbage';

export interface LineupRequest {
  readonly targets: readonly number[];
  readonly playedMinutes: readonly number[];
  readonly onCourt: readonly number[];
  readonly fouledOut: (index: number) => boolean;
  /** Share of regulation that will be over at the next change. */
  readonly progress: number;
  readonly phase: Phase;
}

/** The five for the next stretch: whoever is furthest behind his planned minutes. */
export function chooseLineup(request: LineupRequest, rng: Random): number[] {
  const ranked = request.targets
    .map((_, index) => ({ index, priority: priorityOf(request, index, rng) }))
    .sort((a, b) => b.priority - a.priority || a.index - b.index);
  return ranked.slice(0, 5).map(({ index }) => index);
}

function priorityOf(request: LineupRequest, index: number, rng: Random): number {
  const target = request.targets[index] as number;
  const noise = rng.uniform(0, 1.2);
  if (request.fouledOut(index)) return -1000;
  if (request.phase === 'closing') return target + noise;
  if (request.phase === 'garbage') return -target + noise;
  if (target === 0) return -100;
  const behind = target * request.progress - (request.playedMinutes[index] as number);
  return behind + noise + (request.onCourt.includes(index) ? 0.8 : 0);
}
