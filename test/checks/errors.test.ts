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
    expect(error).toContain('hint: the upstreams of "scores" are lines, games, teams, members');
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
});
