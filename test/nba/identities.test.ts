import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceData } from '../support/data.ts';
import { Flagship } from './flagship.ts';
import { IDENTITIES } from './identities.ts';
import { EMPTY_WITHOUT_GAMES_TO_COME, TRAINED_MONTHLY } from './outcomes.ts';

const SLOW = 300_000;
const real = referenceData();
const SIDES = [
  { title: 'a simulated league', make: async () => (await Flagship.simulated()).withTreesAlone() },
  ...(real === undefined
    ? []
    : [
        {
          title: 'real games',
          make: async () => (await Flagship.since('2023-10-01', real)).withTreesAlone(),
        },
      ]),
];

describe.each(SIDES)('on $title', ({ make }) => {
  let flagship: Flagship;

  beforeAll(async () => {
    flagship = await make();
    await flagship.make();
  }, SLOW);
  afterAll(() => flagship[Symbol.dispose]());

  test.each(IDENTITIES)('$title', async ({ offenders }) => {
    expect(await flagship.query(`SELECT * FROM (${offenders}) LIMIT 3`)).toEqual([]);
  });

  test('no table is empty, and every key is unique', async () => {
    for (const [asset, { relation, key }] of await flagship.tables()) {
      const [row] = await flagship.query(
        `SELECT CAST(COUNT(*) AS INTEGER), CAST(COUNT(DISTINCT (${key.join(', ')})) AS INTEGER) FROM ${relation}`,
      );
      expect(key.length, asset).toBeGreaterThan(0);
      const isEmpty = EMPTY_WITHOUT_GAMES_TO_COME.includes(asset);
      expect(Number(row?.[0]) > 0, asset).toBe(!isEmpty);
      expect(row?.[1], asset).toBe(row?.[0]);
    }
  });

  test('every row belongs to a date with games', async () => {
    for (const [asset, { relation, date }] of await flagship.tables()) {
      if (date === undefined || TRAINED_MONTHLY.includes(asset)) continue;
      const off = await flagship.query(
        `SELECT DISTINCT CAST(${date} AS VARCHAR) FROM ${relation}
        WHERE ${date} NOT IN (SELECT game_date FROM nba_raw.schedule)`,
      );
      expect(off, asset).toEqual([]);
    }
  });
});
