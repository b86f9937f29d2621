import { DeclaredNames } from './declared-names.ts';
import type { YamlPath } from './load.ts';
import type { Asset, ColumnType } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { Comparison, ImportanceColumns, ReportRules } from './report-rules.ts';
import type { ComparisonSpec } from './report-spec.ts';
import type { PipelineSpec } from './spec.ts';

const NUMBERS = ['INT64', 'FLOAT64'] as const satisfies readonly ColumnType[];
const TRUTH = ['BOOL'] as const satisfies readonly ColumnType[];

/** `reports:` with its defaults; what names no asset or column, or one of a wrong type, is reported and left out. */
export function normalizeReports(
  { reports = {} }: PipelineSpec,
  assets: readonly Asset[],
  problems: Problems,
): readonly ReportRules[] {
  const names = new DeclaredNames(assets, problems);
  return Object.entries(reports).map(([name, { title, compare }]) => ({
    name,
    title: title ?? name,
    comparisons: Object.entries(compare).flatMap(([key, spec]) => {
      const path = ['reports', name, 'compare', key];
      return comparisonOf(key, spec, { names, problems, path }) ?? [];
    }),
  }));
}

interface Place {
  readonly names: DeclaredNames;
  readonly problems: Problems;
  readonly path: YamlPath;
}

function comparisonOf(name: string, spec: ComparisonSpec, place: Place): Comparison | undefined {
  const asset = place.names.asset(spec.of, [...place.path, 'of']);
  if (asset === undefined || !isDated(asset, place)) return undefined;
  const areKnown = columnsOf(spec).map((column) => isKnown(asset, column, place));
  const importances = spec.importances && importancesOf(spec.importances, place);
  if (areKnown.includes(false)) return undefined;
  const { title, system, entity, actual, prediction, baseline, quantiles, by } = spec;
  return {
    name,
    title: title ?? name,
    asset: asset.name,
    system,
    entity,
    actual,
    prediction,
    baseline,
    ...optionalOf(spec),
    quantiles: Object.entries(quantiles ?? {})
      .map(([percent, column]) => ({ level: Number(percent) / 100, column }))
      .toSorted((a, b) => a.level - b.level),
    within: spec.within ?? [],
    by: Object.entries(by ?? {}).map(([label, column]) => ({ name: label, column })),
    ...(importances && { importances }),
  };
}

/** What a comparison may do without. */
function optionalOf({ rows, period, mean, probability, bets }: ComparisonSpec) {
  return {
    ...(rows && { rows }),
    ...(period !== undefined && { period }),
    ...(mean !== undefined && { mean }),
    ...(probability && {
      probability: { ...probability, estimated: probability.estimated ?? [] },
    }),
    ...(bets && { bets }),
  };
}

/** A column that is named somewhere, and what it may hold. */
interface NamedColumn {
  readonly at: YamlPath;
  readonly column: string;
  readonly types?: readonly ColumnType[];
}

function columnsOf(spec: ComparisonSpec): readonly NamedColumn[] {
  const { rows, baseline, probability, bets } = spec;
  const one = (at: YamlPath, column: string | undefined, types?: readonly ColumnType[]) =>
    column === undefined ? [] : [{ at, column, ...(types && { types }) }];
  return [
    ...one(['system'], spec.system, ['STRING']),
    ...spec.entity.map((column, at) => ({ at: ['entity', at], column })),
    ...one(['rows', 'column'], rows?.column, TRUTH),
    ...one(['period'], spec.period),
    ...one(['actual'], spec.actual, NUMBERS),
    ...one(['prediction'], spec.prediction, NUMBERS),
    ...one(['baseline', 'column'], baseline.column, NUMBERS),
    ...one(['mean'], spec.mean, NUMBERS),
    ...Object.entries(spec.quantiles ?? {}).flatMap(([percent, column]) =>
      one(['quantiles', percent], column, NUMBERS),
    ),
    ...one(['probability', 'column'], probability?.column, NUMBERS),
    ...one(['probability', 'happened'], probability?.happened, TRUTH),
    ...one(['probability', 'source'], probability?.source, ['STRING']),
    ...Object.entries(spec.by ?? {}).flatMap(([label, column]) => one(['by', label], column)),
    ...one(['bets', 'profit'], bets?.profit, NUMBERS),
    ...one(['bets', 'side'], bets?.side, ['STRING']),
  ];
}

function isKnown(asset: Asset, { at, column, types }: NamedColumn, place: Place): boolean {
  const path = [...place.path, ...at];
  if (!place.names.column(asset, column, path)) return false;
  const type = asset.columns.find(({ name }) => name === column)?.type;
  if (type === undefined || types === undefined || types.includes(type)) return true;
  place.problems.add({
    code: 'WRONG_TYPE',
    message: `expected a column of type ${types.join(' or ')}, found ${asset.name}.${column} of type ${type}`,
    path,
    hint: 'name another column, or compute one in the asset',
  });
  return false;
}

function isDated(asset: Asset, { problems, path }: Place): boolean {
  if (asset.partitionSet !== undefined) return true;
  problems.add({
    code: 'NOT_PARTITIONED',
    message: `expected an asset with dates, found ${asset.name}, which has no partitions`,
    path: [...path, 'of'],
    hint: 'a report is about a range of dates',
  });
  return false;
}

function importancesOf(
  spec: NonNullable<ComparisonSpec['importances']>,
  { names, path }: Place,
): ImportanceColumns | undefined {
  const own = [...path, 'importances'];
  const asset = names.asset(spec.of, [...own, 'of']);
  if (asset === undefined) return undefined;
  const { model, column, newest } = spec;
  const known = Object.entries({ model, column, newest }).map(([key, name]) =>
    names.column(asset, name, [...own, key]),
  );
  return known.includes(false) ? undefined : { asset: asset.name, model, column, newest };
}
