import { clamp, clampAbs, populationSd, r, sum } from './rounding.ts';

export type Recommendation = 'OVER' | 'UNDER' | 'PASS' | 'NO_LINE';

/** What a system predicts: points unrounded in [0, 60], confidence in hundredths. */
export interface Forecast {
  readonly points: number;
  readonly confidence: number;
}

export interface SystemInput {
  /** The 25 values of MLFS (domain.md 4.5). */
  readonly features: readonly number[];
  readonly quality: number;
  /** PDC values; NULL without a PDC row. */
  readonly cache: { readonly usage: number; readonly minutes: number } | null;
}

/** A rule decides when the edge or the confidence is too small to act on. */
export type PassRule = (edge: number, confidence: number) => boolean;

export const passRules = {
  moving_average_baseline_v1: (edge, confidence) => edge <= 2 || confidence <= 45,
  zone_matchup_v1: (edge, confidence) => edge <= 2 || confidence <= 45,
  similarity_balanced_v1: (edge, confidence) => confidence < 65 || edge < 2,
  expert_rule_v1: (edge, confidence) => confidence < 60 || edge < 1.5,
  ensemble_v1: (edge, confidence) => confidence < 65 || edge < 1.5,
} as const satisfies Readonly<Record<string, PassRule>>;

export type SystemId = keyof typeof passRules;

/** Feature by index; every stored vector has 25. */
export function f(input: { readonly features: readonly number[] }, index: number): number {
  const value = input.features[index];
  if (value === undefined) throw new Error(`Expected 25 features, found no feature ${index}`);
  return value;
}

export function clampPoints(points: number): number {
  return clamp(points, { lo: 0, hi: 60 });
}

/** Unrounded prediction minus line, snapped to six decimals (oracle-notes 4, 47). */
export function edgeOf(points: number, line: number): number {
  return r(points - line, 6);
}

export function recommend(input: {
  readonly forecast: Forecast;
  readonly line: number | null;
  readonly passes: PassRule;
}): Recommendation {
  const { forecast, line, passes } = input;
  if (line === null) return 'NO_LINE';
  const edge = edgeOf(forecast.points, line);
  if (passes(Math.abs(edge), forecast.confidence)) return 'PASS';
  return edge > 0 ? 'OVER' : 'UNDER';
}

/** Features 3 and 4; integers in hundredths until stored (oracle-notes 4). */
export function baselineConfidence(std: number, gamesIn7Days: number): number {
  const spread = std > 6 ? -15 : std > 4 ? -8 : 0;
  const activity = gamesIn7Days >= 3 ? 10 : gamesIn7Days === 2 ? 5 : -10;
  return clamp(50 + spread + activity, { lo: 20, hi: 80 });
}

/** domain.md 6.2, with the fatigue sign of D3. */
export function movingAverage(input: SystemInput): Forecast {
  const fatigue = f(input, 5);
  const points =
    0.5 * f(input, 0) +
    0.3 * f(input, 1) +
    0.2 * f(input, 2) +
    (fatigue < 50 ? -2.5 : fatigue < 70 ? -1 : 0) +
    0.3 * f(input, 6) +
    (f(input, 16) === 1 ? -1.5 : 0) +
    0.3 * f(input, 7) +
    (f(input, 15) === 1 ? 0.5 : -0.5) +
    0.4 * f(input, 8);
  return {
    points: clampPoints(points),
    confidence: baselineConfidence(f(input, 3), f(input, 4)),
  };
}

/** Zone multipliers of domain.md 6.2 by feature index: paint, mid, three, free throws. */
const ZONE_MULTIPLIERS = [
  [18, 1.2],
  [19, 1],
  [20, 1.1],
  [21, 0.8],
] as const;

/** domain.md 6.2, with the sign of D4: a weak defence has a high rating. */
export function zoneMatchup(input: SystemInput): Forecast {
  const difference = f(input, 13) - 110;
  let points = f(input, 2) + 0.4 * f(input, 7) + (f(input, 15) === 1 ? 0.8 : -0.8);
  for (const [index, multiplier] of ZONE_MULTIPLIERS) {
    const share = f(input, index);
    const weight = share >= 0.4 ? 1 : share >= 0.2 ? 0.7 : 0.4;
    points += clampAbs(0.3 * difference * multiplier, 3) * weight;
  }
  const fatigue = f(input, 5);
  points += fatigue < 50 ? -1.5 : fatigue < 70 ? -0.8 : 0;
  return {
    points: clampPoints(points),
    confidence: baselineConfidence(f(input, 3), f(input, 4)),
  };
}

