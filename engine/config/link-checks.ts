import type { AssetName } from '../ids.ts';
import { didYouMean } from '../util/nearest-name.ts';
import { unionColumns } from '../util/union-columns.ts';
import type { Check, RowCountPer } from './check.ts';
import type { YamlPath } from './load.ts';
import type { Asset, Column, Union, Upstream } from './pipeline.ts';
import type { Problems } from './problems.ts';

interface Surroundings {
  readonly assets: readonly Asset[];
  readonly unions: readonly Union[];
  /** Assets whose columns and upstreams are sound. */
  readonly complete: ReadonlySet<AssetName>;
  readonly problems: Problems;
}

interface Place {
  readonly asset: Asset;
  readonly path: YamlPath;
}

/** Holds the checks that read an upstream against its columns and window, and fills in how rows belong together. */
export function linkChecks(around: Surroundings): readonly Asset[] {
  return around.assets.map((asset) => {
    if (!around.complete.has(asset.name)) return asset;
    const checks = asset.checks.map((check, index) => {
      const path = around.problems.document.settingPath(asset, ['checks', index]);
      return linkCheck(check, { asset, path }, around);
    });
    return { ...asset, checks };
  });
}

function linkCheck(check: Check, at: Place, around: Surroundings): Check {
  switch (check.type) {
    case 'relationship':
      linkRelationship(check, at, around);
      return check;
    case 'row_count':
      if (check.per === undefined) return check;
      return { ...check, per: linkPer(check.per, 'row_count', at, around) ?? check.per };
    case 'coverage':
    case 'sum_equals':
      return { ...check, of: linkPer(check.of, check.type, at, around) ?? check.of };
    case 'correlation':
      return linkCorrelation(check, at, around);
    case 'drift':
    case 'distribution_shift':
    case 'freshness':
      requirePartitions(check, at, around);
      return check;
    default:
      return check;
  }
}

function linkRelationship(
  check: Extract<Check, { readonly type: 'relationship' }>,
  { asset, path }: Place,
  around: Surroundings,
): void {
  const place = { asset, path: [...path, 'relationship', 'to'] };
  const upstream = upstreamNamed(check.to.relation, place, around);
  if (upstream === undefined) return;
  requireColumns([check.to.column], upstream, place, around);
  requireSameType([check.column, check.to.column], upstream, place, around);
}

/** Without columns of its own choice, a correlation is about all numbers of the upstream. */
function linkCorrelation(
  check: Extract<Check, { readonly type: 'correlation' }>,
  { asset, path }: Place,
  around: Surroundings,
): Check {
  if (check.of === undefined) return check;
  const of = linkPer(check.of, 'correlation', { asset, path }, around);
  if (of === undefined) return check;
  const upstream = asset.upstream.find((edge) => edge.relation === check.of?.relation);
  const source = upstream && columnsOf(upstream, asset, around);
  if (upstream === undefined || source === undefined) return { ...check, of };
  const at = { asset, path: [...path, 'correlation'] };
  requireNumbers(
    check.columns,
    { upstream, source },
    { ...at, path: [...at.path, 'columns'] },
    around,
  );
  for (const [index, name] of check.except.entries()) {
    requireColumns([name], upstream, { asset, path: [...at.path, 'except', index] }, around);
  }
  const floats = source.filter(
    ({ type, name }) => type === 'FLOAT64' && !check.except.includes(name),
  );
  const columns = check.columns.length > 0 ? check.columns : floats.map(({ name }) => name);
  return { ...check, of, columns };
}

/** Columns of an upstream that are there and have numbers. */
function requireNumbers(
  names: readonly string[],
  { upstream, source }: { readonly upstream: Upstream; readonly source: readonly Column[] },
  { asset, path }: Place,
  around: Surroundings,
): void {
  for (const [index, name] of names.entries()) {
    const place = [...path, index];
    const column = source.find((each) => each.name === name);
    if (column === undefined) {
      requireColumns([name], upstream, { asset, path: place }, around);
    } else if (!isNumber(column)) {
      const message = `"${upstream.relation}.${name}" is ${column.type}; correlations take INT64, FLOAT64`;
      around.problems.add({ code: 'INVALID_CHECK', message, path: place });
    }
  }
}

function isNumber({ type }: Column): boolean {
  return type === 'INT64' || type === 'FLOAT64';
}

/** What compares dates with each other needs an asset that has some. */
function requirePartitions({ type }: Check, { asset, path }: Place, around: Surroundings): void {
  if (asset.partitionSet !== undefined) return;
  const message = `"${asset.name}" has no partitions: ${type} compares one with those before`;
  around.problems.add({ code: 'INVALID_CHECK', message, path: [...path, type], hint: 'remove it' });
}

/** The upstream of that name, the first member of a union; undefined and reported when it is none. */
function upstreamNamed(
  relation: string,
  { asset, path }: Place,
  { assets, unions, problems }: Surroundings,
): Upstream | undefined {
  const found = asset.upstream.find((edge) => edge.relation === relation);
  if (found !== undefined) return found;
  const known: readonly string[] = [...assets, ...unions].map((each) => each.name);
  if (known.includes(relation)) {
    problems.add({
      code: 'UNDECLARED_UPSTREAM',
      message: `a check of "${asset.name}" reads "${relation}", which is not among its upstreams`,
      path,
      hint: `add it under assets.${asset.name}.upstream with its window, e.g. ${relation}: same`,
    });
    return undefined;
  }
  const upstreams = [...new Set(asset.upstream.map((edge) => edge.relation))];
  problems.add({
    code: 'UNKNOWN_ASSET',
    message: `unknown asset "${relation}"${didYouMean(relation, [...upstreams, ...known])}`,
    path,
    hint:
      upstreams.length === 0
        ? `"${asset.name}" has no upstream that a check could read`
        : `the upstreams of "${asset.name}" are ${upstreams.join(', ')}`,
  });
  return undefined;
}

