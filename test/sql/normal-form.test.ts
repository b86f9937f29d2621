import { describe, expect, test } from 'vitest';
import { analyzeSql } from '../../engine/sql/analyze.ts';

const BASE = `
WITH hist AS (SELECT b.player, b.points FROM player_box AS b),
  best AS (SELECT hist.player, MAX(hist.points) AS top FROM hist GROUP BY hist.player)
SELECT best.player, best.top * 0.5e0 AS half FROM best WHERE best.top > 10`;

async function hashOf(text: string): Promise<string> {
  return (await analyzeSql({ kind: 'select', text })).normalHash;
}

describe('what does not change the rows does not change the normal form', () => {
  test.each([
    ['white space', BASE.replaceAll(/\s+/g, ' ')],
    [
      'comments',
      BASE.replace('SELECT best', '-- the result\nSELECT /* all */ best').concat(' # end'),
    ],
    ['a comment behind a literal', BASE.replace('0.5e0', '0.5e0 /* half */')],
    ['renamed CTEs', BASE.replaceAll('hist', 'history').replaceAll('best', 'top_games')],
    [
      'CTEs that swap names',
      BASE.replaceAll('hist', 'tmp').replaceAll('best', 'hist').replaceAll('tmp', 'best'),
    ],
    ['lower-case keywords', BASE.replaceAll('SELECT', 'select').replaceAll('FROM', 'from')],
    [
      'a lower-case as behind a subquery',
      'SELECT q.x FROM (SELECT 1 AS x) as q',
      'SELECT q.x FROM (SELECT 1 AS x) AS q',
    ],
    ['the case of functions', BASE.replace('MAX(', 'max(')],
    ['a missing AS', BASE.replace('player_box AS b', 'player_box b')],
  ])('%s', async (_title, text, base = BASE) => {
    expect(await hashOf(text)).toBe(await hashOf(base));
  });
});

describe('what may change the rows changes the normal form', () => {
  test.each([
    ['a literal', BASE.replace('10', '11')],
    ['an operator', BASE.replace('>', '>=')],
    ['an output name', BASE.replace('AS half', 'AS part')],
    ['the relation read', BASE.replace('player_box', 'player_bax')],
    ['which CTE is read', BASE.replace('FROM hist GROUP', 'FROM player_box AS hist GROUP')],
    ['a column of a CTE', BASE.replace('best.player,', 'best.players,')],
    ['an aggregate', BASE.replace('MAX', 'MIN')],
  ])('%s', async (_title, text) => {
    expect(await hashOf(text)).not.toBe(await hashOf(BASE));
  });
});
