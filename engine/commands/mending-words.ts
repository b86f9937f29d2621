import type { AssetGraph } from '../graph/asset-graph.ts';
import type { AssetName } from '../ids.ts';

/** Which assets a command was about. */
export interface AskedFor {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
}

/**
 * The words after `fastbreak materialize` that make what a command showed: its own selection, with all upstream where
 * something of it waits for an asset outside of it.
 */
export function mendingWords(
  graph: AssetGraph,
  { selection, exclude }: AskedFor,
  of: { readonly selected: ReadonlySet<AssetName>; readonly blocked: Iterable<AssetName> },
): readonly string[] {
  const isOutside = (name: AssetName): boolean =>
    [...graph.ancestors(name)].some((upstream) => !of.selected.has(upstream));
  const needsUpstream = [...of.blocked].some(isOutside);
  return [
    ...(needsUpstream ? selection.map(withUpstream) : selection),
    ...exclude.flatMap((expression) => ['--exclude', expression]),
  ];
}

/** `a,b` becomes `+a,+b`; an intersection would change its meaning. */
function withUpstream(expression: string): string {
  if (expression.includes('&')) return expression;
  return expression
    .split(',')
    .map((term) => (/^\d*\+/.test(term) ? term.replace(/^\d*/, '') : `+${term}`))
    .join(',');
}
