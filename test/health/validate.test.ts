import { describe, expect, test } from 'vitest';
import {
  allPlays,
  briefly,
  DATES,
  measuredFiles,
  measuredProject,
  type Play,
  playsCsv,
  tamper,
  validate,
} from './measured-project.ts';
import type { TestProject } from '../support/project.ts';
import { Rig } from '../support/rig.ts';

/** A project made from plays with a fault in them. */
async function made(
  change: (plays: readonly Play[]) => readonly Play[] = (plays) => plays,
  rules?: string,
): Promise<TestProject> {
  const project = measuredProject({
    plays: change(allPlays()),
    ...(rules === undefined ? {} : { rules }),
  });
  await project.materialize();
  return project;
}

const FIRST = '2022-10-03';

describe('a clean pipeline', () => {
  test('passes, with the coverage of every asset and nothing found', async () => {
    const { code, document } = await validate(await made());
    expect(briefly(document)).toEqual([]);
    expect(document).toMatchObject({ verdict: 'PASSED', from: FIRST, to: '2024-01-14' });
    expect(code).toBe(0);
    const [games, plays, totals, form] = document.assets;
    expect([games, plays, totals, form].map((each) => each?.name)).toEqual([
      'games',
      'plays',
      'totals',
      'form',
    ]);
    expect(plays).toMatchObject({
      duplicates: 0,
      rows_scale: 'per_unit',
      coverage: { percent: 100, expected: 180, with_rows: 180, rows: allPlays().length },
    });
    expect(form).toMatchObject({
      coverage: {
        expected: 156,
        with_rows: 156,
        expected_empty: 24,
        expected_empty_reasons: { 'too early in the season': 24 },
      },
      rows_scale: 'per_date',
    });
  });

  test('passes where everything is expected to be empty', async () => {
    const weeks = { selection: ['form'], from: '2023-10-02', to: '2023-10-15' };
    const { code, document } = await validate(await made(), weeks);
    expect(document).toMatchObject({ verdict: 'PASSED', findings: [] });
    expect(document.assets[0]?.coverage).toMatchObject({ expected: 0, expected_empty: 12 });
    expect(code).toBe(0);
  });

  test('is compared with the same time of the period before', async () => {
    const { document } = await validate(await made(), { from: '2023-10-02', to: '2023-11-01' });
    const totals = document.assets.find(({ name }) => name === 'totals');
    expect(totals?.previous_periods).toEqual([
      {
        period: '2023',
        previous: '2022',
        coverage: 100,
        previous_coverage: 100,
        rows: 1,
        previous_rows: 1,
        scale: 'per_unit',
        change_pct: 0,
      },
    ]);
  });
});

test('the same time of the period before is as many days after its beginning', async () => {
  // 2023-11-01 is 30 days after the beginning of its season, 2022-11-02 is so too.
  const project = await made((plays) => plays.filter(({ date }) => date !== '2022-11-02'));
  const range = { selection: ['plays'], from: '2023-10-16', to: '2023-11-01' };
  const { document } = await validate(project, range);
  expect(document.assets[0]?.previous_periods).toMatchObject([
    { coverage: 100, previous_coverage: 93.33 },
  ]);
});

