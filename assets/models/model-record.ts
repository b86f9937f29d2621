import { createHash } from 'node:crypto';

import { decodeFloats, encodeNumbers } from './base64.ts';
import type { Distribution } from './distribution.ts';
import { type FittedModel, predictRows } from './fitted-model.ts';
import { stableJson } from './json.ts';
import type { Recentring } from './recentre.ts';
import type { TrainerName } from './trainer.ts';
import { TRAINERS } from './trainers.ts';

/** Raised when what is stored of a model changes. */
const FORMAT = 1;

/** A few rows with what the model said of them, to be said again whenever it is loaded. */
export interface GoldenRows {
  /** One list per row, in the order of the features; null is not known. */
  readonly features: readonly (readonly (number | null)[])[];
  readonly predictions: readonly (readonly number[])[];
}

/** A model that is not what was stored, or not for these features; the message says what to do. */
export class ModelFault extends Error {
  readonly category: 'MODEL_CORRUPT' | 'MODEL_MISMATCH' | 'MODEL_MISSING' | 'TOO_MANY_DEFAULTS';

  constructor(category: ModelFault['category'], message: string) {
    super(message);
    this.name = 'ModelFault';
    this.category = category;
  }
}

/** A model as one text. */
export function serializeModel(model: FittedModel, members: readonly TrainerName[]): string {
  return stableJson({
    format: FORMAT,
    features: model.features,
    defaults: encodeNumbers(model.defaults),
    tier_feature: model.tierFeature,
    largest: model.largest,
    weights: model.weights,
    recentrings: model.members.map((_, at) => model.recentrings?.[at] ?? null),
    distribution: model.distribution,
    members: model.members.map((member, at) => {
      const name = members[at] ?? 'ridge';
      return { trainer: name, version: TRAINERS[name].version, content: member.content };
    }),
  });
}

export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface StoredModel {
  readonly format: number;
  readonly features: readonly string[];
  readonly defaults: string;
  readonly tier_feature: string;
  readonly largest: number;
  readonly weights: readonly number[];
  readonly recentrings: readonly (Recentring | null)[];
  readonly distribution: Distribution;
  readonly members: readonly {
    readonly trainer: TrainerName;
    readonly version: number;
    readonly content: unknown;
  }[];
}

/**
 * Reads a model back.
 * @throws {ModelFault} where the text is not the one that was stored, is of another format, or says
 * something else of the golden rows than when it was trained
 */
export function loadModel(stored: {
  readonly text: string;
  readonly sha256: string;
  readonly golden: string;
}): FittedModel {
  if (sha256Of(stored.text) !== stored.sha256) {
    throw new ModelFault('MODEL_CORRUPT', 'its content does not have the recorded SHA-256');
  }
  const model = parseModel(stored.text);
  const golden = parseGolden(stored.golden);
  const again = goldenPredictions(model, golden.features);
  golden.predictions.forEach((expected, row) => {
    expected.forEach((value, at) => {
      const found = again[row]?.[at] ?? NaN;
      if (Math.abs(found - value) <= 1e-6) return;
      throw new ModelFault(
        'MODEL_CORRUPT',
        `golden row ${row + 1} was predicted as ${value} when it was trained and as ${found} now`,
      );
    });
  });
  return model;
}

function parseModel(text: string): FittedModel {
  // The hash vouches for the shape.
  const stored = JSON.parse(text) as StoredModel;
  if (stored.format !== FORMAT) {
    throw new ModelFault(
      'MODEL_MISMATCH',
      `it is stored in format ${stored.format}, this version reads format ${FORMAT}`,
    );
  }
  const members = stored.members.map(({ trainer, version, content }) => {
    const known = Object.hasOwn(TRAINERS, trainer) ? TRAINERS[trainer] : undefined;
    if (known?.version !== version) {
      const own = known ? `this is version ${known.version}` : 'which is not known here';
      throw new ModelFault(
        'MODEL_MISMATCH',
        `it was made by version ${version} of the trainer ${trainer}, ${own}`,
      );
    }
    return known.load(content, stored.features);
  });
  return {
    features: stored.features,
    defaults: decodeFloats(stored.defaults),
    members,
    recentrings: stored.recentrings.map((each) => each ?? undefined),
    weights: stored.weights,
    isOwnNumber: true,
    distribution: stored.distribution,
    tierFeature: stored.tier_feature,
    largest: stored.largest,
  };
}

function parseGolden(text: string): GoldenRows {
  let golden: Partial<GoldenRows> | null;
  try {
    golden = JSON.parse(text) as Partial<GoldenRows> | null;
  } catch {
    throw new ModelFault('MODEL_CORRUPT', 'its golden predictions are no JSON');
  }
  const { features, predictions } = golden ?? {};
  const areLists = isListOfLists(features) && isListOfLists(predictions);
  if (!areLists || features.length === 0 || features.length !== predictions.length) {
    throw new ModelFault('MODEL_CORRUPT', 'its golden predictions are not rows with predictions');
  }
  return { features, predictions };
}

function isListOfLists<T>(value: readonly T[] | undefined): value is readonly T[] {
  return Array.isArray(value) && value.every(Array.isArray);
}

/** Rows evenly spread over those given, with the model's predictions. */
export function goldenRows(
  model: FittedModel,
  features: readonly Float64Array[],
  count: number,
): GoldenRows {
  const rows = features[0]?.length ?? 0;
  const picked = Array.from({ length: Math.min(count, rows) }, (_, at) =>
    Math.floor((at * rows) / Math.min(count, rows)),
  );
  const chosen = picked.map((row) =>
    features.map((column) => {
      const value = column[row] ?? NaN;
      return Number.isNaN(value) ? null : value;
    }),
  );
  return { features: chosen, predictions: goldenPredictions(model, chosen) };
}

function goldenPredictions(
  model: FittedModel,
  rows: readonly (readonly (number | null)[])[],
): number[][] {
  const columns = model.features.map((_, at) => Float64Array.from(rows, (row) => row[at] ?? NaN));
  const { points, forecasts } = predictRows(model, columns, rows.length);
  return forecasts.map(({ p10, p50, p90, mean }, row) => [points[row] ?? NaN, p10, p50, p90, mean]);
}
