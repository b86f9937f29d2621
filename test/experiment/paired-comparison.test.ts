import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../assets/models/random.ts';
import type { EvaluationRows } from '../../engine/assets/module-evaluation.ts';
import { comparePaired } from '../../engine/health/paired-comparison.ts';

interface Row {
  readonly date: string;
  readonly who: string;
  readonly actual: number;
  readonly guess: number;
  readonly usual?: number;
  readonly group?: string;
}

function rowsOf(rows: readonly Row[]): EvaluationRows {
  const numbers = (of: (row: Row) => number): Float64Array => Float64Array.from(rows, of);
  return {
    partition: rows.map(({ date }) => date),
    entity: rows.map(({ who }) => who),
    prediction: numbers(({ guess }) => guess),
    actual: numbers(({ actual }) => actual),
    baseline: numbers(({ usual = NaN }) => usual),
    ...(rows.some(({ group }) => group !== undefined) && {
      group: rows.map(({ group = '' }) => group),
    }),
  };
}

/** Dates of different sizes; what happens on a date hangs together. */
function madeRows(seed: number, dates = 30): Row[] {
  const random = seededRandom(seed);
  return Array.from({ length: dates }, (_, at) => {
    const date = new Date(Date.UTC(2024, 0, 1 + at)).toISOString().slice(0, 10);
    const ofDate = 6 * random() - 3;
    return Array.from({ length: 3 + Math.floor(12 * random()) }, (__, player) => ({
      date,
      who: `p${player}`,
      actual: 10 + ofDate + Math.round(20 * random()),
      guess: 20,
      usual: 18,
      group: player < 5 ? 'first' : 'others',
    }));
  }).flat();
}

const moved = (rows: readonly Row[], by: (row: Row, at: number) => number): Row[] =>
  rows.map((row, at) => ({ ...row, guess: row.guess + by(row, at) }));

/** The same from every single row: dates are drawn, then all their rows are looked at. */
function slowDifferences(champion: readonly Row[], challenger: readonly Row[], seed: number) {
  const random = seededRandom(seed);
  const dates = [...new Set(champion.map(({ date }) => date))].toSorted();
  const mae = (rows: readonly Row[]): number =>
    rows.reduce((sum, { guess, actual }) => sum + Math.abs(guess - actual), 0) / rows.length;
  return Array.from({ length: 5000 }, () => {
    const drawn = dates.map(() => dates[Math.floor(random() * dates.length)]);
    const take = (rows: readonly Row[]): Row[] =>
      drawn.flatMap((date) => rows.filter((row) => row.date === date));
    return mae(take(challenger)) - mae(take(champion));
  }).toSorted((a, b) => a - b);
}

