import type { Random } from './random.ts';
import type { ScheduledGame } from './schedule.ts';
import type { SideExpectation } from './expectation.ts';

export interface ClosingLine {
  readonly spreadHome: number;
  readonly spreadPrice: number;
  readonly total: number | null;
  readonly overPrice: number | null;
  readonly underPrice: number | null;
  readonly homeMoneyline: number;
  readonly awayMoneyline: number;
  readonly commenceSeconds: number;
  readonly eventId: string;
  readonly suspect: boolean;
}

/** Catching up narrows the margin that abilities alone would give. */
const MARGIN_KEPT = 0.7;

const SPREAD_ERROR = 1.6;
const TOTAL_ERROR = 3;
const MISSING_TOTAL_SHARE = 0.05;
const MARGIN_SD = 12.5;

export function drawClosingLine(
  game: ScheduledGame,
  expected: { readonly home: SideExpectation; readonly away: SideExpectation },
  rng: Random,
): ClosingLine {
  const { home, away } = expected;
  const margin = MARGIN_KEPT * (home.points - away.points) + rng.normal(0, SPREAD_ERROR);
  const spreadHome = -roundToHalf(margin) + 0;
  const sum = roundToHalf(home.points + away.points + rng.normal(0, TOTAL_ERROR));
  const total = rng.chance(MISSING_TOTAL_SHARE) ? null : sum;
  const price = () => tenth(rng.normal(-109.5, 1.6));
  return {
    spreadHome,
    spreadPrice: price(),
    total,
    overPrice: total === null ? null : price(),
    underPrice: total === null ? null : price(),
    homeMoneyline: moneyline(margin),
    awayMoneyline: moneyline(-margin),
    commenceSeconds: Math.floor(game.tipoffSeconds / 1800) * 1800 + 600,
    eventId: eventId(rng),
    suspect: Math.abs(spreadHome) > 20 || (total !== null && (total < 190 || total > 260)),
  };
}

/** American odds of winning with the given margin to expect, with the bookmaker's share of about 4 %. */
export function moneyline(margin: number): number {
  const odds = Math.exp((1.7 * margin) / MARGIN_SD);
  const probability = Math.min(0.98, (odds / (1 + odds)) * 1.02 + 0.01);
  const price =
    probability >= 0.5
      ? (-100 * probability) / (1 - probability)
      : (100 * (1 - probability)) / probability;
  return tenth(price);
}

export function eventId(rng: Random): string {
  let text = '';
  for (let i = 0; i < 32; i++) text += rng.integer(0, 15).toString(16);
  return text;
}

export function roundToHalf(value: number): number {
  return Math.round(value * 2) / 2;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
