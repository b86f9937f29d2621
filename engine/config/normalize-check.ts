import type { Located } from './asset-settings.ts';
import type { Check } from './check.ts';
import { CHECK_KINDS, toCheck } from './check-kinds.ts';
import type { CheckSpec } from './check-spec.ts';
import type { Column, ColumnType } from './pipeline.ts';
import type { Problems } from './problems.ts';

/** One declared check, as far as the asset itself can tell; undefined when its kind is unclear. */
export function normalizeCheck(
  { value: spec, path }: Located<CheckSpec>,
  columns: readonly Column[] | undefined,
  problems: Problems,
): Check | undefined {
  const types = CHECK_KINDS.filter((type) => spec[type] !== undefined);
  if (types.length !== 1) {
    problems.add({
      code: 'INVALID_CHECK',
      message: `a check has exactly one of ${CHECK_KINDS.join(', ')}; this one has ${types.join(' and ') || 'none'}`,
      path,
    });
    return undefined;
  }
  for (const checked of checkedColumns(spec)) {
    if (columns !== undefined) checkColumn(checked, { columns, path, problems });
  }
  checkForm({ value: spec, path }, problems);
  return toCheck(spec, columns ?? []);
}

interface CheckedColumn {
  readonly name: string;
  readonly at: readonly (string | number)[];
  /** What it is used for takes numbers. */
  readonly isNumber?: boolean;
}

/** Lists of the asset's own columns in a check, and whether what they are for takes numbers. */
const LISTS = [
  { type: 'duplicate_rows', setting: 'except', isNumber: false },
  { type: 'group', setting: 'by', isNumber: false },
  { type: 'mirror', setting: 'by', isNumber: false },
  { type: 'constant', setting: 'columns', isNumber: true },
  { type: 'constant', setting: 'except', isNumber: false },
  { type: 'drift', setting: 'columns', isNumber: true },
  { type: 'correlation', setting: 'columns', isNumber: true },
  { type: 'correlation', setting: 'except', isNumber: false },
] as const;

/** Maps whose keys are the asset's own columns. */
const MAPS = [
  { type: 'mirror', setting: 'columns' },
  { type: 'row_count', setting: 'on' },
  { type: 'coverage', setting: 'on' },
  { type: 'sum_equals', setting: 'on' },
  { type: 'correlation', setting: 'on' },
] as const;

/** The asset's own columns that a check names, and where. */
function checkedColumns(spec: CheckSpec): readonly CheckedColumn[] {
  const { unique = [], not_null: notNull, correlation } = spec;
  // Those of a correlation with an upstream are the upstream's.
  const lists = LISTS.filter(({ type }) => type !== 'correlation' || correlation?.of === undefined);
  return [
    ...unique.map((name, index) => ({ name, at: ['unique', index] })),
    ...(notNull === undefined ? [] : [{ name: notNull, at: ['not_null'] }]),
    ...singleColumns(spec),
    ...lists.flatMap(({ type, setting, isNumber }) =>
      namesAt(spec, type, setting).map((name, index) => ({
        name,
        at: [type, setting, index],
        isNumber,
      })),
    ),
    ...MAPS.flatMap(({ type, setting }) =>
      keysAt(spec, type, setting).map((name) => ({ name, at: [type, setting, name] })),
    ),
  ];
}

function settingAt(spec: CheckSpec, type: keyof CheckSpec, setting: string): unknown {
  const settings: unknown = spec[type];
  // The JSON Schema says that these kinds are maps.
  return settings === undefined ? undefined : (settings as Record<string, unknown>)[setting];
}

function namesAt(spec: CheckSpec, type: keyof CheckSpec, setting: string): readonly string[] {
  const names = settingAt(spec, type, setting);
  return Array.isArray(names) ? names.map(String) : [];
}

function keysAt(spec: CheckSpec, type: keyof CheckSpec, setting: string): readonly string[] {
  return Object.keys(settingAt(spec, type, setting) ?? {});
}

