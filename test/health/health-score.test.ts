import { describe, expect, test } from 'vitest';
import {
  type LegacyCounts,
  legacyComponents,
  legacyScore,
  oneDecimal,
} from '../../engine/health/legacy-score.ts';
import { classOf, type ComponentScore, weightedScore } from '../../engine/health/score.ts';

const FULL: LegacyCounts = {
  scheduled: 8,
  raw: [8, 8],
  analytics: [169, 16, 409],
  precompute: [184, 423, 216, 30],
  predictions: 560,
  graded: 473,
};

describe('the legacy score', () => {
  // Rows of the historical report.
  test.each([
    [
      '2024-10-22',
      {
        scheduled: 2,
        raw: [2, 2],
        analytics: [42, 6, 68],
        precompute: [0, 0, 0, 0],
        predictions: 0,
        graded: 0,
      },
      40.0,
    ],
    [
      '2024-12-25',
      {
        scheduled: 5,
        raw: [5, 5],
        analytics: [92, 10, 164],
        precompute: [95, 393, 164, 30],
        predictions: 434,
        graded: 0,
      },
      80.0,
    ],
    ['2026-01-05', FULL, 96.9],
  ])('of %s is that of the report', (_, counts, score) => {
    expect(oneDecimal(legacyScore(counts) ?? NaN)).toBe(score);
  });

  test('takes the larger of the raw counts, and does not stop at 100', () => {
    expect(legacyComponents({ ...FULL, raw: [2, 6] }).raw).toBe(75);
    expect(legacyComponents({ ...FULL, raw: [10, 6] }).raw).toBe(125);
  });

  test('leaves out what could not be measured', () => {
    expect(legacyComponents({ ...FULL, scheduled: 0 }).raw).toBeUndefined();
    expect(legacyComponents({ ...FULL, raw: [-1, -1] }).raw).toBeUndefined();
    expect(legacyComponents({ ...FULL, raw: [-1, 4] }).raw).toBe(50);
    expect(legacyComponents({ ...FULL, analytics: [-1, 0, 5] }).analytics).toBe(50);
    expect(legacyComponents({ ...FULL, analytics: [-1, -1, -1] }).analytics).toBeUndefined();
    expect(legacyComponents({ ...FULL, predictions: -1 })).toMatchObject({
      predictions: undefined,
      grading: undefined,
    });
    expect(legacyComponents({ ...FULL, graded: -1 }).grading).toBeUndefined();
    // 100, 100, 100, 100 without grading.
    expect(legacyScore({ ...FULL, graded: -1 })).toBe(100);
  });

  test('is nothing where nothing could be measured', () => {
    const nothing = { scheduled: -1, raw: [], analytics: [], precompute: [], predictions: -1 };
    expect(legacyScore({ ...nothing, graded: -1 })).toBeUndefined();
  });

  test('counts no predictions as nothing graded, and a part of the precompute assets as a part', () => {
    expect(legacyComponents({ ...FULL, predictions: 0, graded: 0 })).toMatchObject({
      predictions: 0,
      grading: 0,
    });
    expect(legacyComponents({ ...FULL, precompute: [1, 0, 5, 0] }).precompute).toBe(50);
  });
});

test('a tie of decimals goes to the even digit', () => {
  expect([96.25, 96.75, 0.25, 0.35, 88.04, 88.06].map(oneDecimal)).toEqual([
    96.2, 96.8, 0.2, 0.3, 88, 88.1,
  ]);
});

test('classes begin at 90, 70 and 50', () => {
  expect([100, 90, 89.9, 70, 69.9, 50, 49.9, 0].map(classOf)).toEqual([
    'excellent',
    'excellent',
    'good',
    'good',
    'fair',
    'fair',
    'poor',
    'poor',
  ]);
});

test('weights count, and what is left out counts for nothing', () => {
  const of = (value: number | undefined, weight: number): ComponentScore => {
    return { name: 'c', weight, value, reason: undefined };
  };
  expect(weightedScore([of(100, 3), of(0, 1)])).toBe(75);
  expect(weightedScore([of(100, 3), of(undefined, 100), of(50, 1)])).toBe(87.5);
  expect(weightedScore([of(undefined, 1)])).toBeUndefined();
});
