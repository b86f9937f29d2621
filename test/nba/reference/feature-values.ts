import { clamp, mean, r, ratio, sum } from './rounding.ts';

export type Origin = 'phase4' | 'phase3' | 'calculated' | 'default';

/** One feature value and where it came from. */
export interface Feature {
  readonly value: number;
  readonly source: Origin;
}

const WEIGHTS: Readonly<Record<Origin, number>> = {
  phase4: 100,
  phase3: 75,
  calculated: 100,
  default: 40,
};

/** The first known value wins, else the constant (domain.md 4.5). */
export function firstKnown(
  candidates: readonly (readonly [Exclude<Origin, 'default'>, number | null | undefined])[],
  fallback: number,
): Feature {
  for (const [source, value] of candidates) {
    if (value !== null && value !== undefined) return { value, source };
  }
  return { value: fallback, source: 'default' };
}

/** Mean of the newest two games minus mean of the three before (domain.md D5). */
export function recentTrend(newestFirst: readonly number[]): number | null {
  if (newestFirst.length < 5) return null;
  const newer = sum(newestFirst.slice(0, 2)) / 2;
  const older = sum(newestFirst.slice(2, 5)) / 3;
  return stepped(r(newer - older, 6), { small: 2, large: 5 });
}

/** Relative change of minutes, snapped to six decimals before the test (oracle-notes 4, 42). */
export function minutesChange(recent: number | null, season: number | null): number | null {
  if (recent === null || season === null || recent === 0 || season === 0) return null;
  return stepped(r((recent - season) / season, 6), { small: 0.1, large: 0.2 });
}

function stepped(x: number, limits: { readonly small: number; readonly large: number }): number {
  const size = Math.abs(x) >= limits.large ? 2 : Math.abs(x) >= limits.small ? 1 : 0;
  return x < 0 && size > 0 ? -size : size;
}

/** Share of points from free throws, last up to ten games, at least five (oracle-notes 43). */
export function freeThrowShare(
  lastTen: readonly { readonly ft_makes: number; readonly points: number }[],
): number | null {
  const points = sum(lastTen.map((game) => game.points));
  if (lastTen.length < 5 || points <= 0) return null;
  return r(clamp(sum(lastTen.map((game) => game.ft_makes)) / points, { lo: 0, hi: 0.5 }), 9);
}

/** All season games of the team before d, at least five (oracle-notes 43). */
export function winShare(games: readonly { readonly win_flag: boolean }[]): number | null {
  if (games.length < 5) return null;
  return r(games.filter((game) => game.win_flag).length / games.length, 9);
}

export function percentToShare(rate: number | null | undefined): number | null {
  return ratio(rate ?? null, 100);
}

/** Mean weight of the sources, two decimals (domain.md 4.5). */
export function featureQuality(features: readonly Feature[]): number {
  return r(mean(features.map((feature) => WEIGHTS[feature.source])) ?? 0, 2);
}

/** domain.md 4.5, data_source. */
export function dataSource(features: readonly Feature[]): string {
  const share = (source: Origin): number =>
    features.filter((feature) => feature.source === source).length / features.length;
  if (share('phase4') >= 0.9) return 'phase4';
  if (share('phase4') >= 0.5) return 'phase4_partial';
  return share('phase3') >= 0.5 ? 'phase3' : 'mixed';
}
