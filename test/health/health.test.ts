import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TestProject } from '../support/project.ts';
import {
  allPlays,
  callOffAndChange,
  health,
  measuredProject,
  playsCsv,
  tamper,
} from './measured-project.ts';

interface HealthDocument {
  readonly formula: string;
  readonly average: number | null;
  readonly dates_scored: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly trend: readonly Readonly<Record<string, number | null>>[];
  readonly components: readonly Readonly<Record<string, unknown>>[];
  readonly worst: readonly DateDocument[];
  readonly dates: readonly DateDocument[];
}

interface DateDocument {
  readonly date: string;
  readonly period: string | null;
  readonly score: number | null;
  readonly class: string | null;
  readonly components: Readonly<Record<string, number | null>>;
  readonly reasons: readonly string[];
}

const RULES = `health:
  components:
    made: { present: [totals, form] }
    loaded: { weight: 2, ratio: { of: plays.game, per: games } }
    right: { complete: [totals, form] }
    form: { any: form }
  csv:
    day: date
    score: score
    games: { rows: games }
    played: { distinct: plays.game }
    noted: { present: plays.note }
    totals: { rows: totals }
    form: { rows: form }
    made: { completion: [totals, form] }
    share: { percent: { of: played, per: games } }
    none: { value: 0 }
    class: class
    empty: expected_empty
    why: reasons
  legacy_columns:
    scheduled: games
    raw: [played, none]
    analytics: [totals]
    precompute: [totals, form]
    predictions: form
    graded: form
`;

async function made(plays = allPlays()): Promise<TestProject> {
  const project = measuredProject({ plays, rules: RULES });
  await project.materialize();
  return project;
}

async function document(
  project: TestProject,
  options: Parameters<typeof health>[1] = {},
): Promise<HealthDocument> {
  return JSON.parse((await health(project, options)).out) as HealthDocument;
}

function dateOf({ dates }: HealthDocument, date: string): DateDocument | undefined {
  return dates.find((each) => each.date === date);
}

describe('health', () => {
  test('scores every date of a sound pipeline 100, those that are empty by rule too', async () => {
    const report = await document(await made());
    expect(report).toMatchObject({ formula: 'weighted', average: 100, dates_scored: 180 });
    expect(report.classes).toEqual({ excellent: 180, good: 0, fair: 0, poor: 0 });
    expect(report.worst).toEqual([]);
    expect(dateOf(report, '2023-10-03')).toEqual({
      date: '2023-10-03',
      period: '2023',
      score: 100,
      class: 'excellent',
      components: { loaded: 100, made: 100, right: 100, form: null },
      reasons: [],
    });
  });

  test('scores what is missing, stale or short, with the reason of each', async () => {
    const plays = allPlays();
    // 2023-11-07 is lost; 2023-10-31 lacks all plays of one of its games.
    const games = [
      ...new Set(plays.filter(({ date }) => date === '2023-10-31').map((p) => p.game)),
    ];
    const project = await made(
      plays.filter(({ date, game }) => date !== '2023-11-07' && game !== games[0]),
    );
    const report = await document(project);
    const lost = dateOf(report, '2023-11-07');
    // (2 x 0 + 50 + 0 + 100) / 5: form has rows there, but the totals of three dates before are there too.
    expect(lost?.components).toEqual({ loaded: 0, made: 50, right: 50, form: 100 });
    expect(lost).toMatchObject({ score: 40, class: 'poor' });
    expect(lost?.reasons).toEqual([
      expect.stringMatching(/^loaded 0: plays.game 0 of \d$/),
      'made 50: totals blocked',
      'right 50: totals blocked',
    ]);
    const short = dateOf(report, '2023-10-31');
    const share = (100 * (games.length - 1)) / games.length;
    expect(short?.components['loaded']).toBeCloseTo(share, 9);
    expect(short?.score).toBeCloseTo((2 * share + 300) / 5, 1);
    expect(report.worst[0]?.date).toBe('2023-11-07');
    expect(report.worst.map(({ score }) => score)).toEqual(
      report.dates
        .map(({ score }) => score ?? 0)
        .filter((score) => score < 100)
        .sort((a, b) => a - b)
        .slice(0, 10),
    );
  });

  test('counts a stale partition as present and not as complete', async () => {
    const project = await made();
    const changed = allPlays().map((play) =>
      play.date === '2023-11-07' ? { ...play, value: 100 } : play,
    );
    project.write('data/plays.csv', playsCsv(changed));
    await project.materialize({ selection: ['plays'] });
    const date = dateOf(await document(project), '2023-11-07');
    expect(date).toMatchObject({ score: 90, components: { made: 100, right: 50 } });
    expect(date?.reasons).toEqual(['right 50: totals stale']);
  });

  test('leaves out a stale partition that was found to be empty as expected', async () => {
    const project = measuredProject({ rules: RULES });
    await callOffAndChange(project);
    const report = await document(project);
    const empty = dateOf(report, '2023-11-07');
    expect(empty?.reasons).toEqual([]);
    expect(empty).toMatchObject({ score: 100, components: { made: 100, right: 100 } });
    expect(dateOf(report, '2023-11-08')?.reasons).toEqual(['right 50: totals stale']);
  });

  test('leaves out what could not be counted, and names it', async () => {
    const project = await made();
    await tamper(project, 'ALTER TABLE raw.plays DROP COLUMN note');
    const { out, err } = await health(project);
    expect(err).toMatch(/^warning: plays could not be counted and is left out: .*note/m);
    const date = dateOf(JSON.parse(out) as HealthDocument, '2023-11-07');
    expect(date).toMatchObject({ score: 100, components: { loaded: null } });
  });

  test('follows the last dates: means of 7 and 30 against as many before', async () => {
    const project = await made(allPlays().filter(({ date }) => date !== '2024-01-14'));
    const report = await document(project, { from: '2023-11-01' });
    const last = report.dates.at(-1)?.score ?? NaN;
    expect(report.trend).toEqual([
      expect.objectContaining({
        dates: 7,
        before: 100,
        mean: expect.closeTo((600 + last) / 7, 1) as unknown,
      }),
      expect.objectContaining({
        dates: 30,
        before: 100,
        mean: expect.closeTo((2900 + last) / 30, 1) as unknown,
      }),
    ]);
    expect(report.trend[0]?.['change']).toBeCloseTo((last - 100) / 7, 1);
  });

  test('by the legacy formula counts what is empty by rule as missing', async () => {
    const report = await document(await made(), { legacy: true });
    expect(report.formula).toBe('legacy');
    // raw 100, analytics 100, precompute 50, predictions 0, grading 0.
    expect(dateOf(report, '2023-10-03')).toMatchObject({ score: 50, class: 'fair' });
    expect(dateOf(report, '2023-11-07')).toMatchObject({ score: 100 });
  });
});

