import { createHash } from 'node:crypto';
import type { Slate } from './calendar.ts';
import type { Game } from './load.ts';
import { r } from './rounding.ts';
import { dayNumber } from './timeline.ts';

/** Completeness of windows, tiers and readiness (domain.md 7.2, D22). */

/** The same games counted twice: all of them, and those that have a row. */
export interface Attendance {
  readonly expected: number;
  readonly actual: number;
}

export type Tier = (typeof TIERS)[number];

/** What went into a row beside its own window. */
export interface Window extends Attendance {
  /** Dates of the games that entered, oldest first. */
  readonly dates: readonly string[];
}

export type CompletenessBlock = ReturnType<typeof completenessBlock>;

const TIERS = ['gold', 'silver', 'bronze', 'poor', 'unusable'] as const;
const FLOORS = [95, 75, 50, 25, -Infinity];
const READY_FROM = 90;
const USABLE_FROM = 70;
const STALE_DAYS = 60;
const BOOTSTRAP_MODE_DAYS = 30;
const BOUNDARY_MONTHS = ['04', '10', '11'];

/** How many of the scheduled games have a row; `days` are the days of the entity's rows. */
export function attendanceOf(scheduled: readonly Game[], days: ReadonlySet<number>): Attendance {
  return {
    expected: scheduled.length,
    actual: scheduled.filter((game) => days.has(game.day)).length,
  };
}

/** 100 * actual / expected, and 0 if nothing is expected. */
export function percentageOf({ expected, actual }: Attendance): number {
  return expected === 0 ? 0 : r((100 * actual) / expected, 2);
}

/** Days in which the team did not play miss nothing. */
export function isReady(attendance: Attendance): boolean {
  return attendance.expected === 0 || percentageOf(attendance) >= READY_FROM;
}

export function isMissingNothing({ expected, actual }: Attendance): boolean {
  return actual >= expected;
}

export function tierOf(score: number): Tier {
  return TIERS[FLOORS.findIndex((floor) => score >= floor)] ?? 'unusable';
}

/** Inputs that are not there have no tier, and do not count. */
export function worstTier(tiers: readonly (Tier | null | undefined)[]): Tier {
  const worst = Math.max(...tiers.map((tier) => (tier ? TIERS.indexOf(tier) : 0)));
  return TIERS[worst] ?? 'unusable';
}

/** Days from the first to the last game. */
export function spanOf(dates: readonly string[]): number | null {
  const [first, last] = [dates[0], dates.at(-1)];
  return first === undefined || last === undefined ? null : dayNumber(last) - dayNumber(first);
}

/** Whether a window is complete and recent enough for bets. */
export function isWindowReady(window: Window): boolean {
  return percentageOf(window) >= READY_FROM && (spanOf(window.dates) ?? 0) <= STALE_DAYS;
}

export function windowIssues(window: Window, usualDays: number): string[] {
  const percentage = percentageOf(window);
  const span = spanOf(window.dates) ?? 0;
  const incomplete = percentage < USABLE_FROM ? 'window_incomplete' : 'window_degraded';
  const long = span > STALE_DAYS ? 'window_stale' : 'window_long';
  return [
    ...(percentage < READY_FROM ? [incomplete] : []),
    ...(span > usualDays || span > STALE_DAYS ? [long] : []),
  ];
}

/** The columns that all assets with windows have. */
export function completenessBlock(input: {
  readonly slate: Slate;
  readonly window: Window;
  readonly ready: boolean;
  readonly tier: Tier;
  readonly issues: readonly string[];
}) {
  const { slate, window } = input;
  const percentage = percentageOf(window);
  return {
    expected_games_count: window.expected,
    actual_games_count: window.actual,
    completeness_percentage: percentage,
    missing_games_count: window.expected - window.actual,
    is_complete: isMissingNothing(window),
    is_production_ready: input.ready,
    quality_tier: input.tier,
    data_quality_issues: input.issues.toSorted(),
    season_boundary_detected: BOUNDARY_MONTHS.includes(slate.date.slice(5, 7)),
    backfill_bootstrap_mode: slate.seasonDay >= 0 && slate.seasonDay < BOOTSTRAP_MODE_DAYS,
    processing_decision_reason:
      percentage < USABLE_FROM ? 'incomplete_upstream_data' : 'processed_successfully',
    window_span_days: spanOf(window.dates),
    window_dates_hash: datesHash(window.dates),
  };
}

export function datesHash(dates: readonly string[]): string | null {
  return dates.length === 0 ? null : createHash('md5').update(dates.join(',')).digest('hex');
}
