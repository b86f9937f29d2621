import type { Day } from '../partitions/date.ts';
import { type Point, type Profile, relativeValue } from './profile.ts';
import { mean, median, robustDeviation } from './statistics.ts';

/** A level that fell and stayed low. */
export interface Drop {
  /** The first date on the lower level. */
  readonly point: Point;
  /** Mean of up to 30 dates before and after. */
  readonly before: number;
  readonly after: number;
  /** Other periods fall at that time too. */
  readonly isUsual: boolean;
  /** From the first date on, to the end of its period. */
  readonly days: readonly Day[];
}

/** Dates on either side that are compared. */
const SIDE = 30;
const LEAST_BEFORE = 10;
const LEAST_AFTER = 8;
/** Other periods count at the same time within so many days. */
const SAME_TIME = 14;

/** Lasting drops by at least a share, at most one in each period: the one that divides it best. */
export function findDrops(profile: Profile, share: number): readonly Drop[] {
  return [...profile.typical.keys()].flatMap((period) => {
    const points = profile.points.filter((point) => point.period === period);
    const at = bestSplit(points, share);
    const point = at === undefined ? undefined : points[at];
    if (at === undefined || point === undefined) return [];
    const { before, after } = sidesAt(points, at);
    const isUsual = othersDrop(profile, point, share);
    const days = points.slice(at).map(({ day }) => day);
    return [{ point, before: mean(before), after: mean(after), isUsual, days }];
  });
}

/** The position whose two sides differ most, where they differ by enough and by more than values vary. */
function bestSplit(points: readonly Point[], share: number): number | undefined {
  let best: number | undefined;
  let bestContrast = 0;
  for (let at = LEAST_BEFORE; at + LEAST_AFTER <= points.length; at++) {
    const { before, after } = sidesAt(points, at);
    const [high, low] = [median(before), median(after)];
    if (high <= 0 || low > high * (1 - share)) continue;
    const noise = Math.max(robustDeviation(before), robustDeviation(after));
    if (high - low < 2.5 * noise) continue;
    const contrast = between(before, after);
    if (contrast > bestContrast) {
      bestContrast = contrast;
      best = at;
    }
  }
  return best;
}

/** How much of the variation a split explains: the largest where the level really changed. */
function between(before: readonly number[], after: readonly number[]): number {
  const weight = (before.length * after.length) / (before.length + after.length);
  return weight * (mean(before) - mean(after)) ** 2;
}

function sidesAt(points: readonly Point[], at: number) {
  const values = (some: readonly Point[]): number[] => some.map(({ value }) => value);
  return {
    before: values(points.slice(Math.max(0, at - SIDE), at)),
    after: values(points.slice(at, at + SIDE)),
  };
}

function othersDrop(profile: Profile, point: Point, share: number): boolean {
  const near = (from: number, to: number): number[] =>
    profile.points
      .filter(({ period }) => period !== point.period)
      .filter(({ offset }) => from <= offset - point.offset && offset - point.offset < to)
      .map((other) => relativeValue(profile, other));
  const before = near(-SAME_TIME - 30, -SAME_TIME);
  const after = near(SAME_TIME, SAME_TIME + 30);
  if (before.length < 5 || after.length < 5) return false;
  return median(after) < median(before) * (1 - share / 2);
}
