import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHECK_KINDS } from '../../engine/config/check-kinds.ts';
import { DAYS, gamesProject, LINES } from './games-project.ts';

const PAGE = readFileSync(new URL('../../docs/checks.md', import.meta.url), 'utf8');

/** The checks of one of the page's examples, without the indentation that they have there. */
function exampleChecks(at: number): string {
  const yaml = [...PAGE.matchAll(/```yaml\n([^`]*)```/g)][at]?.[1] ?? '';
  return yaml
    .slice(yaml.indexOf('checks:\n') + 'checks:\n'.length)
    .replaceAll(/^ {6}/gm, '')
    .trim();
}

test('the example of docs/checks.md compiles, passes on sound rows and finds every planted fault', async () => {
  expect((await gamesProject(exampleChecks(0)).materialize()).document).toMatchObject({
    status: 'succeeded',
    checks: [],
  });
  const bad = LINES.map((line) => (line.startsWith(DAYS[1]) ? `${DAYS[1]},9,ccc,900` : line));
  const blank = bad.with(0, `${DAYS[0]},1,aaa,`).with(4, `${DAYS[2]},3,aaa,-1`);
  const lonely = blank.toSpliced(9, 1);
  const { document } = await gamesProject(exampleChecks(0), { lines: lonely }).materialize();
  const { checks } = document as unknown as {
    readonly checks: readonly { readonly check: string; readonly partitions: readonly string[] }[];
  };
  expect(Object.fromEntries(checks.map((each) => [each.check, each.partitions]))).toEqual({
    unique_game_id_team: [DAYS[1]],
    not_null_points: [DAYS[0]],
    accepted_values_team: [DAYS[1]],
    range_points: [DAYS[1], DAYS[2]],
    positive: [DAYS[2]],
    row_count: [DAYS[4]],
    row_count_per_games: [DAYS[1], DAYS[4]],
    relationship_team: [DAYS[1]],
    best_is_known: [DAYS[1]],
  });
});

test('every kind is in the examples and in the table, and the second example passes on sound rows', async () => {
  const examples = exampleChecks(0) + exampleChecks(1);
  for (const kind of CHECK_KINDS) {
    expect(examples).toMatch(new RegExp(`\\b${kind}:`));
    expect(PAGE).toContain(`| \`${kind}\` `);
  }
  const { document } = await gamesProject(exampleChecks(1)).materialize();
  expect(document).toMatchObject({ status: 'succeeded', checks: [] });
});
