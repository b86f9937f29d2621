import { expect, test } from 'vitest';
import { declaredAsset, type InputRow } from './one-asset.ts';
import { newProject } from '../support/project.ts';

const DATE = '2024-01-05';

/** Which alarms of a grading table some rows of one date raise, by the flagship's own declaration. */
async function alarms(name: string, rows: readonly InputRow[]): Promise<readonly string[]> {
  const { columns, checks } = await declaredAsset(name);
  const yaml = {
    name: 'alarms',
    timezone: 'UTC',
    targets: { local: { warehouse: 'duckdb', memory_limit: '512MB', threads: 1 } },
    groups: { grading: { dataset: 'grading' } },
    calendars: { dates: { asset: name, date: 'game_date' } },
    partition_sets: { dates: { calendar: 'dates' } },
    assets: {
      [name]: {
        group: 'grading',
        partitions: 'dates',
        partition_column: 'game_date',
        source: { path: 'data/rows.json', format: 'json' },
        columns,
        checks: checks.filter((check) => ALARMS.includes(check.name ?? '')),
      },
    },
  };
  const blank = Object.fromEntries(
    columns.flatMap((column) => Object.keys(column)).map((column) => [column, null]),
  );
  const lines = rows.map((row) => JSON.stringify({ ...blank, game_date: DATE, ...row }));
  const project = newProject({
    'pipeline.yaml': JSON.stringify(yaml),
    'data/rows.json': `${lines.join('\n')}\n`,
  });
  const { code, document } = await project.materialize();
  // A warning keeps no rows out and fails no run.
  expect({ code, failures: document.failures }).toEqual({ code: 0, failures: [] });
  return document.checks.map(({ check, severity }) => {
    expect(severity).toBe('warn');
    return check;
  });
}

const ALARMS = ['too_good_to_be_true', 'hits_too_often', 'wins_too_often'];

/** Some rows, the first so many of which are of the first kind. */
function mixed(count: number, good: number, rows: readonly [InputRow, InputRow]): InputRow[] {
  return Array.from({ length: count }, (_, at) => ({
    player_lookup: `p${at}`,
    system_id: 'one',
    ...(at < good ? rows[0] : rows[1]),
  }));
}

test.each([
  ['an error of 3.5 on average', 100, 3.5, []],
  ['a lower error', 100, 3.49, ['too_good_to_be_true']],
  ['a lower error on fewer players', 99, 0, []],
] as const)('a date of predictions with %s', async (_, count, error, expected) => {
  const row = { absolute_error: error, is_void: false };
  // Who did not play makes no sample larger.
  const voids = [{ player_lookup: 'v', system_id: 'one', is_void: true }];
  expect(
    await alarms('prediction_accuracy', [...mixed(count, count, [row, row]), ...voids]),
  ).toEqual(expected);
});

const HIT = { actual_points: 20, points_line: 18.5, recommendation: 'OVER' };
const MISS = { actual_points: 20, points_line: 18.5, recommendation: 'UNDER' };

test.each([
  ['hits in four of five', 120, 96, []],
  ['one hit more', 120, 97, ['hits_too_often']],
  ['nothing but hits, of few', 119, 119, []],
] as const)('a date of recommendations with %s', async (_, count, hits, expected) => {
  const rest = { absolute_error: 5, is_void: false };
  const rows = mixed(count, hits, [
    { ...HIT, ...rest },
    { ...MISS, ...rest },
  ]);
  // Neither of them is one that came out one way or the other.
  const others = mixed(60, 30, [
    { ...HIT, ...rest, recommendation: 'PASS' },
    { ...MISS, ...rest, points_line: 20 },
  ]).map((row) => ({ ...row, player_lookup: `q${String(row['player_lookup'])}` }));
  expect(await alarms('prediction_accuracy', [...rows, ...others])).toEqual(expected);
});

test.each([
  ['bets won in four of five', 50, 40, []],
  ['one won more', 50, 41, ['wins_too_often']],
  ['nothing but won ones, of few', 49, 49, []],
] as const)('a date with %s', async (_, count, won, expected) => {
  const rows = mixed(count, won, [{ bet_result: 'won' }, { bet_result: 'lost' }]);
  const push = { player_lookup: 'push', system_id: 'one', bet_result: 'push' };
  expect(await alarms('pra_accuracy', [...rows, push])).toEqual(expected);
  const daily = { system_id: 'one', correct_count: won, incorrect_count: count - won };
  const row = { ...daily, win_rate: won / count };
  expect(await alarms('system_daily_performance', [row])).toEqual(expected);
});

test('a span of dates is told from more rows, so that small slates add up', async () => {
  const span = { system_id: 'one', span: 'season', last_date: '2024-01-04' };
  const good = { predictions_count: 300, mae: 3.4, correct_count: 90, incorrect_count: 10 };
  const both = { ...span, ...good, win_rate: 0.9 };
  expect(await alarms('system_summary', [both])).toEqual(['too_good_to_be_true', 'wins_too_often']);
  const few = { ...both, predictions_count: 299, correct_count: 89 };
  const fair = { ...both, mae: 3.5, win_rate: 0.8, correct_count: 80, incorrect_count: 20 };
  const none = { ...span, predictions_count: 0, correct_count: 0, incorrect_count: 0 };
  expect(await alarms('system_summary', [few, { ...fair, span: 'month' }])).toEqual([]);
  expect(await alarms('system_summary', [none])).toEqual([]);
});
