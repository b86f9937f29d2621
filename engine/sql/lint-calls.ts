import { AGGREGATE_RULES } from './lint-aggregate-rules.ts';
import { DATE_RULES } from './lint-date-rules.ts';
import { type LintFinding, type LintInput, spanOf } from './lint-finding.ts';
import { NUMBER_RULES } from './lint-number-rules.ts';
import { TEXT_RULES } from './lint-text-rules.ts';
import type { CallRule } from './call-rule.ts';

const RULES_BY_NAME = indexRules([
  ...NUMBER_RULES,
  ...DATE_RULES,
  ...AGGREGATE_RULES,
  ...TEXT_RULES,
]);

/** Calls of functions that the two warehouses, or the transpiler, understand differently. */
export function lintCalls({ tokens, calls }: LintInput): readonly LintFinding[] {
  return calls.flatMap((call) => {
    const rule = (RULES_BY_NAME.get(call.name) ?? []).find(
      (candidate) => candidate.applies?.(call, tokens) ?? true,
    );
    if (rule === undefined) return [];
    const { code, message, hint } = rule;
    return [{ code, message, hint, ...spanOf(tokens, call.nameIndex) }];
  });
}

function indexRules(rules: readonly CallRule[]): ReadonlyMap<string, readonly CallRule[]> {
  const index = new Map<string, CallRule[]>();
  for (const rule of rules) {
    for (const name of rule.names) index.set(name, [...(index.get(name) ?? []), rule]);
  }
  return index;
}
