import fc from 'fast-check';
import { expect, test } from 'vitest';
import { moneyline } from '../../../assets/nba/league/closing-line.ts';
import { dayOf, easternToUtcSeconds, formatDay, parseDay } from '../../../assets/nba/league/day.ts';
import { asciiName, nameSource, normalizedName } from '../../../assets/nba/league/names.ts';
import { Random } from '../../../assets/nba/league/random.ts';
import { targetMinutes } from '../../../assets/nba/league/rotation.ts';
import { openingDay } from '../../../assets/nba/league/season-calendar.ts';
import { chooseTeams, TEAMS } from '../../../assets/nba/league/teams.ts';
import { drawSpot, zoneOf, type Zone } from '../../../assets/nba/league/zones.ts';

test('streams with another label or seed differ, the same ones agree', () => {
  const draw = (seed: number, label: string) => {
    const rng = new Random(seed, label);
    return Array.from({ length: 8 }, () => rng.next());
  };
  expect(draw(1, 'a')).toEqual(draw(1, 'a'));
  expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
});

test('uniform draws have the mean and spread they should', () => {
  const rng = new Random(42, 'mean');
  const draws = Array.from({ length: 20_000 }, () => rng.next());
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  expect(mean).toBeCloseTo(0.5, 2);
  expect(draws.every((x) => x >= 0 && x < 1)).toBe(true);
});

test('days survive the way to text and back, and impossible dates are refused', () => {
  expect(formatDay(dayOf(2024, 2, 29))).toBe('2024-02-29');
  expect(parseDay('2024-02-29')).toBe(dayOf(2024, 2, 29));
  expect(parseDay('2023-02-29')).toBeUndefined();
  expect(parseDay('yesterday')).toBeUndefined();
});

test('seasons open on the Tuesdays of the real league', () => {
  const opened = [2021, 2022, 2023, 2024].map((season) => formatDay(openingDay(season)));
  expect(opened).toEqual(['2021-10-19', '2022-10-18', '2023-10-24', '2024-10-22']);
});

test('an evening game in New York is the next day in UTC only in winter', () => {
  const utc = (day: number) => new Date(easternToUtcSeconds(day, 19 * 60 + 41) * 1000);
  expect(utc(dayOf(2023, 10, 24)).toISOString()).toBe('2023-10-24T23:41:00.000Z');
  expect(utc(dayOf(2023, 12, 1)).toISOString()).toBe('2023-12-02T00:41:00.000Z');
});

test('the thirty teams have their official ids, half of them in each conference', () => {
  expect(TEAMS).toHaveLength(30);
  expect(TEAMS.find((team) => team.code === 'CHA')?.id).toBe(1_610_612_766);
  expect(chooseTeams(30).filter((team) => team.conference === 'east')).toHaveLength(15);
});

test('letters without a decomposition keep their plain form', () => {
  expect(asciiName("Søren O'Łaszczyk Jr.")).toBe("Soren O'Laszczyk Jr.");
  expect(normalizedName("Søren O'Łaszczyk-Dąbrowa III")).toBe('sorenolaszczykdabrowaiii');
});

test('ten thousand names do not collide even without their suffixes', () => {
  const next = nameSource(new Random(1, 'names'));
  const keys = Array.from({ length: 10_000 }, () =>
    normalizedName(next().replace(/ (Jr\.|II|III|IV)$/, '')),
  );
  expect(new Set(keys).size).toBe(keys.length);
});

test('a spot drawn for a zone is in that zone', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 6 }), (seed, zone) => {
      expect(zoneOf(drawSpot(zone as Zone, new Random(seed, 'spot')))).toBe(zone);
    }),
  );
});

test('planned minutes come to about 240 for eight to ten players', () => {
  const wish = fc.array(fc.double({ min: 5, max: 40, noNaN: true }), {
    minLength: 9,
    maxLength: 15,
  });
  fc.assert(
    fc.property(wish, fc.boolean(), (wanted, playoffs) => {
      const targets = targetMinutes(wanted, playoffs);
      expect(targets.reduce((sum, minutes) => sum + minutes, 0)).toBeGreaterThan(238);
      expect(targets.reduce((sum, minutes) => sum + minutes, 0)).toBeLessThan(242);
      const playing = targets.filter((minutes) => minutes > 0).length;
      expect(playing).toBeGreaterThanOrEqual(8);
      expect(playing).toBeLessThanOrEqual(10);
    }),
  );
});

test('the favourite has the lower odds', () => {
  expect(moneyline(6)).toBeLessThan(-150);
  expect(moneyline(-6)).toBeGreaterThan(120);
});
