import { DeclaredNames } from './declared-names.ts';
import type { HealthColumn, HealthComponent, HealthRules, LegacyColumns } from './health-rules.ts';
import type { HealthColumnSpec, HealthComponentSpec, HealthSpec } from './health-spec.ts';
import type { YamlPath } from './load.ts';
import type { Asset } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { PipelineSpec } from './spec.ts';

/** `health:` with its defaults: a component per group of dated assets, all with the same weight. */
export function normalizeHealth(
  { health = {} }: PipelineSpec,
  assets: readonly Asset[],
  problems: Problems,
): HealthRules {
  const names = new DeclaredNames(assets, problems);
  const dated = assets.filter((asset) => asset.partitionSet !== undefined);
  const components =
    health.components === undefined
      ? componentPerGroup(dated)
      : Object.entries(health.components).flatMap(
          ([name, spec]) => componentOf(name, spec, names, problems) ?? [],
        );
  const csv =
    health.csv === undefined
      ? defaultColumns(dated)
      : Object.entries(health.csv).flatMap(([name, spec]) => columnOf(name, spec, names) ?? []);
  checkColumnNames(health, problems);
  return {
    components,
    csv,
    isLegacy: health.legacy ?? false,
    ...legacyColumnsOf(health),
  };
}

function componentPerGroup(dated: readonly Asset[]): readonly HealthComponent[] {
  const groups = [...new Set(dated.map((asset) => asset.group))];
  return groups.map((group) => ({
    name: group,
    weight: 1,
    type: 'complete',
    assets: dated.filter((asset) => asset.group === group).map((asset) => asset.name),
  }));
}

function defaultColumns(dated: readonly Asset[]): readonly HealthColumn[] {
  return [
    { name: 'date', type: 'date' },
    { name: 'score', type: 'score' },
    { name: 'class', type: 'class' },
    ...dated.map(({ name }) => ({ name, type: 'rows', asset: name }) as const),
    { name: 'expected_empty', type: 'expected_empty' },
    { name: 'reasons', type: 'reasons' },
  ];
}

function componentOf(
  name: string,
  spec: HealthComponentSpec,
  names: DeclaredNames,
  problems: Problems,
): HealthComponent | undefined {
  const path = ['health', 'components', name];
  const { weight = 1, ...measured } = spec;
  const given = Object.keys(measured);
  if (given.length !== 1) {
    problems.add({
      code: 'INVALID_COMPONENT',
      message: `health component "${name}" has ${given.join(' and ') || 'nothing to measure'}`,
      path,
      atKey: true,
      hint: 'write one of present: [assets], complete: [assets], any: asset, ratio: { of, per }',
    });
    return undefined;
  }
  return measuredComponent({ name, weight }, measured, names);
}

function measuredComponent(
  base: { readonly name: string; readonly weight: number },
  { present, complete, any, ratio }: HealthComponentSpec,
  names: DeclaredNames,
): HealthComponent | undefined {
  const path = ['health', 'components', base.name];
  if (present) {
    return { ...base, type: 'present', assets: names.assets(present, [...path, 'present']) };
  }
  if (complete) {
    return { ...base, type: 'complete', assets: names.assets(complete, [...path, 'complete']) };
  }
  if (any !== undefined) {
    const asset = names.asset(any, [...path, 'any']);
    return asset && { ...base, type: 'any', asset: asset.name };
  }
  const of = names.count(ratio?.of ?? '', [...path, 'ratio', 'of']);
  const per = names.count(ratio?.per ?? '', [...path, 'ratio', 'per']);
  return of && per && { ...base, type: 'ratio', of, per };
}

function columnOf(
  name: string,
  spec: HealthColumnSpec,
  names: DeclaredNames,
): HealthColumn | undefined {
  if (typeof spec === 'string') return { name, type: spec };
  const path = ['health', 'csv', name];
  if (spec.value !== undefined) return { name, type: 'value', value: spec.value };
  if (spec.percent) return { name, type: 'percent', ...spec.percent };
  if (spec.completion) {
    const assets = names.assets(spec.completion, [...path, 'completion']);
    return { name, type: 'completion', assets };
  }
  if (spec.rows !== undefined) {
    const asset = names.asset(spec.rows, [...path, 'rows']);
    return asset && { name, type: 'rows', asset: asset.name };
  }
  for (const type of ['distinct', 'present', 'true'] as const) {
    const text = spec[type];
    if (text === undefined) continue;
    const { asset, column } = names.count(text, [...path, type]) ?? {};
    return asset && column !== undefined ? { name, type, asset, column } : undefined;
  }
  return undefined;
}

/** Columns that others are computed from, and those of the formula of old, must be among the columns. */
function checkColumnNames({ csv, legacy, legacy_columns: wanted }: HealthSpec, problems: Problems) {
  const known = Object.keys(csv ?? {});
  const require = (name: string, path: YamlPath): void => {
    if (known.includes(name)) return;
    problems.unknown({ what: 'csv column', name, known, path });
  };
  for (const [name, spec] of Object.entries(csv ?? {})) {
    if (typeof spec === 'string' || !spec.percent) continue;
    require(spec.percent.of, ['health', 'csv', name, 'percent', 'of']);
    require(spec.percent.per, ['health', 'csv', name, 'percent', 'per']);
  }
  for (const [role, names] of Object.entries(wanted ?? {})) {
    for (const name of [names].flat()) require(name, ['health', 'legacy_columns', role]);
  }
  if (legacy === true && wanted === undefined) {
    problems.add({
      code: 'MISSING_KEY',
      message: 'health.legacy is true, but health.legacy_columns does not say what it is fed with',
      path: ['health', 'legacy'],
      hint: 'add legacy_columns: { scheduled, raw, analytics, precompute, predictions, graded }',
    });
  }
}

function legacyColumnsOf({ legacy_columns: columns }: HealthSpec): {
  readonly legacyColumns?: LegacyColumns;
} {
  return columns === undefined ? {} : { legacyColumns: columns };
}
