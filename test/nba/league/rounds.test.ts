import { expect, test } from 'vitest';
import { buildRounds } from '../../../assets/nba/league/matchups.ts';
import { Random } from '../../../assets/nba/league/random.ts';

const SIZES = [4, 6, 8, 10, 14, 22, 30].flatMap((teams) =>
  [2, 30, 60, 82].map((games) => [teams, games] as const),
);

test.each(SIZES)('of %i teams each plays once in every of %i rounds', (teams, games) => {
  const rounds = buildRounds({ teams, games }, new Random(7, 'rounds'));
  expect(rounds).toHaveLength(games);
  const everybody = Array.from({ length: teams }, (_, team) => team);
  for (const round of rounds) {
    const playing = round.flatMap(({ home, away }) => [home, away]);
    expect(playing.toSorted((a, b) => a - b)).toEqual(everybody);
  }
});
