import type { AssetName } from '../ids.ts';
import type { ReportRules } from './report-rules.ts';

/** What `validate` expects of the assets; percentages from 0 to 100. */
export interface ValidationRules {
  /** Least share of expected dates that have rows. */
  readonly coverage: number;
  /** A date with less of its typical rows than this is a finding. */
  readonly fewRows: number;
  /** A lasting drop of rows by this much is a finding. */
  readonly drop: number;
  /** By asset; one that nothing is declared for is absent. */
  readonly assets: Readonly<Record<string, AssetValidation>>;
}

/** What is declared for one asset. */
export interface AssetValidation {
  readonly expectedRows?: ExpectedRows;
  readonly critical: readonly CriticalColumn[];
  /** Columns whose coverage is held against a threshold and against a baseline; empty: all nullable ones. */
  readonly columns: readonly ColumnThreshold[];
}

/** How many rows a date should have, of its own or per row of an upstream on the same date. */
export interface ExpectedRows {
  readonly per?: AssetName;
  readonly min?: number;
  readonly max?: number;
}

/** A column whose NULLs contaminate what is built on it. */
export interface CriticalColumn {
  readonly column: string;
  /** Whether a zero counts like a NULL. */
  readonly zeros: boolean;
  /** Largest share of such rows in a date. */
  readonly most: number;
}

export interface ColumnThreshold {
  readonly column: string;
  /** Least share of rows with a value. */
  readonly least: number;
  readonly critical: boolean;
}

/** Rows of an asset on a date, or the distinct values of one of its columns. */
export interface HealthCount {
  readonly asset: AssetName;
  readonly column?: string;
}

/** One part of a date's score, from 0 to 100. */
export type HealthComponent = { readonly name: string; readonly weight: number } & (
  | { readonly type: 'present' | 'complete'; readonly assets: readonly AssetName[] }
  | { readonly type: 'any'; readonly asset: AssetName }
  | { readonly type: 'ratio'; readonly of: HealthCount; readonly per: HealthCount }
);

/** What a column of `health --csv` holds. */
export type HealthColumn = { readonly name: string } & (
  | { readonly type: 'date' | 'score' | 'class' | 'reasons' | 'expected_empty' }
  | { readonly type: 'rows'; readonly asset: AssetName }
  /** `distinct` values of a column, its `present` (not NULL) ones, or the percentage of its values that is `true`. */
  | {
      readonly type: 'distinct' | 'present' | 'true';
      readonly asset: AssetName;
      readonly column: string;
    }
  /** `3/4`: how many of the assets have rows. */
  | { readonly type: 'completion'; readonly assets: readonly AssetName[] }
  /** One column as a percentage of another. */
  | { readonly type: 'percent'; readonly of: string; readonly per: string }
  | { readonly type: 'value'; readonly value: string | number }
);

/** The counts that the five-part formula of old is fed with, as names of CSV columns. */
export interface LegacyColumns {
  readonly scheduled: string;
  readonly raw: readonly string[];
  readonly analytics: readonly string[];
  readonly precompute: readonly string[];
  readonly predictions: string;
  readonly graded: string;
}

/** How a date is scored and reported. */
export interface HealthRules {
  readonly components: readonly HealthComponent[];
  readonly csv: readonly HealthColumn[];
  readonly legacyColumns?: LegacyColumns;
  /** Whether the formula of old is the rule. */
  readonly isLegacy: boolean;
}

/** The rules of a pipeline that declares none; without assets there is nothing to score. */
export const DEFAULT_RULES = {
  validation: { coverage: 99, fewRows: 50, drop: 15, assets: {} },
  health: { components: [], csv: [], isLegacy: false },
  reports: [],
} as const satisfies {
  readonly validation: ValidationRules;
  readonly health: HealthRules;
  readonly reports: readonly ReportRules[];
};