/** The hand-written expert rule of domain.md 6.2 (mock XGBoost) without noise. */
export function expertRule(input: SystemInput): Forecast | null {
  const { cache } = input;
  // Minutes have no default, so it needs a PDC row (oracle-notes 52).
  if (cache === null) return null;
  const spike = f(input, 8);
  const points =
    0.35 * f(input, 0) +
    0.4 * f(input, 1) +
    0.25 * f(input, 2) +
    expertFatigue(f(input, 5)) +
    0.35 * f(input, 6) +
    f(input, 7) * (cache.usage > 28 ? 0.12 : 0.08) +
    spike * (Math.abs(spike) > 5 ? 0.45 : 0.3) +
    expertDefense(f(input, 13)) +
    (f(input, 16) === 1 ? -2.5 : 0) +
    (f(input, 15) === 1 ? 1.3 : -0.6) +
    expertMinutes(cache.minutes) +
    expertShotProfile(input);
  return { points: clampPoints(points), confidence: expertConfidence(f(input, 3), input.quality) };
}

function expertFatigue(score: number): number {
  if (score < 40) return -3;
  if (score < 55) return -2;
  if (score < 70) return -1.2;
  if (score < 80) return -0.5;
  return score > 90 ? 0.8 : 0;
}

function expertDefense(rating: number): number {
  if (rating < 106) return -2;
  if (rating < 110) return -1.2;
  if (rating < 113) return -0.5;
  if (rating > 120) return 1.5;
  return rating > 116 ? 0.8 : 0;
}

function expertMinutes(minutes: number): number {
  if (minutes > 36) return 0.8;
  if (minutes >= 30) return 0.4;
  return minutes < 25 ? -1.2 : 0;
}

function expertShotProfile(input: SystemInput): number {
  const paint = f(input, 18) * 100;
  const three = f(input, 20) * 100;
  const defense = f(input, 13);
  if (paint > 40 && defense > 110) {
    return Math.min(((((paint - 40) / 10) * (defense - 110)) / 5) * 0.4, 1.5);
  }
  return three > 40 && defense < 110 ? -0.5 : 0;
}

function expertConfidence(std: number, quality: number): number {
  const trust = quality >= 90 ? 10 : quality >= 80 ? 7 : quality >= 70 ? 5 : quality >= 60 ? 2 : 0;
  const spread = std < 4 ? 10 : std < 6 ? 7 : std < 8 ? 5 : 2;
  return clamp(70 + trust + spread, { lo: 0, hi: 100 });
}

export interface EnsembleForecast extends Forecast {
  /** Population sd of the unrounded predictions (oracle-notes 53). */
  readonly psd: number;
  readonly systemsValid: number;
}

/** Confidence-weighted mean of the systems with a row; none below two (domain.md 6.2). */
export function ensemble(valid: readonly Forecast[]): EnsembleForecast | null {
  if (valid.length < 2) return null;
  const weights = sum(valid.map((forecast) => forecast.confidence));
  const weighted = sum(valid.map((forecast) => forecast.points * forecast.confidence));
  const psd = r(populationSd(valid.map((forecast) => forecast.points)), 6);
  const agreement = psd < 2 ? 10 : psd < 3 ? 5 : psd < 6 ? -5 : -10;
  const confidence = weights / valid.length + agreement + (valid.length === 4 ? 5 : 0);
  return {
    points: clampPoints(weighted / weights),
    confidence: clamp(confidence, { lo: 20, hi: 95 }),
    psd,
    systemsValid: valid.length,
  };
}

/** More than half of the valid systems decide, else the sign of the edge (oracle-notes 53). */
export function recommendEnsemble(input: {
  readonly forecast: Forecast;
  readonly line: number | null;
  readonly votes: readonly Recommendation[];
}): Recommendation {
  const { forecast, line, votes } = input;
  const own = recommend({ forecast, line, passes: passRules.ensemble_v1 });
  if (own === 'NO_LINE' || own === 'PASS') return own;
  const half = votes.length / 2;
  for (const side of ['OVER', 'UNDER'] as const) {
    if (votes.filter((vote) => vote === side).length > half) return side;
  }
  return own;
}