describe('a planted fault is found, named and placed', () => {
  test('a column that is NULL for a month', async () => {
    const isHit = ({ date }: Play): boolean => '2023-11-01' <= date && date <= '2023-11-30';
    const project = await made((plays) =>
      plays.map((play) => (isHit(play) ? { ...play, value: null } : play)),
    );
    const { code, document } = await validate(project);
    const month = '2023-11-01..2023-11-29';
    expect(briefly(document)).toEqual([
      `warn unusual_nulls plays.value ${month}`,
      `warn unusual_nulls totals.total ${month}`,
    ]);
    const [plays, totals] = document.findings;
    expect(plays?.found).toBe('0.0% of value has a value');
    expect(plays?.command).toBe('fastbreak materialize plays+ --partitions 2023-11-01..2023-11-29');
    // The dates after it read three dates before them; the first two weeks have ended.
    expect(plays?.downstream).toEqual([
      { asset: 'totals', partitions: 25, from: '2023-11-01', to: '2023-11-29' },
      { asset: 'form', partitions: 27, from: '2023-11-03', to: '2023-12-03' },
    ]);
    expect(totals?.cause).toBe('of plays.value: 0.0% of value has a value');
    expect(totals?.command).toBe(plays?.command);
    expect(code).toBe(0);
    expect(document.verdict).toBe('PASSED with warnings');
  });

  test('a critical column with too many NULLs or zeros', async () => {
    const rules = 'validation: { assets: { plays: { critical: { value: null } } } }\n';
    const isHit = ({ date, play }: Play): boolean =>
      ['2023-11-07', '2023-11-08', '2023-12-12'].includes(date) && play % 10 === 0;
    const project = await made(
      (plays) => plays.map((play) => (isHit(play) ? { ...play, value: 0 } : play)),
      rules,
    );
    const { code, document } = await validate(project);
    expect(briefly(document)).toEqual([
      'error contaminated plays.value 2023-11-07..2023-11-08',
      'error contaminated plays.value 2023-12-12',
    ]);
    expect(document.findings[0]?.found).toBe('11.5% of value is NULL or 0');
    expect(code).toBe(1);
    project.edit('pipeline.yaml', 'value: null', 'value: { zeros: false }');
    expect(briefly((await validate(project)).document)).toEqual([]);
    project.edit('pipeline.yaml', 'zeros: false', 'zeros: true, most: 15');
    expect(briefly((await validate(project)).document)).toEqual([]);
  });

  test('dates that were never loaded, with what waits for them and the root of it', async () => {
    const project = await made((plays) =>
      plays.filter(({ date }) => date !== '2023-11-07' && date !== '2023-11-08'),
    );
    const { code, document } = await validate(project);
    expect(briefly(document)).toEqual(
      [
        'error coverage plays ',
        'error gap plays 2023-11-07..2023-11-08',
        'error coverage totals ',
        'error gap totals 2023-11-07..2023-11-08',
        'error coverage form ',
        'error gap form 2023-11-08..2023-11-12',
      ].map((text) => text.replace(/ (?=$)/, ' null')),
    );
    const gaps = document.findings.filter(({ kind }) => kind === 'gap');
    expect(gaps.map(({ cause }) => cause)).toEqual([
      expect.stringMatching(/^EMPTY_RESULT: /),
      expect.stringMatching(/^plays 2023-11-07 EMPTY_RESULT: /),
      expect.stringMatching(/^plays 2023-11-07 EMPTY_RESULT: /),
    ]);
    // What is to be made again reaches back to the root.
    expect(gaps[2]?.command).toBe(
      'fastbreak materialize +form --partitions 2023-11-07..2023-11-12',
    );
    // Nothing was built on what was never there.
    expect(gaps.map(({ downstream }) => downstream)).toEqual([[], [], []]);
    expect(code).toBe(1);
  });

  test('one missing date of many is a warning: the coverage is above its target', async () => {
    const project = await made((plays) => plays.filter(({ date }) => date !== '2023-11-07'));
    const { code, document } = await validate(project, { selection: ['plays'] });
    expect(briefly(document)).toEqual(['warn gap plays 2023-11-07']);
    expect(document.assets[0]?.coverage['percent']).toBe(99.44);
    expect(code).toBe(0);
  });

  test('half of the rows of a date', async () => {
    const project = await made((plays) =>
      plays.filter(({ date, play }) => date !== '2023-11-07' || play % 2 === 0),
    );
    const { code, document } = await validate(project, { selection: ['plays', 'totals'] });
    expect(briefly(document)).toEqual(['warn few_rows plays 2023-11-07']);
    const fewer = await made((plays) =>
      plays.filter(({ date, play }) => date !== '2023-11-07' || play % 5 < 2),
    );
    expect(code).toBe(0);
    const second = await validate(fewer, { selection: ['plays', 'totals'] });
    expect(briefly(second.document)).toEqual(['error few_rows plays 2023-11-07']);
    expect(second.document.findings[0]).toMatchObject({
      found: '8.25 rows per row of games, 41% of what is typical',
      expected: 'about 20 rows per row of games',
    });
    expect(second.code).toBe(1);
  });

  test('a fifth of the rows missing from a date on', async () => {
    // Of 19, 20 and 21 plays 4, 4 and 5 go.
    const project = await made((plays) =>
      plays.filter(({ date, play }) => date < '2023-11-07' || play % 5 !== 0),
    );
    const { document } = await validate(project, { selection: ['plays'], from: '2023-10-02' });
    expect(briefly(document)).toContain('warn drop plays 2023-11-07..2024-01-14');
    const drop = document.findings.find(({ kind }) => kind === 'drop');
    expect(drop?.found).toBe(
      '15.68 rows per row of games from 2023-11-07 on, 22% fewer than before',
    );
    expect(briefly(document).filter((text) => text.includes('few_rows'))).toEqual([]);
  });

  test('rows per unit that were declared', async () => {
    const rules = `validation:
  assets:
    totals: { expected_rows: { per: games, min: 1, max: 1 } }
    plays: { expected_rows: { per: games, min: 19, max: 20.2 } }
`;
    const { document } = await validate(await made(undefined, rules));
    const kinds = new Set(document.findings.map(({ asset, kind }) => `${asset} ${kind}`));
    expect([...kinds]).toEqual(['plays many_rows']);
    expect(document.findings[0]?.expected).toBe('19 to 20.2 rows per row of games');
  });

  test('a stale upstream, and what may change with it', async () => {
    const project = await made();
    const changed = allPlays().map((play) =>
      play.date === '2023-11-07' ? { ...play, value: 100 } : play,
    );
    project.write('data/plays.csv', playsCsv(changed));
    await project.materialize({ selection: ['plays'] });
    const { code, document } = await validate(project);
    expect(briefly(document)).toEqual(['warn stale totals 2023-11-07']);
    expect(document.findings[0]).toMatchObject({
      cause: 'plays changed',
      command: 'fastbreak materialize +totals --partitions 2023-11-07',
    });
    const open = document.findings.find(({ kind }) => kind === 'may_change');
    expect(open).toMatchObject({ asset: 'form', from: '2023-11-08', to: '2023-11-11' });
    expect(code).toBe(0);
  });
});