function singleColumns(spec: CheckSpec): readonly CheckedColumn[] {
  const any = (['accepted_values', 'range', 'relationship'] as const).flatMap((type) => {
    const name = spec[type]?.column;
    return name === undefined ? [] : [{ name, at: [type, 'column'] }];
  });
  const numeric = (['distribution_shift', 'correlation'] as const).flatMap((type) => {
    const name = spec[type]?.column;
    return name === undefined ? [] : [{ name, at: [type, 'column'], isNumber: true }];
  });
  return [...any, ...numeric];
}

/** Types whose means and correlations mean something. */
const NUMBERS: readonly ColumnType[] = ['INT64', 'FLOAT64', 'BOOL'];

function checkColumn(
  { name, at, isNumber = false }: CheckedColumn,
  of: {
    readonly columns: readonly Column[];
    readonly path: Located<unknown>['path'];
    readonly problems: Problems;
  },
): void {
  const path = [...of.path, ...at];
  const column = of.columns.find((each) => each.name === name);
  if (column === undefined) {
    const known = of.columns.map((each) => each.name);
    of.problems.unknown({ what: 'column', name, known, path });
  } else if (isNumber && !NUMBERS.includes(column.type)) {
    const message = `"${name}" is ${column.type}; this kind of check takes ${NUMBERS.join(', ')}`;
    of.problems.add({ code: 'INVALID_CHECK', message, path });
  }
}

/** What the JSON Schema cannot say. */
function checkForm({ value: spec, path }: Located<CheckSpec>, problems: Problems): void {
  const refuse = (message: string, at: readonly (string | number)[], hint?: string): void =>
    problems.add({
      code: 'INVALID_CHECK',
      message,
      path: [...path, ...at],
      ...(hint === undefined ? {} : { hint }),
    });
  for (const type of ['range', 'row_count', 'group'] as const) {
    const message = boundsFault(type, spec[type]);
    if (message !== undefined) refuse(message, [type]);
  }
  if (spec.threshold !== undefined && spec.not_null === undefined && !spec.coverage) {
    refuse('"threshold" goes with "not_null" and "coverage" only', ['threshold'], 'remove it');
  }
  for (const [type, of] of [
    ['row_count', 'per'],
    ['correlation', 'of'],
  ] as const) {
    const settings: Readonly<Record<string, unknown>> | undefined = spec[type];
    if (settings?.['on'] === undefined || settings[of] !== undefined) continue;
    refuse(`"on" goes with "${of}" only`, [type, 'on'], `add ${of}: <upstream>, or remove it`);
  }
  checkHistory(spec, refuse);
  checkFreshness(spec, refuse);
}

type Refuse = (message: string, at: readonly (string | number)[], hint?: string) => void;

function checkHistory(spec: CheckSpec, refuse: Refuse): void {
  for (const type of ['drift', 'distribution_shift'] as const) {
    const { over = 60, min_partitions: least = 2 } = spec[type] ?? {};
    if (least <= over) continue;
    const message = `"min_partitions" is above "over": there are never ${least} of ${over} partitions`;
    refuse(message, [type, 'min_partitions']);
  }
  const bins = spec.distribution_shift?.bins ?? [];
  const at = bins.findIndex((bound, index) => index > 0 && bound <= (bins[index - 1] ?? bound));
  if (at > 0) {
    refuse(`${bins[at]} is not above ${bins[at - 1]}: bins are ascending`, [
      'distribution_shift',
      'bins',
      at,
    ]);
  }
}

function checkFreshness({ freshness, blocking }: CheckSpec, refuse: Refuse): void {
  if (freshness === undefined) return;
  if (freshness.partitions === undefined && freshness.days === undefined) {
    refuse('a freshness has "partitions", "days" or both; this one has none', ['freshness']);
  }
  if (blocking === true) {
    refuse('"freshness" keeps no rows from being published', ['blocking'], 'remove it');
  }
}

function boundsFault(
  type: string,
  bounds: { readonly min?: number | string; readonly max?: number | string } | undefined,
): string | undefined {
  if (bounds === undefined) return undefined;
  const { min, max } = bounds;
  if (min === undefined && max === undefined) {
    return `a ${type} has "min", "max" or both; this one has none`;
  }
  if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return undefined;
  return `"min" is above "max": nothing is between ${min} and ${max}`;
}
