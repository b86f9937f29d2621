import type { MergedSettings } from './asset-settings.ts';
import type { YamlPath } from './load.ts';
import { normalizeCheck } from './normalize-check.ts';
import type { Check } from './check.ts';
import type { Column, ExpectedEmptyRule } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { ExpectedEmptySpec } from './spec.ts';

/** The declared checks, each with a name of its own. */
export function normalizeChecks(
  settings: MergedSettings,
  columns: readonly Column[] | undefined,
  problems: Problems,
): readonly Check[] {
  const checks: Check[] = [];
  const names = new Set<string>();
  const { value, path } = settings.checks ?? { value: [], path: [] };
  for (const [index, spec] of value.entries()) {
    const check = normalizeCheck({ value: spec, path: [...path, index] }, columns, problems);
    if (check === undefined) continue;
    if (names.has(check.name) && spec.name !== undefined) {
      problems.add({
        code: 'DUPLICATE_CHECK',
        message: `two checks are called "${check.name}"`,
        path: [...path, index],
        hint: 'give one of them another name',
      });
    }
    const name = names.has(check.name) ? `${check.name}_${index + 1}` : check.name;
    names.add(name);
    checks.push({ ...check, name });
  }
  return checks;
}

/** The rules that excuse partitions without rows. */
export function normalizeExpectedEmpty(
  settings: MergedSettings,
  hasPeriods: boolean,
  problems: Problems,
): readonly ExpectedEmptyRule[] {
  const { value, path } = settings.expected_empty ?? { value: [], path: [] };
  return value.flatMap((spec, index) => {
    const rule = normalizeRule(spec, [...path, index], problems);
    if (rule?.type === 'first_days_of_period' && !hasPeriods) {
      problems.add({
        code: 'NO_PERIODS',
        message: 'first_days_of_period needs a partition set whose calendar has periods',
        path: [...path, index, 'first_days_of_period'],
        hint: 'declare `period:` in the calendar',
      });
    }
    return rule ?? [];
  });
}

function normalizeRule(
  spec: ExpectedEmptySpec,
  path: YamlPath,
  problems: Problems,
): ExpectedEmptyRule | undefined {
  const { first_days_of_period: days, condition, reason } = spec;
  if (days !== undefined && condition === undefined) {
    return { type: 'first_days_of_period', days, reason };
  }
  if (condition !== undefined && days === undefined) {
    return { type: 'condition', condition, reason };
  }
  problems.add({
    code: 'INVALID_EXPECTED_EMPTY',
    message: `a rule has either first_days_of_period or condition; this one has ${days === undefined ? 'none' : 'both'}`,
    path,
  });
  return undefined;
}
