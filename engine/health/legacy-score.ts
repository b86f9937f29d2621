/**
 * The counts of one date that the score of old is computed from; -1 is a count that could not be taken. Names are
 * those of its five parts.
 */
export interface LegacyCounts {
  readonly scheduled: number;
  /** Counts of the sources that a game may come from; the larger one counts. */
  readonly raw: readonly number[];
  readonly analytics: readonly number[];
  readonly precompute: readonly number[];
  readonly predictions: number;
  readonly graded: number;
}

export const LEGACY_COMPONENTS = [
  'raw',
  'analytics',
  'precompute',
  'predictions',
  'grading',
] as const;

export type LegacyComponents = Readonly<
  Record<(typeof LEGACY_COMPONENTS)[number], number | undefined>
>;

/** The five parts of a date's score, each 0 to 100 (`raw` may exceed it); one that cannot be measured is undefined. */
export function legacyComponents(counts: LegacyCounts): LegacyComponents {
  const { scheduled, predictions, graded } = counts;
  const raw = Math.max(-1, ...counts.raw);
  return {
    raw: scheduled > 0 && raw >= 0 ? (raw / scheduled) * 100 : undefined,
    analytics: shareWithRows(counts.analytics),
    precompute: shareWithRows(counts.precompute),
    predictions: predictions < 0 ? undefined : predictions > 0 ? 100 : 0,
    grading: gradedShare(predictions, graded),
  };
}

/** The plain mean of the parts that can be measured; undefined when none can. */
export function legacyScore(counts: LegacyCounts): number | undefined {
  const values = Object.values(legacyComponents(counts)).filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A score with one decimal, a tie going to the even digit, as the reports of old have it. */
export function oneDecimal(value: number): number {
  // Only quarters lie exactly between two decimals in binary.
  const isTie = Number.isInteger(value * 4) && !Number.isInteger(value * 2);
  if (!isTie) return Number(value.toFixed(1));
  const below = Math.floor(value * 10);
  return (below % 2 === 0 ? below : below + 1) / 10;
}

function shareWithRows(counts: readonly number[]): number | undefined {
  const measured = counts.filter((count) => count >= 0);
  if (measured.length === 0) return undefined;
  return (100 * measured.filter((count) => count > 0).length) / measured.length;
}

function gradedShare(predictions: number, graded: number): number | undefined {
  if (predictions < 0 || graded < 0) return undefined;
  return predictions === 0 ? 0 : (graded / predictions) * 100;
}
