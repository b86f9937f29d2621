import { describe, expect, test } from 'vitest';
import { offensiveRating, paceOf, possessions } from './analytics.ts';
import {
  fatigueAdjustment,
  fatigueScore,
  paceScore,
  shotZoneMismatch,
  usageSpike,
} from './composite.ts';
import { pointsAverage } from './daily-cache.ts';
import { recentTrend } from './feature-values.ts';
import { FEATURE_NAMES } from './features.ts';
import { playerLookup, usageRate } from './player-games.ts';
import { r, rn, sampleSd } from './rounding.ts';
import { movingAverage, passRules, recommend } from './systems.ts';

const NEWEST_FIRST = [30, 22, 25, 18, 27, 20, 24, 26, 19, 21];
const GAMES = NEWEST_FIRST.toReversed().map((points) => ({ points }));

const FATIGUE = {
  backToBack: true,
  daysRest: 0,
  gamesInLast7Days: 4,
  minutesInLast7Days: 150,
  avgMinutesLast7: 37.5,
  backToBacksLast14Days: 1,
  age: 31,
};

const MISMATCH = {
  zone: 'paint',
  rates: { paint: 45, mid_range: null, perimeter: null },
  defense: { paint: 6.2, mid_range: null, perimeter: null },
} as const;

/** A feature vector of zeros but for the named values. */
function featuresOf(values: Partial<Record<(typeof FEATURE_NAMES)[number], number>>): number[] {
  return FEATURE_NAMES.map((name) => values[name] ?? 0);
}

describe('the worked example of domain.md 13', () => {
  test('means, deviation and trend of the last games', () => {
    expect(pointsAverage(GAMES, 5)).toBe(24.4);
    expect(pointsAverage(GAMES, 10)).toBe(23.2);
    expect(rn(sampleSd(NEWEST_FIRST), 4)).toBe(3.8528);
    expect(recentTrend(NEWEST_FIRST)).toBe(1);
  });

  test('usage is a percentage of the team plays while on court', () => {
    const player = { fga: 22, fta: 8, tov: 3, minutes: 36 };
    expect(usageRate(player, { fga: 88, fta: 24, tov: 13, minutes: 48 })).toBe(34.1);
  });

  test('possessions are rounded before rating and pace', () => {
    const poss = possessions({ fga: 88, fta: 24, tov: 13, oreb: 10 });
    expect(poss).toBe(101.6);
    expect(offensiveRating(115, poss)).toBe(113.19);
    expect(paceOf(poss, 48)).toBe(101.6);
  });

  test('fatigue, mismatch, pace and usage add up to the composite adjustment', () => {
    const fatigue = fatigueScore(FATIGUE);
    const mismatch = shotZoneMismatch(MISMATCH);
    const usage = usageSpike({ projected: null, baseline: 17, starsOut: 0 });
    expect(fatigue).toBe(57);
    expect(fatigueAdjustment(fatigue)).toBe(-2.15);
    expect(r(mismatch, 3)).toBe(6.696);
    expect(r(mismatch, 1)).toBe(6.7);
    expect(paceScore(3)).toBe(1.5);
    expect(usage).toBe(0);
    expect(r(fatigueAdjustment(fatigue) + mismatch + paceScore(3) + usage, 2)).toBe(6.05);
  });

  test('the moving average goes over the line with confidence 0.60', () => {
    const features = featuresOf({
      points_avg_last_5: 24.4,
      points_avg_last_10: 23.2,
      points_avg_season: 23,
      points_std_last_10: 3.85,
      games_in_last_7_days: 4,
      fatigue_score: 57,
      shot_zone_mismatch_score: 6.7,
      pace_score: 1.5,
      home_away: 1,
      back_to_back: 1,
    });
    const forecast = movingAverage({ features, quality: 97, cache: null });
    expect(r(forecast.points, 2)).toBe(24.22);
    expect(forecast.confidence).toBe(60);
    const passes = passRules.moving_average_baseline_v1;
    expect(recommend({ forecast, line: 21.5, passes })).toBe('OVER');
  });
});

test('names become lookups that keep suffixes and lose marks', () => {
  expect(playerLookup('LeBron James')).toBe('lebronjames');
  expect(playerLookup('Tim Hardaway Jr.')).toBe('timhardawayjr');
  expect(playerLookup('Dāvis Bertāns')).toBe('davisbertans');
  expect(playerLookup("Shaquille O'Neal")).toBe('shaquilleoneal');
  expect(playerLookup('Đorđe Søren Łukasz')).toBe('dordesorenlukasz');
});
