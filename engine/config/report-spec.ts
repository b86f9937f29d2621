import type { SpecMap } from './spec.ts';

/** An entry of `reports:` as the JSON Schema lets it be. */
export interface ReportSpec {
  readonly title?: string;
  readonly compare: SpecMap<ComparisonSpec>;
}

export interface ComparisonSpec {
  readonly title?: string;
  readonly of: string;
  readonly system: string;
  readonly entity: readonly string[];
  readonly rows?: { readonly column: string; readonly description: string };
  readonly period?: string;
  readonly actual: string;
  readonly prediction: string;
  readonly baseline: { readonly column: string; readonly name: string };
  readonly mean?: string;
  /** Columns by percent: `'10': p10`. */
  readonly quantiles?: SpecMap<string>;
  readonly probability?: {
    readonly column: string;
    readonly happened: string;
    readonly source?: string;
    readonly estimated?: readonly string[];
  };
  readonly within?: readonly number[];
  readonly by?: SpecMap<string>;
  readonly bets?: { readonly profit: string; readonly side: string };
  readonly importances?: {
    readonly of: string;
    readonly model: string;
    readonly column: string;
    readonly newest: string;
  };
}
