import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { countsOf, type TestProject } from '../support/project.ts';
import { modelText, KEPT, predictionsIn } from './xgboost-fixture.ts';
import { CONTRACT, METADATA, xgboostProject } from './xgboost-project.ts';

const ROWS = 'FROM trained.my_xgboost_v1 ORDER BY game_date, player_lookup';

async function refused(project: TestProject): Promise<{ category: string; message: string }> {
  const { document, code } = await project.materialize();
  expect(code).toBe(1);
  const failures = document.failures.filter(({ asset }) => asset === 'my_xgboost_v1');
  const { dates } = await datesOf(project);
  expect(new Set(failures.map(({ partition }) => partition))).toEqual(new Set(dates));
  const kinds = new Set(
    failures.map(({ category, message }) => JSON.stringify([category, message])),
  );
  expect(kinds.size).toBe(1);
  const [category = '', message = ''] = JSON.parse([...kinds][0] ?? '[]') as string[];
  // No stack trace, no other error behind it.
  expect(message).not.toMatch(/\n\s+at |\.ts:\d+/);
  return { category, message };
}

async function datesOf(project: TestProject): Promise<{ dates: string[] }> {
  const rows = await project.query(
    'SELECT DISTINCT CAST(game_date AS VARCHAR) FROM raw.contract_features ORDER BY 1',
  );
  return { dates: rows.map(([date]) => String(date)) };
}

test('a model of XGBoost predicts in a pipeline what it predicts in Python', async () => {
  const project = xgboostProject();
  const outcome = await project.materialize();
  expect(outcome.document.failures).toEqual([]);
  const rows = await project.query(`SELECT prediction, predicted_p50, system_id ${ROWS}`);
  const expected = predictionsIn(KEPT).predictions['points'] ?? [];
  expect(rows.length).toBe(200);
  const keys = await project.query(
    'SELECT game_id FROM raw.contract_features ORDER BY game_date, player_lookup',
  );
  expect(keys).toEqual(await project.query(`SELECT game_id ${ROWS}`));
  rows.forEach(([points, median, system], row) => {
    expect(Math.abs(Number(points) - (expected[row] ?? NaN))).toBeLessThan(1e-5);
    expect(median).toBe(points);
    expect(system).toBe('my_xgboost_v1');
  });
});

test('without a word about the spread there is none, and nothing to bet on', async () => {
  const project = xgboostProject();
  await project.materialize();
  const kinds = await project.query(
    `SELECT DISTINCT p.predicted_p10, p.predicted_p90, p.predicted_mean, p.over_probability,
       p.confidence, p.recommendation, l.points_line, CAST(p.model_cut_off AS VARCHAR)
     FROM trained.my_xgboost_v1 AS p JOIN raw.betting_lines AS l USING (game_date, player_lookup)
     ORDER BY p.recommendation`,
  );
  expect(kinds).toEqual([
    [null, null, null, null, 50, 'NO_LINE', null, '2024-01-15'],
    [null, null, null, null, 50, 'PASS', 9.5, '2024-01-15'],
  ]);
});

test('with quantiles of residuals there are probabilities, and the prediction stays', async () => {
  const residual_quantiles = { '0.1': -6, '0.5': -0.3, '0.9': 7.1 };
  const project = xgboostProject({ ...METADATA, residual_quantiles });
  await project.materialize();
  const expected = predictionsIn(KEPT).predictions['points'] ?? [];
  const rows = await project.query(
    `SELECT prediction, predicted_p10, predicted_p50, predicted_p90, predicted_mean,
       over_probability, confidence, recommendation ${ROWS}`,
  );
  rows.forEach(([points, p10, p50, p90, mean, over, confidence, side], row) => {
    const value = expected[row] ?? NaN;
    expect(Math.abs(Number(points) - value)).toBeLessThan(1e-5);
    // On the scale of roots, between two centers: within a twentieth of a point.
    expect(Math.abs(Number(p10) - Math.max(0, value - 6))).toBeLessThan(0.05);
    expect(Math.abs(Number(p50) - Math.max(0, value - 0.3))).toBeLessThan(0.05);
    expect(Math.abs(Number(p90) - (value + 7.1))).toBeLessThan(0.05);
    expect(Number(mean)).toBeGreaterThan(Number(p50));
    if (over === null) {
      expect(side).toBe('NO_LINE');
      expect(Number(confidence)).toBeGreaterThan(50);
      return;
    }
    const chance = Number(over);
    expect(Number(confidence)).toBeCloseTo(100 * Math.max(chance, 1 - chance), 6);
    expect(chance > 0.5).toBe(value - 0.3 > 9.5);
    const wanted = chance > 0.5 ? 'OVER' : 'UNDER';
    expect(side).toBe(Math.max(chance, 1 - chance) >= 0.54 ? wanted : 'PASS');
  });
});

