import { restDays } from './context.ts';
import { SEASON_GAMES, pointsAverage } from './daily-cache.ts';
import type { League } from './league.ts';
import type { PlayerGame } from './player-games.ts';
import { clamp, populationSd, r, sum } from './rounding.ts';
import { clampPoints, f } from './systems.ts';
import type { Forecast, SystemInput } from './systems.ts';
import type { TeamZones } from './team-zones.ts';
import { Timelines, dayNumber } from './timeline.ts';

const LOOKBACK_DAYS = 90;
const MAX_CANDIDATES = 30;
const MIN_SCORE = 70;
const MAX_MATCHES = 20;
const MIN_MATCHES = 5;
const UNKNOWN_RATING = 112;

/** What makes two games of a player alike (domain.md 6.2). */
export interface Situation {
  readonly tier: number;
  readonly rest: number;
  readonly home: boolean;
  readonly form: 'hot' | 'cold' | 'normal';
}

export interface PastGame extends Situation {
  readonly points: number;
}

export interface SimilarityForecast extends Forecast {
  readonly matches: number;
  readonly meanScore: number;
}

/** 0 elite, 1 average, 2 weak: adjacent tiers differ by one. */
export function opponentTier(rating: number): number {
  if (rating < 110) return 0;
  return rating < 115 ? 1 : 2;
}

export function restBucket(daysRest: number | null): number {
  return Math.min(daysRest ?? 1, 3);
}

/** Snapped to four decimals before the test (oracle-notes 4). */
export function formOf(lastFive: number, season: number): Situation['form'] {
  const difference = r(lastFive - season, 4);
  if (difference >= 3) return 'hot';
  return difference <= -3 ? 'cold' : 'normal';
}

export function similarityScore(now: Situation, past: Situation): number {
  const byDistance = (distance: number, points: number): number =>
    distance === 0 ? points : distance === 1 ? points / 2 : 0;
  return (
    byDistance(Math.abs(now.tier - past.tier), 40) +
    byDistance(Math.abs(now.rest - past.rest), 30) +
    (now.home === past.home ? 15 : 0) +
    (now.form === past.form ? 15 : 5)
  );
}

/** Every played game with the situation it had on its own date (oracle-notes 51). */
export function buildPastGames(
  league: League,
  teamZones: ReadonlyMap<string, TeamZones>,
): Timelines<PastGame> {
  const timelines = new Timelines<PastGame>();
  for (const game of league.playerGames) {
    const day = dayNumber(game.game_date);
    const history = league.players.get(game.season_year, game.player_lookup);
    const zones = teamZones.get(`${game.game_date}|${game.opponent_team_abbr}`);
    const item = {
      points: game.points,
      tier: opponentTier(zones?.defensive_rating_last_15 ?? UNKNOWN_RATING),
      rest: restBucket(restDays(day, history.lastDayBefore(day))),
      home: game.home_game,
      form: pastForm(history.before(day)),
    };
    timelines.add(game.season_year, game.player_lookup, { day, item });
  }
  return timelines;
}

/** Computed for the past date as PDC would, also inside the bootstrap days (oracle-notes 51). */
function pastForm(games: readonly PlayerGame[]): Situation['form'] {
  const lastFive = pointsAverage(games, 5);
  const season = pointsAverage(games, SEASON_GAMES);
  if (games.length < 5 || lastFive === null || season === null) return 'normal';
  return formOf(lastFive, season);
}

/** The newest 30 games of the season since d-90, oldest first. */
export function candidatesFor(
  past: Timelines<PastGame>,
  player: { readonly season: number; readonly lookup: string; readonly day: number },
): PastGame[] {
  return past
    .get(player.season, player.lookup)
    .window(player.day, LOOKBACK_DAYS)
    .slice(-MAX_CANDIDATES);
}

export function similarity(
  input: SystemInput,
  player: {
    readonly daysRest: number | null;
    /** Oldest first. */
    readonly candidates: readonly PastGame[];
  },
): SimilarityForecast | null {
  const now: Situation = {
    tier: opponentTier(f(input, 13)),
    rest: restBucket(player.daysRest),
    home: f(input, 15) === 1,
    form: formOf(f(input, 0), f(input, 2)),
  };
  // Newest first, so the stable sort leaves the newer game ahead in a tie.
  const matches = player.candidates
    .toReversed()
    .map((game) => ({ points: game.points, score: similarityScore(now, game) }))
    .filter((match) => match.score >= MIN_SCORE)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MAX_MATCHES);
  if (matches.length < MIN_MATCHES) return null;
  const scores = sum(matches.map((match) => match.score));
  const points =
    sum(matches.map((match) => match.score * match.points)) / scores +
    0.015 * (f(input, 5) - 70) +
    0.4 * f(input, 6) +
    0.8 * f(input, 7) +
    0.8 * f(input, 8) +
    (now.home ? 0.8 : -0.5);
  const meanScore = scores / matches.length;
  const psd = r(populationSd(matches.map((match) => match.points)), 6);
  return {
    points: clampPoints(points),
    confidence: similarityConfidence({ n: matches.length, meanScore, psd }),
    matches: matches.length,
    meanScore,
  };
}

/** domain.md 6.2; five or six matches cost 15 (oracle-notes 51). */
export function similarityConfidence(matches: {
  readonly n: number;
  readonly meanScore: number;
  readonly psd: number;
}): number {
  const { n, meanScore, psd } = matches;
  const size = n >= 15 ? 20 : n >= 10 ? 15 : n >= 7 ? 10 : -15;
  const closeness = meanScore >= 85 ? 20 : meanScore >= 75 ? 15 : meanScore >= 70 ? 10 : 5;
  const spread = psd < 4 ? 15 : psd < 6 ? 8 : psd < 8 ? 3 : -5;
  return clamp(50 + size + closeness + spread, { lo: 0, hi: 100 });
}
