/** Rows that a model is trained on, already in chronological order. */
export interface TrainingData {
  readonly rows: number;
  readonly names: readonly string[];
  /** One column per feature; NaN is not known. */
  readonly features: readonly Float64Array[];
  /** What is to be predicted on the scale that it is learned on (`target-scale.ts`). */
  readonly target: Float64Array;
  /** Minutes played. */
  readonly minutes: Float64Array;
}

/** Something learned: predicts on the scale of the target. */
export interface Member {
  readonly predict: (features: readonly Float64Array[], rows: number) => Float64Array;
  /** Share of what was learned that each feature explains, by name; empty where that has no meaning. */
  readonly importances: Readonly<Record<string, number>>;
  /** How many trees it is made of; absent where it is not made of trees. */
  readonly trees?: number;
  /** All that `load` needs, as plain JSON. */
  readonly content: unknown;
}

/** Held back while training, to find out when to stop. */
export type Validation = TrainingData;

/** One way to learn; every trainer is a file of its own. */
export interface Trainer {
  readonly name: TrainerName;
  /** Raised whenever the same rows would give another model. */
  readonly version: number;
  readonly train: (data: TrainingData, options: TrainOptions) => Member;
  readonly load: (content: unknown, names: readonly string[]) => Member;
}

export type TrainerName = 'boosting' | 'ridge' | 'minutes_rate';

export interface TrainOptions {
  readonly seed: number;
  /** Feature with the points per minute that minutes are multiplied with. */
  readonly rate: string | undefined;
  /** Features whose square roots a linear member takes in beside them. */
  readonly roots: readonly string[];
  /** How many trees; found on `validation` where that is given. */
  readonly trees: number;
  readonly validation?: Validation;
}
