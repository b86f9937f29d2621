import { lintAliases } from './lint-aliases.ts';
import { lintCalls } from './lint-calls.ts';
import type { LintFinding, LintInput, LintRule } from './lint-finding.ts';
import { lintReservedWords } from './lint-reserved.ts';
import { lintCtes, lintFrom, lintOutput, lintStatementKind } from './lint-shape.ts';
import { lintTokens } from './lint-tokens.ts';

const RULES: readonly LintRule[] = [
  lintStatementKind,
  lintOutput,
  lintFrom,
  lintCtes,
  lintReservedWords,
  lintAliases,
  lintCalls,
  lintTokens,
];

/** Everything in a statement that would not mean the same on both warehouses, in order of the text. */
export function lintStatement(input: LintInput): readonly LintFinding[] {
  const findings = RULES.flatMap((rule) => rule(input));
  return findings.sort((a, b) => a.start - b.start);
}
