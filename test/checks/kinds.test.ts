import { describe, expect, test } from 'vitest';
import type { RunOutcome } from '../support/project.ts';
import { DAYS, gamesProject, LINES, type Planted } from './games-project.ts';

interface CheckDocument {
  readonly check: string;
  readonly severity: string;
  readonly partitions: readonly string[];
  readonly rows: number;
  readonly message: string;
}

function checksOf(outcome: RunOutcome): readonly CheckDocument[] {
  return (outcome.document as unknown as { readonly checks: readonly CheckDocument[] }).checks;
}

/** The checks of `scores` that failed, after one batch over all days. */
async function failed(checks: string, planted: Planted): Promise<readonly CheckDocument[]> {
  return checksOf(await gamesProject(checks, planted).materialize());
}

/** The sound lines with one of them changed and others added. */
function lines(change: Readonly<Record<number, string>>, added: readonly string[] = []) {
  return [...LINES.map((line, index) => change[index] ?? line), ...added];
}

describe('each kind fails exactly for the partition where it is violated, and says how', () => {
  test('unique', async () => {
    const planted = { lines: lines({}, [`${DAYS[2]},3,aaa,7`]) };
    expect(await failed('- unique: [game_id, team]', planted)).toMatchObject([
      {
        check: 'unique_game_id_team',
        severity: 'error',
        partitions: [DAYS[2]],
        rows: 1,
        message:
          'check "unique_game_id_team" failed: 1 offending row(s), e.g. [{"game_id":3,"team":"aaa","row_count":2}]',
      },
    ]);
  });

  test('not_null, accepted_values, range and condition, in one query', async () => {
    const checks = `
- { not_null: points }
- { accepted_values: { column: team, values: [aaa, bbb] } }
- { range: { column: points, min: 50, max: 150 } }
- { condition: game_id > 0 OR NOT is_odd(points), name: odd_games }
`;
    const planted = {
      lines: lines({
        0: `${DAYS[0]},1,aaa,`,
        2: `${DAYS[1]},2,zzz,100`,
        4: `${DAYS[2]},3,aaa,151`,
        6: `${DAYS[3]},-4,aaa,101`,
      }),
    };
    const found = await failed(checks, planted);
    expect(found.map(({ check, partitions, rows }) => [check, ...partitions, rows])).toEqual([
      ['not_null_points', DAYS[0], 1],
      ['accepted_values_team', DAYS[1], 1],
      ['range_points', DAYS[2], 1],
      ['odd_games', DAYS[3], 1],
    ]);
    expect(found[2]?.message).toContain('"points":151');
  });

  test('a NULL offends nothing but not_null', async () => {
    const checks = `
- { accepted_values: { column: points, values: [100, 90] } }
- { range: { column: points, min: 50 } }
- { condition: points > 0 }
- { relationship: { column: team, to: teams.team } }
`;
    expect(await failed(checks, { lines: lines({ 0: `${DAYS[0]},1,,` }) })).toEqual([]);
  });

  test('not_null with a threshold allows some', async () => {
    const checks = '- { not_null: points, threshold: 60 }';
    const half = lines({ 0: `${DAYS[0]},1,aaa,` });
    const third = lines({ 2: `${DAYS[1]},2,aaa,` }, [`${DAYS[1]},2,ccc,80`]);
    expect(await failed(checks, { lines: third })).toEqual([]);
    const [found] = await failed(checks, { lines: half });
    expect(found).toMatchObject({ partitions: [DAYS[0]], rows: 1 });
    expect(found?.message).toContain(
      '50 % of the rows have a value, expected 60 %: 1 of 2 are NULL, e.g. [',
    );
  });

  test('row_count', async () => {
    const planted = { lines: lines({}, [`${DAYS[1]},2,ccc,1`, `${DAYS[1]},2,ddd,1`]) };
    expect(await failed('- row_count: { min: 2, max: 3 }', planted)).toMatchObject([
      {
        check: 'row_count',
        partitions: [DAYS[1]],
        message: 'check "row_count" failed: 4 row(s), expected 2 to 3',
      },
    ]);
  });

  test('row_count per row of an upstream, by its key', async () => {
    const moved = lines({ 2: `${DAYS[1]},7,aaa,100` }, [`${DAYS[3]},4,ccc,1`]);
    const [found, ...others] = await failed('- row_count: { per: games, min: 2, max: 2 }', {
      lines: moved,
    });
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      check: 'row_count_per_games',
      partitions: [DAYS[1], DAYS[3]],
      rows: 2,
      message: `check "row_count_per_games" failed: 1 row(s) of games without 2 row(s) here, e.g. [{"day":"${DAYS[1]}","game_id":2,"row_count":1}]`,
    });
  });

  test('row_count per row of an unpartitioned upstream, by named columns', async () => {
    const checks = '- row_count: { per: teams, min: 1, on: { team: team } }';
    const planted = { lines: lines({ 9: `${DAYS[4]},5,ccc,1` }) };
    expect(await failed(checks, planted)).toMatchObject([{ partitions: [DAYS[4]], rows: 1 }]);
  });

  test('relationship, to an upstream without partitions', async () => {
    const planted = { lines: lines({ 9: `${DAYS[4]},5,ccc,90` }) };
    const checks = '- { relationship: { column: team, to: teams.team }, severity: warn }';
    expect(await failed(checks, planted)).toMatchObject([
      {
        check: 'relationship_team',
        severity: 'warn',
        partitions: [DAYS[4]],
        message:
          'check "relationship_team" failed: 1 row(s) whose team is not in teams.team, e.g. [{"day":"2024-01-06","team":"ccc"}]',
      },
    ]);
  });

  test('relationship within the same partition: what another date has does not count', async () => {
    const planted = { lines: lines({ 0: `${DAYS[0]},2,aaa,90` }) };
    const checks = '- relationship: { column: game_id, to: games.game_id }';
    expect(await failed(checks, planted)).toMatchObject([{ partitions: [DAYS[0]], rows: 1 }]);
  });

  test('relationship within each partition’s own window, though a batch reads all of them', async () => {
    const members = [
      `${DAYS[0]},aaa`,
      `${DAYS[0]},bbb`,
      ...DAYS.slice(1).map((day) => `${day},ccc`),
    ];
    const planted = {
      lines: lines({
        2: `${DAYS[1]},2,ccc,1`,
        4: `${DAYS[2]},3,ccc,1`,
      }),
      members,
    };
    const found = await failed('- relationship: { column: team, to: members.team }', planted);
    // On the first day nothing was before.
    expect(found).toMatchObject([{ partitions: [DAYS[0], DAYS[1]], rows: 3 }]);
  });

  test('SQL over the rows, the upstreams and the partitions', async () => {
    const checks = `
- name: winner_in_teams
  sql: |
    WITH best AS (SELECT day, MAX(points) AS points FROM this GROUP BY day)
    SELECT t.day, t.team
    FROM partitions AS p
    JOIN this AS t ON t.day = p.partition_date
    JOIN best AS b ON b.day = t.day AND b.points = t.points
    LEFT JOIN teams AS known ON known.team = t.team
    WHERE known.team IS NULL AND is_odd(t.points);
`;
    const planted = { lines: lines({ 0: `${DAYS[0]},1,ccc,1`, 8: `${DAYS[4]},5,ccc,151` }) };
    expect(await failed(checks, planted)).toMatchObject([
      {
        check: 'winner_in_teams',
        partitions: [DAYS[4]],
        message: `check "winner_in_teams" failed: 1 offending row(s), e.g. [{"day":"${DAYS[4]}","team":"ccc"}]`,
      },
    ]);
  });
});

