import { expect, test } from 'vitest';
import { playPlayoffs } from '../../../assets/nba/league/playoffs.ts';
import { Random } from '../../../assets/nba/league/random.ts';
import type { ScheduledGame } from '../../../assets/nba/league/schedule.ts';
import { TEAMS } from '../../../assets/nba/league/teams.ts';

const FIRST_DAY = 19_832;

function bracket(winner: (game: ScheduledGame) => number | null): readonly ScheduledGame[] {
  const games: ScheduledGame[] = [];
  const ranking = TEAMS.map((_, index) => index);
  const play = (game: ScheduledGame) => {
    const result = winner(game);
    if (result !== null) games.push(game);
    return result;
  };
  playPlayoffs(
    { season: 2023, teams: TEAMS, ranking, firstDay: FIRST_DAY, play },
    new Random(1, 'playoffs'),
  );
  return games;
}

test('sixteen teams play fifteen series of at least four games', () => {
  const games = bracket((game) => Math.min(game.home, game.away));
  expect(games).toHaveLength(60);
  expect(games.map((game) => game.id)).toContain('0042300101');
  expect(games.at(-1)?.id).toBe('0042300404');
  expect(new Set(games.slice(0, 32).flatMap((game) => [game.home, game.away])).size).toBe(16);
});

test('a series that goes the distance has seven games, four of them at the better seed', () => {
  const games = bracket((game) => game.home);
  const opener = games.filter((game) => game.id.slice(0, 9) === '004230010');
  expect(opener.map((game) => game.seriesGame)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(opener.filter((game) => game.home === opener[0]?.home)).toHaveLength(4);
});

test('nobody plays twice on a date and rounds follow one another', () => {
  const games = bracket((game) => game.home);
  const slots = games.flatMap((game) =>
    [game.home, game.away].map((team) => `${team}@${game.day}`),
  );
  expect(new Set(slots).size).toBe(slots.length);
  for (const round of [2, 3, 4]) {
    const before = games.filter((game) => game.round === round - 1).map((game) => game.day);
    const now = games.filter((game) => game.round === round).map((game) => game.day);
    expect(Math.min(...now)).toBeGreaterThan(Math.max(...before));
  }
  expect(games.at(-1)?.day).toBeLessThan(FIRST_DAY + 70);
});

test('the playoffs stop where the league is cut off', () => {
  const games = bracket((game) => (game.day > FIRST_DAY + 3 ? null : game.home));
  expect(games.every((game) => game.day <= FIRST_DAY + 3)).toBe(true);
  expect(games.length).toBeGreaterThan(8);
});
