import { type Distribution, LEVELS } from './distribution.ts';
import { JsonShape } from './json-shape.ts';
import { ModelFault } from './model-record.ts';
import { type ResidualQuantile, spreadOfResiduals } from './residual-spread.ts';

/** What is said beside a model that somebody else trained. */
export interface ImportedMetadata {
  /** Names in the order of the model. */
  readonly features: readonly string[];
  /** `YYYY-MM-DD`: it was trained on dates before this one only. */
  readonly trainedBefore: string;
  readonly featureVersion: string | undefined;
  /** Predict with the first so many rounds. */
  readonly iterationEnd: number | undefined;
  /** Feature that tells the tier, where the distribution has tiers. */
  readonly tierFeature: string;
  /** Undefined where nothing is said of the spread. */
  readonly distribution: Distribution | undefined;
}

/** What models may predict here. */
const TARGET = 'points';
/** The season average so far. */
const TIER_FEATURE = 'points_avg_season';
/** All that is read; something else is a slip of the pen that would go unnoticed. */
const FIELDS = [
  'features',
  'target',
  'trained_before',
  'feature_version',
  'iteration_end',
  'tier_feature',
  'distribution',
  'residual_quantiles',
  'notes',
];

/** @throws {ModelFault} that names the field, what was found and what is expected */
export function parseMetadata(text: string): ImportedMetadata {
  const file = new JsonShape(parseJson(text), '', (message) => fault(`in its metadata ${message}`));
  for (const [name] of file.fields()) {
    if (!FIELDS.includes(name)) {
      fault(`its metadata has the field "${name}", those that are read are ${FIELDS.join(', ')}`);
    }
  }
  const target = file.field('target');
  if (target.text() !== TARGET) target.unexpected(`"${TARGET}"`);
  const features = file.field('features');
  const names = features.texts();
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) features.unexpected(`every name once, "${twice}" is there twice`);
  const version = file.field('feature_version');
  const end = file.field('iteration_end');
  const tier = file.field('tier_feature');
  if (tier.isThere && !names.includes(tier.text())) tier.unexpected('one of its features');
  return {
    features: names,
    trainedBefore: dateOf(file.field('trained_before')),
    featureVersion: version.isThere ? version.text() : undefined,
    iterationEnd: end.isThere ? end.number() : undefined,
    tierFeature: tier.isThere ? tier.text() : TIER_FEATURE,
    distribution: distributionOf(file),
  };
}

function fault(message: string): never {
  throw new ModelFault('MODEL_CORRUPT', message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return fault(`its metadata is no JSON: ${error instanceof Error ? error.message : 'damaged'}`);
  }
}

function dateOf(shape: JsonShape): string {
  const text = shape.text();
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  const isDate = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
  return isDate ? text : shape.unexpected('a date as "2024-01-01"');
}

function distributionOf(file: JsonShape): Distribution | undefined {
  const learned = file.field('distribution');
  const residuals = file.field('residual_quantiles');
  if (learned.isThere && residuals.isThere) {
    residuals.unexpected('either "distribution" or "residual_quantiles"');
  }
  if (learned.isThere) return learnedDistribution(learned);
  return residuals.isThere ? spreadOfResiduals(quantilesOf(residuals)) : undefined;
}

function quantilesOf(shape: JsonShape): ResidualQuantile[] {
  const quantiles = shape
    .fields()
    .map(([level, points]) => ({ level: Number(level), points: points.number() }))
    .sort((a, b) => a.level - b.level);
  const isInside = quantiles.every(({ level }) => level > 0 && level < 1);
  if (quantiles.length < 2 || !isInside) {
    shape.unexpected('points by at least two levels between 0 and 1, as {"0.1": -6, "0.9": 7}');
  }
  const isAscending = quantiles.every(
    ({ points }, at) => at === 0 || points > (quantiles[at - 1]?.points ?? points),
  );
  return isAscending ? quantiles : shape.unexpected('more points at every higher level');
}

/** A distribution in the form that the models trained here are stored with. */
function learnedDistribution(shape: JsonShape): Distribution {
  const centers = ascending(shape.field('centers'), 1);
  const rows = shape.field('offsets');
  const offsets = rows.list().map((row) => ascending(row, LEVELS.length));
  if (offsets.length !== centers.length) rows.unexpected(`${centers.length} lists, one per center`);
  const means = shape.field('meanOverMedian');
  const meanOverMedian = Array.from(means.numbers());
  if (meanOverMedian.length !== centers.length) {
    means.unexpected(`${centers.length} numbers, one per center`);
  }
  const tiers = shape.field('tiers');
  const shifts = (tiers.isThere ? tiers.fields() : []).map(([name, tier]) => {
    const of = (field: string): number => tier.field(field).number();
    return [
      name,
      { rows: of('rows'), low: of('low'), high: of('high'), mean: of('mean') },
    ] as const;
  });
  return { centers, offsets, meanOverMedian, tiers: Object.fromEntries(shifts) };
}

/** Numbers that do not fall; so many, or with 1 at least so many. */
function ascending(shape: JsonShape, count: number): number[] {
  const numbers = Array.from(shape.numbers());
  const isLong = count === 1 ? numbers.length >= 1 : numbers.length === count;
  const isAscending = numbers.every((number, at) => at === 0 || number >= (numbers[at - 1] ?? 0));
  if (isLong && isAscending) return numbers;
  return shape.unexpected(`${count === 1 ? 'at least one number' : `${count} numbers`}, ascending`);
}
