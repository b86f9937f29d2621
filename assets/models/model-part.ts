import type { FittedModel } from './fitted-model.ts';

/** Dates that one model predicts. */
export interface ModelPart {
  /** `YYYY-MM-DD`; only what happened before it was trained on. */
  readonly cutOff: string;
  /** Changes with the model's content. */
  readonly version: string;
  /** Version of the feature lists that it was trained on; undefined where that is not known. */
  readonly featureVersion: string | undefined;
  readonly dates: readonly string[];
  /** @throws {ModelFault} where it is missing, damaged or of another format */
  readonly load: () => FittedModel;
}
