import type { SqlToken, SqlTree } from './parse.ts';
import type { FunctionCall } from './token-view.ts';
import type { Span } from './tree.ts';

/** Something in a statement that must not be written so. */
export interface LintFinding extends Span {
  /** Stable, e.g. `SQL_COUNTIF`. */
  readonly code: string;
  /** What happens if it stays. */
  readonly message: string;
  /** The form to write instead. */
  readonly hint: string;
}

/** A statement as the rules see it. */
export interface LintInput {
  readonly text: string;
  readonly tokens: readonly SqlToken[];
  readonly calls: readonly FunctionCall[];
  readonly statement: SqlTree;
  /** True for a condition or the body of a function, inside a SELECT of our own. */
  readonly isExpression: boolean;
}

export type LintRule = (input: LintInput) => readonly LintFinding[];

/** The text that a range of tokens covers. */
export function spanOf(tokens: readonly SqlToken[], first: number, last = first): Span {
  const start = tokens[first]?.start ?? 0;
  return { start, end: tokens[last]?.end ?? start + 1 };
}
