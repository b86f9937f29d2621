import type { Located, MergedSettings } from './asset-settings.ts';
import type { YamlPath } from './load.ts';
import type { Check, Column, ExpectedEmptyRule } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { CheckSpec, ExpectedEmptySpec } from './spec.ts';

const CHECK_TYPES = ['unique', 'not_null', 'accepted_values', 'range', 'condition'] as const;

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

function normalizeCheck(
  { value: spec, path }: Located<CheckSpec>,
  columns: readonly Column[] | undefined,
  problems: Problems,
): Check | undefined {
  const types = CHECK_TYPES.filter((type) => spec[type] !== undefined);
  if (types.length !== 1) {
    problems.add({
      code: 'INVALID_CHECK',
      message: `a check has exactly one of ${CHECK_TYPES.join(', ')}; this one has ${types.join(' and ') || 'none'}`,
      path,
    });
    return undefined;
  }
  const known = columns?.map((column) => column.name);
  for (const column of checkedColumns(spec)) {
    if (known === undefined || known.includes(column)) continue;
    problems.unknown({ what: 'column', name: column, known, path });
  }
  if (spec.range && spec.range.min === undefined && spec.range.max === undefined) {
    problems.add({
      code: 'INVALID_CHECK',
      message: 'a range has "min", "max" or both; this one has none',
      path,
    });
  }
  return toCheck(spec);
}

function checkedColumns(spec: CheckSpec): readonly string[] {
  const single = spec.not_null ?? spec.accepted_values?.column ?? spec.range?.column;
  return single === undefined ? (spec.unique ?? []) : [single];
}

function toCheck(spec: CheckSpec): Check {
  const base = (name: string) => ({
    name: spec.name ?? name,
    severity: spec.severity ?? 'error',
    blocking: spec.blocking ?? false,
  });
  const { unique, not_null: notNull, accepted_values: accepted, range } = spec;
  if (unique) return { ...base(`unique_${unique.join('_')}`), type: 'unique', columns: unique };
  if (notNull !== undefined) {
    return { ...base(`not_null_${notNull}`), type: 'not_null', column: notNull };
  }
  if (accepted) {
    return { ...base(`accepted_values_${accepted.column}`), type: 'accepted_values', ...accepted };
  }
  if (range) return { ...base(`range_${range.column}`), type: 'range', ...range };
  return { ...base('condition'), type: 'condition', condition: spec.condition ?? '' };
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
