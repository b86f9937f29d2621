import type { Game } from './load.ts';
import { dayNumber } from './timeline.ts';

const BOOTSTRAP_DAYS = 14;

/** One date with games: the only dates that are partitions (oracle-notes 11). */
export interface Slate {
  readonly date: string;
  readonly day: number;
  readonly season: number;
  /** `0 <= d - first regular-season date < 14` (oracle-notes 10). */
  readonly bootstrap: boolean;
  /** Days since the first regular-season game; negative before it. */
  readonly seasonDay: number;
  readonly games: readonly Game[];
}

/** First regular-season dates by season year, for data that begins in the middle of a season. */
export type SeasonStarts = Readonly<Record<number, string>>;

export function buildSlates(games: readonly Game[], overrides: SeasonStarts = {}): Slate[] {
  const starts = seasonStartDays(games, overrides);
  const byDate = new Map<string, Game[]>();
  for (const game of games) {
    const slate = byDate.get(game.date);
    if (slate === undefined) byDate.set(game.date, [game]);
    else slate.push(game);
  }
  return [...byDate.values()].flatMap((slateGames) => {
    const first = slateGames[0];
    if (first === undefined) return [];
    const age = first.day - (starts.get(first.season) ?? first.day);
    const bootstrap = age >= 0 && age < BOOTSTRAP_DAYS;
    const { date, day, season } = first;
    return [{ date, day, season, bootstrap, seasonDay: age, games: slateGames }];
  });
}

function seasonStartDays(
  games: readonly Game[],
  overrides: SeasonStarts,
): ReadonlyMap<number, number> {
  const starts = new Map<number, number>();
  for (const game of games) {
    if (game.gameType !== 'regular_season') continue;
    starts.set(game.season, Math.min(game.day, starts.get(game.season) ?? Infinity));
  }
  for (const [season, date] of Object.entries(overrides))
    starts.set(Number(season), dayNumber(date));
  return starts;
}
