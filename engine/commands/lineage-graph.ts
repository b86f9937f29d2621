import type { CompiledAsset } from '../compile/compiled.ts';
import type { AssetGraph } from '../graph/asset-graph.ts';
import type { AssetName } from '../ids.ts';
import type { ColumnOrigin, LineageAsset, LineageRead } from '../report/lineage-asset.ts';
import type { LineageEdge, LineageGraph, LineageNode } from '../report/lineage-graph.ts';
import { columnLineage } from '../sql/columns.ts';
import { windowText } from './window-text.ts';

/** The selected assets and who of them reads whom. */
export function assetLineage(graph: AssetGraph, selected: ReadonlySet<AssetName>): LineageGraph {
  const assets = graph.assets.filter((asset) => selected.has(asset.name));
  return {
    name: graph.pipeline.name,
    level: 'assets',
    nodes: assets.map((asset) => assetNode(asset)),
    edges: assets.flatMap((asset) => edgesInto(graph, asset, selected)),
  };
}

/** The columns of the selected assets and the columns that each is made from, read from the SQL. */
export async function columnLevelLineage(
  graph: AssetGraph,
  selected: ReadonlySet<AssetName>,
): Promise<{
  readonly graph: LineageGraph;
  /** SQL assets that read others without any column that could be followed. */
  readonly unread: readonly AssetName[];
}> {
  const assets = graph.assets.filter((asset) => selected.has(asset.name));
  const edges: LineageEdge[] = [];
  const unread: AssetName[] = [];
  for (const asset of assets) {
    const origins = await columnOrigins(graph, asset);
    if (isUnread(asset, origins)) unread.push(asset.name);
    edges.push(...columnEdges(asset, origins));
  }
  const read = new Set(edges.map((edge) => edge.source));
  // Of assets that were not asked for, only the columns that something asked for is made from.
  const nodes = graph.assets.flatMap((asset) =>
    columnNodes(asset).filter((node) => selected.has(asset.name) || read.has(node.key)),
  );
  return { graph: { name: graph.pipeline.name, level: 'columns', nodes, edges }, unread };
}

/** The selected assets with what they read and, `withColumns`, what each column of an SQL asset is made from. */
export async function describedLineage(
  graph: AssetGraph,
  selected: ReadonlySet<AssetName>,
  withColumns: boolean,
): Promise<{
  readonly assets: readonly LineageAsset[];
  /** SQL assets that read others without any column that could be followed. */
  readonly unread: readonly AssetName[];
}> {
  const assets: LineageAsset[] = [];
  const unread: AssetName[] = [];
  for (const asset of graph.assets.filter(({ name }) => selected.has(name))) {
    const origins = withColumns ? await columnOrigins(graph, asset) : undefined;
    if (origins !== undefined && isUnread(asset, origins)) unread.push(asset.name);
    assets.push({ asset, reads: readsOf(graph, asset), origins });
  }
  return { assets, unread };
}

function assetNode(asset: CompiledAsset): LineageNode {
  return {
    key: asset.name,
    label: asset.name,
    container: asset.group,
    attributes: {
      group: asset.group,
      kind: asset.kind,
      partitions: asset.partitionSet ?? 'none',
      description: asset.description,
    },
  };
}

function edgesInto(
  graph: AssetGraph,
  asset: CompiledAsset,
  selected: ReadonlySet<AssetName>,
): readonly LineageEdge[] {
  return readsOf(graph, asset)
    .filter((read) => selected.has(read.asset))
    .map(({ asset: source, window, optional }) => ({
      source,
      target: asset.name,
      window,
      optional,
    }));
}

/** One per upstream asset, also when the asset reads it under two names. */
function readsOf(graph: AssetGraph, asset: CompiledAsset): readonly LineageRead[] {
  const periodName = periodNameOf(graph, asset);
  const byUpstream = Map.groupBy(asset.upstream, (upstream) => upstream.asset);
  return [...byUpstream].map(([name, upstreams]) => ({
    asset: name,
    window: [...new Set(upstreams.map(({ window }) => windowText(window, periodName)))].join(', '),
    optional: upstreams.every((upstream) => upstream.optional),
    unions: upstreams.map(({ relation }) => relation).filter((relation) => relation !== name),
  }));
}

function periodNameOf({ pipeline }: AssetGraph, asset: CompiledAsset): string | undefined {
  const set = pipeline.partitionSets.find((each) => each.name === asset.partitionSet);
  if (set === undefined || set.type === 'days') return undefined;
  return pipeline.calendars.find((calendar) => calendar.name === set.calendar)?.periodName;
}

function columnNodes(asset: CompiledAsset): readonly LineageNode[] {
  return asset.columns.map((column) => ({
    key: `${asset.name}.${column.name}`,
    label: column.name,
    container: asset.name,
    attributes: { asset: asset.name, type: column.type, description: column.description },
  }));
}

function columnEdges(
  asset: CompiledAsset,
  origins: ReadonlyMap<string, readonly ColumnOrigin[]>,
): readonly LineageEdge[] {
  return [...origins].flatMap(([column, from]) =>
    from.map((origin) => ({
      source: `${origin.asset}.${origin.column}`,
      target: `${asset.name}.${column}`,
      window: '',
      optional: false,
    })),
  );
}

/** For every column of an SQL asset the columns of its upstreams that it is made from; empty for other kinds. */
async function columnOrigins(
  graph: AssetGraph,
  asset: CompiledAsset,
): Promise<ReadonlyMap<string, readonly ColumnOrigin[]>> {
  if (asset.kind !== 'sql') return new Map();
  const sourcesByColumn = await columnLineage(asset, graph);
  const assetsByRelation = Map.groupBy(asset.upstream, (upstream) => upstream.relation);
  const origins = [...sourcesByColumn].map(([column, sources]) => {
    const from = sources.flatMap(({ relation, column: read }) =>
      (assetsByRelation.get(relation) ?? [])
        // Members of a union need not have every column of it.
        .filter((upstream) => graph.asset(upstream.asset).columns.some(({ name }) => name === read))
        .map((upstream) => ({ asset: upstream.asset, column: read })),
    );
    // An asset may be read both by its name and through a union.
    const byKey = new Map(from.map((origin) => [`${origin.asset}.${origin.column}`, origin]));
    return [column, [...byKey.values()]] as const;
  });
  return new Map(origins.filter(([, from]) => from.length > 0));
}

function isUnread(asset: CompiledAsset, origins: ReadonlyMap<string, unknown>): boolean {
  return asset.kind === 'sql' && asset.upstream.length > 0 && origins.size === 0;
}
