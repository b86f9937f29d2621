import { describe, expect, test } from 'vitest';
import { failedChecks as failed } from './failed-checks.ts';
import { DAYS, LINES } from './games-project.ts';

/** The sound lines (two teams a day, 100 and 90 points) with some changed and others added. */
function lines(change: Readonly<Record<number, string>>, added: readonly string[] = []) {
  return [...LINES.map((line, index) => change[index] ?? line), ...added];
}

describe('duplicate_rows', () => {
  const again = (line: string) => ({ lines: lines({}, [line]) });

  test('finds rows that are equal in all columns, NULLs included', async () => {
    expect(await failed('- duplicate_rows: {}', again(`${DAYS[1]},2,aaa,100`))).toMatchObject([
      { check: 'duplicate_rows', partitions: [DAYS[1]], rows: 1 },
    ]);
    const twiceNull = { lines: lines({}, [`${DAYS[1]},,ccc,`, `${DAYS[1]},,ccc,`]) };
    expect(await failed('- duplicate_rows: {}', twiceNull)).toMatchObject([{ rows: 1 }]);
    expect(await failed('- duplicate_rows: {}', again(`${DAYS[1]},2,aaa,101`))).toEqual([]);
    expect(await failed('- duplicate_rows: {}', again(`${DAYS[2]},2,aaa,100`))).toEqual([]);
  });

  test('leaves out the columns that it is told to', async () => {
    const [found] = await failed(
      '- duplicate_rows: { except: [game_id] }',
      again(`${DAYS[1]},7,aaa,100`),
    );
    expect(found).toMatchObject({ partitions: [DAYS[1]], rows: 1 });
    expect(found?.message).toContain(
      'e.g. [{"day":"2024-01-02","team":"aaa","points":100,"row_count":2}]',
    );
  });
});

describe('group', () => {
  const of = (settings: string) => `- group: { ${settings} }`;

  test('fails where the aggregate is outside of its bounds, which are included', async () => {
    const sums = (planted: readonly string[]) =>
      failed(of('by: [game_id], value: SUM(points), min: 190, max: 191'), { lines: planted });
    expect(await sums(LINES)).toEqual([]);
    expect(await sums(lines({ 2: `${DAYS[1]},2,aaa,101` }))).toEqual([]);
    expect(await sums(lines({ 2: `${DAYS[1]},2,aaa,99`, 4: `${DAYS[2]},3,aaa,102` }))).toEqual([
      expect.objectContaining({
        check: 'group_game_id',
        partitions: [DAYS[1], DAYS[2]],
        rows: 2,
        message:
          'check "group_game_id" failed: 1 group(s) whose SUM(points) is not 190 to 191, e.g. [{"day":"2024-01-02","game_id":2,"value":189,"at_least":190,"at_most":191}]',
      }),
    ]);
  });

  test('takes bounds of the group itself', async () => {
    const check = of('by: [game_id], value: MAX(points), max: AVG(points) + COUNT(*) * 4');
    expect(await failed(check, { lines: lines({ 0: `${DAYS[0]},1,aaa,106` }) })).toEqual([]);
    expect(await failed(check, { lines: lines({ 0: `${DAYS[0]},1,aaa,107` }) })).toMatchObject([
      { partitions: [DAYS[0]], rows: 1 },
    ]);
  });

  test('counts the rows that it is told to, and leaves small groups alone', async () => {
    const check = of(
      "value: MIN(points), min: 90, where: team = 'bbb' OR points < 50, min_rows: 2",
    );
    expect(await failed(check, { lines: lines({ 1: `${DAYS[0]},1,bbb,10` }) })).toEqual([]);
    const two = lines({ 0: `${DAYS[0]},1,aaa,49`, 1: `${DAYS[0]},1,bbb,90` });
    expect(await failed(check, { lines: two })).toMatchObject([
      { check: 'group', partitions: [DAYS[0]] },
    ]);
  });

  test('a value, a bound or a group that is NULL offends nothing', async () => {
    const planted = {
      lines: lines({ 0: `${DAYS[0]},1,aaa,`, 1: `${DAYS[0]},1,bbb,`, 2: `${DAYS[1]},,aaa,1` }),
    };
    const check = of(
      'by: [game_id], value: SUM(points), min: 80, max: "MAX(NULLIF(points, 90)) + 90"',
    );
    expect(await failed(check, planted)).toEqual([]);
  });
});

describe('mirror', () => {
  const check = (tolerance = 0) =>
    `- mirror: { by: [game_id], columns: { points: 190 - points }, tolerance: ${tolerance} }`;

  test('holds each row of a pair against what the other says', async () => {
    expect(await failed(check(), { lines: LINES })).toEqual([]);
    const off = { lines: lines({ 2: `${DAYS[1]},2,aaa,101` }) };
    expect(await failed(check(), off)).toMatchObject([
      {
        check: 'mirror_points',
        partitions: [DAYS[1]],
        rows: 2,
        message: expect.stringContaining(
          '2 row(s) that are not one of a pair, or not what the other says, e.g. [{"day":"2024-01-02","game_id":2,"row_count":2,"points":101,"expected_points":100},{"day":"2024-01-02","game_id":2,"row_count":2,"points":90,"expected_points":89}]',
        ) as string,
      },
    ]);
    expect(await failed(check(1), off)).toEqual([]);
  });

  test('compares texts too, crosswise and not with themselves', async () => {
    const names =
      "- mirror: { by: [game_id], columns: { team: \"IF(team = 'aaa', 'bbb', 'aaa')\" } }";
    expect(await failed(names, { lines: LINES })).toEqual([]);
    expect(await failed(names, { lines: lines({ 1: `${DAYS[0]},1,aaa,90` }) })).toMatchObject([
      { rows: 2, partitions: [DAYS[0]] },
    ]);
  });

  test('rows without a partner and with two offend; without a group they do not', async () => {
    const planted = {
      lines: lines({ 0: `${DAYS[0]},,aaa,100` }, [`${DAYS[2]},3,ccc,0`]),
    };
    expect(await failed(check(), planted)).toMatchObject([
      { partitions: [DAYS[0], DAYS[2]], rows: 1 + 3 },
    ]);
    const unknown = { lines: lines({ 0: `${DAYS[0]},1,aaa,` }) };
    expect(await failed(check(), unknown)).toEqual([]);
  });
});