test('sound rows fail nothing, and a partition without rows is no matter of checks', async () => {
  const checks = `
- { unique: [game_id, team] }
- { not_null: points, threshold: 99.5 }
- { row_count: { min: 2, max: 2 } }
- { row_count: { per: games, min: 2, max: 2 } }
- { relationship: { column: game_id, to: games.game_id } }
- { sql: 'SELECT day FROM this WHERE points < 0', name: none_below }
`;
  const outcome = await gamesProject(checks, { lines: LINES.slice(2) }).materialize();
  expect(outcome.code).toBe(0);
  expect(checksOf(outcome)).toEqual([]);
  expect(outcome.document.assets.find((asset) => asset.name === 'scores')).toMatchObject({
    materialized: 4,
    expected_empty: 1,
  });
});

test('a batch fails the same partitions as each partition alone', async () => {
  const checks = `
- { relationship: { column: team, to: members.team } }
- { row_count: { per: games, min: 2 } }
`;
  const planted = { lines: lines({ 2: `${DAYS[1]},9,ccc,1` }) };
  const alone = gamesProject(checks, planted);
  alone.edit('pipeline.yaml', '    group: reports\n', '    group: reports\n    batch: 1\n');
  expect(checksOf(await alone.materialize())).toEqual(await failed(checks, planted));
});

test('a reference to a declared upstream warns, unless a check says more', async () => {
  const planted = { lines: lines({ 9: `${DAYS[4]},5,ccc,90` }) };
  const reference = (checks: string) => {
    const project = gamesProject(checks, planted);
    project.edit(
      'pipeline.yaml',
      '    columns: [day, game_id, team, points]\n    expected_empty',
      '    columns: [day, game_id, { team: { references: teams.team } }, points]\n    expected_empty',
    );
    return project.materialize();
  };
  const outcome = await reference('- not_null: team');
  expect(outcome.code).toBe(0);
  expect(checksOf(outcome)).toMatchObject([
    { check: 'team references teams.team', severity: 'warn', partitions: [DAYS[4]] },
  ]);
  const declared = await reference('- { relationship: { column: team, to: teams.team } }');
  expect(checksOf(declared)).toMatchObject([{ check: 'relationship_team', severity: 'error' }]);
});
