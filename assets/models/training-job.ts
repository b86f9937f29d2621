import { goldenRows, serializeModel, sha256Of } from './model-record.ts';
import { stableJson } from './json.ts';
import { type ModelPlan, type SplitMetrics, trainModel } from './train-model.ts';
import { fillDefaults } from './fitted-model.ts';
import { TRAINERS } from './trainers.ts';

/** One model to be trained for one cut-off; the arrays are shared between threads. */
export interface TrainingJob {
  readonly id: string;
  /** `YYYY-MM-DD`: only rows of dates before it are trained on. */
  readonly cutOff: string;
  /** The first so many rows are those before the cut-off. */
  readonly rows: number;
  readonly plan: ModelPlan;
  readonly days: Float64Array;
  readonly features: readonly Float64Array[];
  readonly defaults: Float64Array;
  readonly outcome: Float64Array;
  readonly minutes: Float64Array;
}

export interface TrainingResult {
  readonly id: string;
  readonly cutOff: string;
  readonly text: string;
  readonly sha256: string;
  readonly golden: string;
  readonly weights: string;
  readonly importances: string;
  readonly trainerVersions: string;
  readonly metrics: string;
  readonly splits: Readonly<Record<string, SplitMetrics>>;
}

const GOLDEN_ROWS = 16;

/** Trains the model of a job; the same rows and plan give the same text. */
export function runTrainingJob(job: TrainingJob): TrainingResult {
  const { plan, rows } = job;
  const cut = (column: Float64Array): Float64Array => column.subarray(0, rows);
  const known = job.features.map(cut);
  const average =
    known[plan.features.indexOf(plan.tierFeature)] ?? new Float64Array(rows).fill(NaN);
  const trained = trainModel(plan, {
    days: cut(job.days),
    features: fillDefaults(known, job.defaults),
    defaults: job.defaults,
    outcome: cut(job.outcome),
    minutes: cut(job.minutes),
    average,
  });
  const text = serializeModel(trained.model, trained.memberNames);
  return {
    id: job.id,
    cutOff: job.cutOff,
    text,
    sha256: sha256Of(text),
    golden: stableJson(goldenRows(trained.model, known, GOLDEN_ROWS)),
    weights: stableJson(
      Object.fromEntries(trained.memberNames.map((name, at) => [name, trained.model.weights[at]])),
    ),
    importances: stableJson(trained.importances),
    trainerVersions: stableJson(
      Object.fromEntries(trained.memberNames.map((name) => [name, TRAINERS[name].version])),
    ),
    metrics: stableJson(trained.metrics),
    splits: trained.metrics,
  };
}
