import type { Located } from './asset-settings.ts';
import type { Check, Column } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { CheckSpec } from './spec.ts';

const CHECK_TYPES = [
  'unique',
  'not_null',
  'accepted_values',
  'range',
  'condition',
  'row_count',
  'relationship',
  'sql',
] as const;

/** One declared check, as far as the asset itself can tell; undefined when its kind is unclear. */
export function normalizeCheck(
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
  for (const { name, at } of checkedColumns(spec)) {
    if (known === undefined || known.includes(name)) continue;
    problems.unknown({ what: 'column', name, known, path: [...path, ...at] });
  }
  checkForm({ value: spec, path }, problems);
  return toCheck(spec);
}

interface CheckedColumn {
  readonly name: string;
  readonly at: readonly (string | number)[];
}

/** The asset's own columns that a check names, and where. */
function checkedColumns(spec: CheckSpec): readonly CheckedColumn[] {
  const { unique, not_null: notNull } = spec;
  const maps = (['accepted_values', 'range', 'relationship'] as const).flatMap((type) => {
    const name = spec[type]?.column;
    return name === undefined ? [] : [{ name, at: [type, 'column'] }];
  });
  return [
    ...(unique ?? []).map((name, index) => ({ name, at: ['unique', index] })),
    ...(notNull === undefined ? [] : [{ name: notNull, at: ['not_null'] }]),
    ...maps,
    ...Object.keys(spec.row_count?.on ?? {}).map((name) => ({
      name,
      at: ['row_count', 'on', name],
    })),
  ];
}

/** What the JSON Schema cannot say. */
function checkForm({ value: spec, path }: Located<CheckSpec>, problems: Problems): void {
  for (const type of ['range', 'row_count'] as const) {
    const message = boundsFault(type, spec[type]);
    if (message === undefined) continue;
    problems.add({ code: 'INVALID_CHECK', message, path: [...path, type] });
  }
  if (spec.threshold !== undefined && spec.not_null === undefined) {
    problems.add({
      code: 'INVALID_CHECK',
      message: '"threshold" goes with "not_null" only',
      path: [...path, 'threshold'],
      hint: 'remove it',
    });
  }
  if (spec.row_count?.on !== undefined && spec.row_count.per === undefined) {
    problems.add({
      code: 'INVALID_CHECK',
      message: '"on" goes with "per" only',
      path: [...path, 'row_count', 'on'],
      hint: 'add per: <upstream>, or remove it',
    });
  }
}

function boundsFault(
  type: string,
  bounds: { readonly min?: number; readonly max?: number } | undefined,
): string | undefined {
  if (bounds === undefined) return undefined;
  const { min, max } = bounds;
  if (min === undefined && max === undefined) {
    return `a ${type} has "min", "max" or both; this one has none`;
  }
  if (min === undefined || max === undefined || min <= max) return undefined;
  return `"min" is above "max": nothing is between ${min} and ${max}`;
}

function toCheck(spec: CheckSpec): Check {
  const base = (name: string) => ({
    name: spec.name ?? name,
    severity: spec.severity ?? 'error',
    blocking: spec.blocking ?? false,
  });
  const { unique, accepted_values: accepted, range, relationship } = spec;
  if (unique) return { ...base(`unique_${unique.join('_')}`), type: 'unique', columns: unique };
  if (spec.not_null !== undefined) {
    const threshold = spec.threshold === undefined ? {} : { threshold: spec.threshold };
    return {
      ...base(`not_null_${spec.not_null}`),
      type: 'not_null',
      column: spec.not_null,
      ...threshold,
    };
  }
  if (accepted) {
    return { ...base(`accepted_values_${accepted.column}`), type: 'accepted_values', ...accepted };
  }
  if (range) return { ...base(`range_${range.column}`), type: 'range', ...range };
  if (spec.row_count)
    return { ...base(rowCountName(spec.row_count)), ...toRowCount(spec.row_count) };
  if (relationship) {
    const [relation = '', column = ''] = relationship.to.split('.');
    const name = `relationship_${relationship.column}`;
    return {
      ...base(name),
      type: 'relationship',
      column: relationship.column,
      to: { relation, column },
    };
  }
  if (spec.sql !== undefined) return { ...base('sql'), type: 'sql', sql: spec.sql };
  return { ...base('condition'), type: 'condition', condition: spec.condition ?? '' };
}

type RowCountSpec = NonNullable<CheckSpec['row_count']>;

function rowCountName({ per }: RowCountSpec): string {
  return per === undefined ? 'row_count' : `row_count_per_${per}`;
}

/** Without `on` the upstream's key, which is filled in when all assets are known. */
function toRowCount({ min, max, per, on }: RowCountSpec) {
  return {
    type: 'row_count',
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(per === undefined ? {} : { per: { relation: per, on: on ?? {} } }),
  } as const;
}
