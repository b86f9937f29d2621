import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keptProject, newProject, type TestProject } from '../support/project.ts';
import { GUESSES, guessesFiles, report } from './guesses-project.ts';

interface Figures {
  readonly rows: number;
  readonly mae: number;
  readonly share_of_baseline: number | null;
  readonly [name: string]: unknown;
}

interface Document {
  readonly comparisons: readonly {
    readonly about: string;
    readonly rows: number;
    readonly available: readonly Readonly<Record<string, unknown>>[];
    readonly systems: readonly (Figures & { readonly system: string })[];
    readonly parts: Readonly<
      Record<string, Readonly<Record<string, Readonly<Record<string, Figures>>>>>
    >;
    readonly importances: readonly unknown[];
  }[];
}

async function measured(
  project: TestProject,
  options: Parameters<typeof report>[1] = {},
): Promise<Document['comparisons'][number]> {
  const [found] = (JSON.parse((await report(project, options)).out) as Document).comparisons;
  if (found === undefined) throw new Error('the report compares nothing');
  return found;
}

/** The number but for what adding fractions costs. */
const near = (value: number): unknown => expect.closeTo(value, 9);

describe('report', () => {
  let project: TestProject;
  beforeAll(async () => {
    project = keptProject(guessesFiles());
    await project.materialize();
  });
  afterAll(() => rmSync(project.root, { recursive: true, force: true }));

  test('measures all systems on the rows that all have, that count and happened', async () => {
    const { systems, rows, available } = await measured(project);
    expect(rows).toBe(3);
    expect(available).toEqual([
      { system: 'bad', rows: 5, graded: 3, first: '2024-01-01', last: '2024-02-01' },
      { system: 'good', rows: 6, graded: 4, first: '2024-01-01', last: '2024-02-01' },
    ]);
    expect(systems.map(({ system }) => system)).toEqual(['good', 'bad']);
    const [good, bad] = systems;
    expect(good).toMatchObject({
      rows: 3,
      mae: near(7 / 3),
      baseline_mae: 2,
      share_of_baseline: near(7 / 6),
      rmse: near(Math.sqrt(7)),
      bias: 1,
      bias_of_mean: 2,
      within: { '3': near(2 / 3) },
    });
    // An error of exactly 3 is within 3.
    expect(bad).toMatchObject({
      mae: near(8 / 3),
      bias: near(2 / 3),
      bias_of_mean: null,
      within: { '3': near(2 / 3) },
    });
  });

  test('a system alone is measured on all its rows', async () => {
    const { systems } = await measured(project, { systems: ['good'] });
    expect(systems.map(({ system, rows }) => [system, rows])).toEqual([['good', 4]]);
    // 1, 2, 4 and 82, where the usual value of the fourth is right.
    expect(systems[0]?.mae).toBeCloseTo(89 / 4, 9);
  });

  test('tells how quantiles and probabilities came true', async () => {
    const { systems } = await measured(project);
    const [good, bad] = systems;
    expect(good).toMatchObject({
      quantiles: [
        { level: 0.1, below: near(1 / 3), pinball: near(1.6 / 3) },
        { level: 0.5, below: near(2 / 3), pinball: near(3.5 / 3) },
        { level: 0.9, below: near(2 / 3), pinball: near(1.6 / 3) },
      ],
      in_interval: near(1 / 3),
      brier: near((0.45 ** 2 + 0.25 ** 2) / 3),
      reliability: [
        {
          origin: 'guessed',
          from: 0.2,
          to: 0.3,
          rows: 1,
          expected: 0.25,
          happened: 0,
          estimated: true,
        },
        {
          origin: 'real',
          from: 0.5,
          to: 0.6,
          rows: 1,
          expected: 0.55,
          happened: 1,
          estimated: false,
        },
        { origin: 'real', from: 0.9, to: 1, rows: 1, expected: 1, happened: 1, estimated: false },
      ],
    });
    expect(bad).toMatchObject({ quantiles: [], in_interval: null, brier: null, reliability: [] });
  });

  test('settles bets, and claims no edge', async () => {
    const { systems, parts } = await measured(project);
    const [good, bad] = systems;
    expect(good?.['bets']).toEqual({
      count: 3,
      won: 1,
      lost: 1,
      pushed: 1,
      profit: near(-0.1),
      yield: near(-0.1 / 3),
    });
    expect(bad?.['bets']).toBeNull();
    // Two dates: both draws the first gives -0.1 of 2 bets, both the second 0 of 1.
    expect(good?.['return_interval']).toEqual({ low: near(-0.05), high: 0 });
    expect(parts['side']?.['OVER']?.['good']?.['bets']).toMatchObject({
      count: 2,
      won: 1,
      lost: 0,
    });
    const { out } = await report(project, { json: false });
    expect(out).toContain(
      'good: 3 bets, 1 won, 1 lost, 1 pushed, return -3.3% of the stakes (95 %: -5.0% to +0.0%): no edge, the interval holds 0',
    );
  });

  test('breaks the figures down by date, month, period and declared columns', async () => {
    const { parts } = await measured(project);
    const share = (dimension: string, value: string, system: string): unknown =>
      parts[dimension]?.[value]?.[system]?.share_of_baseline;
    expect(Object.keys(parts).toSorted()).toEqual(['by who', 'date', 'month', 'period', 'side']);
    expect(Object.keys(parts['date'] ?? {})).toEqual(['2024-01-01', '2024-02-01']);
    expect(share('month', '2024-01', 'good')).toBeCloseTo(3 / 6, 9);
    expect(share('period', '2023', 'bad')).toBeCloseTo(8 / 6, 9);
    // The usual value was right, so that there is no share.
    expect(share('period', '2024', 'good')).toBeNull();
    expect(share('by who', 'a', 'good')).toBeCloseTo(5 / 2, 9);
    expect(parts['by who']?.['c']).toBeUndefined();
  });

  test('shows the importances of the newest model', async () => {
    expect((await measured(project)).importances).toEqual([
      {
        model: 'first',
        newest: '2024-01-01',
        features: [
          { name: 'great', value: 0.75 },
          { name: 'small', value: 0.25 },
        ],
      },
    ]);
  });

  test('a range cuts dates off at both ends', async () => {
    const { rows, about } = await measured(project, { from: '2024-01-15', to: '2024-02-20' });
    expect(rows).toBe(1);
    expect(about).toContain('1 row on 1 date, 2024-02-01 to 2024-02-01: guesses that count.');
  });

  test('text says which rows were used and what each system could have had', async () => {
    const { out } = await report(project, { json: false });
    expect(out).toContain('How good the guesses are: guessing in local');
    expect(out).toContain('guesses that count. All systems are measured on the same rows');
    expect(out).toContain('systems have up to 4 (fewest: bad with 3)');
  });

  test('a comparison without the optional parts has errors alone', async () => {
    const { systems, parts } = await measured(project, { name: 'plain' });
    // Without a column that says what counts, the fourth person of both does.
    expect(systems[0]).toMatchObject({
      rows: 4,
      brier: null,
      bets: null,
      quantiles: [],
      within: {},
    });
    expect(Object.keys(parts)).toEqual(['date', 'month']);
  });
});

