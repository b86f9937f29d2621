import { describe, expect, test } from 'vitest';
import { freshnessFindings } from '../../engine/checks/freshness.ts';
import type { FreshnessCheck } from '../../engine/config/check.ts';
import { unsafeAssetName } from '../../engine/ids.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { CONTENT } from '../../engine/partitions/records.ts';
import { runCheck } from '../../engine/commands/check.ts';
import { runStatus } from '../../engine/commands/status.ts';
import { GLOBALS } from '../support/project.ts';
import { day } from '../partitions/shapes.ts';
import type { TestProject } from '../support/project.ts';
import { gamesProject } from './games-project.ts';

const TODAY = '2024-01-10';
const EXPECTED = ['2024-01-01', '2024-01-03', '2024-01-04', '2024-01-08', '2024-01-12'];

/** What is found on TODAY when some dates were made. */
function found(
  settings: Omit<FreshnessCheck, 'type'>,
  made: Readonly<Record<string, number>>,
  today = TODAY,
) {
  const check = { name: 'freshness', severity: 'warn', blocking: false } as const;
  const asset = {
    name: unsafeAssetName('scores'),
    checks: [{ ...check, type: 'freshness', ...settings } as const],
  };
  const records = {
    days: Int32Array.from(Object.keys(made), day),
    content: Uint8Array.from(Object.values(made)),
  };
  const input = { expected: EXPECTED.map(day), records, today: day(today) };
  return freshnessFindings(asset, input).map(({ day: at, failures, message }) => ({
    at: formatDay(at),
    failures,
    message,
  }));
}

const M = CONTENT.materialized;

describe('freshness in partitions', () => {
  test('counts the expected ones up to today that are newer than the newest one made', () => {
    const made = { '2024-01-01': M, '2024-01-03': M };
    expect(found({ partitions: 2 }, made)).toEqual([]);
    expect(found({ partitions: 1 }, made)).toEqual([
      {
        at: '2024-01-03',
        failures: 2,
        message:
          'check "freshness" failed: the newest partition is 2024-01-03: 2 expected partition(s) up to 2024-01-10 are newer, expected at most 1',
      },
    ]);
    expect(found({ partitions: 0 }, { ...made, '2024-01-08': M })).toEqual([]);
  });

  test('a gap before the newest is no matter of freshness, and the future is not late', () => {
    expect(found({ partitions: 0 }, { '2024-01-08': M })).toEqual([]);
    expect(found({ partitions: 0 }, { '2024-01-08': M }, '2024-01-12')).toHaveLength(1);
    expect(found({ partitions: 0, days: 0 }, {}, '2023-12-31')).toEqual([]);
  });

  test('an expected-empty partition is made, a failed one is not', () => {
    expect(found({ partitions: 0 }, { '2024-01-08': CONTENT.expectedEmpty })).toEqual([]);
    expect(found({ partitions: 0 }, { '2024-01-08': CONTENT.none })).toMatchObject([
      {
        at: '2024-01-01',
        failures: 4,
        message: expect.stringContaining('no partition was made') as string,
      },
    ]);
  });
});

describe('freshness in days', () => {
  test('counts from the newest partition to today, whatever is expected', () => {
    expect(found({ days: 7 }, { '2024-01-03': M })).toEqual([]);
    expect(found({ days: 6 }, { '2024-01-03': M })).toMatchObject([
      {
        message:
          'check "freshness" failed: the newest partition is 2024-01-03: that is 7 day(s) before 2024-01-10, expected at most 6',
      },
    ]);
    expect(found({ days: 8 }, {})).toMatchObject([
      { message: expect.stringContaining('the first one is due 9 day(s) before') as string },
    ]);
  });

  test('both bounds are told of', () => {
    const [both] = found({ days: 1, partitions: 1 }, { '2024-01-01': M });
    expect(both?.message).toMatch(/3 expected partition.*; that is 9 day/);
  });
});

