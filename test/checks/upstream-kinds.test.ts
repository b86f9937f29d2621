import { describe, expect, test } from 'vitest';
import { failedChecks as failed } from './failed-checks.ts';
import { DAYS, LINES } from './games-project.ts';

/** The sound lines (two teams a day, 100 and 90 points) without some, and with others added. */
function lines(without: readonly number[], added: readonly string[] = []) {
  return [...LINES.filter((_, index) => !without.includes(index)), ...added];
}

/** `members` has both teams on every day; a game on day 2 has id 2 and so on. */
describe('coverage', () => {
  const members = '- coverage: { of: games, on: { game_id: game_id } }';

  test('names who is missing, by date', async () => {
    expect(await failed(members, { lines: LINES })).toEqual([]);
    const planted = { lines: lines([2, 3], [`${DAYS[1]},9,aaa,1`]) };
    expect(await failed(members, planted)).toMatchObject([
      {
        check: 'coverage_of_games',
        partitions: [DAYS[1]],
        rows: 1,
        message:
          'check "coverage_of_games" failed: 1 row(s) of games without a row here, e.g. [{"day":"2024-01-02","game_id":2}]',
      },
    ]);
  });

  test('what another date has does not count', async () => {
    const moved = { lines: lines([2, 3], [`${DAYS[1]},1,aaa,1`, `${DAYS[2]},2,aaa,1`]) };
    expect(await failed(members, moved)).toMatchObject([{ partitions: [DAYS[1]], rows: 1 }]);
  });

  test('of an upstream without dates, every date needs every row; a threshold lets some miss', async () => {
    const of = (threshold: number) =>
      `- { coverage: { of: teams, on: { team: team } }, threshold: ${threshold} }`;
    const planted = { teams: ['aaa', 'bbb', 'ccc', 'ddd'], lines: lines([1]) };
    expect(await failed(of(25), planted)).toEqual([]);
    const [found, ...others] = await failed(of(50), planted);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ partitions: [DAYS[0]], rows: 3 });
    expect(found?.message).toContain(
      '3 row(s) of teams without a row here, expected 50 % to have one, e.g. [{"day":"2024-01-01","team":"bbb"},{"day":"2024-01-01","team":"ccc"},{"day":"2024-01-01","team":"ddd"}]',
    );
  });

  test('lists up to twenty who are missing', async () => {
    const teams = ['aaa', ...Array.from({ length: 30 }, (_, at) => `t${at + 10}`)];
    const [found] = await failed('- coverage: { of: teams, on: { team: team } }', {
      teams,
      lines: lines([1]),
    });
    expect(found).toMatchObject({ partitions: [...DAYS], rows: 5 * 30 });
    expect(found?.message.match(/"team":/g)).toHaveLength(20);
  });

  test('counts the rows of the upstream that it is told to, and none without a value', async () => {
    const where = "- coverage: { of: teams, on: { team: team }, where: team <> 'ccc' }";
    expect(await failed(where, { teams: ['aaa', 'ccc', ''], lines: LINES })).toEqual([]);
    expect(await failed(where, { teams: ['aaa', 'ddd'], lines: LINES })).toMatchObject([
      { rows: 5 },
    ]);
  });

  test('a row here is enough, and more than one no fault', async () => {
    expect(await failed(members, { lines: lines([], [`${DAYS[1]},2,ccc,1`]) })).toEqual([]);
  });
});

describe('sum_equals', () => {
  // An upstream with the same rows: what the asset's statement reads.
  const of = (settings: string) =>
    `- sum_equals: { of: lines, on: { game_id: game_id }, ${settings} }`;
  const planted = { lines: LINES };

  test('compares an expression here with one of the upstream, group by group', async () => {
    expect(await failed(of('sum: points * 2, equals: points + points'), planted)).toEqual([]);
    const off = of('sum: "IF(game_id = 3, points + 1, points)", equals: points');
    expect(await failed(off, planted)).toMatchObject([
      {
        check: 'sum_equals_lines',
        partitions: [DAYS[2]],
        rows: 1,
        message:
          'check "sum_equals_lines" failed: 1 group(s) whose sum of IF(game_id = 3, points + 1, points) is not the points of lines, e.g. [{"day":"2024-01-03","game_id":3,"value":192,"expected":190}]',
      },
    ]);
  });

  test('allows what is within the tolerance, itself included', async () => {
    const off = (tolerance: number) =>
      failed(of(`sum: points + 1, equals: points, tolerance: ${tolerance}`), planted);
    expect(await off(2)).toEqual([]);
    expect(await off(1.99)).toMatchObject([
      {
        partitions: [...DAYS],
        message: expect.stringContaining('of lines within 1.99,') as string,
      },
    ]);
  });

  test('takes decimals for equal that differ in their last digits', async () => {
    const tenths = of('sum: points * 0.1e0, equals: points * 0.3e0 / 3');
    expect(await failed(tenths, planted)).toEqual([]);
  });

  test('a group that only one side has offends', async () => {
    const games = '- sum_equals: { of: games, on: { game_id: game_id }, sum: 1, equals: 2 }';
    const moved = { lines: lines([2, 3], [`${DAYS[1]},7,aaa,1`, `${DAYS[1]},7,bbb,1`]) };
    const [found, ...others] = await failed(
      games.replace('sum: 1', "sum: '1'").replace('equals: 2', "equals: '2'"),
      moved,
    );
    expect(others).toEqual([]);
    expect(found).toMatchObject({ partitions: [DAYS[1]], rows: 2 });
    expect(found?.message).toContain('"game_id":2,"value":null,"expected":2}');
    expect(found?.message).toContain('"game_id":7,"value":2,"expected":null}');
  });

  test('a sum that is NULL is compared with nothing, and rows of no group belong to none', async () => {
    const unknown = { lines: lines([0, 1], [`${DAYS[0]},1,aaa,`, `${DAYS[0]},,bbb,5`]) };
    expect(await failed(of('sum: points + 1 - 1, equals: points'), unknown)).toEqual([]);
    expect(await failed(of('sum: points, equals: points + 1'), unknown)).toMatchObject([
      { partitions: DAYS.slice(1) },
    ]);
  });
});

test('an asset without declared kinds of upstreams is asked for none: the key says which rows belong together', async () => {
  const byKey = "- sum_equals: { of: games, sum: '1', equals: '2' }";
  expect(await failed(byKey, { lines: LINES })).toEqual([]);
});