describe('a paired comparison', () => {
  test.each([1, 2, 77])('is that of a slow reference, seed %s', (seed) => {
    const champion = madeRows(seed, 8);
    const challenger = moved(champion, (_, at) => ((at * 7) % 5) - 2);
    const { all } = comparePaired(rowsOf(champion), rowsOf(challenger), seed);
    const slow = slowDifferences(champion, challenger, seed);
    expect(all.interval?.low).toBeCloseTo(slow[125] ?? NaN, 9);
    expect(all.interval?.high).toBeCloseTo(slow[4875] ?? NaN, 9);
    expect(all.challengerWins).toBeCloseTo(slow.filter((each) => each < 0).length / 5000, 9);
    const error = (rows: readonly Row[]): number =>
      rows.reduce((sum, { guess, actual }) => sum + Math.abs(guess - actual), 0) / rows.length;
    expect(all.championMae).toBeCloseTo(error(champion), 9);
    expect(all.challengerMae).toBeCloseTo(error(challenger), 9);
    expect(all.difference).toBeCloseTo(error(challenger) - error(champion), 9);
    expect(all.rows).toBe(champion.length);
    expect(all.dates).toBe(8);
  });

  test('of a side with itself is nothing, exactly', () => {
    const rows = rowsOf(madeRows(3));
    expect(comparePaired(rows, rows, 1).all).toMatchObject({
      difference: 0,
      interval: { low: 0, high: 0 },
      challengerWins: 0,
      verdict: 'no_difference',
    });
  });

  test('tells a better, a worse and an equally good challenger apart', () => {
    const champion = madeRows(4, 60);
    const verdict = (challenger: readonly Row[]): string =>
      comparePaired(rowsOf(champion), rowsOf(challenger), 1).all.verdict;
    const random = seededRandom(9);
    const nearer = moved(champion, ({ actual, guess }) => 0.2 * (actual - guess));
    expect(verdict(nearer)).toBe('challenger_wins');
    expect(verdict(moved(champion, () => 12))).toBe('champion_stays');
    expect(verdict(moved(champion, () => 0.2 * (random() - 0.5)))).toBe('no_difference');
  });

  test('draws dates as wholes: the more rows of a date hang together, the wider the interval', () => {
    const random = seededRandom(6);
    const alone = madeRows(5, 40);
    const gain = new Map(alone.map(({ date }) => [date, random() - 0.5]));
    const together = moved(
      alone,
      ({ date, actual, guess }) => Math.sign(actual - guess) * (gain.get(date) ?? 0),
    );
    const apart = moved(alone, ({ actual, guess }) => Math.sign(actual - guess) * (random() - 0.5));
    const width = (challenger: readonly Row[]): number => {
      const { interval } = comparePaired(rowsOf(alone), rowsOf(challenger), 1).all;
      return (interval?.high ?? NaN) - (interval?.low ?? NaN);
    };
    expect(width(together)).toBeGreaterThan(1.5 * width(apart));
  });

  test('looks only at rows of both, whatever their order, and counts the others', () => {
    const champion = madeRows(7, 10);
    const challenger = moved(champion, (_, at) => (at % 5) - 1)
      .filter((_, at) => at % 3 > 0)
      .reverse();
    const more = { date: '2025-01-01', who: 'late', actual: 1, guess: 1 };
    const { all, alone, first, last } = comparePaired(
      rowsOf(champion),
      rowsOf([...challenger, more]),
      1,
    );
    expect(all.rows).toBe(challenger.length);
    expect(alone).toEqual({ champion: champion.length - challenger.length, challenger: 1 });
    const turned = comparePaired(rowsOf([...champion].reverse()), rowsOf(challenger), 1).all;
    expect(turned.interval?.low).toBeCloseTo(all.interval?.low ?? NaN, 9);
    expect(turned.interval?.high).toBeCloseTo(all.interval?.high ?? NaN, 9);
    expect([first, last]).toEqual(['2024-01-01', '2024-01-10']);
  });

  test('takes what was not predicted or has not happened for not there', () => {
    const rows = madeRows(8, 10);
    const without = rows.map((row, at) => (at % 2 === 0 ? { ...row, guess: NaN } : row));
    const { all, alone } = comparePaired(rowsOf(rows), rowsOf(without), 1);
    expect(all.rows).toBe(Math.floor(rows.length / 2));
    expect(alone).toEqual({ champion: rows.length - all.rows, challenger: 0 });
    const open = rows.map((row) => ({ ...row, actual: NaN }));
    expect(() => comparePaired(rowsOf(open), rowsOf(open), 1)).toThrow(
      'no row is common to both sides: 0 of the champion, 0 of the challenger',
    );
  });

  test('measures groups and the baseline of the champion', () => {
    const champion = madeRows(9).map((row, at) => (at % 4 === 0 ? { ...row, usual: NaN } : row));
    const challenger = moved(champion, ({ group }) => (group === 'first' ? 15 : 0)).map((row) => ({
      ...row,
      usual: 0,
      group: 'something else',
    }));
    const { all, groups } = comparePaired(rowsOf(champion), rowsOf(challenger), 1);
    expect(groups.map(({ name }) => name).toSorted()).toEqual(['first', 'others']);
    const of = (name: string) => groups.find((group) => group.name === name)?.measures;
    expect(of('others')).toMatchObject({ difference: 0, verdict: 'no_difference' });
    expect(of('first')?.verdict).toBe('champion_stays');
    expect((of('first')?.rows ?? 0) + (of('others')?.rows ?? 0)).toBe(all.rows);
    const known = champion.filter(({ usual }) => !Number.isNaN(usual ?? NaN));
    const usual = known.reduce((sum, row) => sum + Math.abs((row.usual ?? 0) - row.actual), 0);
    expect(all.baselineMae).toBeCloseTo(usual / known.length, 9);
  });

  test('of one date has no interval, and finds no difference', () => {
    const champion = madeRows(10, 1);
    const { all } = comparePaired(rowsOf(champion), rowsOf(moved(champion, () => 9)), 1);
    expect(all.difference).not.toBe(0);
    expect(all).toMatchObject({
      interval: undefined,
      challengerWins: undefined,
      verdict: 'no_difference',
    });
  });

  test('refuses a row that is there twice, and sides that disagree about what happened', () => {
    const rows = madeRows(11, 2);
    const twice = [...rows, ...rows.slice(0, 1)];
    expect(() => comparePaired(rowsOf(rows), rowsOf(twice), 1)).toThrow(
      'the challenger has a row twice: 2024-01-01 p0',
    );
    const other = rows.map((row) => ({ ...row, actual: row.actual + 1 }));
    expect(() => comparePaired(rowsOf(rows), rowsOf(other), 1)).toThrow(
      /disagree about what happened/,
    );
  });
});
