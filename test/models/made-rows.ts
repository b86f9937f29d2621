import { seededRandom } from '../../assets/models/random.ts';
import type { ModelPlan, ModelRows } from '../../assets/models/train-model.ts';
import type { TrainingJob } from '../../assets/models/training-job.ts';

export const MADE_FEATURES = ['season_points', 'points_per_minute', 'minutes_last', 'noise'];

export const MADE_PLAN: ModelPlan = {
  features: MADE_FEATURES,
  trainers: ['boosting', 'ridge', 'minutes_rate'],
  rate: 'points_per_minute',
  roots: ['season_points'],
  tierFeature: 'season_points',
  trees: 20,
  seed: 42,
  largest: 60,
};

/** A normal variable from two uniform ones. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Players with a mean of their own, 20 rows a day; every tenth value of a feature is not known. */
export function madeRows(rows: number, seed = 1): ModelRows {
  const random = seededRandom(seed);
  const column = (): Float64Array => new Float64Array(rows);
  const [days, outcome, minutes, average] = [column(), column(), column(), column()];
  const features = MADE_FEATURES.map(column);
  for (let row = 0; row < rows; row++) {
    const mean = 2 + 30 * random() ** 2;
    const played = 12 + 24 * random();
    days[row] = 19_000 + Math.floor(row / 20);
    minutes[row] = played;
    outcome[row] = Math.max(0, Math.round(mean * (played / 24) + Math.sqrt(mean) * normal(random)));
    average[row] = mean;
    const known = [mean, mean / 24, played + normal(random), random()];
    known.forEach((value, at) => {
      (features[at] ?? column())[row] = random() < 0.1 ? NaN : value;
    });
  }
  average.set(features[0] ?? average);
  return { days, features, defaults: new Float64Array(4).fill(NaN), outcome, minutes, average };
}

/** A job on the first rows of some. */
export function madeJob(id: string, all: ModelRows, rows: number, plan = MADE_PLAN): TrainingJob {
  const { days, features, defaults, outcome, minutes } = all;
  return { id, cutOff: '2024-01-01', rows, plan, days, features, defaults, outcome, minutes };
}
