import type { Day } from '../partitions/date.ts';
import { periodAt } from '../partitions/calendar.ts';
import type { AssetEvaluation } from '../staleness/status.ts';
import { stretchesOf } from './finding.ts';
import { median, robustDeviation } from './statistics.ts';

/** A value of one date: rows per unit, or a share of rows. */
export interface Point {
  /** Position in the asset's expected days. */
  readonly index: number;
  readonly day: Day;
  readonly value: number;
  /** How much the value rests on, e.g. units; small ones vary more. */
  readonly weight: number;
  /** Position of the period in the calendar, -1 without periods. */
  readonly period: number;
  /** Days since the period began. */
  readonly offset: number;
}

/** A value over time, with what is typical of it in each period. */
export interface Profile {
  readonly points: readonly Point[];
  readonly typical: ReadonlyMap<number, number>;
  /** Robust standard deviation of value / typical, in each period. */
  readonly spread: ReadonlyMap<number, number>;
  readonly typicalWeight: number;
}

/** Dates of another period count as the same time of the period within so many days. */
const SAME_TIME = 7;
/** A median of fewer dates says little. */
const LEAST_DATES = 10;

/** Where an asset's expected day stands in its period. */
export function placeOf(
  of: AssetEvaluation,
  index: number,
): Pick<Point, 'index' | 'day' | 'period' | 'offset'> {
  const day = of.expected.days[index] ?? 0;
  const start = periodAt(of.expected, index)?.start ?? of.expected.days[0] ?? 0;
  return { index, day, period: of.expected.periodIndex[index] ?? -1, offset: day - start };
}

/** Takes points in ascending order. */
export function profileOf(points: readonly Point[]): Profile {
  const all = points.map(({ value }) => value);
  const typical = new Map<number, number>();
  const spread = new Map<number, number>();
  for (const period of new Set(points.map((point) => point.period))) {
    const values = points.filter((point) => point.period === period).map(({ value }) => value);
    const some = values.length < LEAST_DATES ? all : values;
    const middle = median(some);
    typical.set(period, middle);
    spread.set(period, middle > 0 ? robustDeviation(some) / middle : 0);
  }
  return { points, typical, spread, typicalWeight: median(points.map(({ weight }) => weight)) };
}

/** Below this share of the typical a value is unusual for something that varies as it does. */
export function unusualBelow(profile: Profile, point: Point): number {
  // What rests on little varies more.
  const factor = Math.sqrt(Math.max(1, profile.typicalWeight / Math.max(1, point.weight)));
  const spread = profile.spread.get(point.period) ?? 0;
  return 1 - Math.max(0.05, DEVIATIONS * spread * factor);
}

const DEVIATIONS = 6;

/** A value as a share of what is typical; 1 where nothing is. */
export function relativeValue(profile: Profile, point: Point): number {
  const typical = profile.typical.get(point.period) ?? 0;
  return typical > 0 ? point.value / typical : 1;
}

export interface LowStretch {
  readonly points: readonly Point[];
  /** Other periods are as low at that time, or it is how the only period begins. */
  readonly isUsual: boolean;
}

/** Stretches of dates whose value is low, and whether the time of the period explains it. */
export function lowStretches(
  profile: Profile,
  limit: (point: Point) => number,
): readonly LowStretch[] {
  const isLow = (point: Point): boolean => relativeValue(profile, point) < limit(point);
  const low = profile.points.filter(isLow);
  const usual = new Map(low.map((point) => [point, isUsual(profile, point, isLow)]));
  return stretchesOf(
    low,
    ({ index }) => index,
    (a, b) => a.period === b.period && usual.get(a) === usual.get(b),
  ).map((points) => ({ points, isUsual: usual.get(points[0] ?? NO_POINT) ?? false }));
}

const NO_POINT: Point = { index: -1, day: 0, value: 0, weight: 0, period: -1, offset: 0 };

/** Low in at least half of the other periods that have dates then; with no other period, low since it began. */
function isUsual(profile: Profile, point: Point, isLow: (point: Point) => boolean): boolean {
  const lowThen = new Map<number, boolean>();
  for (const other of profile.points) {
    if (other.period === point.period) continue;
    if (Math.abs(other.offset - point.offset) > SAME_TIME) continue;
    lowThen.set(other.period, (lowThen.get(other.period) ?? false) || isLow(other));
  }
  if (lowThen.size > 0) {
    return [...lowThen.values()].filter(Boolean).length * 2 >= lowThen.size;
  }
  if (point.period < 0) return false;
  return profile.points
    .filter(({ period, day }) => period === point.period && day <= point.day)
    .every(isLow);
}