/** The columns of an upstream, of a union those of all members; undefined where some are not sound. */
function columnsOf(
  { relation }: Upstream,
  { upstream }: Asset,
  { assets, complete }: Surroundings,
): readonly Column[] | undefined {
  const names = upstream.flatMap((edge) => (edge.relation === relation ? edge.asset : []));
  const members = assets.filter((candidate) => names.includes(candidate.name));
  return members.every(({ name }) => complete.has(name)) ? unionColumns(members) : undefined;
}

function requireColumns(
  names: readonly string[],
  upstream: Upstream,
  { asset, path }: Place,
  around: Surroundings,
): void {
  const known = columnsOf(upstream, asset, around)?.map((column) => column.name);
  for (const name of names) {
    if (known === undefined || known.includes(name)) continue;
    around.problems.unknown({ what: 'column', name, known, path });
  }
}

/** Values of different types are never equal, which would look like rows without a partner. */
function requireSameType(
  [own, other]: readonly [string, string],
  upstream: Upstream,
  { asset, path }: Place,
  around: Surroundings,
): void {
  const typeIn = (columns: readonly Column[] = [], name: string) =>
    columns.find((column) => column.name === name)?.type;
  const source = columnsOf(upstream, asset, around);
  const [left, right] = [typeIn(asset.columns, own), typeIn(source, other)];
  if (left === undefined || right === undefined || left === right) return;
  around.problems.add({
    code: 'INVALID_CHECK',
    message: `"${own}" is ${left} and ${upstream.relation}.${other} is ${right}: they are never equal`,
    path,
    hint: 'compare columns of one type; a check in SQL can cast',
  });
}

/** Rows are counted per row of the same date, which the window must hold. */
function isOfSamePartition(
  upstream: Upstream,
  { asset, path }: Place,
  { assets, problems }: Surroundings,
): boolean {
  const source = assets.find((candidate) => candidate.name === upstream.asset);
  const isWhole = asset.partitionSet === undefined || source?.partitionSet === undefined;
  if (isWhole || upstream.window.type === 'same') return true;
  problems.add({
    code: 'INVALID_CHECK',
    message: `"${upstream.relation}" is not read of the same date: its window is not "same"`,
    path,
    hint: `rows can be counted per row of an upstream with the window same; a check in SQL can do more`,
  });
  return false;
}

/** The setting of each kind that names its upstream. */
const UPSTREAM_SETTING = {
  row_count: 'per',
  coverage: 'of',
  sum_equals: 'of',
  correlation: 'of',
} as const;

/**
 * The columns that say which rows belong together: those declared, else the upstream's key. Undefined and reported
 * when the upstream is none or has other dates.
 */
function linkPer(
  per: RowCountPer,
  type: keyof typeof UPSTREAM_SETTING,
  { asset, path }: Place,
  around: Surroundings,
): RowCountPer | undefined {
  const place = { asset, path: [...path, type, UPSTREAM_SETTING[type]] };
  const upstream = upstreamNamed(per.relation, place, around);
  if (upstream === undefined || !isOfSamePartition(upstream, place, around)) return undefined;
  const declared = Object.entries(per.on);
  if (declared.length > 0) {
    for (const [own, name] of declared) {
      const onPlace = { asset, path: [...path, type, 'on', own] };
      requireColumns([name], upstream, onPlace, around);
      requireSameType([own, name], upstream, onPlace, around);
    }
    return per;
  }
  return { ...per, on: onKey(upstream, { asset, path: [...path, type] }, around) };
}

/** The upstream's key, without its partition column: rows of one partition have one date anyway. */
function onKey(
  upstream: Upstream,
  { asset, path }: Place,
  around: Surroundings,
): RowCountPer['on'] {
  const source = around.assets.find((candidate) => candidate.name === upstream.asset);
  const hasDates = asset.partitionSet !== undefined && source?.partitionSet !== undefined;
  const whole = source?.key ?? [];
  const dateless = whole.filter((name) => !hasDates || name !== source?.partitionColumn);
  const key = dateless.length > 0 ? dateless : whole;
  const own = asset.columns.map((column) => column.name);
  const missing = key.filter((name) => !own.includes(name));
  if (key.length === 0 || missing.length > 0) {
    const reason =
      key.length === 0
        ? `"${upstream.relation}" has no key`
        : `"${asset.name}" has no column "${missing[0]}", which is in the key of "${upstream.relation}"`;
    around.problems.add({
      code: 'INVALID_CHECK',
      message: `which rows belong to a row of "${upstream.relation}" is unclear: ${reason}`,
      path,
      hint: `say it with on: { <column of ${asset.name}>: <column of ${upstream.relation}> }`,
    });
  }
  return Object.fromEntries(key.map((name) => [name, name]));
}
