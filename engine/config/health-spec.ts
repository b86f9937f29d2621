import type { SpecMap } from './spec.ts';

/** `validation:` as the JSON Schema lets it be. */
export interface ValidationSpec {
  readonly coverage?: number;
  readonly few_rows?: number;
  readonly drop?: number;
  readonly assets?: SpecMap<AssetValidationSpec>;
}

export interface AssetValidationSpec {
  readonly expected_rows?: { readonly per?: string; readonly min?: number; readonly max?: number };
  readonly critical?: SpecMap<{ readonly zeros?: boolean; readonly most?: number } | null>;
  readonly columns?: SpecMap<number | { readonly least: number; readonly critical?: boolean }>;
}

/** `health:` as the JSON Schema lets it be. */
export interface HealthSpec {
  readonly components?: SpecMap<HealthComponentSpec>;
  readonly csv?: SpecMap<HealthColumnSpec>;
  readonly legacy?: boolean;
  readonly legacy_columns?: {
    readonly scheduled: string;
    readonly raw: readonly string[];
    readonly analytics: readonly string[];
    readonly precompute: readonly string[];
    readonly predictions: string;
    readonly graded: string;
  };
}

export interface HealthComponentSpec {
  readonly weight?: number;
  readonly present?: readonly string[];
  readonly complete?: readonly string[];
  readonly any?: string;
  readonly ratio?: { readonly of: string; readonly per: string };
}

export type HealthColumnSpec =
  | 'date'
  | 'score'
  | 'class'
  | 'reasons'
  | 'expected_empty'
  | {
      readonly rows?: string;
      readonly distinct?: string;
      readonly present?: string;
      readonly true?: string;
      readonly completion?: readonly string[];
      readonly percent?: { readonly of: string; readonly per: string };
      readonly value?: string | number;
    };
