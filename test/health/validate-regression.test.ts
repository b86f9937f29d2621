import { describe, expect, test } from 'vitest';
import { compareCoverage } from '../../engine/health/regression.ts';
import type { ValidateOptions } from '../../engine/commands/validate.ts';
import {
  allPlays,
  briefly,
  measuredProject,
  type Play,
  validate,
  type ValidationDocument,
} from './measured-project.ts';

describe('a share of values against its baseline', () => {
  test.each([
    [0, 0, 'OK'],
    [0.1, 0, 'IMPROVEMENT'],
    [89.9, 100, 'REGRESSION'],
    [90, 100, 'DEGRADATION'],
    [94.9, 100, 'DEGRADATION'],
    [95, 100, 'OK'],
    [52.4, 50, 'OK'],
    [52.5, 50, 'IMPROVEMENT'],
    [0, 0.5, 'REGRESSION'],
  ])('%d%% now and %d%% before is %s', (now, before, result) => {
    expect(compareCoverage(now, before)).toBe(result);
  });
});

/** Notes of plays from a date on: every n-th is kept. */
async function regressionOf(
  keepsNote: (play: Play) => boolean,
  options: Partial<ValidateOptions> = {},
  rules?: string,
): Promise<{ readonly code: number; readonly document: ValidationDocument }> {
  const plays = allPlays().map((play) => ({ ...play, note: keepsNote(play) ? 'n' : null }));
  const project = measuredProject({ plays, ...(rules === undefined ? {} : { rules }) });
  await project.materialize();
  return validate(project, { selection: ['plays'], ...options });
}

const LATE = { from: '2023-12-01', to: '2024-01-14' };

describe('validate holds columns against the 91 days before', () => {
  test('a loss of more than a tenth is a regression and fails', async () => {
    const { code, document } = await regressionOf(
      ({ date, play }) => date < '2023-12-01' || play % 20 > 2,
      LATE,
    );
    const regression = document.assets[0]?.regression;
    expect(regression).toMatchObject({
      // The 91 days before begin in the break between the seasons, which does not make them the break.
      baseline_from: '2023-09-01',
      baseline_to: '2023-11-30',
      note: null,
    });
    expect(regression?.columns.find(({ column }) => column === 'note')).toEqual({
      column: 'note',
      coverage: 83.33,
      baseline_coverage: 100,
      change: -16.67,
      change_pct: -16.67,
      result: 'REGRESSION',
    });
    expect(briefly(document)).toEqual(['error regression plays.note null']);
    expect(code).toBe(1);
  });

  test('fewer of what few rows have is told, and is no finding unless the column is declared', async () => {
    const keeps = ({ date, play }: Play): boolean => play % (date < '2023-12-01' ? 10 : 20) === 0;
    const { code, document } = await regressionOf(keeps, LATE);
    expect(document.assets[0]?.regression.columns).toContainEqual(
      expect.objectContaining({ column: 'note', result: 'REGRESSION' }),
    );
    expect(briefly(document)).toEqual([]);
    expect(code).toBe(0);
    const rules = 'validation: { assets: { plays: { columns: { note: 1 } } } }\n';
    const declared = await regressionOf(keeps, LATE, rules);
    expect(briefly(declared.document)).toEqual(['error regression plays.note null']);
  });

  test('what most rows have, and not nearly all, may go away with what it is about: a warning', async () => {
    // 0 to 8 of the 19 to 21 plays of a game have none: about three of five have one, then none.
    const keeps = ({ date, play }: Play): boolean => date < '2023-12-01' && play % 100 > 7;
    const { code, document } = await regressionOf(keeps, LATE);
    expect(briefly(document)).toContain('warn regression plays.note null');
    expect(document.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(code).toBe(0);
  });

  test('a baseline with less than 30 values says nothing of a column that is not declared', async () => {
    // One play of a game is kept; a baseline of two dates has 2 to 6 of each.
    const plays = allPlays()
      .filter(({ play }) => play % 100 === 0)
      .map((play) => ({ ...play, note: play.date < '2023-12-01' ? 'n' : null }));
    const project = measuredProject({ plays });
    await project.materialize();
    const few = { ...LATE, selection: ['plays'], baseline: '2023-11-28..2023-11-29' };
    const regressions = (document: ValidationDocument): string[] =>
      briefly(document).filter((text) => text.includes('regression'));
    expect(regressions((await validate(project, few)).document)).toEqual([]);
    const enough = { ...few, baseline: '2023-11-01..2023-11-30' };
    expect(regressions((await validate(project, enough)).document)).toEqual([
      'error regression plays.note null',
    ]);
  });

  test('a smaller loss is a warning', async () => {
    const { code, document } = await regressionOf(
      ({ date, play }) => date < '2023-12-01' || play % 20 > 0,
      LATE,
    );
    // 20 plays a game lose one, 21 lose two, 19 lose one.
    expect(briefly(document)).toEqual(['warn degradation plays.note null']);
    expect(code).toBe(0);
  });

  test('another baseline can be given', async () => {
    const keeps = ({ date, play }: Play): boolean => date < '2023-12-01' || play % 20 > 2;
    const { document } = await regressionOf(keeps, { ...LATE, baseline: '2023-12-01..2023-12-31' });
    expect(document.assets[0]?.regression).toMatchObject({
      baseline_from: '2023-12-01',
      baseline_to: '2023-12-31',
    });
    expect(briefly(document)).toEqual([]);
  });

  test('in the break between periods it is the same time of the period before, and says so', async () => {
    const { document } = await regressionOf(({ date, play }) => date < '2023' || play % 2 === 0, {
      from: '2023-10-02',
      to: '2023-10-31',
    });
    expect(document.assets[0]?.regression).toMatchObject({
      baseline_from: '2022-10-03',
      baseline_to: '2022-11-01',
      note: 'no date of the calendar lies in the 91 days before; the same months of the previous season',
    });
    expect(briefly(document)).toEqual(['error regression plays.note null']);
    expect(document.findings[0]?.cause).toContain('the same months of the previous season');
  });

  test('so it is where the baseline has fewer than 500 rows', async () => {
    const { document } = await regressionOf(() => true, { from: '2023-10-06', to: '2023-10-31' });
    const regression = document.assets[0]?.regression;
    expect(regression?.note).toMatch(
      /^the 91 days before have \d+ rows, fewer than 500; the same months of the previous season$/,
    );
    expect(regression).toMatchObject({ baseline_from: '2022-10-07', baseline_to: '2022-11-01' });
  });

  test('without earlier rows there is nothing to compare', async () => {
    const { document } = await regressionOf(() => true);
    expect(document.assets[0]?.regression).toMatchObject({ baseline_records: 0, columns: [] });
  });

  test('declared columns have thresholds of their own, critical or not', async () => {
    const rules = `validation:
  assets:
    plays: { columns: { note: { least: 60, critical: false }, value: 99 } }
`;
    const half = ({ play }: Play): boolean => play % 2 === 0;
    const { code, document } = await regressionOf(half, LATE, rules);
    expect(briefly(document)).toEqual(['warn column_coverage plays.note null']);
    expect(document.findings[0]).toMatchObject({ expected: 'at least 60%' });
    expect(document.assets[0]?.regression.columns.map(({ column }) => column)).toEqual([
      'note',
      'value',
    ]);
    expect(code).toBe(0);
  });
});
