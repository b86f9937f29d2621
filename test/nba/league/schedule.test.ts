import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nthWeekday, type Day } from '../../../assets/nba/league/day.ts';
import { Random } from '../../../assets/nba/league/random.ts';
import { scheduleRegularSeason } from '../../../assets/nba/league/schedule.ts';
import { offDays } from '../../../assets/nba/league/season-calendar.ts';
import { chooseTeams } from '../../../assets/nba/league/teams.ts';

const SEED = fc.integer({ min: 0, max: 1_000_000 });
const SEASON = fc.integer({ min: 2015, max: 2035 });
const RUNS = { numRuns: 25, seed: 1 };

function schedule(seed: number, season: number, size = { teams: 30, games: 82 }) {
  return scheduleRegularSeason(
    { season, teams: chooseTeams(size.teams), games: size.games },
    new Random(seed, 'schedule'),
  );
}

function daysByTeam(games: ReturnType<typeof schedule>): ReadonlyMap<number, readonly Day[]> {
  const days = new Map<number, Day[]>();
  for (const game of games) {
    for (const team of [game.home, game.away]) {
      days.set(team, [...(days.get(team) ?? []), game.day]);
    }
  }
  return days;
}

test('every team plays 82 games, 41 of them at home, and never twice on a date', () => {
  fc.assert(
    fc.property(SEED, SEASON, (seed, season) => {
      const games = schedule(seed, season);
      expect(games).toHaveLength(1230);
      for (const [team, days] of daysByTeam(games)) {
        expect(days).toHaveLength(82);
        expect(new Set(days).size).toBe(82);
        expect(games.filter((game) => game.home === team)).toHaveLength(41);
      }
    }),
    RUNS,
  );
});

test('no team plays three days running, and some play two', () => {
  fc.assert(
    fc.property(SEED, SEASON, (seed, season) => {
      for (const days of daysByTeam(schedule(seed, season)).values()) {
        const gaps = days.slice(1).map((day, i) => day - (days[i] as Day));
        expect(gaps.some((gap, i) => gap === 1 && gaps[i + 1] === 1)).toBe(false);
        const backToBacks = gaps.filter((gap) => gap === 1).length;
        expect(backToBacks).toBeGreaterThan(3);
        expect(backToBacks).toBeLessThan(28);
      }
    }),
    RUNS,
  );
});

test('the season runs from late October to mid April with 1 to 15 games a date', () => {
  fc.assert(
    fc.property(SEED, SEASON, (seed, season) => {
      const games = schedule(seed, season);
      const counts = Map.groupBy(games, (game) => game.day);
      for (const sameDay of counts.values()) expect(sameDay.length).toBeLessThanOrEqual(15);
      const first = new Date((games[0]?.day ?? 0) * 86_400_000).toISOString();
      const last = new Date((games.at(-1)?.day ?? 0) * 86_400_000).toISOString();
      expect(first >= `${season}-10-18` && first < `${season}-10-25`).toBe(true);
      expect(last > `${season + 1}-04-05` && last < `${season + 1}-04-18`).toBe(true);
    }),
    RUNS,
  );
});

test('nobody plays on Thanksgiving, Christmas Eve or in the six days around the All-Star game', () => {
  fc.assert(
    fc.property(SEED, SEASON, (seed, season) => {
      const days = new Set(schedule(seed, season).map((game) => game.day));
      for (const day of offDays(season)) expect(days.has(day)).toBe(false);
      const allStar = nthWeekday(season + 1, 2, { weekday: 0, nth: 3 });
      for (let i = -2; i < 4; i++) expect(days.has(allStar + i)).toBe(false);
      expect(days.has(allStar - 3) || days.has(allStar - 4)).toBe(true);
      expect(days.has(allStar + 4) || days.has(allStar + 5)).toBe(true);
    }),
    RUNS,
  );
});

test('teams meet opponents of their conference more often', () => {
  const games = schedule(1, 2023);
  const inside = games.filter((game) => Math.floor(game.home / 15) === Math.floor(game.away / 15));
  expect(inside.length / games.length).toBeGreaterThan(0.6);
  expect(inside.length / games.length).toBeLessThan(0.7);
  const meetings = Map.groupBy(
    games,
    ({ home, away }) => Math.min(home, away) * 30 + Math.max(home, away),
  );
  expect(meetings.size).toBe((30 * 29) / 2);
});

test('small leagues of any even size have the games they were asked for', () => {
  fc.assert(
    fc.property(
      SEED,
      fc.integer({ min: 2, max: 15 }),
      fc.integer({ min: 2, max: 30 }),
      (seed, half, games) => {
        const all = schedule(seed, 2023, { teams: half * 2, games });
        for (const days of daysByTeam(all).values()) {
          expect(days).toHaveLength(games);
          expect(new Set(days).size).toBe(games);
        }
        expect(new Set(all.map((game) => game.id)).size).toBe(all.length);
      },
    ),
    RUNS,
  );
});
