import type { AssetName } from '../ids.ts';

/** A report that `fastbreak report NAME` makes: how good predictions were, one comparison or several. */
export interface ReportRules {
  readonly name: string;
  readonly title: string;
  readonly comparisons: readonly Comparison[];
}

/** Systems that predict the same thing, held against what happened. Columns are those of one asset. */
export interface Comparison {
  readonly name: string;
  readonly title: string;
  /** Has a row per date, entity and system; what happened stands in the row. */
  readonly asset: AssetName;
  /** Column that tells the systems apart. */
  readonly system: string;
  /** Columns that tell, within a date, what is predicted. */
  readonly entity: readonly string[];
  /** BOOL column that says whether a row counts; absent: all do. */
  readonly rows?: { readonly column: string; readonly description: string };
  /** Column that names the period (season). */
  readonly period?: string;
  readonly actual: string;
  readonly prediction: string;
  /** What the systems are held against: a column that predicts the same, and its name for readers. */
  readonly baseline: { readonly column: string; readonly name: string };
  /** Column of a predicted mean, where `prediction` is a median. */
  readonly mean?: string;
  /** Predicted quantiles, ascending; levels are between 0 and 1. */
  readonly quantiles: readonly QuantileColumn[];
  readonly probability?: ProbabilityColumns;
  /** Distances in which a prediction counts as near. */
  readonly within: readonly number[];
  /** Columns to break the figures down by. */
  readonly by: readonly { readonly name: string; readonly column: string }[];
  readonly bets?: BetColumns;
  readonly importances?: ImportanceColumns;
}

export interface QuantileColumn {
  readonly level: number;
  readonly column: string;
}

export interface ProbabilityColumns {
  readonly column: string;
  /** BOOL column: whether what the probability is of happened; NULL where it cannot be said. */
  readonly happened: string;
  /** Column that says where the threshold comes from; some of its values are estimates. */
  readonly source?: string;
  readonly estimated: readonly string[];
}

export interface BetColumns {
  /** Profit per unit at stake, NULL where there is no bet: positive is won, 0 a push. */
  readonly profit: string;
  /** What was bet on. */
  readonly side: string;
}

/** How much each feature matters to a model, as a JSON object of feature to number. */
export interface ImportanceColumns {
  readonly asset: AssetName;
  readonly model: string;
  readonly column: string;
  /** Its greatest value is the newest. */
  readonly newest: string;
}