test('fastbreak check reports it beside the checks of rows, and a run does not', async () => {
  const project = gamesProject('- { freshness: { days: 3 } }\n- { not_null: points }');
  const { document } = await project.materialize();
  expect(document).toMatchObject({ status: 'succeeded', checks: [] });
  const check = async (partitions?: string) => {
    const out: string[] = [];
    const effects = {
      ...project.effects(),
      now: () => Date.parse('2024-01-10T12:00:00Z'),
      stdout: (text: string) => void out.push(text),
    };
    const options = { ...GLOBALS, selection: ['scores'], exclude: [], partitions };
    const code = await runCheck(options, effects);
    const { checks } = JSON.parse(out.join('')) as {
      readonly checks: readonly { readonly check: string; readonly failed: number }[];
    };
    return { code, checks: checks.map((each) => [each.check, each.failed]) };
  };
  expect(await check()).toEqual({
    code: 1,
    checks: [
      ['not_null_points', 0],
      ['freshness', 1],
    ],
  });
  // It is about all partitions.
  expect(await check('2024-01-06')).toEqual({ code: 0, checks: [['not_null_points', 0]] });
});

describe('fastbreak status', () => {
  const status = async (project: TestProject, today: string, json: boolean): Promise<string> => {
    const out: string[] = [];
    const now = (): number => Date.parse(`${today}T12:00:00Z`);
    const effects = { ...project.effects(), now, stdout: (text: string) => void out.push(text) };
    const all = { selection: [], exclude: [], grid: false };
    expect(await runStatus({ ...GLOBALS, ...all, json }, effects)).toBe(0);
    return out.join('');
  };
  const freshness = async (project: TestProject, today: string) => {
    const { assets } = JSON.parse(await status(project, today, true)) as {
      readonly assets: readonly { readonly name: string; readonly freshness: object }[];
    };
    return Object.fromEntries(assets.map((asset) => [asset.name, asset.freshness]));
  };
  const newest = { newest: '2024-01-06', behind: 0, expected: '2024-01-06' };

  test('has the age of every asset, and what its freshness checks say', async () => {
    const project = gamesProject('- { freshness: { days: 3 } }');
    await project.materialize();
    expect(await freshness(project, '2024-01-09')).toEqual({
      games: { fresh: true, ...newest, age_days: 3, failed_checks: [] },
      members: { fresh: true, ...newest, age_days: 3, failed_checks: [] },
      lines: { fresh: true, ...newest, age_days: 3, failed_checks: [] },
      scores: { fresh: true, ...newest, age_days: 3, failed_checks: [] },
      teams: {
        fresh: true,
        newest: null,
        age_days: null,
        behind: 0,
        expected: null,
        failed_checks: [],
      },
    });
    expect(await status(project, '2024-01-09', false)).not.toContain('Not fresh');
    expect(await freshness(project, '2024-01-10')).toMatchObject({
      games: { fresh: true, age_days: 4 },
      scores: {
        fresh: false,
        ...newest,
        age_days: 4,
        failed_checks: [expect.stringContaining('4 day(s) before 2024-01-10') as string],
      },
    });
    expect(await status(project, '2024-01-10', false)).toMatch(
      /^All well in local: .*\nNot fresh: scores \(newest 2024-01-06, 4 days old\)\.\n$/m,
    );
  });

  test('without a check, rows are fresh up to the calendar; with one, as it says', async () => {
    const project = gamesProject('- { freshness: { partitions: 2 } }');
    await project.materialize({ selection: ['games', 'members', 'teams'] });
    await project.materialize({ partitions: '..2024-01-03' });
    const late = { newest: '2024-01-03', behind: 2, expected: '2024-01-06', age_days: 3 };
    expect(await freshness(project, '2024-01-06')).toMatchObject({
      games: { fresh: true, ...newest, age_days: 0 },
      lines: { fresh: false, ...late, failed_checks: [] },
      scores: { fresh: true, ...late, failed_checks: [] },
    });
    // A date to come is not late.
    expect(await freshness(project, '2024-01-05')).toMatchObject({
      lines: { fresh: false, newest: '2024-01-03', behind: 1, expected: '2024-01-05', age_days: 2 },
    });
    expect(await freshness(project, '2024-01-04')).toMatchObject({ lines: { fresh: true } });
  });
});
