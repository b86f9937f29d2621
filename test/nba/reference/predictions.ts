import type { FeatureVector } from './features.ts';
import type { Feature } from './feature-values.ts';
import { r } from './rounding.ts';
import { candidatesFor, similarity } from './similarity.ts';
import type { PastGame } from './similarity.ts';
import {
  edgeOf,
  ensemble,
  expertRule,
  movingAverage,
  passRules,
  recommend,
  recommendEnsemble,
  zoneMatchup,
} from './systems.ts';
import type { Forecast, Recommendation, SystemId, SystemInput } from './systems.ts';
import type { Timelines } from './timeline.ts';

/** One row of player_prop_predictions (domain.md 6.3, oracle-notes I). */
export type Prediction = ReturnType<typeof predictionRow>;

const MIN_QUALITY = 70;
const MIN_GAMES_FOR_LINE = 3;
const FULL_SLATE_GAMES = 5;

export interface Line {
  readonly value: number;
  readonly method: string;
}

/** No points props exist, so the line is an estimate or missing (oracle-notes 48). */
export function estimateLine(features: readonly Feature[], earlierGames: number): Line | null {
  if (earlierGames < MIN_GAMES_FOR_LINE) return null;
  for (const [index, method] of ['points_avg_last_5', 'points_avg_last_10'].entries()) {
    const feature = features[index];
    if (feature === undefined || feature.source === 'default') continue;
    return { value: r(2 * feature.value, 0) / 2, method };
  }
  return null;
}

export interface SlateCounts {
  readonly games: number;
  readonly dailyCache: number;
  readonly playerZones: number;
  readonly teamZones: number;
}

/** Reported, never applied; slates under five games are exempt (oracle-notes 46). */
export function dateMinimaMet(counts: SlateCounts): boolean {
  if (counts.games < FULL_SLATE_GAMES) return true;
  return counts.dailyCache >= 30 && counts.playerZones >= 50 && counts.teamZones >= 15;
}

export function computePredictions(input: {
  readonly vectors: readonly FeatureVector[];
  readonly pastGames: Timelines<PastGame>;
  readonly minimaMet: (date: string) => boolean;
}): Prediction[] {
  const usable = input.vectors.filter(
    (vector) => vector.features.length > 0 && vector.quality >= MIN_QUALITY,
  );
  return usable.flatMap((vector) =>
    playerPredictions({
      vector,
      pastGames: input.pastGames,
      minimaMet: input.minimaMet(vector.context.game_date),
    }),
  );
}

interface Outcome {
  readonly system: SystemId;
  readonly forecast: Forecast;
  readonly recommendation: Recommendation;
  readonly similar: { readonly count: number; readonly score: number } | null;
  readonly agreement: { readonly psd: number; readonly valid: number } | null;
}

function playerPredictions(input: {
  readonly vector: FeatureVector;
  readonly pastGames: Timelines<PastGame>;
  readonly minimaMet: boolean;
}): Prediction[] {
  const { vector, minimaMet } = input;
  const line = estimateLine(vector.features, vector.earlierGames);
  const systemInput = toSystemInput(vector);
  const candidates = candidatesFor(input.pastGames, {
    season: vector.slate.season,
    lookup: vector.context.player_lookup,
    day: vector.slate.day,
  });
  const similar = similarity(systemInput, { daysRest: vector.context.days_rest, candidates });
  const forecasts: readonly (readonly [Exclude<SystemId, 'ensemble_v1'>, Forecast | null])[] = [
    ['moving_average_baseline_v1', movingAverage(systemInput)],
    ['zone_matchup_v1', zoneMatchup(systemInput)],
    ['similarity_balanced_v1', similar],
    ['expert_rule_v1', expertRule(systemInput)],
  ];
  const outcomes = forecasts.flatMap(([system, forecast]): Outcome[] => {
    if (forecast === null) return [];
    const recommendation = recommend({
      forecast,
      line: line?.value ?? null,
      passes: passRules[system],
    });
    const matched = system === 'similarity_balanced_v1' && similar !== null;
    return [
      {
        system,
        forecast,
        recommendation,
        similar: matched ? { count: similar.matches, score: similar.meanScore } : null,
        agreement: null,
      },
    ];
  });
  return [...outcomes, ...ensembleOutcome(outcomes, line)].map((outcome) =>
    predictionRow({ vector, line, outcome, minimaMet }),
  );
}

function toSystemInput(vector: FeatureVector): SystemInput {
  const usage = vector.cache?.usage_rate_last_10 ?? null;
  const minutes = vector.cache?.minutes_avg_last_10 ?? null;
  return {
    features: vector.features.map((feature) => feature.value),
    quality: vector.quality,
    cache: usage === null || minutes === null ? null : { usage, minutes },
  };
}

function ensembleOutcome(members: readonly Outcome[], line: Line | null): Outcome[] {
  const forecast = ensemble(members.map((member) => member.forecast));
  if (forecast === null) return [];
  const recommendation = recommendEnsemble({
    forecast,
    line: line?.value ?? null,
    votes: members.map((member) => member.recommendation),
  });
  const agreement = { psd: forecast.psd, valid: forecast.systemsValid };
  return [{ system: 'ensemble_v1', forecast, recommendation, similar: null, agreement }];
}

function lineColumns(line: Line | null, points: number) {
  return {
    line_source: line === null ? null : 'ESTIMATED_AVG',
    estimated_line_value: line?.value ?? null,
    estimation_method: line?.method ?? null,
    line_margin: line === null ? null : r(edgeOf(points, line.value), 2),
  };
}

/** The block of the features; issues and dates are not repeated for every system. */
function storedCompleteness(vector: FeatureVector) {
  const { window_dates_hash: _hash, data_quality_issues: _issues, ...block } = vector.completeness;
  return block;
}

function predictionRow(input: {
  readonly vector: FeatureVector;
  readonly line: Line | null;
  readonly outcome: Outcome;
  readonly minimaMet: boolean;
}) {
  const { vector, line, outcome } = input;
  const { context } = vector;
  const { points, confidence } = outcome.forecast;
  return {
    prediction_id: `${context.game_date}_${context.player_lookup}_${outcome.system}`,
    system_id: outcome.system,
    player_lookup: context.player_lookup,
    universal_player_id: context.universal_player_id,
    game_date: context.game_date,
    game_id: context.game_id,
    season_year: context.season_year,
    team_abbr: context.team_abbr,
    opponent_team_abbr: context.opponent_team_abbr,
    predicted_points: r(points, 1),
    predicted_points_raw: r(points, 6),
    confidence_score: r(confidence / 100, 4),
    recommendation: outcome.recommendation,
    has_prop_line: false,
    current_points_line: null as number | null,
    ...lineColumns(line, points),
    similar_games_count: outcome.similar?.count ?? null,
    avg_similarity_score: outcome.similar === null ? null : r(outcome.similar.score, 6),
    prediction_psd: outcome.agreement?.psd ?? null,
    systems_valid: outcome.agreement?.valid ?? null,
    date_minima_met: input.minimaMet,
    feature_quality_score: vector.quality,
    ...storedCompleteness(vector),
  };
}
