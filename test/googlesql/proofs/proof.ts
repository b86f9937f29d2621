/**
 * What becomes of a text that the lint refuses: `rows` differ without an error; one of the engines `refuses`; the
 * reference accepts the text but cannot evaluate it; or the engines `agree`. The last two prove nothing: such a rule
 * needs another reason.
 */
export type ProofOutcome = 'rows' | 'duckdb refuses' | 'google refuses' | 'not evaluated' | 'agree';

/** Of what BigQuery has, and this version of its analyzer has not. */
export const UNKNOWN_TO_REFERENCE =
  'the reference does not know what BigQuery has here, so nobody can hold it against DuckDB';

/** A statement that the lint refuses, and what the engines do with it. */
export interface Proof {
  readonly code: string;
  readonly refused: string;
  readonly outcome: ProofOutcome;
  /** The form to write instead: the same rows on both. */
  readonly instead?: string;
  /** Why the rule stays although nothing is proved here. */
  readonly because?: string;
}

/** Proofs of one rule that end alike. */
export function proofs(
  code: string,
  outcome: ProofOutcome,
  pairs: readonly (readonly [refused: string, instead?: string])[],
  because?: string,
): readonly Proof[] {
  return pairs.map(([refused, instead]) => ({
    code,
    refused,
    outcome,
    ...(instead !== undefined && { instead }),
    ...(because !== undefined && { because }),
  }));
}
