import { describe, expect, test } from 'vitest';
import { gamesProject } from './games-project.ts';

/** What the user reads: one block per error, with the line it is about and a caret. */
async function errorsOf(checks: string): Promise<readonly string[]> {
  const { message } = await gamesProject(checks).error();
  return message.split('\n\n').slice(0, -1);
}

describe('a check that cannot be meant is refused before anything runs, with its place', () => {
  test('an unknown column, with the nearest one', async () => {
    const [error] = await errorsOf('- relationship: { column: teem, to: teams.team }');
    expect(error).toMatch(
      /^pipeline\.yaml:\d+:33 UNKNOWN_COLUMN unknown column "teem", did you mean "team"\?/,
    );
    expect(error).toContain('| ' + ' '.repeat(32) + '^^^^');
  });

  test('an unknown column of the upstream', async () => {
    const [error] = await errorsOf('- relationship: { column: team, to: teams.tem }');
    expect(error).toContain(':43 UNKNOWN_COLUMN unknown column "tem", did you mean "team"?');
  });

  test('an unknown asset', async () => {
    const [error] = await errorsOf('- relationship: { column: team, to: teems.team }');
    expect(error).toContain('UNKNOWN_ASSET unknown asset "teems", did you mean "teams"?');
    expect(error).toContain('hint: the upstreams of "scores" are games, lines, members, teams');
  });

  test('an asset that is no upstream', async () => {
    const project = gamesProject('- row_count: { per: games, min: 1 }');
    project.edit('pipeline.yaml', 'games: same, ', '');
    project.edit('pipeline.yaml', '          AND (SELECT COUNT(*) FROM games) >= 0\n', '');
    const { message } = await project.error();
    expect(message).toContain(
      'UNDECLARED_UPSTREAM a check of "scores" reads "games", which is not among its upstreams',
    );
    expect(message).toContain(
      'hint: add it under assets.scores.upstream with its window, e.g. games: same',
    );
  });

  test('columns of different types', async () => {
    const [error] = await errorsOf('- relationship: { column: game_id, to: teams.team }');
    expect(error).toContain(
      'INVALID_CHECK "game_id" is INT64 and teams.team is STRING: they are never equal',
    );
  });

  test('rows counted per row of another date, or of an upstream without a common key', async () => {
    const [window, key] = await errorsOf(
      '- row_count: { per: members, min: 1 }\n- row_count: { per: teams, min: 1 }',
    );
    expect(window).toContain('"members" is not read of the same date: its window is not "same"');
    expect(key).toContain('which rows belong to a row of "teams" is unclear: "teams" has no key');
    expect(key).toContain('hint: say it with on: { <column of scores>: <column of teams> }');
  });

  test('SQL with a mistyped column, relation or CTE', async () => {
    const [column] = await errorsOf("- { sql: 'SELECT t.day FROM this AS t WHERE t.pionts < 0' }");
    expect(column).toMatch(
      /:\d+:53 UNKNOWN_COLUMN nothing that the check reads has a column "pionts", did you mean "points"\?/,
    );
    const [relation] = await errorsOf("- { sql: 'SELECT day FROM thsi' }");
    expect(relation).toContain(':33 UNKNOWN_ASSET unknown asset "thsi", did you mean "this"?');
    const [own] = await errorsOf("- { sql: 'SELECT day FROM scores' }");
    expect(own).toContain(
      'SQL_CHECK_READS_TABLE the check reads the table "scores", not the rows that are about to be published',
    );
    expect(own).toContain('hint: write FROM this');
    const [cte] = await errorsOf(
      "- { sql: 'WITH this AS (SELECT day FROM lines) SELECT day FROM this' }",
    );
    expect(cte).toContain('SQL_CTE_NAMED_LIKE_ASSET');
  });

  test('SQL that does not say which partition a row belongs to', async () => {
    const [error] = await errorsOf("- { sql: 'SELECT t.points FROM this AS t' }");
    expect(error).toContain('MISSING_PARTITION_COLUMN the check does not return "day"');
    const [star] = await errorsOf("- { sql: 'SELECT * FROM this' }");
    expect(star).toContain('SQL_SELECT_STAR');
    expect(star).toContain('hint: list the columns that tell where an offending row is: day');
  });

  test('SQL that cannot be parsed, or means something else on the other warehouse', async () => {
    const [syntax] = await errorsOf("- { sql: 'SELECT day FROM this WHERE (' }");
    expect(syntax).toMatch(/^pipeline\.yaml:\d+:\d+ SQL_SYNTAX/);
    const [lint] = await errorsOf(
      "- { sql: 'SELECT day FROM this GROUP BY day HAVING COUNTIF(points > 1) > 2' }",
    );
    expect(lint).toContain('SQL_COUNTIF');
  });

  test('an expression that names a column which is not there, of this asset or of the upstream', async () => {
    const [own] = await errorsOf('- group: { by: [game_id], value: SUM(pionts), max: 5 }');
    expect(own).toMatch(
      /:\d+:44 UNKNOWN_COLUMN "scores" has no column "pionts", did you mean "points"\?/,
    );
    const [other] = await errorsOf(
      '- sum_equals: { of: teams, on: { team: team }, sum: points, equals: points }',
    );
    expect(other).toContain('UNKNOWN_COLUMN "teams" has no column "points"');
    const [mirrored] = await errorsOf('- mirror: { by: [game_id], columns: { points: -pionts } }');
    expect(mirrored).toContain('UNKNOWN_COLUMN "scores" has no column "pionts"');
    const [where] = await errorsOf(
      '- coverage: { of: teams, on: { team: team }, where: points > 1 }',
    );
    expect(where).toContain('UNKNOWN_COLUMN "teams" has no column "points"');
    const [group] = await errorsOf('- group: { by: [gaem_id], value: SUM(points), max: 5 }');
    expect(group).toContain('UNKNOWN_COLUMN unknown column "gaem_id", did you mean "game_id"?');
  });

  test('an aggregate where a row is meant, and none where a group is', async () => {
    const [none] = await errorsOf('- group: { by: [game_id], value: points, max: 5 }');
    expect(none).toContain('INVALID_CHECK expected an aggregate of the group, found none');
    const [bound] = await errorsOf(
      '- group: { by: [game_id], value: SUM(points), max: points + 1 }',
    );
    expect(bound).toContain('INVALID_CHECK expected an aggregate of the group, found none');
    const [one] = await errorsOf(
      '- sum_equals: { of: teams, on: { team: team }, sum: SUM(points), equals: "1" }',
    );
    expect(one).toContain(
      'INVALID_CHECK SUM is an aggregate; here the columns of one row are meant',
    );
    const [where] = await errorsOf('- group: { value: SUM(points), max: 5, where: COUNT(*) > 1 }');
    expect(where).toContain('INVALID_CHECK COUNT is an aggregate');
  });

  test('a decimal that the two warehouses would read differently', async () => {
    const [error] = await errorsOf('- group: { value: AVG(points) * 0.5, max: 5.5 }');
    expect(error).toContain('SQL_DECIMAL_LITERAL');
  });

  test('columns whose means say nothing, and upstreams of another date', async () => {
    const [text] = await errorsOf('- drift: { columns: [team] }');
    expect(text).toMatch(
      /:\d+:28 INVALID_CHECK "team" is STRING; this kind of check takes INT64, FLOAT64, BOOL/,
    );
    const [constant] = await errorsOf('- constant: { columns: [day] }');
    expect(constant).toContain('INVALID_CHECK "day" is DATE');
    const [window] = await errorsOf('- coverage: { of: members, on: { team: team } }');
    expect(window).toContain('"members" is not read of the same date: its window is not "same"');
    const [upstream] = await errorsOf(
      '- correlation: { column: points, of: teams, on: { team: team }, columns: [team], max: 0.5 }',
    );
    expect(upstream).toContain(
      'INVALID_CHECK "teams.team" is STRING; correlations take INT64, FLOAT64',
    );
    const [unknown] = await errorsOf('- coverage: { of: teems, on: { team: team } }');
    expect(unknown).toMatch(/:\d+:25 UNKNOWN_ASSET unknown asset "teems", did you mean "teams"\?/);
  });
});
