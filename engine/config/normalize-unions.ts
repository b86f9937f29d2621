import { type AssetName, unsafeAssetName } from '../ids.ts';
import { unionColumns } from '../util/union-columns.ts';
import { mergeSettings } from './asset-settings.ts';
import type { YamlPath } from './load.ts';
import type { Asset, Union } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { PipelineSpec, UnionSpec } from './spec.ts';

/** The unions, each with the assets that carry one of its tags. */
export function normalizeUnions(
  spec: PipelineSpec,
  assetNames: readonly string[],
  problems: Problems,
): readonly Union[] {
  const tagged = Object.entries(spec.assets ?? {}).map(([name, asset]) => ({
    name: unsafeAssetName(name),
    tags: mergeSettings(spec, name, asset).tags,
  }));
  const known = [...new Set(tagged.flatMap((asset) => asset.tags))];
  return Object.entries(spec.unions ?? {}).map(([name, union]) => {
    const wanted = tagsOf(name, union, problems);
    for (const { tag, path } of wanted) {
      if (!known.includes(tag)) problems.unknown({ what: 'tag', name: tag, known, path });
    }
    if (assetNames.includes(name)) {
      problems.add({
        code: 'DUPLICATE_NAME',
        message: `"${name}" is the name of an asset and of a union`,
        path: ['unions', name],
        atKey: true,
        hint: 'rename one of them',
      });
    }
    const tags = wanted.map(({ tag }) => tag);
    const members = tagged.filter((asset) => asset.tags.some((tag) => tags.includes(tag)));
    return {
      name,
      tags,
      columns: union.columns ?? 'same',
      members: members.map((asset) => asset.name),
    };
  });
}

function tagsOf(
  name: string,
  { tag, tags = [] }: UnionSpec,
  problems: Problems,
): readonly { readonly tag: string; readonly path: YamlPath }[] {
  const path = ['unions', name];
  if ((tag === undefined) === (tags.length === 0)) {
    problems.add({
      code: 'INVALID_UNION',
      message: `a union has either tag or tags; "${name}" has ${tag === undefined ? 'none' : 'both'}`,
      path,
      atKey: true,
      hint: 'tag: <tag> makes all assets with it members, tags: [<tag>, <tag>] those with any of them',
    });
  }
  if (tag !== undefined) return [{ tag, path: [...path, 'tag'] }];
  return tags.map((each, at) => ({ tag: each, path: [...path, 'tags', at] }));
}

/** Columns of one name have one type in all members, and members have the columns that their union says. */
export function checkUnionColumns(
  unions: readonly Union[],
  assets: readonly Asset[],
  complete: ReadonlySet<AssetName>,
  problems: Problems,
): void {
  for (const union of unions) {
    const members = assets.filter(
      (asset) => union.members.includes(asset.name) && complete.has(asset.name),
    );
    checkTypes(union, members, problems);
    if (union.columns === 'same') checkNames(union, members, problems);
    else checkDates(union, members, problems);
  }
}

function checkTypes({ name }: Union, members: readonly Asset[], problems: Problems): void {
  const columns = members.flatMap((asset) =>
    asset.columns.map((column) => ({ asset: asset.name, name: column.name, type: column.type })),
  );
  for (const [column, declared] of Map.groupBy(columns, (each) => each.name)) {
    const byType = Map.groupBy(declared, (each) => each.type);
    if (byType.size < 2) continue;
    const types = Array.from(
      byType,
      ([type, those]) => `${type} in ${those.map(({ asset }) => asset).join(', ')}`,
    );
    problems.add({
      code: 'UNION_COLUMN_TYPES',
      message: `column "${column}" of the union "${name}" has ${byType.size} types: ${types.join('; ')}`,
      path: ['unions', name],
      atKey: true,
      hint: 'give it one type in all members, or rename it where it is something else',
    });
  }
}

function checkNames({ name }: Union, members: readonly Asset[], problems: Problems): void {
  const all = unionColumns(members).map((column) => column.name);
  const lackedBy = (member: Asset) => all.filter((column) => !hasColumn(member, column));
  // Members of one group often lack the same: that is one mistake.
  for (const [lacking, alike] of Map.groupBy(members, (member) => lackedBy(member).join(', '))) {
    const [first] = alike.flatMap(lackedBy);
    if (first === undefined) continue;
    const other = members.find((member) => hasColumn(member, first));
    problems.add({
      code: 'UNION_COLUMNS_DIFFER',
      message: `members of the union "${name}" differ in columns: ${alike.map((member) => `"${member.name}"`).join(', ')} without ${lacking} ("${other?.name}" has ${first})`,
      path: ['unions', name],
      atKey: true,
      hint: 'give all members the same columns, e.g. through the defaults of their group; with columns: all, rows have NULL for what their member does not have',
    });
  }
}

/** Rows without a date would belong to no partition of whoever reads them. */
function checkDates({ name }: Union, members: readonly Asset[], problems: Problems): void {
  const dated = members.filter((asset) => asset.partitionSet !== undefined);
  for (const { partitionColumn: column, name: owner } of dated) {
    const lacking = dated.filter((asset) => column !== undefined && !hasColumn(asset, column));
    if (column === undefined || lacking.length === 0) continue;
    problems.add({
      code: 'UNION_PARTITION_COLUMN',
      message: `"${column}", the partition column of "${owner}", is no column of ${lacking.map((asset) => `"${asset.name}"`).join(', ')}: rows of the union "${name}" would have no date`,
      path: ['unions', name],
      atKey: true,
      hint: 'give all members a partition column of one name',
    });
    return;
  }
}

function hasColumn({ columns }: Asset, name: string): boolean {
  return columns.some((column) => column.name === name);
}
