import type { AssetName } from '../ids.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { YamlPath } from './load.ts';
import type { Asset, Check, Column, RowCountPer, Union, Upstream } from './pipeline.ts';
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

function linkCheck(check: Check, { asset, path }: Place, around: Surroundings): Check {
  if (check.type === 'relationship') {
    const place = { asset, path: [...path, 'relationship', 'to'] };
    const upstream = upstreamNamed(check.to.relation, place, around);
    if (upstream === undefined) return check;
    requireColumns([check.to.column], upstream, place, around);
    requireSameType([check.column, check.to.column], upstream, place, around);
    return check;
  }
  if (check.type !== 'row_count' || check.per === undefined) return check;
  const place = { asset, path: [...path, 'row_count', 'per'] };
  const upstream = upstreamNamed(check.per.relation, place, around);
  if (upstream === undefined) return check;
  if (!isOfSamePartition(upstream, place, around)) return check;
  return { ...check, per: linkPer(check.per, upstream, { asset, path }, around) };
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

function requireColumns(
  names: readonly string[],
  upstream: Upstream,
  { path }: Place,
  { assets, complete, problems }: Surroundings,
): void {
  const known = assets
    .find((candidate) => candidate.name === upstream.asset && complete.has(candidate.name))
    ?.columns.map((column) => column.name);
  for (const name of names) {
    if (known === undefined || known.includes(name)) continue;
    problems.unknown({ what: 'column', name, known, path });
  }
}

/** Values of different types are never equal, which would look like rows without a partner. */
function requireSameType(
  [own, other]: readonly [string, string],
  upstream: Upstream,
  { asset, path }: Place,
  { assets, problems }: Surroundings,
): void {
  const typeIn = (columns: readonly Column[] = [], name: string) =>
    columns.find((column) => column.name === name)?.type;
  const source = assets.find((candidate) => candidate.name === upstream.asset);
  const [left, right] = [typeIn(asset.columns, own), typeIn(source?.columns, other)];
  if (left === undefined || right === undefined || left === right) return;
  problems.add({
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

/** The columns that say which rows belong together: those declared, else the upstream's key. */
function linkPer(
  per: RowCountPer,
  upstream: Upstream,
  { asset, path }: Place,
  around: Surroundings,
): RowCountPer {
  const declared = Object.entries(per.on);
  if (declared.length > 0) {
    for (const [own, name] of declared) {
      const place = { asset, path: [...path, 'row_count', 'on', own] };
      requireColumns([name], upstream, place, around);
      requireSameType([own, name], upstream, place, around);
    }
    return per;
  }
  const key = around.assets.find((candidate) => candidate.name === upstream.asset)?.key ?? [];
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
      path: [...path, 'row_count'],
      hint: `say it with on: { <column of ${asset.name}>: <column of ${upstream.relation}> }`,
    });
  }
  return { ...per, on: Object.fromEntries(key.map((name) => [name, name])) };
}
