import type { Located, MergedSettings } from './asset-settings.ts';
import {
  FAILURE_CATEGORIES,
  RESERVED_CATEGORIES,
  resolutionOf,
  UNTRACKED,
} from './failure-categories.ts';
import type { YamlPath } from './load.ts';
import type { Column, FailureClass, FailureRule, Universe, Upstream } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { FailureSpec, PipelineSpec, UniverseSpec } from './spec.ts';

/** What a universe is normalized against. */
export interface UniverseInput {
  readonly name: string;
  readonly settings: MergedSettings;
  /** Undefined when they had errors. */
  readonly columns: readonly Column[] | undefined;
  readonly upstream: readonly Upstream[] | undefined;
  readonly spec: PipelineSpec;
}

/** Types whose text is the same on every warehouse. */
const ENTITY_TYPES = new Set(['STRING', 'INT64', 'DATE', 'BOOL']);

/** Who is expected in every partition, and why somebody may have no row. */
export function normalizeUniverse(
  input: UniverseInput,
  problems: Problems,
): { readonly universe?: Universe } {
  const { universe, failures } = input.settings;
  if (universe === undefined) {
    if (failures !== undefined) {
      problems.add({
        code: 'FAILURES_WITHOUT_UNIVERSE',
        message: `"${input.name}" says why somebody may have no row, but not who is expected`,
        path: failures.path,
        atKey: true,
        hint: 'add universe: { relation: <upstream>, entity: [<column>] }',
      });
    }
    return {};
  }
  const from = universeFrom(input, universe, problems);
  checkEntity(input, universe, problems);
  const { entity, where, severity = 'error', blocking = false } = universe.value;
  const rules = normalizeRules(input.spec, failures, problems);
  if (from === undefined) return {};
  const condition = where === undefined ? {} : { where };
  const counts = countsOf(universe.value);
  return {
    universe: { from, entity, ...condition, counts, severity, blocking, failures: rules },
  };
}

function countsOf({ counts = {} }: UniverseSpec): Universe['counts'] {
  const { expected, actual, missing_dates: missingDates } = counts;
  return {
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    ...(missingDates === undefined ? {} : { missingDates }),
  };
}

function universeFrom(
  input: UniverseInput,
  { value, path }: Located<UniverseSpec>,
  problems: Problems,
): Universe['from'] | undefined {
  const { relation, sql } = value;
  if (sql !== undefined && relation === undefined) return { type: 'sql', sql };
  if (relation === undefined || sql !== undefined) {
    problems.add({
      code: 'INVALID_UNIVERSE',
      message: `a universe has either relation or sql; this one has ${sql === undefined ? 'none' : 'both'}`,
      path,
    });
    return undefined;
  }
  const at = [...path, 'relation'];
  const edges = input.upstream?.filter((edge) => edge.relation === relation);
  if (edges === undefined) return { type: 'relation', relation };
  const [edge] = edges;
  if (edge === undefined) {
    const known = [...new Set(input.upstream?.map((each) => each.relation))];
    problems.unknown({ what: 'upstream', name: relation, known, path: at });
    return undefined;
  }
  if (!['same', 'all'].includes(edge.window.type)) {
    problems.add({
      code: 'UNIVERSE_WINDOW',
      message: `"${input.name}" reads "${relation}" of other dates than its own: its rows do not say who is expected on a date`,
      path: at,
      hint: 'name an upstream with window `same`, or write a SELECT under universe: sql',
    });
  }
  return { type: 'relation', relation };
}

function checkEntity(
  { columns, name }: UniverseInput,
  { value, path }: Located<UniverseSpec>,
  problems: Problems,
): void {
  if (columns === undefined) return;
  const byName = new Map(columns.map((column) => [column.name, column]));
  for (const [at, entity] of value.entity.entries()) {
    const column = byName.get(entity);
    const place = [...path, 'entity', at];
    if (column === undefined) {
      problems.unknown({ what: 'column', name: entity, known: [...byName.keys()], path: place });
    } else if (!ENTITY_TYPES.has(column.type)) {
      problems.add({
        code: 'ENTITY_TYPE',
        message: `"${entity}" of "${name}" is ${column.type}; what tells who it is must be ${[...ENTITY_TYPES].join(', ')}`,
        path: place,
      });
    }
  }
}

function normalizeRules(
  spec: PipelineSpec,
  failures: MergedSettings['failures'],
  problems: Problems,
): readonly FailureRule[] {
  const known = categoriesOf(spec);
  const { value, path } = failures ?? { value: [], path: [] };
  const always = value.findIndex((rule) => rule.when === undefined);
  if (always >= 0 && always < value.length - 1) {
    problems.add({
      code: 'UNREACHABLE_FAILURE',
      message: 'the entry applies to everybody, so that those after it never do',
      path: [...path, always],
      hint: 'add `when`, or make it the last one',
    });
  }
  const rules = value.flatMap(
    (rule, at) => normalizeRule(rule, [...path, at], { known, problems }) ?? [],
  );
  return [...rules, UNTRACKED];
}

/** Categories that the pipeline adds under a name that has a meaning of its own. */
export function checkFailureCategories(
  { failure_categories: declared = {} }: PipelineSpec,
  problems: Problems,
): void {
  for (const name of Object.keys(declared)) {
    refuseReserved(name, { path: ['failure_categories', name], atKey: true }, problems);
  }
}

/** The known categories with those that the pipeline adds. */
function categoriesOf({
  failure_categories: declared = {},
}: PipelineSpec): ReadonlyMap<string, FailureClass> {
  const known = new Map(Object.entries(FAILURE_CATEGORIES));
  for (const [name, category] of Object.entries(declared)) {
    const { expected: isExpected, correctable: isCorrectable, retry: canRetry = false } = category;
    known.set(name, { isExpected, isCorrectable, canRetry });
  }
  return known;
}

function normalizeRule(
  rule: FailureSpec,
  path: YamlPath,
  {
    known,
    problems,
  }: { readonly known: ReadonlyMap<string, FailureClass>; readonly problems: Problems },
): FailureRule | undefined {
  const { category: name, when, reason, expected, correctable, retry } = rule;
  if (refuseReserved(name, { path: [...path, 'category'] }, problems)) return undefined;
  const category = known.get(name);
  if (category === undefined) {
    const at = [...path, 'category'];
    problems.unknown({ what: 'failure category', name, known: [...known.keys()], path: at });
    return undefined;
  }
  const meaning = {
    isExpected: expected ?? category.isExpected,
    isCorrectable: correctable ?? category.isCorrectable,
    canRetry: retry ?? category.canRetry,
  };
  const condition = when === undefined ? {} : { when };
  return { category: name, ...condition, reason, ...meaning, resolution: resolutionOf(meaning) };
}

function refuseReserved(
  name: string,
  place: { readonly path: YamlPath; readonly atKey?: boolean },
  problems: Problems,
): boolean {
  const why = RESERVED_CATEGORIES.get(name);
  if (why === undefined) return false;
  problems.add({
    code: 'RESERVED_FAILURE_CATEGORY',
    message: `${name} is no category of one's own: ${why}`,
    ...place,
  });
  return true;
}
