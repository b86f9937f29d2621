import type { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import type { AssetName } from '../ids.ts';
import { type AssetEvaluation, STATUS } from '../staleness/status.ts';

/** Which assets a command was about. */
export interface AskedFor {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
}

/** The words that make another command be about the same assets. */
export function askedWords({ selection, exclude }: AskedFor): readonly string[] {
  return [...selection, ...exclude.flatMap((expression) => ['--exclude', expression])];
}

/**
 * The words after `fastbreak materialize` that make what a command showed: its own selection, with all upstream where
 * something of it waits for an asset outside of it, be it for rows or for the dates of its calendar.
 */
export function mendingWords(
  graph: AssetGraph,
  { selection, exclude }: AskedFor,
  evaluations: readonly AssetEvaluation[],
): readonly string[] {
  const selected = new Set(evaluations.map(({ asset }) => asset.name));
  const hasOutside = (name: AssetName): boolean =>
    [...selectAssets(graph, [`+${name}`], [])].some((upstream) => !selected.has(upstream));
  const needsUpstream = evaluations.some((of) => waits(of) && hasOutside(of.asset.name));
  return askedWords({
    selection: needsUpstream ? selection.map(withUpstream) : selection,
    exclude,
  });
}

/** Whether partitions wait for rows of others, or are not known yet since their calendar was not read. */
function waits({ asset, expected, status }: AssetEvaluation): boolean {
  if (asset.partitionSet !== undefined && expected.days.length === 0) return true;
  return status.includes(STATUS.blocked);
}

/** `a,b` becomes `+a,+b`; an intersection would change its meaning. */
function withUpstream(expression: string): string {
  if (expression.includes('&')) return expression;
  return expression
    .split(',')
    .map((term) => (/^\d*\+/.test(term) ? term.replace(/^\d*/, '') : `+${term}`))
    .join(',');
}