describe('report ends with an error', () => {
  let project: TestProject;
  beforeAll(async () => {
    project = keptProject(guessesFiles());
    await project.materialize();
  });
  afterAll(() => rmSync(project.root, { recursive: true, force: true }));

  test.each([
    [{ name: 'acuracy' }, 'UNKNOWN_REPORT', 2, 'did you mean "accuracy"?'],
    [{ systems: ['goood'] }, 'UNKNOWN_SYSTEM', 2, 'did you mean "good"?'],
    [{ from: '2024-02-02' }, 'EMPTY_RANGE', 1, 'it has 2 dates, 2024-01-01..2024-02-01'],
    [{ html: 'no-such-folder/page.html' }, 'OUTPUT_UNWRITABLE', 2, 'no-such-folder'],
    [{ from: '2024-02-02', to: '2024-01-01' }, 'INVALID_DATE', 2, 'begins after it ends'],
  ])('for %o', async (options, code, exitCode, message) => {
    await expect(report(project, options)).rejects.toMatchObject({
      code,
      exitCode,
      message: expect.stringContaining(message) as string,
    });
  });

  test('where nothing was made', async () => {
    await expect(report(newProject(guessesFiles()))).rejects.toMatchObject({
      code: 'NOT_MATERIALIZED',
      exitCode: 1,
    });
  });

  test('where only another asset was made', async () => {
    const other = newProject(guessesFiles());
    await other.materialize({ selection: ['models'] });
    await expect(report(other)).rejects.toMatchObject({
      code: 'NOT_MATERIALIZED',
      exitCode: 1,
      hint: 'fastbreak materialize +guesses',
    });
  });

  test('where nothing counts, or nothing is common', async () => {
    const none = newProject(guessesFiles(GUESSES.map((guess) => ({ ...guess, counts: false }))));
    await none.materialize();
    await expect(report(none)).rejects.toMatchObject({ code: 'NOTHING_GRADED', exitCode: 1 });
    const apart = newProject(
      guessesFiles(GUESSES.map((guess) => ({ ...guess, who: `${guess.system} ${guess.who}` }))),
    );
    await apart.materialize();
    await expect(report(apart)).rejects.toMatchObject({ code: 'NOTHING_IN_COMMON', exitCode: 1 });
  });
});

test('an unknown or unfit column of a report is an error of the pipeline', async () => {
  const wrong = newProject(guessesFiles());
  wrong.edit('pipeline.yaml', 'mean: mean', 'mean: meen');
  wrong.edit('pipeline.yaml', 'rows: { column: counts,', 'rows: { column: actual,');
  wrong.edit('pipeline.yaml', 'importances: { of: models', 'importances: { of: modles');
  const text = await report(wrong).catch(String);
  expect(text).toContain('unknown column "meen"');
  expect(text).toContain('expected a column of type BOOL, found guesses.actual of type INT64');
  expect(text).toContain('unknown asset "modles", did you mean "models"?');
});