describe('what is wrong with the warehouse', () => {
  test('rows that something else removed are not what the record says', async () => {
    const project = await made();
    await tamper(project, `DELETE FROM reports.totals WHERE day = DATE '2023-11-07'`);
    const { code, document } = await validate(project, { selection: ['totals'] });
    expect(briefly(document)).toEqual(['error lost_rows totals 2023-11-07']);
    expect(document.findings[0]?.command).toBe(
      'fastbreak materialize totals --partitions 2023-11-07 --force',
    );
    expect(code).toBe(1);
  });

  test('a key that is there twice is counted', async () => {
    const project = await made();
    await tamper(
      project,
      `INSERT INTO raw.plays SELECT * FROM raw.plays WHERE play IN (100, 101, 200)`,
    );
    const { code, document } = await validate(project, { selection: ['plays'] });
    expect(document.assets[0]?.duplicates).toBe(3);
    expect(document.findings.find(({ kind }) => kind === 'duplicates')?.found).toBe(
      '3 rows have the key (play) of another row',
    );
    expect(code).toBe(1);
  });

  test('a query that fails is named and counts as not passed', async () => {
    const project = await made();
    await tamper(project, 'ALTER TABLE raw.plays DROP COLUMN note');
    const { code, document } = await validate(project, { selection: ['plays', 'totals'] });
    expect(briefly(document)).toEqual(['error query_failed plays null']);
    expect(document.findings[0]?.found).toContain('note');
    expect(document.findings[0]?.cause).toBe('what could not be checked counts as not passed');
    expect(code).toBe(1);
  });

  test('no rows at all fail', async () => {
    const project = measuredProject();
    await project.materialize({ selection: ['games'] });
    const { code, document } = await validate(project, { selection: ['plays'] });
    expect(document.verdict).toBe('FAILED');
    expect(document.findings[0]).toMatchObject({
      kind: 'no_rows',
      found: '0 of 180 partitions have rows (0.0%)',
    });
    expect(code).toBe(1);
  });

  test('a range without a date of the calendars is an error that says what there is', async () => {
    const project = await made();
    await expect(validate(project, { from: '2019-01-01', to: '2019-02-01' })).rejects.toMatchObject(
      {
        message: 'no date of the calendars up to today lies in 2019-01-01..2019-02-01',
        exitCode: 1,
      },
    );
  });
});