test('dates that the model was trained on are refused, each by itself; the others are predicted', async () => {
  const project = xgboostProject({ ...METADATA, trained_before: '2024-02-01' });
  const { document, code } = await project.materialize();
  expect(code).toBe(1);
  const { dates } = await datesOf(project);
  const early = dates.filter((date) => date < '2024-02-01');
  expect(early.length).toBeGreaterThan(5);
  expect(document.failures.map(({ partition, category }) => `${partition} ${category}`)).toEqual(
    early.map((date) => `${date} MODEL_FROM_THE_FUTURE`),
  );
  expect(document.failures[0]?.message).toBe(
    `models/my.json was trained on dates before 2024-02-01, so it has seen how ${early[0]} ended ` +
      `(leave such dates out with "from: 2024-02-01" in its settings and an expected_empty rule, or train it on earlier dates)`,
  );
  const predicted = await project.query(
    'SELECT DISTINCT CAST(game_date AS VARCHAR) FROM trained.my_xgboost_v1 ORDER BY 1',
  );
  expect(predicted.flat()).toEqual(dates.filter((date) => date >= '2024-02-01'));
});

test('a damaged model from the future is both, each for its dates', async () => {
  const project = xgboostProject({ ...METADATA, trained_before: '2024-02-01' });
  project.write('models/my.json', modelText('points').slice(0, 20_000));
  const { document } = await project.materialize();
  const { dates } = await datesOf(project);
  expect(document.failures.map(({ partition, category }) => `${partition} ${category}`)).toEqual(
    dates.map((date) =>
      date < '2024-02-01' ? `${date} MODEL_FROM_THE_FUTURE` : `${date} MODEL_CORRUPT`,
    ),
  );
});

test('dates before the one that it is to begin with are expected to be empty where a rule says so', async () => {
  const project = xgboostProject({ ...METADATA, trained_before: '2024-02-01' });
  project.edit(
    'pipeline.yaml',
    '      lines: betting_lines\n',
    '      lines: betting_lines\n      from: 2024-02-01\n',
  );
  const { dates } = await datesAfter(project);
  const early = dates.filter((date) => date < '2024-02-01').length;
  // Without a rule nothing is swallowed.
  const first = await project.materialize();
  expect(countsOf(first, 'my_xgboost_v1')).toEqual({
    materialized: dates.length - early,
    failed: early,
  });
  expect(new Set(first.document.failures.map(({ category }) => category))).toEqual(
    new Set(['EMPTY_RESULT']),
  );
  project.edit(
    'pipeline.yaml',
    '    files: [models/my.json',
    `    expected_empty:
      - condition: partitions.partition_date < DATE '2024-02-01'
        reason: the model was trained on these dates
    files: [models/my.json`,
  );
  const second = await project.materialize();
  expect(second.code).toBe(0);
  expect(countsOf(second, 'my_xgboost_v1')).toMatchObject({ expected_empty: early });
});

async function datesAfter(project: TestProject): Promise<{ dates: string[] }> {
  await project.materialize({ selection: ['contract_features'] });
  return datesOf(project);
}

