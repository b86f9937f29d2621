import { describe, expect, test } from 'vitest';
import { blend } from '../../assets/models/blend.ts';
import { predictRows } from '../../assets/models/fitted-model.ts';
import { loadModel } from '../../assets/models/model-record.ts';
import { learnRecentring, recentre } from '../../assets/models/recentre.ts';
import { toScale } from '../../assets/models/target-scale.ts';
import { seededRandom } from '../../assets/models/random.ts';
import { splitByDate, trainModel } from '../../assets/models/train-model.ts';
import {
  runTrainingJob,
  type TrainingJob,
  type TrainingResult,
} from '../../assets/models/training-job.ts';
import { trainAll } from '../../assets/models/worker-pool.ts';
import { MADE_PLAN, madeJob, madeRows } from './made-rows.ts';

const ROWS = madeRows(1200);

function jobs(): TrainingJob[] {
  return [600, 900, 1200].map((rows) => madeJob(`first ${rows}`, ROWS, rows));
}

async function inThreads(some: readonly TrainingJob[]): Promise<Map<string, TrainingResult>> {
  const results = new Map<string, TrainingResult>();
  await trainAll(some, {
    signal: new AbortController().signal,
    onResult: (result) => results.set(result.id, result),
  });
  return results;
}

describe('training', () => {
  test('is the same to the last bit: again, in threads, and in another order of jobs', async () => {
    const here = new Map(jobs().map((job) => [job.id, runTrainingJob(job)]));
    for (const job of jobs()) expect(runTrainingJob(job)).toEqual(here.get(job.id));
    const forward = await inThreads(jobs());
    const backward = await inThreads(jobs().reverse());
    expect(Object.fromEntries(forward)).toEqual(Object.fromEntries(here));
    expect(Object.fromEntries(backward)).toEqual(Object.fromEntries(here));
    expect(new Set([...here.values()].map(({ sha256 }) => sha256)).size).toBe(3);
  });

  test('with another seed is another model', () => {
    const of = (seed: number): string =>
      runTrainingJob(madeJob('a', ROWS, 600, { ...MADE_PLAN, seed })).sha256;
    expect(of(1)).not.toBe(of(2));
  });

  test.each([400, 777])('never sees rows from the cut-off on: %s rows before it', (rows) => {
    const before = runTrainingJob(madeJob('a', ROWS, rows));
    const spoiled = structuredClone(ROWS);
    for (const column of [...spoiled.features, spoiled.outcome, spoiled.minutes]) {
      column.fill(1e6, rows);
    }
    expect(runTrainingJob(madeJob('a', spoiled, rows))).toEqual(before);
    // While a row before it does matter, the last one too.
    const other = structuredClone(ROWS);
    other.outcome[rows - 1]! += 9;
    expect(runTrainingJob(madeJob('a', other, rows)).sha256).not.toBe(before.sha256);
  });

  test('what a job throws is thrown, and the other threads end', async () => {
    const broken = { ...madeJob('broken', ROWS, 600), features: [] };
    await expect(inThreads([...jobs(), broken])).rejects.toThrow();
  });

  test('ends when it is aborted', async () => {
    const controller = new AbortController();
    const results: string[] = [];
    await trainAll([...jobs(), ...jobs(), ...jobs()], {
      signal: controller.signal,
      onResult: ({ id }) => {
        results.push(id);
        controller.abort();
      },
    });
    expect(results.length).toBeLessThan(9);
  });
});

test('no date is split between training, validation and test', () => {
  const days = Float64Array.from([1, 1, 1, 2, 2, 2, 2, 3, 3, 4]);
  // 7 of 10 rows end with a whole date; 8.5 would split the third one.
  expect(splitByDate(days, [0.7, 0.85])).toEqual([7, 7]);
  expect(splitByDate(days, [0.5, 0.9])).toEqual([3, 9]);
  expect(splitByDate(new Float64Array(10).fill(5), [0.7, 0.85])).toEqual([0, 0]);
});

test('a stored model predicts as the one that was trained', () => {
  const { text, sha256, golden } = runTrainingJob(madeJob('a', ROWS, 1200));
  const { model } = trainModel(MADE_PLAN, ROWS);
  const stored = loadModel({ text, sha256, golden });
  const [trained, loaded] = [model, stored].map((each) => predictRows(each, ROWS.features, 1200));
  expect(loaded?.scale).toEqual(trained?.scale);
  expect(loaded?.forecasts).toEqual(trained?.forecasts);
  const lines = ROWS.outcome.map((points, row) => (row % 5 === 0 ? NaN : points + 0.5));
  expect(loaded?.over(lines)).toEqual(trained?.over(lines));
  expect(loaded?.near(5)).toEqual(trained?.near(5));
});

test('predictions are the blend of the members, and nearer than the season average', () => {
  const rows = madeRows(3000, 8);
  const { model, metrics } = trainModel(MADE_PLAN, rows);
  const { scale, points } = predictRows(model, rows.features, 3000);
  const members = model.members.map((member, at) => {
    const predicted = member.predict(rows.features, 3000);
    const recentring = model.recentrings?.[at];
    return recentring ? recentre(recentring, predicted) : predicted;
  });
  expect(scale).toEqual(blend(members, model.weights));
  const fresh = madeRows(1500, 9);
  const found = predictRows(model, fresh.features, 1500).points;
  const off = (of: (row: number) => number): number =>
    fresh.outcome.reduce((sum, value, row) => sum + Math.abs(value - of(row)), 0) / 1500;
  expect(off((row) => found[row] ?? NaN)).toBeLessThan(off((row) => fresh.average[row] || 0));
  expect(metrics.test.mae).toBeLessThan(metrics.test.season_average_mae);
  expect(metrics.train.rows + metrics.validation.rows + metrics.test.rows).toBe(3000);
  expect(metrics.train.last_day).toBeLessThan(metrics.validation.first_day);
  expect(metrics.validation.last_day).toBeLessThan(metrics.test.first_day);
  for (const value of points) expect(value >= 0 && value <= 60).toBe(true);
});

test('what predicts means is moved to the median, at every level', () => {
  const random = seededRandom(3);
  const predicted = Float64Array.from({ length: 20_000 }, () => 1 + 4 * random());
  // Skewed, and the more so the larger: the mean is the prediction, 63 % are below.
  const target = predicted.map((value) => value + (value / 3) * (-Math.log(1 - random()) - 1));
  const moved = recentre(learnRecentring(predicted, target), predicted);
  const shareBelow = (found: Float64Array, low: number): number => {
    const rows = [...predicted.keys()].filter(
      (row) => predicted[row]! >= low && predicted[row]! < low + 1,
    );
    return rows.filter((row) => target[row]! < found[row]!).length / rows.length;
  };
  for (const low of [1, 2, 3, 4]) {
    expect(Math.abs(shareBelow(predicted, low) - 0.63)).toBeLessThan(0.03);
    expect(Math.abs(shareBelow(moved, low) - 0.5)).toBeLessThan(0.03);
  }
});

test('minutes times rate: nothing is predicted of who makes no points of a minute', () => {
  const { model } = trainModel({ ...MADE_PLAN, trainers: ['minutes_rate'] }, ROWS);
  const columns = [
    Float64Array.of(10, 10, 10),
    Float64Array.of(0, 0.5, NaN),
    Float64Array.of(30, 30, 30),
    Float64Array.of(0.5, 0.5, 0.5),
  ];
  const found = model.members[0]?.predict(columns, 3) ?? [];
  expect(found[0]).toBe(toScale(0));
  expect(found[2]).toBe(toScale(0));
  expect(found[1]).toBeGreaterThan(toScale(8));
});
