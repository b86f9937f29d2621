import type { AssetName } from '../ids.ts';
import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';

export type Severity = 'error' | 'warn' | 'info';

export type FindingKind =
  | 'coverage'
  | 'gap'
  | 'lost_rows'
  | 'no_rows'
  | 'query_failed'
  | 'duplicates'
  | 'few_rows'
  | 'many_rows'
  | 'drop'
  | 'contaminated'
  | 'unusual_nulls'
  | 'column_coverage'
  | 'regression'
  | 'degradation'
  | 'previous_period'
  | 'stale'
  | 'may_change'
  | 'freshness';

/** Partitions of a downstream asset that are built on what was found. */
export interface Downstream {
  readonly asset: AssetName;
  readonly partitions: number;
  readonly first: Day;
  readonly last: Day;
}

/** One thing that is not as it should be, or worth knowing. */
export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly asset: AssetName;
  readonly column?: string;
  /** Partitions meant, ascending; none for what is about the whole range. */
  readonly days: readonly Day[];
  readonly found: string;
  readonly expected: string;
  readonly cause?: string;
  /** The words of the command that mends it or, where only a person can, that explains it. */
  readonly mend?: readonly string[];
  readonly downstream?: readonly Downstream[];
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warn: 1, info: 2 };

/** The worst first; of one severity in the order they came in. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}

/** Days that follow each other in a calendar, in stretches. */
export function stretchesOf<T>(
  entries: readonly T[],
  position: (entry: T) => number,
  isSame: (a: T, b: T) => boolean = () => true,
): readonly (readonly T[])[] {
  const stretches: T[][] = [];
  for (const entry of entries) {
    const last = stretches.at(-1);
    const before = last?.at(-1);
    const follows =
      last !== undefined &&
      before !== undefined &&
      position(entry) === position(before) + 1 &&
      isSame(before, entry);
    if (follows) last.push(entry);
    else stretches.push([entry]);
  }
  return stretches;
}

/** A command about some partitions of an asset. */
export function mendWords(
  command: string,
  asset: string,
  days: readonly Day[],
  ...more: readonly string[]
): readonly string[] {
  const first = days[0];
  if (first === undefined || first === UNPARTITIONED) return [command, asset, ...more];
  return [command, asset, '--partitions', rangeText(days), ...more];
}

/** `2024-01-15`, or `2024-01-15..2024-01-20`. */
export function rangeText(days: readonly Day[]): string {
  const first = formatDay(days[0] ?? 0);
  const last = formatDay(days.at(-1) ?? 0);
  return first === last ? first : `${first}..${last}`;
}

/** At most two decimals. */
export function shortNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A percentage with one decimal. */
export function percentText(value: number): string {
  return `${value.toFixed(1)}%`;
}