test('another model makes the predictions stale, and has another version', async () => {
  const project = xgboostProject();
  await project.materialize();
  const before = await project.query(`SELECT DISTINCT model_version FROM trained.my_xgboost_v1`);
  project.write('models/my.json', modelText('forest'));
  const again = await project.materialize();
  const { dates } = await datesOf(project);
  expect(countsOf(again, 'my_xgboost_v1')).toEqual({ materialized: dates.length });
  const after = await project.query(`SELECT DISTINCT model_version FROM trained.my_xgboost_v1`);
  expect([before.length, after.length]).toEqual([1, 1]);
  expect(after).not.toEqual(before);
});

describe('a model is refused', () => {
  test.each([
    [
      'whose metadata leave a feature out',
      { ...METADATA, features: CONTRACT.slice(0, 20) },
      'it was trained on 21 features, its metadata names 20',
    ],
    [
      'whose metadata have another order',
      { ...METADATA, features: ['points_avg_last_10', 'points_avg_last_5', ...CONTRACT.slice(2)] },
      'its feature 0 is "points_avg_last_5", in its metadata that is "points_avg_last_10"',
    ],
    [
      'of another version of the features',
      { ...METADATA, feature_version: 'contract_20' },
      'it was trained on features of version contract_20, these are of version contract_21',
    ],
  ])('%s', async (_, metadata, message) => {
    const found = await refused(xgboostProject(metadata));
    expect(found.category).toBe('MODEL_MISMATCH');
    expect(found.message).toBe(
      `models/my.json of 2024-01-15: ${message} (save models/my.json and its metadata again from what trained it)`,
    );
  });

  test('that is of the right version of the features, and is not', async () => {
    const project = xgboostProject({ ...METADATA, feature_version: 'contract_21' });
    expect((await project.materialize()).code).toBe(0);
  });

  test('where the settings have the features in another order', async () => {
    const project = xgboostProject();
    project.edit(
      'pipeline.yaml',
      '[points_avg_last_5, points_avg_last_10',
      '[points_avg_last_10, points_avg_last_5',
    );
    const { category, message } = await refused(project);
    expect(category).toBe('MODEL_MISMATCH');
    expect(message).toContain(
      'its feature 0 is "points_avg_last_5", in the contract that is "points_avg_last_10"',
    );
  });

  test('where the settings have fewer features', async () => {
    const project = xgboostProject();
    project.edit('pipeline.yaml', ', usage_rate_last_10] }', '] }');
    const { category, message } = await refused(project);
    expect(category).toBe('MODEL_MISMATCH');
    expect(message).toContain('it has 21 features, the contract 20');
  });

  test('that is cut off', async () => {
    const project = xgboostProject();
    project.write('models/my.json', modelText('points').slice(0, 20_000));
    const { category, message } = await refused(project);
    expect(category).toBe('MODEL_CORRUPT');
    expect(message).toContain('its 20,000 characters are no JSON and do not end like it');
  });

  test('whose metadata are not there, or no JSON', async () => {
    const project = xgboostProject();
    project.write('models/my.meta.json', '{ "features": ');
    const { category, message } = await refused(project);
    expect(category).toBe('MODEL_CORRUPT');
    expect(message).toMatch(/^models\/my.json: its metadata is no JSON: /);
  });
});

test('a file that the asset does not declare is an error that says so', async () => {
  const project = xgboostProject();
  project.edit(
    'pipeline.yaml',
    'files: [models/my.json, models/my.meta.json]',
    'files: [models/my.meta.json]',
  );
  const { document, code } = await project.materialize();
  expect(code).toBe(1);
  expect(document.failures[0]?.message).toContain(
    'settings.model is "models/my.json", expected one of the asset\'s files: models/my.meta.json',
  );
});

test('a file that is not there is an error before anything is made', async () => {
  const project = xgboostProject();
  rmSync(project.path('models/my.json'));
  const error = await project.error();
  expect(error.message).toContain('MISSING_FILE there is no file models/my.json');
});
