import { expect, test } from 'vitest';
import { columnLineage } from '../../engine/sql/columns.ts';
import { loadSqlParser } from '../../engine/sql/parse.ts';
import { transpileToDuckdb } from '../../engine/sql/transpile.ts';

const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  box: ['day', 'player', 'team', 'points', 'minutes'],
  teams: ['team', 'city'],
};

const graph = {
  asset: (name: string) => ({ columns: (COLUMNS[name] ?? []).map((column) => ({ name: column })) }),
};

async function lineageOf(googleSql: string, columns: readonly string[]) {
  const transpiled = transpileToDuckdb(await loadSqlParser(), googleSql);
  if (!transpiled.ok) throw new Error(transpiled.message);
  const lineage = await columnLineage(
    {
      columns: columns.map((name) => ({ name })),
      upstream: Object.keys(COLUMNS).map((name) => ({ relation: name, asset: name })),
      sql: { duckdbSql: transpiled.sql },
    },
    graph,
  );
  return Object.fromEntries(
    [...lineage].map(([column, sources]) => [
      column,
      sources.map((source) => `${source.relation}.${source.column}`),
    ]),
  );
}

test('every output column leads to the columns that it is made of', async () => {
  const sql = `
    WITH hist AS (
      SELECT b.day, b.player, b.team, SAFE_DIVIDE(b.points, b.minutes) AS rate FROM box AS b
    ), ranked AS (
      SELECT hist.player, hist.rate, hist.team,
        ROW_NUMBER() OVER (PARTITION BY hist.player ORDER BY hist.day) AS game
      FROM hist
    )
    SELECT q.partition_date AS day, r.player, t.city, AVG(r.rate) AS rate, MAX(r.game) AS games, 1 AS one
    FROM partitions AS q JOIN ranked AS r ON TRUE JOIN teams AS t ON t.team = r.team
    GROUP BY 1, 2, 3`;
  expect(await lineageOf(sql, ['day', 'player', 'city', 'rate', 'games', 'one'])).toEqual({
    day: ['partitions.partition_date'],
    player: ['box.player'],
    city: ['teams.city'],
    rate: ['box.minutes', 'box.points'],
    games: ['box.day', 'box.player'],
    one: [],
  });
});

test('both sides of a union and columns without a qualifier are followed', async () => {
  const sql = 'SELECT player AS name FROM box UNION ALL SELECT city FROM teams';
  expect(await lineageOf(sql, ['name'])).toEqual({ name: ['box.player', 'teams.city'] });
});

test('subqueries and conditions inside expressions count', async () => {
  const sql = `SELECT b.day, IF(b.points > 10, (SELECT MAX(t.city) FROM teams AS t), NULL) AS label
    FROM box AS b`;
  expect(await lineageOf(sql, ['day', 'label'])).toEqual({
    day: ['box.day'],
    label: ['box.points', 'teams.city'],
  });
});

test('an aggregate with an order leads to what it aggregates', async () => {
  const sql =
    "SELECT b.day, STRING_AGG(b.player, ',' ORDER BY b.points) AS players FROM box AS b GROUP BY 1";
  expect(await lineageOf(sql, ['day', 'players'])).toEqual({
    day: ['box.day'],
    players: ['box.player'],
  });
});

test('a constant and a count derive from no column, even where they are named like one', async () => {
  const sql = `SELECT b.day, 'all' AS team, COUNT(*) AS points FROM box AS b
    WHERE EXISTS (SELECT 1 FROM teams AS t WHERE t.team = b.team) GROUP BY 1`;
  expect(await lineageOf(sql, ['day', 'team', 'points'])).toEqual({
    day: ['box.day'],
    team: [],
    points: [],
  });
});

test('an asset without SQL has no column lineage', async () => {
  expect(await columnLineage({ columns: [{ name: 'a' }], upstream: [] }, graph)).toEqual(new Map());
});
