import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { predictRows } from '../../assets/models/fitted-model.ts';
import { stableJson } from '../../assets/models/json.ts';
import {
  type GoldenRows,
  loadModel,
  ModelFault,
  serializeModel,
  sha256Of,
} from '../../assets/models/model-record.ts';
import { trainModel } from '../../assets/models/train-model.ts';
import { runTrainingJob } from '../../assets/models/training-job.ts';
import { propertyTest } from '../support/property.ts';
import { MADE_PLAN, madeJob, madeRows } from './made-rows.ts';

const ROWS = madeRows(900);
const RESULT = runTrainingJob(madeJob('points', ROWS, 900));
/** The same model as it was in memory: training is reproducible. */
const TRAINED = trainModel(MADE_PLAN, ROWS).model;
const STORED = { text: RESULT.text, sha256: RESULT.sha256, golden: RESULT.golden };

function faultOf(stored: Partial<typeof STORED>): ModelFault {
  try {
    loadModel({ ...STORED, ...stored });
  } catch (error) {
    if (error instanceof ModelFault) return error;
    throw error;
  }
  throw new Error('the model was loaded');
}

/** The model with some of its content replaced, and the hash of that. */
function changed(change: (content: Record<string, unknown>) => void): Partial<typeof STORED> {
  const content = JSON.parse(STORED.text) as Record<string, unknown>;
  change(content);
  const text = stableJson(content);
  return { text, sha256: sha256Of(text) };
}

function goldenWith(
  change: (golden: { features: number[][]; predictions: number[][] }) => void,
): string {
  const golden = JSON.parse(STORED.golden) as { features: number[][]; predictions: number[][] };
  change(golden);
  return JSON.stringify(golden);
}

describe('a model that is loaded', () => {
  test('is written as the same text again', () => {
    expect(serializeModel(loadModel(STORED), MADE_PLAN.trainers)).toBe(STORED.text);
  });

  propertyTest('model record', 'predicts every row as it did before, to the last bit', {
    cases: fc.array(
      fc.tuple(
        ...MADE_PLAN.features.map(() => fc.option(fc.double({ min: -50, max: 50 }), { freq: 4 })),
      ),
      { minLength: 1, maxLength: 20 },
    ),
    runs: 100,
    holds: (rows) => {
      const columns = MADE_PLAN.features.map((_, at) =>
        Float64Array.from(rows, (row) => row[at] ?? NaN),
      );
      const [a, b] = [TRAINED, loadModel(STORED)].map((model) =>
        predictRows(model, columns, rows.length),
      );
      expect(a?.forecasts).toEqual(b?.forecasts);
      expect(
        a?.forecasts.flatMap(({ p10, p50, p90, mean }) => [p10, p50, p90, mean]),
      ).not.toContain(NaN);
    },
  });

  test('says of the golden rows what the model in memory said', () => {
    const golden = JSON.parse(STORED.golden) as GoldenRows;
    expect(golden.features.length).toBe(16);
    const values = golden.features.flat();
    expect(values).toContain(null);
    expect(golden.predictions.every((row) => row.every(Number.isFinite))).toBe(true);
  });
});

describe('refused is', () => {
  propertyTest('model record', 'a text in which one byte was changed', {
    cases: fc.tuple(fc.nat({ max: STORED.text.length - 1 }), fc.integer({ min: 33, max: 126 })),
    runs: 300,
    holds: ([at, code]) => {
      const byte = String.fromCharCode(code);
      fc.pre(STORED.text[at] !== byte);
      const found = faultOf({ text: STORED.text.slice(0, at) + byte + STORED.text.slice(at + 1) });
      expect(found.category).toBe('MODEL_CORRUPT');
      expect(found.message).toBe('its content does not have the recorded SHA-256');
    },
  });

  test('a text that was cut off, or that is not there', () => {
    for (const text of ['', STORED.text.slice(0, -1)]) {
      expect(faultOf({ text }).category).toBe('MODEL_CORRUPT');
    }
  });

  test('a model that says something else of a golden row', () => {
    const golden = goldenWith(({ predictions }) => {
      (predictions[2] ?? [])[1]! += 2e-6;
    });
    const found = faultOf({ golden });
    expect(found.category).toBe('MODEL_CORRUPT');
    expect(found.message).toMatch(
      /^golden row 3 was predicted as [\d.]+ when it was trained and as /,
    );
  });

  test('a golden row with other features', () => {
    const golden = goldenWith(({ features }) => {
      features[0] = [30, 1.3, 36, 0.5];
      features[1] = [1, 0.05, 12, 0.5];
    });
    expect(faultOf({ golden }).message).toContain('golden row 1');
  });

  test.each([
    '',
    '{',
    'null',
    '[]',
    '{}',
    '{"features":[[1]]}',
    '{"features":[],"predictions":[]}',
    '{"features":[1],"predictions":[2]}',
  ])('golden rows that are none: %s', (golden) => {
    const found = faultOf({ golden });
    expect(found.category).toBe('MODEL_CORRUPT');
    expect(found.message).toContain('its golden predictions are no');
  });

  test('a model of another format', () => {
    const { format } = JSON.parse(STORED.text) as { readonly format: number };
    const found = faultOf(changed((content) => (content['format'] = format + 1)));
    expect(found.category).toBe('MODEL_MISMATCH');
    expect(found.message).toBe(
      `it is stored in format ${format + 1}, this version reads format ${format}`,
    );
  });

  test('a model of another version of a trainer, or of one that is not known', () => {
    const [own] = (JSON.parse(STORED.text) as { readonly members: readonly { version: number }[] })
      .members;
    const member = (change: object) =>
      changed((content) => {
        const members = content['members'] as object[];
        members[0] = { ...members[0], ...change };
      });
    const other = faultOf(member({ version: 99 }));
    expect(other.category).toBe('MODEL_MISMATCH');
    expect(other.message).toBe(
      `it was made by version 99 of the trainer boosting, this is version ${own?.version}`,
    );
    const unknown = faultOf(member({ trainer: 'toString' }));
    expect(unknown.category).toBe('MODEL_MISMATCH');
    expect(unknown.message).toContain('of the trainer toString, which is not known here');
  });
});

test('equal content is equal text, whatever the order of its keys', () => {
  expect(stableJson({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
});