describe('the CSV', () => {
  test('has the declared columns, and the numbers of the JSON', async () => {
    const project = await made(allPlays().filter(({ date }) => date !== '2023-11-07'));
    const report = await document(project);
    const { out } = await health(project, { json: false, csv: '-' });
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe(
      'day,score,games,played,noted,totals,form,made,share,none,class,empty,why',
    );
    expect(lines.length).toBe(181);
    expect(lines[1]).toBe('2022-10-03,100.0,2,2,21,2,0,1/2,100.0,0,excellent,form,');
    const lost = lines.find((line) => line.startsWith('2023-11-07')) ?? '';
    expect(lost).toMatch(/^2023-11-07,40\.0,\d,0,0,0,1,1\/2,0\.0,0,poor,,/);
    const scores = lines.slice(1).map((line) => Number(line.split(',')[1]));
    expect(scores).toEqual(report.dates.map(({ score }) => score));
  });

  test('goes to a file beside the text, and is what --counts reads', async () => {
    const project = await made(allPlays().filter(({ date }) => date !== '2023-11-07'));
    const legacy = await document(project, { legacy: true });
    await health(project, { csv: 'health.csv' });
    const again = await document(project, { counts: 'health.csv' });
    expect(again.dates.map(({ date, score }) => [date, score])).toEqual(
      legacy.dates.map(({ date, score }) => [date, score]),
    );
    expect(again.average).toBe(legacy.average);
    const { out } = await health(project, { counts: 'health.csv', csv: '-', json: false });
    const counted = readFileSync(project.path('health.csv'), 'utf8').split('\n');
    // The same counts; the score is the one of the formula.
    expect(out.split('\n')[40]?.split(',').slice(2, 9)).toEqual(
      counted[40]?.split(',').slice(2, 9),
    );
  });

  test('of counts with a line that cannot be read says which', async () => {
    const project = measuredProject({ rules: RULES });
    const header = 'day,games,played,none,totals,form';
    writeFileSync(project.path('c.csv'), `${header}\n2024-01-05,2,2,0,2,1\n2024-01-32,2,2,0,2,1\n`);
    await expect(document(project, { counts: 'c.csv' })).rejects.toMatchObject({
      message: expect.stringMatching(
        /c\.csv:3: expected a date in day, found "2024-01-32"$/,
      ) as unknown,
    });
    writeFileSync(project.path('c.csv'), 'day,games\n2024-01-05,2\n');
    await expect(document(project, { counts: 'c.csv' })).rejects.toMatchObject({
      message: expect.stringMatching(/has no column played, none, totals, form$/) as unknown,
    });
    writeFileSync(project.path('c.csv'), `${header}\r\n"2024-01-05",2,-1,N/A,,1\r\n`);
    // raw and analytics could not be counted; precompute 1 of 1, predictions 100, grading 100.
    expect((await document(project, { counts: 'c.csv' })).dates[0]).toMatchObject({
      score: 100,
      components: { raw: null, analytics: null, precompute: 100 },
    });
  });
});

test('stdout is one thing: --json and --csv - do not go together', async () => {
  await expect(health(measuredProject(), { csv: '-', json: true })).rejects.toMatchObject({
    code: 'INVALID_OPTIONS',
  });
});