describe('freshness', () => {
  test('an asset behind its calendar is told, with how far', async () => {
    const project = await made((plays) => plays.filter(({ date }) => date <= '2024-01-10'));
    const { document } = await validate(project, { selection: ['plays'] });
    expect(document.assets[0]?.freshness).toEqual({
      newest: '2024-01-10',
      age_days: 51,
      // The day after it is off.
      behind: 3,
      expected: '2024-01-14',
    });
    expect(briefly(document)).toContain('warn freshness plays 2024-01-10');
    expect(document.findings.find(({ kind }) => kind === 'freshness')?.command).toBe(
      'fastbreak materialize +plays --partitions 2024-01-11..2024-01-14',
    );
    // What lies before the end is as it should be.
    const before = await validate(project, { selection: ['plays'], to: '2024-01-10' });
    expect(briefly(before.document)).toEqual([]);
  });

  test('a freshness check that the asset declares and fails is a finding of its severity', async () => {
    const project = await made((plays) => plays.filter(({ date }) => date <= '2024-01-10'));
    const declared =
      'source: { path: data/plays.csv }\n    checks: [{ freshness: { partitions: 2 } }]';
    project.edit('pipeline.yaml', 'source: { path: data/plays.csv }', declared);
    const { code, document } = await validate(project, { selection: ['plays'] });
    expect(briefly(document)).toContain('error freshness plays 2024-01-10');
    expect(document.verdict).toBe('FAILED');
    expect(code).toBe(1);
    project.edit('pipeline.yaml', 'partitions: 2 }', 'partitions: 3 }');
    const { document: allowed } = await validate(project, { selection: ['plays'] });
    expect(briefly(allowed)).not.toContain('error freshness plays 2024-01-10');
  });

  test('dates to come are not expected yet', async () => {
    const project = await made((plays) => plays.filter(({ date }) => date <= '2023-12-15'));
    const now = Date.UTC(2023, 11, 15, 12);
    const { document } = await validate(project, { selection: ['plays'] }, now);
    expect(document).toMatchObject({ verdict: 'PASSED', to: '2023-12-15', findings: [] });
    expect(document.assets[0]?.freshness).toMatchObject({ age_days: 0, behind: 0 });
    const later = await validate(project, { selection: ['plays'], to: '2024-01-14' }, now);
    expect(later.document.findings).toEqual([]);
  });
});

/** Few plays on some dates. */
function fewOn(dates: readonly string[]): Promise<TestProject> {
  return made((plays) => plays.filter(({ date, play }) => !dates.includes(date) || play % 5 < 2));
}

test('few rows at a time when other periods have few too, within a week, are a note', async () => {
  const early = ['2022-10-04', '2022-10-05', '2023-10-02', '2023-10-03'];
  const { document } = await validate(await fewOn(early), { selection: ['plays'] });
  expect(briefly(document)).toEqual([]);
  expect(document.findings.map(({ kind, cause, from, to }) => [kind, cause, from, to])).toEqual([
    ['few_rows', 'usual at this time of a period', '2022-10-04', '2022-10-05'],
    ['few_rows', 'usual at this time of a period', '2023-10-02', '2023-10-03'],
  ]);
  const apart = await fewOn(['2022-11-07', '2023-11-28']);
  expect(briefly((await validate(apart, { selection: ['plays'] })).document)).toEqual([
    'error few_rows plays 2022-11-07',
    'error few_rows plays 2023-11-28',
  ]);
});

test('the pattern that the tests rest on has the same dates in both seasons', () => {
  expect(DATES.length).toBe(180);
});

test('people read a line per asset, the findings with what mends them, and the verdict', async () => {
  await using rig = await Rig.create(
    measuredFiles({ plays: allPlays().filter(({ date }) => date !== '2023-11-07') }),
  );
  await rig.run('materialize', '--quiet');
  const { code, stdout } = await rig.run('validate', '--from', '2023-10-02', '--to', '2023-12-31');
  expect(stdout).toMatch(/^measured in local, 2023-10-02\.\.2023-12-31\n/);
  expect(stdout).toMatch(/^plays +77 +78 +98\.7% +0 +\d,\d{3} +0 +0 +2024-01-14 +2 OK$/m);
  expect(stdout).toMatch(/^form +63 +66 +95\.5% +12 +63 /m);
  expect(stdout).toMatch(
    /^error totals 2023-11-07: 1 partition is blocked\n +expected .*\n +because plays 2023-11-07 EMPTY_RESULT/m,
  );
  expect(stdout).toContain('fastbreak materialize +form --partitions 2023-11-07..2023-11-11\n');
  expect(stdout).toMatch(/^games +78 .* no column may be NULL$/m);
  expect(stdout).toMatch(
    /^baseline of plays, totals, form: no date of the calendar lies in the 91 days before/m,
  );
  expect(stdout).toMatch(/^FAILED: \d errors, \d warnings and \d notes\.\n$/m);
  expect(code).toBe(1);
  const quiet = await rig.run('validate', 'games', '--quiet', '--to', '2023-12-31');
  expect(quiet).toMatchObject({ code: 0, stdout: 'PASSED: 0 errors, 0 warnings and 0 notes.\n' });
});
