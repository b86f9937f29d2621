import type { Check } from './check.ts';
import type { CheckSpec } from './check-spec.ts';
import type { Column } from './pipeline.ts';

/** The kinds of checks, as pipeline.yaml names them. */
export const CHECK_KINDS = [
  'unique',
  'duplicate_rows',
  'not_null',
  'accepted_values',
  'range',
  'condition',
  'group',
  'mirror',
  'row_count',
  'relationship',
  'coverage',
  'sum_equals',
  'constant',
  'drift',
  'distribution_shift',
  'correlation',
  'freshness',
  'sql',
] as const;

type Kind = (typeof CHECK_KINDS)[number];
type KindSpec<Type extends Kind> = NonNullable<CheckSpec[Type]>;

/** What a kind is called by default, and what it says; `Check` without what goes with every kind. */
interface Meaning {
  readonly name: string;
  readonly check: DistributiveOmit<Check, 'name' | 'severity' | 'blocking'>;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const OVER = 60;
const MIN_PARTITIONS = 20;
const MIN_ROWS = 100;

/** A check with every default applied; what only its upstream can tell is filled in when all assets are known. */
export function toCheck(spec: CheckSpec, columns: readonly Column[]): Check {
  const { name, check } = meaningOf(spec, columns);
  const { severity = 'error', blocking = false } = spec;
  return { name: spec.name ?? name, severity, blocking, ...check };
}

function meaningOf(spec: CheckSpec, columns: readonly Column[]): Meaning {
  return (
    ofRows(spec, columns) ??
    ofGroups(spec) ??
    ofUpstream(spec, columns) ??
    ofStatistics(spec, columns) ?? {
      name: 'condition',
      check: { type: 'condition', condition: spec.condition ?? '' },
    }
  );
}

function ofRows(spec: CheckSpec, columns: readonly Column[]): Meaning | undefined {
  const { unique, accepted_values: accepted, range, duplicate_rows: duplicates } = spec;
  if (unique) {
    return { name: `unique_${unique.join('_')}`, check: { type: 'unique', columns: unique } };
  }
  if (duplicates) {
    const compared = namesOf(columns, duplicates.except);
    return { name: 'duplicate_rows', check: { type: 'duplicate_rows', columns: compared } };
  }
  if (spec.not_null !== undefined) {
    const column = spec.not_null;
    const check = { type: 'not_null', column, ...given({ threshold: spec.threshold }) } as const;
    return { name: `not_null_${column}`, check };
  }
  if (accepted) {
    const name = `accepted_values_${accepted.column}`;
    return { name, check: { type: 'accepted_values', ...accepted } };
  }
  if (range) return { name: `range_${range.column}`, check: { type: 'range', ...range } };
  return undefined;
}

function ofGroups({ group, mirror, freshness }: CheckSpec): Meaning | undefined {
  if (group) {
    const { by = [], value, min, max, where, min_rows: minRows = 1 } = group;
    const bounds = given({ min, max, where });
    const check = { type: 'group', by, value, ...bounds, minRows } as const;
    return { name: ['group', ...by].join('_'), check };
  }
  if (mirror) {
    const { by, columns, tolerance = 0 } = mirror;
    const name = `mirror_${Object.keys(columns).join('_')}`;
    return { name, check: { type: 'mirror', by, columns, tolerance } };
  }
  if (freshness) return { name: 'freshness', check: { type: 'freshness', ...freshness } };
  return undefined;
}

function ofUpstream(spec: CheckSpec, columns: readonly Column[]): Meaning | undefined {
  const { row_count: count, relationship, coverage, sum_equals: sum, correlation } = spec;
  if (count) return ofRowCount(count);
  if (relationship) {
    const [relation = '', column = ''] = relationship.to.split('.');
    const name = `relationship_${relationship.column}`;
    const to = { relation, column };
    return { name, check: { type: 'relationship', column: relationship.column, to } };
  }
  if (coverage) {
    const settings = given({ where: coverage.where, threshold: spec.threshold });
    const check = { type: 'coverage', of: joined(coverage), ...settings } as const;
    return { name: `coverage_of_${coverage.of}`, check };
  }
  if (sum) {
    const { equals, tolerance = 0 } = sum;
    const check = { type: 'sum_equals', of: joined(sum), sum: sum.sum, equals, tolerance } as const;
    return { name: `sum_equals_${sum.of}`, check };
  }
  if (correlation) return ofCorrelation(correlation, columns);
  if (spec.sql !== undefined) return { name: 'sql', check: { type: 'sql', sql: spec.sql } };
  return undefined;
}

/** Without `on` the upstream's key, which is filled in when all assets are known. */
function joined({
  of,
  on = {},
}: {
  readonly of: string;
  readonly on?: KindSpec<'coverage'>['on'];
}) {
  return { relation: of, on };
}

function ofRowCount({ min, max, per, on = {} }: KindSpec<'row_count'>): Meaning {
  const name = per === undefined ? 'row_count' : `row_count_per_${per}`;
  const bounds = given({ min, max });
  const of = per === undefined ? {} : { per: { relation: per, on } };
  return { name, check: { type: 'row_count', ...bounds, ...of } };
}

/** The upstream's columns are not known yet. */
function ofCorrelation(spec: KindSpec<'correlation'>, columns: readonly Column[]): Meaning {
  const { column, of, on, max, except = [], min_rows: minRows = MIN_ROWS } = spec;
  const own = floatNames(columns, [...except, column]);
  const names = spec.columns ?? (of === undefined ? own : []);
  const upstream = of === undefined ? {} : { of: joined({ of, ...given({ on }) }) };
  return {
    name: `correlation_with_${column}`,
    check: { type: 'correlation', column, columns: names, except, ...upstream, max, minRows },
  };
}

function ofStatistics(spec: CheckSpec, columns: readonly Column[]): Meaning | undefined {
  const { constant, drift, distribution_shift: shift } = spec;
  if (constant) {
    const { except = [], min_rows: minRows = 50 } = constant;
    const judged = constant.columns ?? floatNames(columns);
    const names = judged.filter((name) => !except.includes(name));
    return { name: 'constant', check: { type: 'constant', columns: names, minRows } };
  }
  if (drift) {
    const { columns: names, measures = ['mean'], sd = 3 } = drift;
    const check = { type: 'drift', columns: names, measures, sd, ...historyOf(drift) } as const;
    return { name: `drift_${names.join('_')}`, check };
  }
  if (shift) {
    const { column, bins, max = 0.25 } = shift;
    const settings = { ...given({ bins }), max, ...historyOf(shift) };
    const check = { type: 'distribution_shift', column, ...settings } as const;
    return { name: `distribution_shift_${column}`, check };
  }
  return undefined;
}

function historyOf(spec: KindSpec<'drift'> | KindSpec<'distribution_shift'>) {
  const { over = OVER, min_rows: minRows = MIN_ROWS } = spec;
  const { min_partitions: minPartitions = Math.min(MIN_PARTITIONS, over) } = spec;
  return { over, minPartitions, minRows };
}

function namesOf(columns: readonly Column[], except: readonly string[] = []): readonly string[] {
  return columns.map(({ name }) => name).filter((name) => !except.includes(name));
}

function floatNames(columns: readonly Column[], except: readonly string[] = []): readonly string[] {
  return namesOf(
    columns.filter(({ type }) => type === 'FLOAT64'),
    except,
  );
}

/** Without the entries that are undefined. */
function given<T extends Readonly<Record<string, unknown>>>(
  settings: T,
): { [Key in keyof T]?: NonNullable<T[Key]> } {
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  // What is left of an object has the keys that it had.
  return Object.fromEntries(entries) as { [Key in keyof T]?: NonNullable<T[Key]> };
}
