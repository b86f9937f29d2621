import { easternToUtcSeconds, weekdayOf, type Day } from './day.ts';
import { buildRounds, type Matchup } from './matchups.ts';
import type { Random } from './random.ts';
import { playingDays } from './season-calendar.ts';
import type { Team } from './teams.ts';

export interface ScheduledGame {
  readonly id: string;
  readonly season: number;
  readonly type: 'regular' | 'playoffs';
  readonly day: Day;
  readonly tipoffSeconds: number;
  readonly home: number;
  readonly away: number;
  readonly round: number | null;
  readonly seriesGame: number | null;
}

/** Games per date by weekday, from Sunday: the league likes Wednesdays and Fridays, television has Thursdays. */
const WEEKDAY_WEIGHT = [0.75, 0.81, 0.58, 0.98, 0.49, 0.95, 0.7];

/** Spread of how many games of a round are early, and how much chance outweighs rest (0 = not at all). */
const EARLY_COUNT_SD = 1.6;
const REST_DISREGARD = 0.8;

/**
 * Each round of one game per team is spread over two days. So no team can play three days running, rests are
 * one to three days, and a team that plays late in one round and early in the next has a back-to-back.
 */
export function scheduleRegularSeason(
  options: { readonly season: number; readonly teams: readonly Team[]; readonly games: number },
  rng: Random,
): readonly ScheduledGame[] {
  const { season, teams } = options;
  const rounds = buildRounds({ teams: teams.length, games: options.games }, rng);
  const days = playingDays(season, options.games * 2);
  const lastPlayed = teams.map((): Day => -1);
  const dated: { readonly day: Day; readonly tip: number; readonly matchup: Matchup }[] = [];
  rounds.forEach((round, index) => {
    const early = days[index * 2] as Day;
    const late = days[index * 2 + 1] as Day;
    const count = earlyCount(
      { index, rounds: rounds.length, games: round.length, early, late },
      rng,
    );
    restedFirst(round, (team) => lastPlayed[team] === early - 1, rng).forEach((matchup, place) => {
      const day = place < count ? early : late;
      lastPlayed[matchup.home] = day;
      lastPlayed[matchup.away] = day;
      const tip = tipoffSeconds({ day, home: teams[matchup.home] as Team, rng });
      dated.push({ day, tip, matchup });
    });
  });
  dated.sort((a, b) => a.day - b.day || a.tip - b.tip || a.matchup.home - b.matchup.home);
  const code = String(season % 100).padStart(2, '0');
  return dated.map(({ day, tip, matchup }, index) => ({
    id: `002${code}${String(index + 1).padStart(5, '0')}`,
    season,
    type: 'regular',
    day,
    tipoffSeconds: tip,
    ...matchup,
    round: null,
    seriesGame: null,
  }));
}

/** Games of a round on its first day. Opening night has at most two games, the last day has all. */
function earlyCount(
  round: {
    readonly index: number;
    readonly rounds: number;
    readonly games: number;
    readonly early: Day;
    readonly late: Day;
  },
  rng: Random,
): number {
  if (round.index === 0) return Math.min(2, round.games);
  if (round.index === round.rounds - 1) return 0;
  const early = WEEKDAY_WEIGHT[weekdayOf(round.early)] as number;
  const late = WEEKDAY_WEIGHT[weekdayOf(round.late)] as number;
  return Math.round((round.games * early) / (early + late) + rng.normal(0, EARLY_COUNT_SD));
}

/** Games whose teams had a day off come first; chance decides often enough to leave some back-to-backs. */
function restedFirst(
  round: readonly Matchup[],
  playedYesterday: (team: number) => boolean,
  rng: Random,
): readonly Matchup[] {
  return round
    .map((matchup) => {
      const tired = [matchup.home, matchup.away].filter(playedYesterday).length;
      return { matchup, order: tired + rng.normal(0, REST_DISREGARD) };
    })
    .sort((a, b) => a.order - b.order)
    .map(({ matchup }) => matchup);
}

/** Around 19:10 or 19:40 by the arena's clock, in the afternoon now and then at weekends. */
export function tipoffSeconds(options: {
  readonly day: Day;
  readonly home: Team;
  readonly rng: Random;
}): number {
  const { day, home, rng } = options;
  const weekend = weekdayOf(day) === 0 || weekdayOf(day) === 6;
  const localHour = weekend && rng.chance(0.3) ? 15 : 19;
  const minute = rng.chance(0.25) ? 41 : 11;
  const wall = (localHour + home.hoursBehindEast) * 60 + minute + (rng.chance(0.2) ? 1 : 0);
  return easternToUtcSeconds(day, wall);
}
