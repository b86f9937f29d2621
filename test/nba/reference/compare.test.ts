import { expect, test } from 'vitest';
import { compareTables } from './compare.ts';

const REFERENCE = [
  { id: 'a', points: 1, name: 'x', known: true, list: [1, null] },
  { id: 'b', points: 2, name: null, known: false, list: [] },
];
const KEY = { key: ['id'] };

test('tables that agree have no differences, whatever DuckDB type carries the value', () => {
  const actual = REFERENCE.map((row) => ({ ...row, points: BigInt(row.points) })).toReversed();
  const { differences, matchedRows } = compareTables({ rows: REFERENCE }, actual, KEY);
  expect(differences).toEqual([]);
  expect(matchedRows).toBe(2);
});

test('missing, extra and duplicate keys are named', () => {
  const actual = [REFERENCE[0], REFERENCE[0], { ...REFERENCE[1], id: 'c' }].map((row) => ({
    ...row,
  }));
  expect(compareTables(REFERENCE, actual, KEY).differences).toEqual([
    '1 duplicate keys in the actual rows: a',
    '1 keys missing from the actual rows: b',
    '1 keys not in the reference: c',
  ]);
});

test('a differing column is counted with examples', () => {
  const actual = REFERENCE.map((row) => ({ ...row, points: row.points + 0.05, name: 'x' }));
  expect(compareTables(REFERENCE, actual, KEY).differences).toEqual([
    'points: 2 of 2 rows differ, largest difference 0.0500; ' +
      '[a] expected 1, found 1.05; [b] expected 2, found 2.05',
    'name: 1 of 2 rows differ; [b] expected null, found x',
  ]);
});

test('an absolute tolerance belongs to one column', () => {
  const actual = REFERENCE.map((row) => ({ ...row, points: row.points + 0.1 }));
  const tolerance = { points: 0.1 };
  expect(compareTables(REFERENCE, actual, { ...KEY, tolerance }).differences).toEqual([]);
});

test('columns of one side only are reported apart and not compared', () => {
  const actual = REFERENCE.map(({ id, points }) => ({ id, points, run: 7 }));
  const result = compareTables(REFERENCE, actual, KEY);
  expect(result.differences).toEqual([]);
  expect(result.referenceOnlyColumns).toEqual(['name', 'known', 'list']);
  expect(result.actualOnlyColumns).toEqual(['run']);
});
