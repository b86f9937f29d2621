import { type AssetName, unsafeAssetName } from '../ids.ts';
import type { Window } from '../partitions/window.ts';
import type { MergedSettings } from './asset-settings.ts';
import type { YamlPath } from './load.ts';
import type { Union, Upstream } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { AssetSpec, PipelineSpec, UpstreamSpec, WindowSpec } from './spec.ts';
import { mergeSettings } from './asset-settings.ts';

export interface UpstreamInput {
  readonly name: string;
  readonly spec: PipelineSpec;
  readonly settings: MergedSettings;
  readonly unions: readonly Union[];
  /** Names of assets and unions, those with errors included. */
  readonly knownRelations: readonly string[];
  /** What the calendar of the asset's partitions calls its periods; undefined without periods. */
  readonly periodName: string | undefined;
}

/** What the asset reads, a union spelled out member by member; undefined when any entry is wrong. */
export function normalizeUpstream(
  input: UpstreamInput,
  problems: Problems,
): readonly Upstream[] | undefined {
  const before = problems.diagnostics.length;
  const upstream: Upstream[] = [];
  for (const [relation, { value, path }] of input.settings.upstream) {
    if (!input.knownRelations.includes(relation)) {
      const known = input.knownRelations.filter((name) => name !== input.name);
      problems.unknown({ what: 'asset', name: relation, known, path, atKey: true });
      continue;
    }
    const { window, optional } = normalizeEntry(value, path, input, problems);
    const union = input.unions.find((candidate) => candidate.name === relation);
    const members: readonly AssetName[] = union?.members ?? [unsafeAssetName(relation)];
    if (typeof optional !== 'boolean') {
      checkOptionalTags(
        optional,
        { relation, union, path: [...path, 'optional'] },
        input,
        problems,
      );
    }
    for (const asset of members) {
      const edge = { asset, relation, window, optional: isOptional(asset, optional, input) };
      checkPartitions(edge, path, input, problems);
      upstream.push(edge);
    }
  }
  if (problems.diagnostics.length > before) return undefined;
  // In which order they are declared changes nothing: input versions are made in this one.
  return upstream.sort(
    (a, b) => compareTexts(a.relation, b.relation) || compareTexts(a.asset, b.asset),
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function normalizeEntry(
  value: UpstreamSpec,
  path: YamlPath,
  input: UpstreamInput,
  problems: Problems,
): { readonly window: Window; readonly optional: boolean | readonly string[] } {
  if (typeof value === 'object' && 'window' in value) {
    const window = normalizeWindow(value.window, [...path, 'window'], input, problems);
    return { window, optional: value.optional ?? false };
  }
  return { window: normalizeWindow(value, path, input, problems), optional: false };
}

/** Tags say which members of a union may be absent. */
function isOptional(
  asset: AssetName,
  optional: boolean | readonly string[],
  { spec }: UpstreamInput,
): boolean {
  if (typeof optional === 'boolean') return optional;
  return tagsOf(asset, spec).some((tag) => optional.includes(tag));
}

function tagsOf(asset: AssetName, spec: PipelineSpec): readonly string[] {
  const declared = spec.assets?.[asset];
  return declared === undefined ? [] : mergeSettings(spec, asset, declared).tags;
}

function checkOptionalTags(
  tags: readonly string[],
  of: {
    readonly relation: string;
    readonly union: Union | undefined;
    readonly path: YamlPath;
  },
  { spec }: UpstreamInput,
  problems: Problems,
): void {
  const { relation, union, path } = of;
  if (union === undefined) {
    problems.add({
      code: 'INVALID_VALUE',
      message: `"${relation}" is an asset: tags say which members of a union are optional`,
      path,
      hint: 'write optional: true',
    });
    return;
  }
  const known = [...new Set(union.members.flatMap((asset) => tagsOf(asset, spec)))];
  for (const [at, tag] of tags.entries()) {
    if (known.includes(tag)) continue;
    problems.unknown({ what: 'tag', name: tag, known, path: [...path, at] });
  }
}

function normalizeWindow(
  value: WindowSpec,
  path: YamlPath,
  input: UpstreamInput,
  problems: Problems,
): Window {
  if (typeof value === 'string') return { type: value };
  const { before } = value;
  if (typeof before === 'object') {
    if (before.days !== undefined) return { type: 'before_days', days: before.days };
    return { type: 'before_partitions', partitions: before.partitions ?? 1 };
  }
  if (before === 'all') return { type: 'before_all' };
  const { periodName } = input;
  if (periodName === undefined || (before !== periodName && before !== 'period')) {
    const named = periodName === undefined ? [] : [periodName];
    problems.add({
      code: 'UNKNOWN_WINDOW',
      message: `unknown window "before: ${before}"`,
      path: [...path, 'before'],
      hint:
        named.length === 0
          ? 'expected all, {days: N} or {partitions: N}; the calendar of this asset has no periods'
          : `expected ${named.join()}, all, {days: N} or {partitions: N}`,
    });
  }
  return { type: 'before_period' };
}

function checkPartitions(
  edge: Upstream,
  path: YamlPath,
  input: UpstreamInput,
  problems: Problems,
): void {
  if (edge.window.type === 'all') return;
  const upstream = input.spec.assets?.[edge.asset];
  if (upstream === undefined) return;
  if (isUnpartitioned(input.spec, edge.asset, upstream)) {
    problems.add({
      code: 'WINDOW_WITHOUT_PARTITIONS',
      message: `"${edge.asset}" has no partitions, so that its only window is "all"`,
      path,
      hint: `write ${edge.relation}: all`,
    });
  } else if ((input.settings.partitions?.value ?? 'none') === 'none') {
    problems.add({
      code: 'WINDOW_WITHOUT_PARTITIONS',
      message: `"${input.name}" has no partitions, so that it can only read "all" of ${edge.relation}`,
      path,
      hint: `write ${edge.relation}: all`,
    });
  }
}

function isUnpartitioned(spec: PipelineSpec, name: string, asset: AssetSpec): boolean {
  return (mergeSettings(spec, name, asset).partitions?.value ?? 'none') === 'none';
}
